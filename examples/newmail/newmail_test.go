package newmail_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/examples/newmail"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

// window is the application, showing alice's INBOX.
type window struct {
	srv   *mailtest.Server
	alice *mailtest.Account
	done  chan error // of Run

	mu    sync.Mutex
	shown []string
}

// open opens the window, in a bubble of testing/synctest. It closes when the test ends.
func open(t *testing.T, options ...mailtest.Option) *window {
	t.Helper()
	w := start(t, options...)
	w.run(t)
	return w
}

func start(t *testing.T, options ...mailtest.Option) *window {
	t.Helper()
	srv := mailtest.New(t, append(options, mailtest.InMemory())...)
	return &window{srv: srv, alice: srv.AddAccount("alice@example.org", "secret"), done: make(chan error, 1)}
}

func (w *window) run(t *testing.T) {
	app := &newmail.Window{Dial: w.srv.IMAP.Dial, User: "alice@example.org", Password: "secret", Show: w.show}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() { w.done <- app.Run(ctx) }()
}

func (w *window) show(subjects []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shown = subjects
}

// want fails the test unless these subjects are shown when all that can happen now has happened.
func (w *window) want(t *testing.T, subjects ...string) {
	t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if diff := cmp.Diff(subjects, w.shown); diff != "" {
		t.Errorf("the window shows (-want +got):\n%s", diff)
	}
}

// In a bubble time stands still while anything happens, so that "at once" is exact.
func TestMailIsShownAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t)
		w.want(t)

		hello := w.alice.Deliver(mailtest.Mail{Subject: "hello"})
		w.want(t, "hello")

		time.Sleep(3 * time.Hour)
		w.alice.Deliver(mailtest.Mail{Subject: "are you there?"})
		w.want(t, "hello", "are you there?")

		w.alice.Mailbox("INBOX").Expunge(hello)
		w.want(t, "are you there?")
	})
}

// The moment that many miss: the app has looked, and isn't listening yet.
func TestMailThatComesJustBeforeIdleIsShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		held := w.srv.IMAP.Hold("IDLE")
		w.run(t)
		if err := held.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.alice.Deliver(mailtest.Mail{Subject: "boo"})
		held.Release()
		w.want(t, "boo")
	})
}

func TestMailIsShownWithinAMinuteByAServerWithoutIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		yahoo := personality.Yahoo().With(personality.NoIdle())
		w := open(t, mailtest.WithPersonality(yahoo))
		w.want(t)

		w.alice.Deliver(mailtest.Mail{Subject: "hello"})
		time.Sleep(time.Minute)
		w.want(t, "hello")
	})
}

func TestALostConnectionIsNoticedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t)
		w.want(t)
		w.srv.IMAP.Disconnect()
		synctest.Wait()
		select {
		case err := <-w.done:
			if !errors.Is(err, newmail.ErrLost) {
				t.Errorf("Run() = %v, want %v", err, newmail.ErrLost)
			}
		default:
			t.Error("the window is still open")
		}
	})
}
