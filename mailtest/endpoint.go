package mailtest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"

	"example.org/mailfakes/mailtest/mailwire"
)

// Endpoint is where clients connect to one of the servers. Its methods are safe for
// concurrent use.
type Endpoint struct {
	name     string
	server   server
	faults   *mailwire.Faults
	tb       testing.TB // nil: there is no test
	inMemory bool

	mu            sync.Mutex
	plain, secure port
	stopped       bool
}

// port is an address that is listened at, once listener isn't nil.
type port struct {
	name     string // in memory
	addr     string // as of the first time
	listener net.Listener
}

// server is what both fakes are.
type server interface {
	Serve(net.Listener) error
	ServeTLS(net.Listener) error
	Notes() []mailwire.ClientNote
	Push(raw []byte, sessions ...int) error
	HangUp(sessions ...int) error
	Reset(sessions ...int) error
	Stop()
	Sessions() []mailwire.Session
}

func newEndpoint(name string, s server, faults *mailwire.Faults, inMemory bool) (*Endpoint, error) {
	e := &Endpoint{name: name, server: s, faults: faults, inMemory: inMemory, plain: port{name: name}, secure: port{name: name + "s"}}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e, e.open(&e.plain, s.Serve)
}

// open listens at a port, the same as before if there was one; e.mu is held.
func (e *Endpoint) open(p *port, serve func(net.Listener) error) error {
	var (
		l    net.Listener
		err  error
		addr = p.addr
	)
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	if e.inMemory {
		l = mailwire.NewListener(p.name)
	} else if l, err = net.Listen("tcp", addr); err != nil {
		return err
	}
	p.listener, p.addr = l, l.Addr().String()
	go serve(l)
	return nil
}

// listener returns what accepts plain connections, or those with TLS.
func (e *Endpoint) listener(withTLS bool) (net.Listener, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !withTLS {
		return e.plain.listener, nil
	}
	if e.secure.listener == nil && e.stopped {
		return nil, net.ErrClosed
	}
	if e.secure.listener == nil { // opened at first use
		if err := e.open(&e.secure, e.server.ServeTLS); err != nil {
			return nil, err
		}
	}
	return e.secure.listener, nil
}

// Addr returns the address, "127.0.0.1:port", of plain connections, which clients
// may upgrade by STARTTLS or STLS. In memory it is a name that only [Endpoint.Dial] knows.
func (e *Endpoint) Addr() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.plain.addr
}

// TLSAddr returns the address of connections with TLS from the first octet. It is ""
// if no port is free.
func (e *Endpoint) TLSAddr() string {
	l, err := e.listener(true)
	if err != nil {
		return ""
	}
	return l.Addr().String()
}

// Notes returns what clients did against the advice of the RFCs, oldest first: the last
// thousand. The documentation of packages imapfake and pop3fake lists the rules.
func (e *Endpoint) Notes() []mailwire.ClientNote { return e.server.Notes() }

// Push sends octets that no command asked for to the sessions with these numbers, which
// [Endpoint.Sessions] and the transcript show, or to all that are open: at once while the server
// waits for the client, or as soon as the response under way is complete.
//
//	srv.IMAP.Push("* 3 EXISTS\r\n")
//
// It fails if there is no such session.
func (e *Endpoint) Push(raw string, sessions ...int) error {
	return e.server.Push([]byte(raw), sessions...)
}

// Bye ends IMAP sessions, chosen as for [Endpoint.Push], by BYE with a text, such as
// "[UNAVAILABLE] maintenance" (RFC 3501 §7.1.5). POP3 has nothing of that kind: there it fails.
func (e *Endpoint) Bye(text string, sessions ...int) error {
	s, ok := e.server.(interface {
		Bye(text string, sessions ...int) error
	})
	if !ok {
		return errors.New("mailtest: bye: POP3 has none; see Disconnect")
	}
	return s.Bye(text, sessions...)
}

// Disconnect closes the connections of sessions, chosen as for [Endpoint.Push], without a word,
// once no response is under way. A POP3 session has then deleted nothing.
func (e *Endpoint) Disconnect(sessions ...int) error { return e.server.HangUp(sessions...) }

// Reset closes the connections of sessions, chosen as for [Endpoint.Push], at once and so that
// their clients get ECONNRESET.
func (e *Endpoint) Reset(sessions ...int) error { return e.server.Reset(sessions...) }

// Stop ends all sessions and takes no new ones until [Endpoint.Start], as if the server had
// crashed. The store stays as it is.
func (e *Endpoint) Stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stop()
}

func (e *Endpoint) stop() {
	e.stopped = true
	for _, p := range []*port{&e.plain, &e.secure} {
		if p.listener != nil {
			p.listener.Close() // the server may not have come to know it yet
		}
	}
	e.server.Stop()
}

// Start takes connections again, at the same addresses as before [Endpoint.Stop]. It fails
// if another process has taken the port in between.
func (e *Endpoint) Start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stop() // unless it is already
	e.stopped = false
	err := e.open(&e.plain, e.server.Serve)
	if e.secure.listener != nil {
		err = errors.Join(err, e.open(&e.secure, e.server.ServeTLS))
	}
	if err != nil {
		return fmt.Errorf("mailtest: start %s again: %w", e.name, err)
	}
	return nil
}

// Dial makes a plain connection.
func (e *Endpoint) Dial() (net.Conn, error) {
	return e.DialContext(context.Background(), "tcp", e.Addr())
}

// DialContext makes a plain connection. It has the form that client libraries take
// as a dialer; network and address are not looked at.
func (e *Endpoint) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	l, err := e.listener(false)
	if err != nil {
		return nil, err
	}
	return dial(ctx, l)
}

// DialTLS makes a connection with TLS from the first octet.
func (e *Endpoint) DialTLS() (net.Conn, error) {
	return e.DialTLSContext(context.Background(), "tcp", e.name)
}

// DialTLSContext makes a connection with TLS from the first octet, in the form of
// [Endpoint.DialContext]. The handshake comes with the first use.
func (e *Endpoint) DialTLSContext(ctx context.Context, _, _ string) (net.Conn, error) {
	l, err := e.listener(true)
	if err != nil {
		return nil, fmt.Errorf("mailtest: dial %s with TLS: %w", e.name, err)
	}
	config, err := mailwire.ClientTLS()
	if err != nil {
		return nil, fmt.Errorf("mailtest: dial %s with TLS: %w", e.name, err)
	}
	nc, err := dial(ctx, l)
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
