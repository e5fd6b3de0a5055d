package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

// bug is something that clients get wrong.
type bug struct {
	name, story string
	reference   string // where it was seen, or what the standard has; "project#n" is that project's issue
	server      []mailtest.Option
	// play is what happens: mail comes, the client runs, once or more often, and
	// meanwhile the server misbehaves. nil is one message "hello", and one run.
	play           func(s *scene)
	naive, careful client
	want           func(s *scene) // fails the scene unless all is well
	wrong          string         // part of how it fails for the naive client
}

// client is one run of a mail program.
type client func(*app) error

// catalogue returns all bugs, in the order in which they are shown.
func catalogue() []bug {
	return slices.Concat(
		deletingOverPOP3(), uniqueIDs(), pop3Answers(),
		numbering(), deleting(), copying(),
		idling(), fetching(), refusals(), parsing(), names(),
		loggingIn(), securing(),
	)
}

// quirk has a server that is like the fakes otherwise show deviations from the standards.
func quirk(quirks ...personality.Quirk) mailtest.Option {
	return mailtest.WithPersonality(personality.Personality{}.With(quirks...))
}

// scene is a server, an account and a client, for one play of a bug. It is the
// testing.TB of the server: what the assertions of mailtest find wrong is kept.
type scene struct {
	testing.TB
	srv    *mailtest.Server
	alice  *mailtest.Account
	app    *app
	client client

	mu       sync.Mutex
	failures []string
	cleanups []func()
	gaveUp   error // how the last run of the client ended
}

// outcome is what came of a client.
type outcome struct {
	failures   []string // of the bug's assertions; none: all is well
	gaveUp     error    // what the client says itself
	left       string   // what it has on its disk, shows, and leaves on the server
	transcript string
}

// String tells all of it in one line.
func (o outcome) String() string {
	what := strings.Join(o.failures, "; ")
	if len(o.failures) == 0 {
		what = "ok: " + o.left
	}
	if o.gaveUp != nil {
		what += fmt.Sprintf(" (%v)", o.gaveUp)
	}
	return strings.Join(strings.Fields(what), " ")
}

// cell is String, cut to a number of characters.
func (o outcome) cell(width int) string {
	text := []rune(strings.TrimPrefix(o.String(), "mailtest: "))
	if len(text) > width {
		return string(text[:width-1]) + "…"
	}
	return string(text)
}

// run plays the bug with one of its clients.
func (b bug) run(c client) (o outcome) {
	s := &scene{client: c}
	s.do(func() { // FailNow of a TB ends a goroutine
		// The long lists of capabilities are left out of the story, unless the client asks.
		brief := mailtest.WithIMAP(imapfake.WithoutCapabilityCode())
		s.srv = mailtest.New(s, append([]mailtest.Option{mailtest.InMemory(), brief}, b.server...)...)
		s.alice = s.srv.AddAccount("alice@example.org", `correct "horse"`)
		s.app = newApp(s.srv, s.alice)
		if b.play == nil {
			s.deliver("hello")
			s.sync()
		} else {
			b.play(s)
		}
		b.want(s)
		o.left = s.left()
	})
	for _, f := range slices.Backward(s.cleanups) {
		s.do(f)
	}
	o.failures, o.gaveUp = s.failures, s.gaveUp
	if s.srv != nil {
		o.transcript = s.srv.Transcript.String()
	}
	return o
}

// left tells what the client has, or else what it leaves in INBOX.
func (s *scene) left() string {
	if has := s.app.String(); has != "" {
		return has
	}
	return fmt.Sprintf("leaves %q", subjectsOf(s.alice.OverIMAP()["INBOX"]))
}

// do runs f in a goroutine and waits for its end.
func (s *scene) do(f func()) {
	var running sync.WaitGroup
	running.Go(f)
	running.Wait()
}

// sync runs the client once. What it crashes with is how it ended, too.
func (s *scene) sync() {
	defer func() {
		s.app.hangUp()
		s.srv.Wait(s.srv.UntilNoSessions())
		if crash := recover(); crash != nil {
			s.gaveUp = fmt.Errorf("crashed: %v", crash)
		}
	}()
	s.gaveUp = s.client(s.app)
}

// deliver puts messages with these subjects in INBOX.
func (s *scene) deliver(subjects ...string) {
	for _, subject := range subjects {
		s.alice.Deliver(letter(subject))
	}
}

func letter(subject string) mailtest.Mail {
	return mailtest.Mail{From: "bob@example.org", Subject: subject, Text: "about " + subject}
}

// inbox is the mailbox that most of this is about.
func (s *scene) inbox() *mailtest.Mailbox { return s.alice.Mailbox("INBOX") }

func (s *scene) Helper()                   {}
func (s *scene) Name() string              { return "repro" }
func (s *scene) Cleanup(f func())          { s.cleanups = append(s.cleanups, f) }
func (s *scene) Logf(string, ...any)       {}
func (s *scene) Error(args ...any)         { s.Errorf("%s", fmt.Sprint(args...)) }
func (s *scene) Fatal(args ...any)         { s.Fatalf("%s", fmt.Sprint(args...)) }
func (s *scene) Failed() bool              { s.mu.Lock(); defer s.mu.Unlock(); return len(s.failures) > 0 }
func (s *scene) Fatalf(f string, a ...any) { s.Errorf(f, a...); runtime.Goexit() }

func (s *scene) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}
