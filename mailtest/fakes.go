package mailtest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

// Fakes is an IMAP and a POP3 server over one store: what [New] gives a test, for
// programs and TestMain. Its methods are safe for concurrent use.
type Fakes struct {
	// Store holds the accounts that both servers serve.
	Store *mailstore.Store
	// IMAP and POP3 are where clients connect.
	IMAP, POP3 *Endpoint
	// Transcript records what both servers and their clients say.
	Transcript *mailwire.Transcript

	imap *imapfake.Server
	pop3 *pop3fake.Server

	ends ends
	// waitLimit is that of [WaitLimit]; 0: none was given.
	waitLimit time.Duration
}

// Option changes how fakes are started.
type Option func(*settings)

type settings struct {
	inMemory bool
	imap     []imapfake.Option
	pop3     []pop3fake.Option
	logins   mailstore.LoginPolicy
	tls      tlsSettings
	labels   bool
	replay   replaySettings

	mailboxes []mailstore.NewMailbox // of new accounts
	ends      ends
	waitLimit time.Duration
}

// InMemory makes connections without sockets: clients use [Endpoint.Dial]. A test
// can then run in a [testing/synctest] bubble.
func InMemory() Option { return func(s *settings) { s.inMemory = true } }

// WithIMAP passes options to the IMAP server.
func WithIMAP(options ...imapfake.Option) Option {
	return func(s *settings) { s.imap = append(s.imap, options...) }
}

// WithPOP3 passes options to the POP3 server.
func WithPOP3(options ...pop3fake.Option) Option {
	return func(s *settings) { s.pop3 = append(s.pop3, options...) }
}

// WithLoginPolicy has logins over either protocol accept what they otherwise wouldn't:
// any password, or names without an account, which is made then.
func WithLoginPolicy(p mailstore.LoginPolicy) Option {
	return func(s *settings) { s.logins = p }
}

// apply has options change what they are about.
func apply[O ~func(*S), S any](to *S, options []O) error {
	for i, option := range options {
		if option == nil {
			return fmt.Errorf("option %d is nil", i+1)
		}
		option(to)
	}
	return nil
}

// Start starts both servers, each on a free port of 127.0.0.1 unless [InMemory].
// Call Close when done.
func Start(options ...Option) (*Fakes, error) {
	var set settings
	if err := apply(&set, options); err != nil {
		return nil, fmt.Errorf("mailtest: start: %w", err)
	}
	if !set.inMemory && inBubble() {
		// Its clock stands still while a goroutine waits at a socket: the test would hang.
		return nil, errors.New("mailtest: start: a bubble of testing/synctest can't have sockets; give mailtest.InMemory()")
	}
	f := &Fakes{Store: mailstore.New(), Transcript: mailwire.NewTranscript(0), ends: set.ends, waitLimit: set.waitLimit}
	var imapFaults, pop3Faults mailwire.Faults
	if err := set.tls.apply(&set); err != nil {
		return nil, fmt.Errorf("mailtest: start: %w", err)
	}
	f.Store.SetLoginPolicy(set.logins)
	if err := f.Store.SetNewMailboxes(set.mailboxes...); err != nil {
		return nil, fmt.Errorf("mailtest: start: %w", err)
	}
	if set.labels {
		f.Store.UseLabels()
	}
	f.imap = imapfake.New(f.Store, append([]imapfake.Option{imapfake.WithTranscript(f.Transcript), imapfake.WithFaults(&imapFaults)}, set.imap...)...)
	f.pop3 = pop3fake.New(f.Store, append([]pop3fake.Option{pop3fake.WithTranscript(f.Transcript), pop3fake.WithFaults(&pop3Faults)}, set.pop3...)...)
	if err := errors.Join(f.imap.Err(), f.pop3.Err()); err != nil {
		return nil, fmt.Errorf("mailtest: start: %w", err)
	}
	var err error
	if f.IMAP, err = newEndpoint("imap", f.imap, &imapFaults, set.inMemory); err == nil {
		f.POP3, err = newEndpoint("pop3", f.pop3, &pop3Faults, set.inMemory)
	}
	if err != nil {
		f.close()
		return nil, fmt.Errorf("mailtest: start: %w", err)
	}
	return f, nil
}

// Close ends all sessions and waits until every goroutine of the servers is gone. Its error
// also has what [FailOnNotes], [FailOnOpenSessions] and [FailOnUnfired] found before.
func (f *Fakes) Close() error {
	return errors.Join(append(f.leftovers(), f.close())...)
}

func (f *Fakes) close() error {
	err := errors.Join(f.imap.Close(), f.pop3.Close())
	for _, e := range []*Endpoint{f.IMAP, f.POP3} {
		if e != nil {
			err = errors.Join(err, e.faults.Err())
		}
	}
	return err
}

// TLSConfig returns a configuration for clients that trusts the servers'
// certificate, for implicit TLS, STARTTLS and STLS.
func (f *Fakes) TLSConfig() (*tls.Config, error) { return mailwire.ClientTLS() }
