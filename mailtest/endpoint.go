package mailtest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"

	"example.org/mailfakes/mailtest/mailwire"
)

// Endpoint is where clients connect to one of the servers.
type Endpoint struct {
	name     string
	server   server
	inMemory bool
	plain    net.Listener
	tls      func() (net.Listener, error) // opened at first use
}

// server is what both fakes are.
type server interface {
	Serve(net.Listener) error
	ServeTLS(net.Listener) error
	Notes() []mailwire.ClientNote
}

func newEndpoint(name string, s server, inMemory bool) (*Endpoint, error) {
	e := &Endpoint{name: name, server: s, inMemory: inMemory}
	e.tls = sync.OnceValues(func() (net.Listener, error) {
		l, err := e.listen(name + "s")
		if err == nil {
			go s.ServeTLS(l)
		}
		return l, err
	})
	var err error
	if e.plain, err = e.listen(name); err != nil {
		return nil, err
	}
	go s.Serve(e.plain)
	return e, nil
}

func (e *Endpoint) listen(name string) (net.Listener, error) {
	if e.inMemory {
		return mailwire.NewListener(name), nil
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

// Addr returns the address, "127.0.0.1:port", of plain connections, which clients
// may upgrade by STARTTLS or STLS. In memory it is a name that only [Endpoint.Dial] knows.
func (e *Endpoint) Addr() string { return e.plain.Addr().String() }

// TLSAddr returns the address of connections with TLS from the first octet. It is ""
// if no port is free.
func (e *Endpoint) TLSAddr() string {
	l, err := e.tls()
	if err != nil {
		return ""
	}
	return l.Addr().String()
}

// Notes returns what clients did against the advice of the RFCs, oldest first: the last
// thousand. The documentation of packages imapfake and pop3fake lists the rules.
func (e *Endpoint) Notes() []mailwire.ClientNote { return e.server.Notes() }

// Dial makes a plain connection.
func (e *Endpoint) Dial() (net.Conn, error) {
	return e.DialContext(context.Background(), "tcp", e.Addr())
}

// DialContext makes a plain connection. It has the form that client libraries take
// as a dialer; network and address are not looked at.
func (e *Endpoint) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return dial(ctx, e.plain)
}

// DialTLS makes a connection with TLS from the first octet.
func (e *Endpoint) DialTLS() (net.Conn, error) {
	l, err := e.tls()
	if err != nil {
		return nil, fmt.Errorf("mailtest: dial %s with TLS: %w", e.name, err)
	}
	config, err := mailwire.ClientTLS()
	if err != nil {
		return nil, fmt.Errorf("mailtest: dial %s with TLS: %w", e.name, err)
	}
	nc, err := dial(context.Background(), l)
	if err != nil {
		return nil, err
	}
	return tls.Client(nc, config), nil
}

func dial(ctx context.Context, l net.Listener) (net.Conn, error) {
	if m, ok := l.(*mailwire.Listener); ok {
		return m.DialContext(ctx)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", l.Addr().String())
}
