package mailtest

import (
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// ClientOption changes how [Account.IMAPClient] connects.
type ClientOption func(*clientSettings)

type clientSettings struct {
	dial     func(*Endpoint) (net.Conn, error)
	startTLS bool
	options  imapclient.Options
}

// OverTLS has the client begin with TLS.
func OverTLS() ClientOption {
	return func(c *clientSettings) { c.dial, c.startTLS = (*Endpoint).DialTLS, false }
}

// OverSTARTTLS has the client upgrade its connection to TLS by STARTTLS.
func OverSTARTTLS() ClientOption {
	return func(c *clientSettings) { c.dial, c.startTLS = (*Endpoint).Dial, true }
}

// WithClientOptions gives the client options, such as a handler of what the server tells unasked.
// Without a TLSConfig among them it has one that trusts the server.
func WithClientOptions(options *imapclient.Options) ClientOption {
	return func(c *clientSettings) {
		if options != nil {
			c.options = *options
		}
	}
}

// IMAPClient returns a client of go-imap's that is logged in to the account, over a plain
// connection unless an option says otherwise. It logs out when the test ends; if IDLE is under way
// then, it just closes the connection.
func (a *Account) IMAPClient(options ...ClientOption) *imapclient.Client {
	a.tb.Helper()
	set := clientSettings{dial: (*Endpoint).Dial}
	if err := apply(&set, options); err != nil {
		a.tb.Fatalf("mailtest: a client of %s: %v", a.Name(), err)
	}
	if set.options.TLSConfig == nil {
		set.options.TLSConfig = a.srv.TLSConfig()
	}
	c, from, err := set.connect(a.srv.IMAP)
	if err != nil {
		a.tb.Fatalf("mailtest: a client of %s: %v", a.Name(), err)
	}
	a.tb.Cleanup(func() { a.srv.leave(c, from) })
	if err := c.Login(a.Name(), a.Password()).Wait(); err != nil {
		a.tb.Fatalf("mailtest: log in as %s: %v", a.Name(), err)
	}
	return c
}

// connect returns a client and the address that it has.
func (set *clientSettings) connect(to *Endpoint) (c *imapclient.Client, from string, err error) {
	nc, err := set.dial(to)
	if err != nil {
		return nil, "", err
	}
	from = nc.LocalAddr().String()
	if !set.startTLS {
		return imapclient.New(nc, &set.options), from, nil
	}
	set.options.TLSConfig = named(set.options.TLSConfig)
	if c, err = imapclient.NewStartTLS(nc, &set.options); err != nil {
		nc.Close()
		return nil, "", fmt.Errorf("STARTTLS: %w", err)
	}
	return c, from, nil
}

// named returns a configuration for a server of which a connection doesn't tell the name.
func named(config *tls.Config) *tls.Config {
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = "localhost"
	}
	return config
}

// leave ends a client's session. LOGOUT can't be sent during IDLE.
func (f *Fakes) leave(c *imapclient.Client, from string) {
	defer c.Close()
	idle := slices.ContainsFunc(f.IMAP.Sessions().Open(), func(s Session) bool { return s.Remote == from && s.Idle })
	if idle || c.State() == imap.ConnStateLogout {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Logout().Wait()
	}()
	select {
	case <-done:
	case <-time.After(leaveLimit):
	}
}
