package mailtest

import (
	"crypto/tls"
	"sync"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

// Server is a pair of [Fakes] for one test: srv.IMAP, srv.POP3, srv.Store, srv.Transcript and
// srv.Snapshot are theirs. What fails because of the test's author, such as an account that exists
// already, fails the test at the author's line.
type Server struct {
	*Fakes
	tb      testing.TB
	devices *devices
}

// devices are the POP3 devices of a server's accounts.
type devices struct {
	mu   sync.Mutex
	pop3 []*POP3Device
}

// New starts an IMAP and a POP3 server over one store, each on a free port of
// 127.0.0.1 unless [InMemory], and stops them when the test ends. If the test
// failed, its log then has what was said last (see "When a test fails" above).
func New(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	f, err := Start(options...)
	if err != nil {
		tb.Fatal(err)
	}
	f.IMAP.tb, f.POP3.tb = tb, tb
	over := f.beforeTimeout(tb)
	tb.Cleanup(func() {
		over()
		f.end(tb)
	})
	return newServer(f, tb)
}

func newServer(f *Fakes, tb testing.TB) *Server {
	return &Server{Fakes: f, tb: tb, devices: new(devices)}
}

// In returns the same server for a subtest: what fails by it, and by the accounts and mailboxes
// that it gives, fails the subtest and not the test that the server was made for. What
// the endpoints are asked for, as by srv.IMAP.Inject, still fails the latter.
func (s *Server) In(tb testing.TB) *Server {
	return &Server{Fakes: s.Fakes, tb: tb, devices: s.devices}
}

// AddAccount makes an account with an empty INBOX.
func (s *Server) AddAccount(name, password string) *Account {
	s.tb.Helper()
	a, err := s.Store.AddAccount(name, password)
	return s.account(a, err)
}

// Account returns an account that was added before.
func (s *Server) Account(name string) *Account {
	s.tb.Helper()
	a, err := s.Store.Account(name)
	return s.account(a, err)
}

func (s *Server) account(a *mailstore.Account, err error) *Account {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatal(err)
	}
	return &Account{Account: a, srv: s, tb: s.tb}
}

// TLSConfig returns a configuration for clients that trusts the servers'
// certificate, for implicit TLS, STARTTLS and STLS.
func (s *Server) TLSConfig() *tls.Config {
	s.tb.Helper()
	config, err := s.Fakes.TLSConfig()
	if err != nil {
		s.tb.Fatal(err)
	}
	return config
}
