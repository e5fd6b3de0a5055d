package mailtest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
)

func TestWaitingIsOverAtOnceForEveryCondition(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		act   func(alice *mailtest.Account, device *mailtest.IMAPDevice)
		until func(srv *mailtest.Server, alice *mailtest.Account) mailtest.Condition
	}{
		"arrived": {
			func(alice *mailtest.Account, _ *mailtest.IMAPDevice) { alice.Deliver(mailtest.Mail{Subject: "new"}) },
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition {
				return alice.UntilArrived("INBOX", "new")
			},
		},
		"arrived in a mailbox to come": {
			func(alice *mailtest.Account, _ *mailtest.IMAPDevice) {
				alice.CreateMailbox("later").Deliver(mailtest.Mail{Subject: "new"})
			},
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition {
				return alice.UntilArrived("later", "new")
			},
		},
		"count": {
			func(alice *mailtest.Account, _ *mailtest.IMAPDevice) {
				alice.Deliver(mailtest.Mail{})
				alice.Deliver(mailtest.Mail{})
			},
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition {
				return alice.UntilCount("INBOX", 3)
			},
		},
		"flagged": {
			func(_ *mailtest.Account, device *mailtest.IMAPDevice) { device.Sync(); device.MarkRead("old") },
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition {
				return alice.UntilFlagged("INBOX", "old", imap.FlagSeen)
			},
		},
		"gone": {
			func(_ *mailtest.Account, device *mailtest.IMAPDevice) { device.Sync(); device.Delete("old") },
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition { return alice.UntilGone("old") },
		},
		"empty": {
			func(_ *mailtest.Account, device *mailtest.IMAPDevice) { device.Sync(); device.Delete("old") },
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition {
				return alice.UntilCount("INBOX", 0)
			},
		},
		"logged in": {
			func(_ *mailtest.Account, device *mailtest.IMAPDevice) { device.Sync() },
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition { return alice.UntilLoggedIn() },
		},
		"sent": {
			func(_ *mailtest.Account, device *mailtest.IMAPDevice) { device.Sync() },
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition {
				return alice.UntilSent(1, "UID FETCH BODY.PEEK[]")
			},
		},
		"no sessions": {
			func(_ *mailtest.Account, device *mailtest.IMAPDevice) { device.Sync(); device.GoOffline() },
			func(srv *mailtest.Server, alice *mailtest.Account) mailtest.Condition {
				none := srv.UntilNoSessions()
				return mailtest.Condition{What: "none, after one", Met: func() (bool, string) {
					met, instead := none.Met()
					return met && len(alice.Sessions()) > 0, instead
				}}
			},
		},
		"of the author's own": {
			func(alice *mailtest.Account, _ *mailtest.IMAPDevice) { alice.Subscribe("INBOX") },
			func(_ *mailtest.Server, alice *mailtest.Account) mailtest.Condition {
				return mailtest.Condition{What: "a subscription", Met: func() (bool, string) {
					return len(alice.Subscriptions()) > 0, ""
				}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := mailtest.New(t, mailtest.InMemory())
				alice := srv.AddAccount("alice@example.org", "secret")
				alice.Deliver(mailtest.Mail{Subject: "old"})
				device := mailtest.NewIMAPDevice(t, alice)
				began := time.Now()
				var acting sync.WaitGroup
				acting.Go(func() {
					time.Sleep(time.Hour)
					test.act(alice, device)
				})
				srv.Wait(test.until(srv, alice))
				if took := time.Since(began); took != time.Hour {
					t.Errorf("waited %v, want an hour", took)
				}
				alice.Wait() // for nothing
				acting.Wait()
			})
		})
	}
}

func TestWaitingThatFailsTellsWhatWasAwaitedAndWhatHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &author{TB: t}
		a.run(func() {
			srv := mailtest.New(a, mailtest.InMemory(), mailtest.WaitLimit(time.Minute))
			alice, bob := srv.AddAccount("alice@example.org", "secret"), srv.AddAccount("bob@example.org", "secret")
			bob.IMAPClient()
			idle, err := alice.IMAPClient().Idle()
			if err != nil {
				t.Fatal(err)
			}
			defer idle.Close()
			time.AfterFunc(time.Second, func() { alice.DeliverRaw([]byte("Subject: other\r\n\r\n"), imap.FlagSeen) })
			alice.Wait(alice.UntilIdle(), alice.UntilArrived("INBOX", "hello"), alice.UntilSent(2, "IDLE"))
		})
		want := `mailtest: context deadline exceeded after 1m0s of waiting for
	"hello" in INBOX of alice@example.org: it has 1, "other" [\Seen]
	2 times "IDLE" from alice@example.org: 1 so far
changes in the store meanwhile:
	message added: alice@example.org, INBOX, UID 1 [\Seen]
sessions with their last commands:
	imap#2 alice@example.org, authenticated, idle
		T1 LOGIN "alice@example.org" *** -> OK
		T2 IDLE`
		if a.fatal != want {
			t.Errorf("failed with\n%s\nwant\n%s", a.fatal, want)
		}
	})
}

func TestWaitingTellsTheLastChangesOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory())
		alice := srv.AddAccount("alice@example.org", "secret")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(time.Second, func() {
			for range 100 {
				alice.Deliver(mailtest.Mail{Subject: "x"})
			}
		})
		err := srv.Fakes.Wait(ctx, alice.UntilCount("INBOX", 101))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the last 20 of 100 changes") ||
			!strings.Contains(err.Error(), "UID 100 ") || strings.Contains(err.Error(), "UID 80 ") || !strings.Contains(err.Error(), "there was no session") {
			t.Errorf("error %v", err)
		}
	})
}

// until is a test with a deadline.
type until struct {
	*author
	deadline time.Time
}

func (u until) Deadline() (time.Time, bool) { return u.deadline, !u.deadline.IsZero() }

func TestTheLimitOfWaitingFollowsTheTestsDeadline(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		deadline time.Duration
		want     time.Duration
	}{
		"ten seconds before":    {10 * time.Minute, 10*time.Minute - 10*time.Second},
		"half of what is short": {12 * time.Second, 6 * time.Second},
		"none":                  {0, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			u := until{author: &author{TB: t}}
			if test.deadline > 0 {
				u.deadline = time.Now().Add(test.deadline)
			}
			began := time.Now()
			u.run(func() {
				srv := mailtest.New(u, mailtest.InMemory())
				srv.AddAccount("alice@example.org", "secret").Wait(mailtest.Condition{What: "the impossible", Met: func() (bool, string) { return false, "" }})
			})
			if took := time.Since(began); took != test.want {
				t.Errorf("%s: waited %v, want %v", name, took, test.want)
			}
			if !strings.Contains(u.fatal, "the impossible: not so\nnothing changed in the store meanwhile\nthere was no session") {
				t.Errorf("%s: failed with %q", name, u.fatal)
			}
		})
	}
}
