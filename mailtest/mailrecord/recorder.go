package mailrecord

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"example.org/mailfakes/mailtest/mailwire"
)

// Config says what is recorded.
type Config struct {
	Protocol mailwire.Protocol // what the upstream server speaks
	Upstream string            // its address, HOST:PORT
	// Security is how TLS begins towards the upstream server: never, unless the client
	// asks for it, with [NoTLS], which is the zero value.
	Security Security
	// UpstreamTLS is for TLS towards the upstream server. Nil: its certificate has to be
	// valid for the host of Upstream, by the system's authorities.
	UpstreamTLS *tls.Config
	// Dial connects to the upstream server; nil: over TCP.
	Dial func(ctx context.Context) (net.Conn, error)
	// TLS is for TLS with clients; nil: that of [mailwire.ServerTLS].
	TLS *tls.Config

	Transcript *mailwire.Transcript // gets the sessions; nil: a new one that nobody sees
	Bodies     bool                 // show literals and messages over 4 KiB whole
	Redactor   *Redactor            // replaces addresses and contents in the transcript; nil: they are shown
	Faults     *mailwire.Faults     // rules by which connections with clients misbehave; nil: none
	Failed     func(error)          // told when the upstream server can't be reached, which the transcript says, too; nil: nobody is
}

// Security is how TLS begins.
type Security string

const (
	// NoTLS: in the clear. When the client starts TLS by STARTTLS or STLS, the recorder does
	// so with the upstream server, too.
	NoTLS Security = "none"
	// StartTLS: by STARTTLS or STLS, which the recorder sends before the client has the greeting.
	StartTLS Security = "starttls"
	// ImplicitTLS: with the first octet (RFC 8314 §3).
	ImplicitTLS Security = "tls"
)

// Recorder is a man in the middle, between clients and an upstream server. Its methods are
// safe for concurrent use.
type Recorder struct {
	config  Config
	service *mailwire.Service
	ctx     context.Context // done when the recorder is closed
	cancel  context.CancelFunc
}

// New returns a recorder; it connects to the upstream server when a client connects to it.
func New(c Config) (*Recorder, error) {
	switch {
	case c.Protocol != mailwire.IMAP && c.Protocol != mailwire.POP3:
		return nil, fmt.Errorf("mailrecord: unknown protocol %q", c.Protocol)
	case c.Security != "" && c.Security != NoTLS && c.Security != StartTLS && c.Security != ImplicitTLS:
		return nil, fmt.Errorf("mailrecord: unknown security %q; there are none, starttls and tls", c.Security)
	}
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("mailrecord: %w", err)
	}
	r := &Recorder{config: c}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.service = &mailwire.Service{
		Protocol: c.Protocol, Transcript: c.Transcript, Faults: c.Faults, Handle: r.handle,
		TLS: func() (*tls.Config, error) { return c.TLS, nil },
	}
	return r, nil
}

// complete fills in what stands for nothing.
func (c *Config) complete() error {
	if c.Dial == nil {
		host, _, err := net.SplitHostPort(c.Upstream)
		if err != nil {
			return fmt.Errorf("upstream server: %w", err)
		}
		c.Dial = func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", c.Upstream)
		}
		if c.UpstreamTLS == nil {
			c.UpstreamTLS = &tls.Config{ServerName: host}
		}
	}
	if c.UpstreamTLS == nil {
		return errors.New("a dialler of one's own needs a configuration for TLS, too")
	}
	if c.Transcript == nil {
		c.Transcript = mailwire.NewTranscript(-1)
	}
	if c.TLS != nil {
		return nil
	}
	config, err := mailwire.ServerTLS()
	c.TLS = config
	return err
}

// Serve takes clients from l until that fails or Close is called; the error is that of
// [mailwire.Service.Serve].
func (r *Recorder) Serve(l net.Listener) error { return r.service.Serve(l) }

// ServeTLS is Serve for clients that begin with TLS.
func (r *Recorder) ServeTLS(l net.Listener) error { return r.service.ServeTLS(l) }

// Close ends all sessions, in both directions, and waits for them.
func (r *Recorder) Close() error {
	r.cancel()
	return r.service.Close()
}
