package mailstore_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// drain returns what is in the feed now, and closes it.
func drain(t *testing.T, f *mailstore.Feed) (events []mailstore.Event) {
	t.Helper()
	f.Close()
	for {
		e, err := f.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return events
		}
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
}

func TestEveryChangeIsAnEvent(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	a, err := s.AddAccount("alice", "secret")
	if err != nil {
		t.Fatal(err)
	}
	feed := s.Subscribe()
	box, err := a.CreateMailbox("box")
	if err != nil {
		t.Fatal(err)
	}
	inbox := mailbox(t, a, "INBOX")
	seen := []imap.Flag{imap.FlagSeen}
	deliver(t, box, 2, "work")
	unlock, err := a.LockMaildrop()
	_, storeErr := box.Store([]imap.UID{1, 2, 3}, imap.StoreFlagsSet, seen)
	_, againErr := box.Store([]imap.UID{1, 2, 3}, imap.StoreFlagsSet, seen) // changes nothing
	_, moveErr := box.Move([]imap.UID{2}, inbox)
	_, copyErr := inbox.Copy([]*mailstore.Message{inbox.Messages().At(1)}, inbox)
	box.Expunge([]imap.UID{1, 1})
	box.Renumber()
	renameErr := a.RenameMailbox("box", "b")
	subscribeErr := a.Subscribe("b")
	a.Unsubscribe("b")
	a.Unsubscribe("b")
	deleteErr := a.DeleteMailbox("b")
	box.Renumber() // deleted: nothing changes
	unlock()
	if err := errors.Join(err, storeErr, againErr, moveErr, copyErr, renameErr, subscribeErr, deleteErr); err != nil {
		t.Fatal(err)
	}
	event := func(kind mailstore.EventKind, mailbox string, uid imap.UID, flags ...imap.Flag) mailstore.Event {
		return mailstore.Event{Kind: kind, Account: "alice", Mailbox: mailbox, UID: uid, Flags: flags}
	}
	renamed := event(mailstore.MailboxRenamed, "b", 0)
	renamed.OldName = "box"
	want := []mailstore.Event{
		event(mailstore.MailboxCreated, "box", 0),
		event(mailstore.MessageAdded, "box", 1, "work"),
		event(mailstore.MessageAdded, "box", 2, "work"),
		event(mailstore.MaildropLocked, "INBOX", 0),
		event(mailstore.FlagsChanged, "box", 1, imap.FlagSeen),
		event(mailstore.FlagsChanged, "box", 2, imap.FlagSeen),
		event(mailstore.MessageAdded, "INBOX", 1, imap.FlagSeen),
		event(mailstore.MessageExpunged, "box", 2, imap.FlagSeen),
		event(mailstore.MessageAdded, "INBOX", 2, imap.FlagSeen),
		event(mailstore.MessageExpunged, "box", 1, imap.FlagSeen),
		event(mailstore.MailboxRenumbered, "box", 0),
		renamed,
		event(mailstore.SubscriptionChange, "b", 0),
		event(mailstore.SubscriptionChange, "b", 0),
		event(mailstore.MailboxDeleted, "b", 0),
		event(mailstore.MaildropUnlocked, "INBOX", 0),
	}
	if diff := gocmp.Diff(want, drain(t, feed)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestFeedBeginsWithItsSubscription(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	a, _ := s.AddAccount("alice", "secret")
	inbox := mailbox(t, a, "INBOX")
	deliver(t, inbox, 1)
	first := s.Subscribe()
	deliver(t, inbox, 1)
	second := s.Subscribe()
	deliver(t, inbox, 1)
	if a, b := drain(t, first), drain(t, second); len(a) != 2 || len(b) != 1 || a[0].UID != 2 || b[0].UID != 3 {
		t.Errorf("events %v and %v", a, b)
	}
	deliver(t, inbox, 1)
	if left := drain(t, first); left != nil {
		t.Errorf("a closed feed has %v", left)
	}
}

func TestNextWaitsForTheEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mailstore.New()
		a, _ := s.AddAccount("alice", "secret")
		inbox := mailbox(t, a, "INBOX")
		feed := s.Subscribe()
		defer feed.Close()
		start := time.Now()
		go func() {
			time.Sleep(time.Hour)
			deliver(t, inbox, 1)
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		e, err := feed.Next(ctx)
		if waited := time.Since(start); err != nil || e.UID != 1 || waited != time.Hour {
			t.Errorf("%+v, %v after %v", e, err, waited)
		}
		_, err = feed.Next(ctx)
		if waited := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || waited != 2*time.Hour {
			t.Errorf("%v after %v", err, waited)
		}
		deliver(t, inbox, 1)
		if e, err := feed.Next(ctx); err != nil || e.UID != 2 {
			t.Errorf("an event that is there is lost: %+v, %v", e, err)
		}
	})
}

func TestEveryWaiterGetsAnEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mailstore.New()
		a, _ := s.AddAccount("alice", "secret")
		inbox := mailbox(t, a, "INBOX")
		feed := s.Subscribe()
		const waiters = 4
		got := make(chan error, 2*waiters)
		for range 2 * waiters {
			go func() {
				_, err := feed.Next(context.Background())
				got <- err
			}()
		}
		synctest.Wait()
		deliver(t, inbox, waiters) // one signal for several events
		synctest.Wait()
		if len(got) != waiters {
			t.Errorf("%d of %d events were received", len(got), waiters)
		}
		feed.Close() // ends the waiting of the others
		feed.Close()
		ended := 0
		for range 2 * waiters {
			if err := <-got; errors.Is(err, io.EOF) {
				ended++
			} else if err != nil {
				t.Error(err)
			}
		}
		if ended != waiters {
			t.Errorf("%d calls ended with io.EOF, want %d", ended, waiters)
		}
	})
}
