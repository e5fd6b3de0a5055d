package mailwire

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"
)

// backlog is how many connections wait for Accept before dialling blocks.
const backlog = 128

// Listener is a net.Listener in memory: what DialContext returns at one end,
// Accept returns at the other. It is safe for concurrent use, and a blocked
// call is durably blocked in the sense of testing/synctest.
type Listener struct {
	name    string
	mu      sync.Mutex
	changed sync.Cond // of anything below
	pending []net.Conn
	dialled int
	closed  bool
}

// NewListener returns a listener whose address is name on the network "mem".
func NewListener(name string) *Listener {
	l := &Listener{name: name}
	l.changed.L = &l.mu
	return l
}

// Accept waits for the next connection. After Close its error wraps
// net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed {
		if len(l.pending) > 0 {
			conn := l.pending[0]
			l.pending = l.pending[1:]
			l.changed.Broadcast()
			return conn, nil
		}
		l.changed.Wait()
	}
	return nil, l.opError("accept", net.ErrClosed)
}

// Close makes Accept and DialContext fail and closes the connections that
// were dialled but not accepted; accepted ones live on. It can be repeated.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, conn := range l.pending {
		conn.Close()
	}
	l.pending = nil
	l.changed.Broadcast()
	return nil
}

// Addr returns the listener's name as an address of the network "mem".
func (l *Listener) Addr() net.Addr { return memoryAddr(l.name) }

// DialContext returns the client's end of a new connection (see Pipe). As with
// a socket it doesn't wait for Accept, unless 128 connections already do. Once
// the listener is closed the error wraps syscall.ECONNREFUSED and
// net.ErrClosed; when ctx ends first, its error.
func (l *Listener) DialContext(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, l.opError("dial", err)
	}
	defer context.AfterFunc(ctx, l.wake)()

	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		switch err := ctx.Err(); {
		case l.closed:
			return nil, l.opError("dial", fmt.Errorf("%w: %w", syscall.ECONNREFUSED, net.ErrClosed))
		case err != nil:
			return nil, l.opError("dial", err)
		case len(l.pending) < backlog:
			l.dialled++
			// The number plays the part of the client's port.
			client, server := pipe(memoryAddr(fmt.Sprintf("%s:%d", l.name, l.dialled)), l.Addr())
			l.pending = append(l.pending, server)
			l.changed.Broadcast()
			return client, nil
		}
		l.changed.Wait()
	}
}

func (l *Listener) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changed.Broadcast()
}

func (l *Listener) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "mem", Addr: l.Addr(), Err: err}
}
