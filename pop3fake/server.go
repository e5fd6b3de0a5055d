package pop3fake

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// DefaultAutologout is how long a client may be silent unless [WithAutologout] says
// otherwise: the least that RFC 1939 §3 allows.
const DefaultAutologout = 10 * time.Minute

// Server serves POP3 sessions over one store. Make it with [New]; its methods are
// safe for concurrent use.
type Server struct {
	store      *mailstore.Store
	service    mailwire.Service
	tls        func() (*tls.Config, error)
	autologout time.Duration // 0: never
	needTLS    bool          // for passwords and tokens in plain text
	anonymous  string        // account; empty: none
	choice     capabilityChoice
	has        map[Capability]bool
	retention  retention
	loginDelay time.Duration
	logins     logins
	seen       SeenPolicy
	window     window
	fetched    fetched
	deletion   Deletion
	greeting   string
	lineLimit  string // the answer to a line over it; "": ours
	overrides  []override
	commands   map[string]*command
	notes      mailwire.ClientNotes
	sessions   mailwire.SessionLog
}

// Option changes how a server behaves.
type Option func(*Server)

// WithTranscript records every session in t.
func WithTranscript(t *mailwire.Transcript) Option {
	return func(s *Server) { s.service.Transcript = t }
}

// WithFaults has the rules of f apply to what passes on the wire.
func WithFaults(f *mailwire.Faults) Option {
	return func(s *Server) { s.service.Faults = f }
}

// WithTLS sets the configuration for STLS and [Server.ServeTLS] in place of
// [mailwire.ServerTLS].
func WithTLS(config *tls.Config) Option {
	return func(s *Server) {
		if config == nil {
			s.fail(errors.New("no TLS configuration"))
		}
		s.tls = func() (*tls.Config, error) { return config, nil }
	}
}

// WithoutPlaintextLogin refuses USER, PASS and the SASL mechanisms that send a
// password or token as it is until TLS is active (RFC 2595 §2.3, RFC 5034 §4). APOP is
// not affected.
func WithoutPlaintextLogin() Option {
	return func(s *Server) { s.needTLS = true }
}

// WithAnonymous lets anyone log in to the account by SASL ANONYMOUS (RFC 4505), from when
// the store has it.
func WithAnonymous(account string) Option {
	return func(s *Server) { s.anonymous = account }
}

// WithGreeting sets what the server says to a client that connects, before the timestamp
// of APOP.
func WithGreeting(text string) Option {
	return func(s *Server) {
		if strings.ContainsAny(text, "\r\n") {
			s.fail(fmt.Errorf("the greeting %q isn't one line", text))
		}
		s.greeting = text
	}
}

// WithProtocolError has a command of more than 255 octets answered by "-ERR" and this text, and
// the connection closed. Without it the command is refused, and the session goes on.
func WithProtocolError(text string) Option {
	return func(s *Server) {
		if text == "" || strings.ContainsAny(text, "\r\n") {
			s.fail(fmt.Errorf("the answer %q isn't one line", text))
		}
		s.lineLimit = text
	}
}

// WithAutologout sets how long a client may be silent, or read nothing of an answer, before
// the session is closed without deleting anything; 0 means for ever. RFC 1939 §3 asks for 10 minutes
// at least.
func WithAutologout(d time.Duration) Option {
	return func(s *Server) {
		if d < 0 {
			s.fail(fmt.Errorf("autologout after %v", d))
		}
		s.autologout = d
	}
}

// New returns a server of the store's accounts. An option that makes no sense is
// reported by [Server.Err] and by Serve.
func New(store *mailstore.Store, options ...Option) *Server {
	s := &Server{
		store:      store,
		tls:        mailwire.ServerTLS,
		autologout: DefaultAutologout,
		retention:  keepForever,
		greeting:   "POP3 server ready",
		commands:   commandTable(),
	}
	if store == nil {
		s.fail(errors.New("no store"))
	}
	for _, option := range options {
		if option == nil {
			s.fail(errors.New("an option is nil"))
			continue
		}
		option(s)
	}
	var err error
	if s.has, err = s.choice.settle(); err != nil {
		s.fail(err)
	}
	s.service.Protocol = mailwire.POP3
	s.service.TLS = s.tls
	s.service.Handle = func(c *mailwire.Conn) { newSession(s, c).serve() }
	return s
}

// fail remembers what is wrong with the options.
func (s *Server) fail(err error) {
	s.service.Err = errors.Join(s.service.Err, fmt.Errorf("pop3fake: %w", err))
}

// Err tells what is wrong with the options that were given to [New], if anything.
func (s *Server) Err() error { return s.service.Err }

// Serve answers the listener's connections until [Server.Close], and closes it. It
// returns an error that wraps [net.ErrClosed] after Close.
func (s *Server) Serve(l net.Listener) error { return s.service.Serve(l) }

// ServeTLS is Serve with TLS from the first octet (RFC 8314 §3.3).
func (s *Server) ServeTLS(l net.Listener) error { return s.service.ServeTLS(l) }

// ServeConn runs a session on nc in a goroutine and returns. A server that is closed
// or has an [Server.Err] closes nc.
func (s *Server) ServeConn(nc net.Conn) { s.service.ServeConn(nc) }

// Close ends all sessions, deleting nothing, and waits until they are gone. Its error is
// the panic of a function that the server was given, if one did.
func (s *Server) Close() error { return s.service.Close() }
