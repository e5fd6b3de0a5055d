package mailwire

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	// defaultMaxSessions is Service.MaxSessions unless it is set.
	defaultMaxSessions = 10_000
	// An accept loop that failed for the moment waits this long, twice as long
	// each time.
	acceptDelay    = 5 * time.Millisecond
	acceptDelayMax = time.Second
)

// Service accepts connections and runs a session on each. Its fields are set
// before its methods are called, and not changed afterwards; the methods are
// safe for concurrent use.
type Service struct {
	Protocol   Protocol
	Transcript *Transcript // of all sessions; nil records nothing
	// Err is what is wrong with how the service was made: Serve returns it, and no session runs.
	Err error

	// TLS returns what ServeTLS needs. It is called once for each ServeTLS.
	TLS func() (*tls.Config, error)
	// Handle runs a session in a goroutine of its own; when it returns the
	// connection is closed. It must return soon once the connection fails, and
	// must not call Close of the service.
	Handle func(*Conn)
	// Faults are rules by which connections misbehave; nil: there are none.
	Faults *Faults
	// Accepted is called for each connection in the order of accept, before Handle; may be nil. It
	// must not wait for anything.
	Accepted func(*Conn)
	// MaxSessions is how many connections may be open; any more are closed at
	// once. Zero means 10,000.
	MaxSessions int

	mu         sync.Mutex
	closed     bool
	ending     bool          // everything that runs was told to end
	closing    chan struct{} // closed by then; made by prepare
	transcript *Transcript
	listeners  map[*net.Listener]struct{}
	conns      map[*Conn]struct{}
	running    sync.WaitGroup // accept loops and sessions
	failure    error          // for Close to return
}

// Serve accepts connections from l until that fails or Close is called; after
// Close the error wraps net.ErrClosed. Errors that l calls temporary are
// waited out. Serve closes l.
func (s *Service) Serve(l net.Listener) error { return s.serve(l, false) }

// ServeTLS is Serve for clients that begin with TLS (RFC 8314 §3).
func (s *Service) ServeTLS(l net.Listener) error { return s.serve(l, true) }

func (s *Service) tlsConfig() (*tls.Config, error) {
	if s.TLS == nil {
		return nil, errors.New("no configuration")
	}
	cfg, err := s.TLS()
	if err == nil && cfg == nil {
		err = errors.New("no configuration")
	}
	return cfg, err
}

// ServeConn runs a session on nc in a goroutine and returns. If the service
// takes no session, because it is closed, has enough or has an Err, it closes nc.
func (s *Service) ServeConn(nc net.Conn) {
	if nc != nil {
		s.start(nc, nil)
	}
}

// Close closes all listeners and connections and waits until all accept loops
// and sessions ended. It may be repeated, and be called before Serve, which
// then fails. Its error is that of Fail.
func (s *Service) Close() error {
	s.mu.Lock()
	s.prepare()
	s.closed = true
	s.end()
	s.mu.Unlock()
	s.running.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

// Fail has Close return an error, such as that a function of a test's author has panicked. The
// first one counts; nil is none.
func (s *Service) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		s.failure = err
	}
}

// Stop is Close of a service that can serve again afterwards. Serve must not be called
// before it returns.
func (s *Service) Stop() {
	s.mu.Lock()
	s.prepare()
	s.end()
	s.mu.Unlock()
	s.running.Wait()
	s.mu.Lock()
	if !s.closed {
		s.closing, s.ending = make(chan struct{}), false
	}
	s.mu.Unlock()
}

// end has all accept loops and sessions end; s.mu is held.
func (s *Service) end() {
	if s.ending {
		return
	}
	s.ending = true
	close(s.closing)
	for l := range s.listeners {
		(*l).Close()
	}
	for conn := range s.conns {
		// Ending TLS in order can take a moment, if the client doesn't read.
		s.running.Go(func() { _ = conn.closeWith("closed as the server stops") })
	}
}

