package mailtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"testing"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailreplay"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// Replayed is a log that is served as the server that is in it.
type Replayed struct {
	// IMAP and POP3 are where clients connect.
	IMAP, POP3 *Endpoint
	// Log is what was read, with notes on what it lacks.
	Log *maillog.Log
	// Transcript records what is said now.
	Transcript *mailwire.Transcript
	// Server tells how far clients came.
	Server *mailreplay.Server

	failOnUnfired bool
}

// Replay serves a log until the test ends: a transcript, as a failing test prints it, or the
// log of another program, as package maillog reads it. Each connection gets the next session of
// its protocol in the log. The test fails at the first deviation, with what the log has and what
// the client sent.
//
// Beside [ReplayMatch] and [ReplayFormat], [InMemory], [FailOnUnfired] and the options of TLS
// apply; others fail the test. Faults can be injected as into the fakes.
//
// Within "mailtest minimize" it serves what that command has left of the log.
func Replay(tb testing.TB, file string, options ...Option) *Replayed {
	tb.Helper()
	if shortened := os.Getenv("MAILTEST_TRANSCRIPT"); shortened != "" {
		file, options = shortened, append(slices.Clone(options), ReplayFormat(maillog.Transcript))
	}
	r, err := StartReplay(file, func(d *mailreplay.Deviation) { tb.Errorf("%v", d) }, options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { r.end(tb, file) })
	r.IMAP.tb, r.POP3.tb = tb, tb
	return r
}

// end closes the server of a test that has ended, and tells what was said if it failed.
func (r *Replayed) end(tb testing.TB, file string) {
	tb.Helper()
	if err := r.Close(); err != nil {
		tb.Errorf("%v", err)
	}
	if !tb.Failed() {
		return
	}
	for _, note := range r.Log.Notes {
		tb.Logf("%s %s", file, note)
	}
	if err := r.Server.Rest(); err != nil {
		tb.Logf("%v", err)
	}
	said, _ := r.Transcript.Tail(shortSessions, shortLines)
	tb.Logf("mail transcript (C: client, S: server):\n%s", said)
}

// StartReplay is [Replay] for programs and TestMain; f is called at the first deviation,
// unless it is nil. Call Close when done.
func StartReplay(file string, f func(*mailreplay.Deviation), options ...Option) (*Replayed, error) {
	var set settings
	if err := apply(&set, options); err != nil {
		return nil, fmt.Errorf("mailtest: replay: %w", err)
	}
	if set.imap != nil || set.pop3 != nil || set.labels || set.logins != (mailstore.LoginPolicy{}) || set.mailboxes != nil || set.ends.notes || set.ends.open {
		return nil, errors.New("mailtest: replay: an option is about the fakes, and a log is served without them")
	}
	log, err := maillog.ReadFile(file, set.replay.format)
	if err != nil {
		return nil, fmt.Errorf("mailtest: replay: %w", err)
	}
	r := &Replayed{Log: log, Transcript: mailwire.NewTranscript(0), failOnUnfired: set.ends.unfired}
	with, err := set.replayOptions()
	if err != nil {
		return nil, fmt.Errorf("mailtest: replay: %w", err)
	}
	with = append(with, mailreplay.WithTranscript(r.Transcript), mailreplay.OnDeviation(f))
	if r.Server, err = mailreplay.New(log, with...); err == nil {
		r.IMAP, err = r.endpoint(mailwire.IMAP, set.inMemory)
	}
	if err == nil {
		r.POP3, err = r.endpoint(mailwire.POP3, set.inMemory)
	}
	if err != nil {
		if r.Server != nil {
			r.Server.Close()
		}
		return nil, fmt.Errorf("mailtest: replay: %w", err)
	}
	return r, nil
}

// ReplayMatch says how alike what a client sends must be to the log that is replayed; as
// [mailreplay.ByCommand] says, unless this says otherwise.
func ReplayMatch(m mailreplay.Match) Option {
	return func(s *settings) { s.replay.match = m }
}

// ReplayFormat names the format of a log that is replayed, if its content doesn't tell it.
func ReplayFormat(f maillog.Format) Option {
	return func(s *settings) { s.replay.format = f }
}

// replaySettings is what options say of replaying a log.
type replaySettings struct {
	match  mailreplay.Match
	format maillog.Format
}

// replayOptions returns what the options say to the server of the log.
func (s *settings) replayOptions() (options []mailreplay.Option, err error) {
	if s.replay.match != "" {
		options = append(options, mailreplay.WithMatch(s.replay.match))
	}
	config, err := s.tls.config()
	if config != nil {
		options = append(options, mailreplay.WithTLS(config))
	}
	return options, err
}

// endpoint serves a protocol of the log.
func (r *Replayed) endpoint(p mailwire.Protocol, inMemory bool) (*Endpoint, error) {
	service := r.Server.Service(p)
	service.Faults = new(mailwire.Faults)
	return newEndpoint(string(p), replayed{service, r.Server.Record(p)}, service.Faults, inMemory)
}

// Close ends all sessions and waits until every goroutine is gone. Its error tells of faults that went
// wrong, and with [FailOnUnfired] of those that never fired.
func (r *Replayed) Close() error {
	err := r.Server.Close()
	for _, p := range []mailwire.Protocol{mailwire.IMAP, mailwire.POP3} {
		err = errors.Join(err, r.Server.Service(p).Faults.Err())
	}
	if r.failOnUnfired {
		err = errors.Join(append(unfired(r.IMAP, r.POP3), err)...)
	}
	return err
}

// PlayClients does what the clients in the log did, which a test replaces by the code under test.
func (r *Replayed) PlayClients() error {
	return r.Server.PlayClients(func(p mailwire.Protocol) (net.Conn, error) {
		if p == mailwire.POP3 {
			return r.POP3.Dial()
		}
		return r.IMAP.Dial()
	})
}

// replayed is one protocol of a log as an Endpoint's server.
type replayed struct {
	*mailwire.Service
	record *mailwire.SessionLog
}

// Notes are about the fakes' own rules, of which a log has none.
func (replayed) Notes() []mailwire.ClientNote { return nil }

func (r replayed) Sessions() []mailwire.Session { return r.record.All() }
