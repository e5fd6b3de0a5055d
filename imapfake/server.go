package imapfake

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// DefaultAppendLimit is the size in octets of the largest message that APPEND takes
// unless [WithAppendLimit] says otherwise.
const DefaultAppendLimit = 64 << 20

// Server serves IMAP sessions over one store. Make it with [New]; its methods are
// safe for concurrent use.
type Server struct {
	store         *mailstore.Store
	service       mailwire.Service
	tls           func() (*tls.Config, error)
	appendLimit   int64
	autologout    time.Duration // 0: never
	loginDisabled bool
	anonymous     string // account; empty: none
	id            map[string]string
	onClientID    func(fields map[string]string)
	noPrivate     bool // metadata
	notifyLimit   int
	submitters    []string // accounts
	choice        capabilityChoice
	appearance    appearance
	loggedIn      loggedIn
	own           ownRows
	names         wireNames
	table         *table
	notes         mailwire.ClientNotes
	sessions      mailwire.SessionLog

	mu     sync.Mutex
	ctx    context.Context // until Close or Stop
	cancel context.CancelFunc
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

// WithTLS sets the configuration for STARTTLS and [Server.ServeTLS] in place of
// [mailwire.ServerTLS].
func WithTLS(config *tls.Config) Option {
	return func(s *Server) { s.tls = func() (*tls.Config, error) { return config, nil } }
}

// WithUsualCapabilities has the server, unless other options say otherwise, offer these
// capabilities in place of all that aren't on request; one that lacks what it needs isn't offered.
// What [WithoutCapabilities] turns off of them is no error.
func WithUsualCapabilities(caps ...imap.Cap) Option {
	return func(s *Server) { s.choice.usual = append(make([]imap.Cap, 0, len(caps)), caps...) }
}

// WithCapabilities offers exactly these capabilities, beside IMAP4rev1, what they need, and
// those of the test's own commands, items and keys. Capabilities that exclude each other,
// and one that [WithoutCapabilities] turns off or a need of which it does, are an error.
func WithCapabilities(caps ...imap.Cap) Option {
	return func(s *Server) { s.choice.only = append(make([]imap.Cap, 0, len(caps)), caps...) }
}

// WithMoreCapabilities offers these capabilities beside the others, with what they need: those
// that a server has only on request. The errors are those of [WithCapabilities].
func WithMoreCapabilities(caps ...imap.Cap) Option {
	return func(s *Server) { s.choice.more = append(s.choice.more, caps...) }
}

// WithoutCapabilities drops these capabilities, with the commands and arguments
// that they bring, and those that need them and weren't asked for by name. A server
// without IMAP4rev1 is one of IMAP4rev2 alone.
func WithoutCapabilities(caps ...imap.Cap) Option {
	return func(s *Server) { s.choice.without = append(s.choice.without, caps...) }
}

// WithLoginDisabled announces LOGINDISABLED and refuses LOGIN, and the SASL mechanisms
// that send a password or token as it is, before TLS is active (RFC 3501 §6.2.3). So does
// the capability where it is asked for by name.
func WithLoginDisabled() Option {
	return func(s *Server) { s.loginDisabled = true }
}

// WithAnonymous lets anyone log in to the account by AUTH=ANONYMOUS (RFC 4505), from when
// the store has it.
func WithAnonymous(account string) Option {
	return func(s *Server) { s.anonymous = account }
}

// WithAppendLimit sets the size in octets of the largest message that APPEND takes.
func WithAppendLimit(octets int64) Option {
	return func(s *Server) { s.appendLimit = octets }
}

// WithID sets what the server says of itself in answer to ID (RFC 2971).
func WithID(fields map[string]string) Option {
	return func(s *Server) { s.id = maps.Clone(fields) }
}

// OnClientID has f called with what each ID command tells of the client (RFC 2971): fields
// by name in lower case, "" for NIL, and nil for ID NIL. What [Command].Run says of goroutines and
// panics holds here too.
func OnClientID(f func(fields map[string]string)) Option {
	return func(s *Server) { s.onClientID = f }
}

// New returns a server of the store's accounts. An option that makes no sense is
// reported by [Server.Err] and by Serve.
func New(store *mailstore.Store, options ...Option) *Server {
	s := &Server{
		store:       store,
		tls:         mailwire.ServerTLS,
		appendLimit: DefaultAppendLimit,
		autologout:  DefaultAutologout,
		appearance:  appearance{maxCommand: maxLine},
		notifyLimit: DefaultNotifyLimit,
		id:          map[string]string{"name": "mailfakes"},
	}
	if store == nil {
		s.fail(errors.New("imapfake: no store"))
	}
	for _, option := range options {
		if option == nil {
			s.fail(errors.New("imapfake: an option is nil"))
			continue
		}
		option(s)
	}
	if s.loginDisabled {
		s.choice.announce(imap.CapLoginDisabled)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var err error
	s.table, err = newTable(s.choice, s.own)
	s.fail(err)
	s.loginDisabled = s.loginDisabled || err == nil && s.table.caps[imap.CapLoginDisabled]
	s.fail(s.names.complete())
	s.service.Protocol = mailwire.IMAP
	s.service.TLS = s.tls
	s.service.Handle = func(c *mailwire.Conn) { newSession(s, c).serve() }
	return s
}

// fail remembers what is wrong with the options.
func (s *Server) fail(err error) { s.service.Err = errors.Join(s.service.Err, err) }

// Err tells what is wrong with the options that were given to [New], if anything.
func (s *Server) Err() error { return s.service.Err }

// Serve answers the listener's connections until [Server.Close], and closes it. It
// returns an error that wraps [net.ErrClosed] after Close.
func (s *Server) Serve(l net.Listener) error { return s.service.Serve(l) }

// ServeTLS is Serve with TLS from the first octet (RFC 8314 §3.2).
func (s *Server) ServeTLS(l net.Listener) error { return s.service.ServeTLS(l) }

// ServeConn runs a session on nc in a goroutine and returns. A server that is closed
// or has an [Server.Err] closes nc.
func (s *Server) ServeConn(nc net.Conn) { s.service.ServeConn(nc) }

// Close ends all sessions and waits until they are gone. Its error tells of a function
// given to an option, such as [Command].Run, that has panicked.
func (s *Server) Close() error {
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	return s.service.Close()
}
