package noclock_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/examples/noclock"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore"
)

// app is the application under test, running.
type app struct {
	mu     sync.Mutex
	counts []uint32
	told   time.Time
	stop   func()
}

// open starts the application for an account; it is stopped when the test ends.
func open(t *testing.T, srv *mailtest.Server, alice *mailtest.Account) *app {
	a := new(app)
	w := noclock.Watcher{Dial: srv.IMAP.Dial, User: alice.Name(), Password: alice.Password(), OnMail: a.onMail}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	a.stop = func() { cancel(); running.Wait() }
	t.Cleanup(a.stop)
	return a
}

func (a *app) onMail(messages uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counts, a.told = append(a.counts, messages), time.Now()
}

// shows returns the last number, and when it came.
func (a *app) shows() (messages uint32, at time.Time) {
	synctest.Wait() // until all goroutines have nothing left to do
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.counts) == 0 {
		return 0, a.told
	}
	return a.counts[len(a.counts)-1], a.told
}

func TestIdleIsRenewedForADayAndMailIsShownAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory(), mailtest.FailOnOpenSessions())
		alice := srv.AddAccount("alice@example.org", "secret")
		a := open(t, srv, alice)
		alice.Wait(alice.UntilIdle())

		time.Sleep(24 * time.Hour)
		alice.Deliver(mailtest.Mail{Subject: "good morning"})
		if n, at := a.shows(); n != 1 || !at.Equal(time.Now()) {
			t.Errorf("a day later it shows %d messages, since %v ago", n, time.Since(at))
		}
		// RFC 2177: a server may log a client out that is idle for 30 minutes.
		alice.WantClients(mailtest.AtLeast(48, "IDLE"), mailtest.AtMost(1, "LOGIN"), mailtest.NeverSent("NOOP"))
	})
}

func TestAnOutageOfADayIsWaitedOutPatiently(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory())
		alice := srv.AddAccount("alice@example.org", "secret")
		alice.RefuseLogins(mailstore.LoginUnavailable)
		a := open(t, srv, alice)

		time.Sleep(24 * time.Hour)
		srv.WantClients(mailtest.AtLeast(10, "LOGIN"), mailtest.AtMost(15, "LOGIN"))

		alice.Deliver(mailtest.Mail{Subject: "we are back"})
		alice.RefuseLogins("")
		back := time.Now()
		alice.Wait(alice.UntilIdle())
		if took := time.Since(back); took > 4*time.Hour {
			t.Errorf("it came back after %v", took)
		}
		if n, _ := a.shows(); n != 1 {
			t.Errorf("it shows %d messages, want 1", n)
		}
	})
}
