package mailstore_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

func open(t testing.TB, b *mailstore.Mailbox, readOnly bool) *mailstore.View {
	t.Helper()
	v, _, err := b.Open(readOnly)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func TestOneSessionHasAMessageAsRecent(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	deliver(t, inbox, 2)
	looking := open(t, inbox, true)
	first := open(t, inbox, false)
	second := open(t, inbox, false)
	if looking.Recent() != 2 || first.Recent() != 2 || second.Recent() != 0 {
		t.Errorf("%d, %d and %d are recent", looking.Recent(), first.Recent(), second.Recent())
	}
	if !looking.ReadOnly() || first.ReadOnly() || first.Mailbox() != inbox {
		t.Error("the views aren't what was opened")
	}
	deliver(t, inbox, 3)
	if up := second.Sync(mailstore.SyncArrivals); up.Exists != 5 || second.Recent() != 3 {
		t.Errorf("the first that is told gets %+v", up)
	}
	if up := first.Sync(mailstore.SyncAll); up.Exists != 5 || first.Recent() != 2 {
		t.Errorf("the second that is told gets %+v", up)
	}
	if first.IsRecent(3) || !second.IsRecent(3) || second.IsRecent(1) || !looking.IsRecent(1) {
		t.Error("the wrong messages are recent")
	}
	if n := inbox.Status().Recent; n != 0 {
		t.Errorf("STATUS tells of %d", n)
	}
}

func TestNumbersStandStillUntilTheClientIsTold(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	uids := deliver(t, inbox, 3)
	v := open(t, inbox, false)
	inbox.Expunge(uids[:1])
	deliver(t, inbox, 1)
	if v.Messages().Len() != 3 || v.Messages().At(1).UID != uids[0] || v.Live(uids[0]) {
		t.Error("the client's numbers moved")
	}
	if up := v.Sync(mailstore.SyncNoExpunge); up.Expunged != nil || up.Exists != 4 {
		t.Errorf("without expunges: %+v", up)
	}
	if v.Messages().At(1).UID != uids[0] || v.Latest().At(1) == nil {
		t.Error("the expunged message lost its number")
	}
	up := v.Sync(mailstore.SyncAll)
	if len(up.Expunged) != 1 || up.Expunged[0].Seq != 1 || up.Arrived || v.Messages().Len() != 3 {
		t.Errorf("with expunges: %+v", up)
	}
}

func TestTheClientIsNotToldTwice(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	uids := deliver(t, inbox, 3)
	v := open(t, inbox, false)
	changes, err := v.Store(uids, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen})
	if err != nil {
		t.Fatal(err)
	}
	v.Tell(changes[0].New)
	v.Tell(changes[1].New)
	up := v.Sync(mailstore.SyncAll)
	if len(up.Changed) != 1 || up.Changed[0].Seq != 3 || up.Changed[0].Message != changes[2].New {
		t.Errorf("told again: %+v", up.Changed)
	}
	v.Tell(&mailstore.Message{UID: 99}) // one that the client doesn't know
	if v.Messages() != inbox.Messages() {
		t.Error("the view isn't at the mailbox's state")
	}
}

func TestEveryChangeWakesTheView(t *testing.T) {
	t.Parallel()
	seen := []imap.Flag{imap.FlagSeen}
	for name, change := range map[string]func(*mailstore.Account, *mailstore.Mailbox) error{
		"append":  func(_ *mailstore.Account, b *mailstore.Mailbox) error { _, err := b.Append(message(1)); return err },
		"expunge": func(_ *mailstore.Account, b *mailstore.Mailbox) error { b.Expunge([]imap.UID{1}); return nil },
		"store": func(_ *mailstore.Account, b *mailstore.Mailbox) error {
			_, err := b.Store([]imap.UID{1}, imap.StoreFlagsAdd, seen)
			return err
		},
		"copy": func(_ *mailstore.Account, b *mailstore.Mailbox) error {
			_, err := b.Copy([]*mailstore.Message{b.Messages().At(1)}, b)
			return err
		},
		"move": func(a *mailstore.Account, b *mailstore.Mailbox) error {
			inbox, _ := a.Mailbox("INBOX")
			_, err := b.Move([]imap.UID{1}, inbox)
			return err
		},
		"renumber": func(_ *mailstore.Account, b *mailstore.Mailbox) error { b.Renumber(); return nil },
		"delete":   func(a *mailstore.Account, _ *mailstore.Mailbox) error { return a.DeleteMailbox("box") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, "box")
			b := mailbox(t, a, "box")
			deliver(t, b, 1)
			v := open(t, b, false)
			v.Sync(mailstore.SyncAll)
			if err := change(a, b); err != nil {
				t.Fatal(err)
			}
			select {
			case <-v.Changed():
			default:
				t.Fatal("nothing was received")
			}
			if up := v.Sync(mailstore.SyncAll); !up.Stale && !up.Arrived && up.Expunged == nil && up.Changed == nil && up.NewKeywords == nil {
				t.Error("there is nothing to tell")
			}
		})
	}
}

func TestNoWakeUpIsLost(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	v := open(t, inbox, false)
	deliver(t, inbox, 2)
	<-v.Changed()
	v.Sync(mailstore.SyncArrivals) // not all that there is to tell
	deliver(t, inbox, 1)
	<-v.Changed()
	deliver(t, inbox, 1) // no Sync at all in between
	<-v.Changed()
	deliver(t, inbox, 1)
	v.Sync(mailstore.SyncArrivals) // leaves the token
	<-v.Changed()
	deliver(t, inbox, 1)
	v.Sync(mailstore.SyncAll) // takes it: all is told
	select {
	case <-v.Changed():
		t.Error("woken for what was told already")
	default:
	}
	v.Close()
	v.Close()
	deliver(t, inbox, 1)
	if len(v.Changed()) != 0 {
		t.Error("a closed view is woken")
	}
}

func TestRenumberedMailboxIsStaleForItsViews(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	inbox.Expunge(deliver(t, inbox, 2)[:1])
	v := open(t, inbox, false)
	before := inbox.Status()
	inbox.Renumber()
	after := inbox.Status()
	if after.UIDValidity <= before.UIDValidity || after.UIDNext != 2 || after.Recent != 1 || after.HighestModSeq <= before.HighestModSeq {
		t.Errorf("%+v, was %+v", after, before)
	}
	if up := v.Sync(mailstore.SyncAll); !up.Stale || v.Messages() != before.Messages || v.Latest() != before.Messages {
		t.Errorf("the view goes on: %+v", up)
	}
	// UID 1 was expunged; what has that UID now is another message for the client.
	if gone := v.Expunge([]imap.UID{1}); gone != nil || inbox.Messages().Len() != 1 {
		t.Errorf("expunged %v", gone)
	}
	_, err := v.Store([]imap.UID{1}, imap.StoreFlagsAdd, nil)
	checkError(t, err, mailstore.ErrStale, "INBOX")
}
