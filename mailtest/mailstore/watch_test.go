package mailstore_test

import (
	"fmt"
	"testing"

	"github.com/emersion/go-imap/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// taken returns what a watch has collected, in words.
func taken(w *mailstore.Watch) (said []string) {
	notices, overflow := w.Take()
	for _, n := range notices {
		s := fmt.Sprintf("%s: %q", n.Kind, n.Mailbox)
		if n.OldName != "" {
			s += fmt.Sprintf(" was %q", n.OldName)
		}
		if n.Unseen {
			s += " unseen"
		}
		if n.Entries != nil {
			s += fmt.Sprint(" ", n.Entries)
		}
		said = append(said, s)
	}
	if overflow {
		said = append(said, "overflow")
	}
	return said
}

func everything(mailstore.Notice) bool { return true }

func wantTaken(t *testing.T, w *mailstore.Watch, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(want, taken(w)); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

func TestAWatchMergesWhatHappensToMessages(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	inbox := mailbox(t, a, "INBOX")
	w := a.Watch(10, everything)
	defer w.Close()
	deliver(t, inbox, 3, imap.FlagSeen)
	inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagFlagged})
	if _, err := a.CreateMailbox("a"); err != nil {
		t.Fatal(err)
	}
	inbox.Store([]imap.UID{1, 2}, imap.StoreFlagsDel, []imap.Flag{imap.FlagSeen})
	inbox.Expunge([]imap.UID{3})
	if err := a.RenameMailbox("a", "b"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.Changed():
	default:
		t.Error("nothing woke the watcher")
	}
	wantTaken(t, w, `message added: "INBOX"`, `flags changed: "INBOX" unseen`, `mailbox created: "a"`,
		`message expunged: "INBOX"`, `mailbox renamed: "b" was "a"`)
	wantTaken(t, w)
}

func TestAWatchForgetsWhatItsClientCaused(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	inbox := mailbox(t, a, "INBOX")
	w := a.Watch(0, everything)
	defer w.Close()
	deliver(t, inbox, 2)
	w.Forget(mailstore.MessageAdded, inbox, "", 2)
	if _, err := a.CreateMailbox("a"); err != nil {
		t.Fatal(err)
	}
	w.Forget(mailstore.MailboxCreated, nil, "other", 1)
	w.Forget(mailstore.MailboxCreated, nil, "a", 1)
	wantTaken(t, w)
	deliver(t, inbox, 3)
	w.Forget(mailstore.MessageAdded, inbox, "", 2)
	wantTaken(t, w, "overflow") // the third was another's
	deliver(t, inbox, 1)
	wantTaken(t, w, "overflow")
}

func TestAWatchIsBounded(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	w := a.Watch(2, func(n mailstore.Notice) bool { return n.Kind == mailstore.MailboxCreated })
	for i := range 1000 {
		name := fmt.Sprint("box", i)
		if _, err := a.CreateMailbox(name); err != nil {
			t.Fatal(err)
		}
		if err := a.DeleteMailbox(name); err != nil {
			t.Fatal(err)
		}
	}
	wantTaken(t, w, "overflow")
	for _, name := range []string{"a", "b"} {
		if _, err := a.CreateMailbox(name); err != nil {
			t.Fatal(err)
		}
	}
	wantTaken(t, w, `mailbox created: "a"`, `mailbox created: "b"`)
	w.Close()
	if _, err := a.CreateMailbox("c"); err != nil {
		t.Fatal(err)
	}
	wantTaken(t, w)
}

func TestAWatchTellsWhichAnnotationsChanged(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	var watches []*mailstore.Watch
	var accounts []*mailstore.Account
	for _, name := range []string{"alice", "bob"} {
		a, err := s.AddAccount(name, "secret")
		if err != nil {
			t.Fatal(err)
		}
		accounts, watches = append(accounts, a), append(watches, a.Watch(10, everything))
	}
	set := func(mailbox string, changes map[string]*string) {
		t.Helper()
		if err := accounts[0].SetMetadata(mailbox, changes); err != nil {
			t.Fatal(err)
		}
	}
	set("inbox", map[string]*string{"/shared/B": new("1"), "/private/a": new("1"), "/private/none": nil})
	set("INBOX", map[string]*string{"/shared/b": new("1"), "/private/a": nil})
	set("", map[string]*string{"/shared/s": new("1"), "/private/p": new("1")})
	set("", map[string]*string{"/shared/s": new("1")})
	wantTaken(t, watches[0], `metadata changed: "INBOX" [/private/a /shared/b]`, `metadata changed: "INBOX" [/private/a]`,
		`metadata changed: "" [/private/p /shared/s]`)
	wantTaken(t, watches[1], `metadata changed: "" [/shared/s]`)
}

func TestAViewIsToldOfWhatItsClientExpungedAlone(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	deliver(t, inbox, 4)
	v := open(t, inbox, false)
	inbox.Expunge([]imap.UID{1, 2, 4})
	var told []string
	for _, n := range v.TellExpunged([]imap.UID{4, 2, 9}) {
		told = append(told, fmt.Sprint(n.Seq, " UID ", n.UID))
	}
	if diff := gocmp.Diff([]string{"2 UID 2", "3 UID 4"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if up := v.Sync(mailstore.SyncNothing); !up.Withheld || up.Expunged != nil || v.Messages().Len() != 2 {
		t.Errorf("nothing else is told: %+v", up)
	}
	if up := v.Sync(mailstore.SyncNoFlags); len(up.Expunged) != 1 || up.Expunged[0].Seq != 1 || up.Withheld {
		t.Errorf("then the rest: %+v", up)
	}
}
