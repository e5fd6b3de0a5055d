package mailtest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/pop3fake"
)

// imapSession returns a session that is logged in.
func imapSession(t *testing.T, srv *mailtest.Server) *wire {
	t.Helper()
	w := newWire(t, srv.IMAP.Dial)
	w.say("", "* OK…")
	w.say("L LOGIN alice secret", "L OK…")
	return w
}

// selected selects a mailbox, of which the answer must tell something.
func (w *wire) selected(command, want string) {
	w.t.Helper()
	w.say("S " + command)
	found := false
	for {
		line, err := w.in.ReadString('\n')
		if err != nil {
			w.t.Fatal(err)
		}
		found = found || strings.HasPrefix(line, want)
		if strings.HasPrefix(line, "S ") {
			break
		}
	}
	if !found {
		w.t.Errorf("%s isn't answered by %q", command, want)
	}
}

func TestEachSubtestBeginsWithTheSameStore(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "one"})
	alice.Deliver(mailtest.Mail{Subject: "two"})
	snap, before := srv.Snapshot(), alice.Dump()
	for _, name := range []string{"first", "second", "third"} {
		srv.Restore(snap)
		if got := alice.Dump(); got != before {
			t.Fatalf("%s: the account begins with\n%s\nnot with\n%s", name, got, before)
		}
		w := imapSession(t, srv)
		w.selected("SELECT INBOX", "* OK [UIDVALIDITY 1]")
		alice.Mailbox("INBOX").Expunge(1)
		alice.CreateMailbox("Work").AddFlags(alice.Mailbox("Work").Deliver(mailtest.Mail{}), imap.FlagSeen)
		alice.Mailbox("INBOX").Renumber()
		if uid := alice.Deliver(mailtest.Mail{Subject: "three"}); uid != 2 {
			t.Errorf("%s: new mail has UID %d", name, uid)
		}
	}
}

func TestRestoringEndsSessionsThatHaveAMailboxOpenAndNoOthers(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "one"})
	snap := srv.Snapshot()

	idling, other := imapSession(t, srv), imapSession(t, srv)
	idling.selected("EXAMINE INBOX", "* 1 EXISTS")
	idling.say("B IDLE", "+ idling")
	pop := newWire(t, srv.POP3.Dial)
	pop.say("", "+OK…")
	pop.say("USER alice", "+OK…")
	pop.say("PASS secret", "+OK…")
	pop.say("DELE 1", "+OK…")

	srv.Restore(snap)

	idling.say("", "* BYE the selected mailbox was deleted, renumbered or restored; connect again")
	other.say("A NOOP", "A OK…")
	pop.say("RSET", "+OK…")
	pop.say("RETR 1", "-ERR…")
	pop.say("DELE 1", "+OK…")
	second := newWire(t, srv.POP3.Dial) // nobody has the maildrop any more
	second.say("", "+OK…")
	second.say("USER alice", "+OK…")
	second.say("PASS secret", "+OK…")
	second.say("STAT", "+OK 1…")
	pop.say("QUIT", "-ERR…")
	alice.WantOverPOP3("one")
}

func TestRestoringForgetsThatLoginsHaveToWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithPOP3(pop3fake.WithLoginDelay(time.Hour)))
		srv.AddAccount("alice@example.org", "secret")
		snap := srv.Snapshot()
		for range 2 {
			srv.Restore(snap)
			w := newWire(t, srv.POP3.Dial)
			w.say("", "+OK…")
			w.say("USER alice", "+OK…")
			w.say("PASS secret", "+OK…")
			w.say("QUIT", "+OK…")
		}
	})
}

func TestALockedMaildropIsInUse(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	unlock := alice.LockMaildrop()
	w := newWire(t, srv.POP3.Dial)
	w.say("", "+OK…")
	w.say("USER alice", "+OK…")
	w.say("PASS secret", "-ERR [IN-USE]…")
	unlock()
	w.say("USER alice", "+OK…")
	w.say("PASS secret", "+OK…")
}

func TestANewUIDValidityCanKeepTheUIDs(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	inbox := alice.Mailbox("INBOX")
	for _, subject := range []string{"one", "two"} {
		alice.Deliver(mailtest.Mail{Subject: subject})
	}
	inbox.Expunge(1)
	w := imapSession(t, srv)
	w.selected("SELECT INBOX", "* OK [UIDVALIDITY 1]")
	inbox.ChangeUIDValidity()
	w.say("B NOOP", "* BYE…")
	w = imapSession(t, srv)
	w.say("A STATUS INBOX (UIDVALIDITY UIDNEXT)", "* STATUS INBOX (UIDVALIDITY 2 UIDNEXT 3)")
	if got := inbox.Messages()[0].UID; got != 2 {
		t.Error("the message has UID", got)
	}
}
