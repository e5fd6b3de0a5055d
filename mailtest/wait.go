package mailtest

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/mailfakes/mailtest/mailstore"
)

// Condition is something that a test waits for. The methods of [Account] and [Server] that begin
// with Until return ready ones.
type Condition struct {
	// What says what is awaited, for the failure: `"hello" in INBOX`.
	What string
	// Met tells whether it holds now and, if not, what is the case instead. It is called by
	// the goroutine that waits: at once, and then after changes in the store and after steps of sessions,
	// such as a command, an answer or an end; several of those may make one call. It may use
	// all that the store and the servers tell, and must not wait itself.
	Met func() (met bool, instead string)
}

const (
	// deadlineReserve is how long before a test's deadline waiting ends, so that it can report.
	deadlineReserve = 10 * time.Second
	// noDeadlineLimit is how long waiting takes at most if the test has no deadline.
	noDeadlineLimit = time.Minute
	// bubbleLimit is the same in a synctest bubble, where it takes no time.
	bubbleLimit = 24 * time.Hour
)

// WaitLimit sets how long [Server.Wait] and [Account.Wait] wait at most. Otherwise it is until ten
// seconds before the test's deadline (go test -timeout), a minute if there is none, and a day in a
// [testing/synctest] bubble.
func WaitLimit(d time.Duration) Option {
	return func(s *settings) { s.waitLimit = d }
}

// Wait waits until all conditions hold at the same moment. It looks at them whenever something
// changes and never sleeps. When the limit has passed (see [WaitLimit]) it fails the test with what
// is missing, what happened meanwhile, and the last commands of each session. It belongs to the
// test's own goroutine.
func (s *Server) Wait(conditions ...Condition) {
	s.tb.Helper()
	s.wait("", conditions)
}

// Wait is [Server.Wait] that, when it fails, tells of the account's sessions only.
func (a *Account) Wait(conditions ...Condition) {
	a.tb.Helper()
	a.srv.wait(a.Name(), conditions)
}

func (s *Server) wait(user string, conditions []Condition) {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(s.waitLimit, limitOf(s.tb)))
	defer cancel()
	must(s.tb, s.Fakes.wait(ctx, user, conditions))
}

// limitOf returns how long a test may wait.
func limitOf(tb testing.TB) (limit time.Duration) {
	timed, ok := tb.(interface{ Deadline() (time.Time, bool) })
	switch {
	case !ok && inBubble():
		return bubbleLimit
	case !ok:
		return noDeadlineLimit
	}
	defer func() {
		if recover() != nil { // testing.T.Deadline panics in a bubble
			limit = bubbleLimit
		}
	}()
	deadline, ok := timed.Deadline()
	if !ok {
		return noDeadlineLimit
	}
	left := time.Until(deadline)
	return max(left-deadlineReserve, left/2)
}

// Wait waits until all conditions hold at the same moment, as [Server.Wait] does. If ctx is done
// before, it returns an error that wraps the cause and tells what is missing and what happened
// meanwhile.
func (f *Fakes) Wait(ctx context.Context, conditions ...Condition) error {
	return f.wait(ctx, "", conditions)
}

func (f *Fakes) wait(ctx context.Context, user string, conditions []Condition) error {
	for _, c := range conditions {
		if c.Met == nil {
			return fmt.Errorf("mailtest: wait: the condition %q has no Met", c.What)
		}
	}
	w := f.watch()
	defer w.close()
	for {
		// Taken before the look, so that nothing is missed between that and waiting.
		imap, pop3 := f.imap.SessionsChanged(), f.pop3.SessionsChanged()
		missing := unmet(conditions)
		if missing == nil {
			return nil
		}
		select {
		case <-imap:
		case <-pop3:
		case <-w.woken:
		case <-ctx.Done():
			if missing = unmet(conditions); missing == nil {
				return nil
			}
			sessions := f.Sessions()
			if user != "" {
				sessions = sessions.Of(user)
			}
			return fmt.Errorf("mailtest: %w after %v of waiting for\n%s%s%s", context.Cause(ctx),
				time.Since(w.began).Round(time.Millisecond), indented(missing), w.report(), reportOf(sessions))
		}
	}
}

// unmet returns which conditions don't hold, and what is the case instead.
func unmet(conditions []Condition) (missing []string) {
	for _, c := range conditions {
		if met, instead := c.Met(); !met {
			missing = append(missing, c.What+": "+cmp.Or(instead, "not so"))
		}
	}
	return missing
}

// maxReported is how many of the last events a failure tells.
const maxReported = 20

// watch keeps the store's last events.
type watch struct {
	feed    *mailstore.Feed
	reading sync.WaitGroup
	woken   chan struct{}
	began   time.Time

	mu     sync.Mutex
	events []mailstore.Event // the last
	count  int               // of all
}

func (f *Fakes) watch() *watch {
	w := &watch{feed: f.Store.Subscribe(), woken: make(chan struct{}, 1), began: time.Now()}
	w.reading.Go(func() {
		for {
			e, err := w.feed.Next(context.Background())
			if err != nil {
				return
			}
			w.add(e)
		}
	})
	return w
}

func (w *watch) add(e mailstore.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count++
	w.events = append(w.events[max(0, len(w.events)-maxReported+1):], e)
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

func (w *watch) close() {
	w.feed.Close()
	w.reading.Wait()
}

// report tells what happened in the store.
func (w *watch) report() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == 0 {
		return "nothing changed in the store meanwhile\n"
	}
	lines := make([]string, len(w.events))
	for i, e := range w.events {
		lines[i] = told(e)
	}
	heading := "changes in the store meanwhile:\n"
	if w.count > len(lines) {
		heading = fmt.Sprintf("the last %d of %d changes in the store meanwhile:\n", len(lines), w.count)
	}
	return heading + indented(lines)
}

func told(e mailstore.Event) string {
	words := []string{string(e.Kind) + ": " + e.Account}
	if e.Mailbox != "" {
		words = append(words, e.Mailbox)
	}
	if e.OldName != "" {
		words = append(words, "was "+e.OldName)
	}
	if e.UID != 0 {
		words = append(words, fmt.Sprintf("UID %d %v", e.UID, e.Flags))
	}
	return strings.Join(words, ", ")
}

// maxCommandsReported is how many of a session's last commands a failure tells.
const maxCommandsReported = 5

// reportOf tells what sessions did last.
func reportOf(sessions Sessions) string {
	if len(sessions) == 0 {
		return "there was no session"
	}
	var b strings.Builder
	b.WriteString("sessions with their last commands:\n")
	for i := range sessions {
		s := &sessions[i]
		b.WriteString("\t" + situation(s) + "\n")
		for _, c := range s.Commands[max(0, len(s.Commands)-maxCommandsReported):] {
			b.WriteString("\t\t" + c.String() + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// situation names a session and says how it is.
func situation(s *Session) string {
	text := s.String() + ", " + s.State
	if s.Mailbox != "" {
		text += " in " + s.Mailbox
	}
	if s.Idle {
		text += ", idle"
	}
	if !s.IsOpen() {
		text += ", ended: " + string(s.End)
	}
	return text
}

// indented returns lines, each after a tab.
func indented(lines []string) string { return "\t" + strings.Join(lines, "\n\t") + "\n" }