// prepare makes the zero value useful; s.mu is held.
func (s *Service) prepare() {
	if s.closing != nil {
		return
	}
	s.closing = make(chan struct{})
	s.listeners = make(map[*net.Listener]struct{})
	s.conns = make(map[*Conn]struct{})
	if s.transcript = s.Transcript; s.transcript == nil {
		s.transcript = NewTranscript(-1)
	}
}

func (s *Service) serve(l net.Listener, overTLS bool) error {
	if l != nil {
		defer l.Close()
	}
	if s.Err != nil {
		return s.Err
	}
	var cfg *tls.Config
	if overTLS {
		var err error
		if cfg, err = s.tlsConfig(); err != nil {
			return fmt.Errorf("mailwire: serve %s over TLS: %w", s.Protocol, err)
		}
	}
	if l == nil {
		return fmt.Errorf("mailwire: serve %s: no listener", s.Protocol)
	}
	if s.Handle == nil {
		return fmt.Errorf("mailwire: serve %s: no handler", s.Protocol)
	}
	if !s.addListener(&l) {
		return fmt.Errorf("mailwire: serve %s: %w", s.Protocol, net.ErrClosed)
	}
	defer s.removeListener(&l)
	return &serveError{s.Protocol, s.accept(l, cfg)}
}

// serveError is how serving ended. It is put into words only if someone reads it: every
// server ends by one.
type serveError struct {
	protocol Protocol
	err      error
}

func (e *serveError) Error() string { return fmt.Sprintf("mailwire: serve %s: %v", e.protocol, e.err) }

func (e *serveError) Unwrap() error { return e.err }

// accept accepts connections until there is an error, which it returns.
func (s *Service) accept(l net.Listener, cfg *tls.Config) error {
	s.mu.Lock()
	closing := s.closing
	s.mu.Unlock()
	delay := acceptDelay
	for {
		nc, err := l.Accept()
		if err == nil {
			s.start(nc, cfg)
			delay = acceptDelay
			continue
		}
		if temporary, ok := errors.AsType[interface {
			error
			Temporary() bool
		}](err); !ok || !temporary.Temporary() {
			return s.afterClose(err)
		}
		// Most likely there are too many open files.
		select {
		case <-time.After(delay):
			delay = min(2*delay, acceptDelayMax)
		case <-closing:
			return net.ErrClosed
		}
	}
}

// afterClose makes err wrap net.ErrClosed if the service was closed.
func (s *Service) afterClose(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending && !errors.Is(err, net.ErrClosed) {
		return net.ErrClosed
	}
	return err
}

// start begins a session on nc; it gets its number here and not in its
// goroutine, in the order of accept.
func (s *Service) start(nc net.Conn, cfg *tls.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepare()
	if s.ending || s.Handle == nil || s.Err != nil {
		nc.Close()
		return
	}
	conn := NewConn(nc, s.Protocol, s.transcript)
	limit := s.MaxSessions
	if limit <= 0 {
		limit = defaultMaxSessions
	}
	if len(s.conns) >= limit {
		conn.note(fmt.Sprintf("refused: no more sessions than %d are served at once", limit))
		conn.Close()
		return
	}
	s.conns[conn] = struct{}{}
	conn.faults = s.Faults
	s.Faults.open(conn)
	if s.Accepted != nil {
		s.Accepted(conn)
	}
	s.running.Go(func() {
		defer s.forget(conn)
		defer s.Faults.forget(conn)
		defer conn.Close()
		if conn.moment(onAccept) != nil {
			return
		}
		if cfg != nil && conn.StartTLS(cfg) != nil {
			return // the transcript says why
		}
		s.Handle(conn)
	})
}

func (s *Service) forget(conn *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

func (s *Service) addListener(l *net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepare()
	if s.ending {
		return false
	}
	s.listeners[l] = struct{}{}
	s.running.Add(1)
	return true
}

func (s *Service) removeListener(l *net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
	s.running.Done()
}
