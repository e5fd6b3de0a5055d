package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// mailbox makes another mailbox of alice's. It has the UIDVALIDITY 2.
func (f *fixture) mailbox(name string) *mailstore.Mailbox {
	f.t.Helper()
	box, err := f.alice.CreateMailbox(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return box
}

// numbered delivers n messages whose text is their number.
func (f *fixture) numbered(n int) {
	f.t.Helper()
	for i := range n {
		f.deliver(string(rune('1' + i)))
	}
}

// texts returns the octets of a mailbox's messages.
func texts(box *mailstore.Mailbox) string {
	var all []string
	for _, m := range box.Messages().All() {
		all = append(all, string(m.Raw()))
	}
	return strings.Join(all, " ")
}

func TestCopyPutsCopiesInTheOrderOfTheMailbox(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	archive := f.mailbox("Archive")
	f.numbered(6)
	f.inbox.Expunge(uids(2))
	c := f.selected() // UIDs 1 3 4 5 6
	c.run("COPY 2 Archive", "T OK [COPYUID 2 3 1] COPY completed")
	c.run("COPY 5,1:2,2:3 Archive", "T OK [COPYUID 2 1,3:4,6 2:5] COPY completed")
	c.run("UID COPY 6,2,4:5 Archive", "T OK [COPYUID 2 4:6 6:8] UID COPY completed")
	c.run("UID COPY 2,99 Archive", "T OK UID COPY completed")
	if got := texts(archive); got != "3 1 3 4 6 4 5 6" {
		t.Errorf("Archive has %s", got)
	}
	if got := texts(f.inbox); got != "1 3 4 5 6" {
		t.Errorf("INBOX has %s", got)
	}
}

func TestCopyKeepsFlagsAndDate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	archive := f.mailbox("Archive")
	f.deliver(hello)
	f.set(imap.StoreFlagsSet, "$Work", 1)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 1)
	f.selected().run("COPY 1 Archive", "T OK [COPYUID 2 1 1] COPY completed")
	got := archive.Messages().At(1)
	if diff := cmp.Diff([]imap.Flag{imap.FlagSeen, "$Work"}, got.Flags); diff != "" || !got.InternalDate.Equal(someDay) {
		t.Errorf("date %v, flags %s", got.InternalDate, diff)
	}
	// RFC 3501 §6.4.7: a copy is \Recent in the target.
	c := f.login()
	c.ok("SELECT Archive")
	c.run("FETCH 1 (FLAGS INTERNALDATE)", `* 1 FETCH (FLAGS (\Seen $Work \Recent) INTERNALDATE "29-Feb-2024 12:30:00 +0100")`, "T OK FETCH completed")
}

func TestCopyToTheSelectedMailbox(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(2)
	c := f.selected()
	c.run("COPY 1:* inbox", "* 4 EXISTS", "* 4 RECENT", "T OK [COPYUID 1 1:2 3:4] COPY completed")
}

func TestCopyFromAnExaminedMailbox(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.mailbox("Archive")
	f.deliver(hello)
	c := f.login()
	c.ok("EXAMINE INBOX")
	c.run("COPY 1 Archive", "T OK [COPYUID 2 1 1] COPY completed")
}

func TestCopyAndMoveRefuse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.mailbox("Archive")
	f.deliver(hello, hello)
	c := f.selected()
	for _, command := range []string{"COPY", "UID COPY", "MOVE", "UID MOVE"} {
		c.run(command+" 1 Nowhere", "T NO [TRYCREATE] …")
		for _, arguments := range []string{"", " 1", " 1 ", " 0 Archive", " x Archive", " 1  Archive", " 1 Archive x", " 1 (Archive)"} {
			c.run(command+arguments, "T BAD …")
		}
	}
	for _, command := range []string{"COPY", "MOVE"} {
		c.run(command+" 3 Archive", "T BAD "+command+": there is no message…")
		c.run(command+" 1:3 Archive", "T BAD "+command+": there is no message…")
	}
	// All or nothing (RFC 3501 §6.4.7).
	f.alice.SetQuota(mailstore.Quota{Messages: 3})
	c.run("COPY 1:2 Archive", "T NO [OVERQUOTA] …")
	c.run("COPY 1 Archive", "T OK [COPYUID 2 1 1] COPY completed")
	c.run("NOOP", "T OK NOOP completed")
}

func TestCopyWithoutUIDPLUS(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapUIDPlus))
	f.mailbox("Archive")
	f.numbered(2)
	c := f.selected()
	c.run("COPY 1 Archive", "T OK COPY completed")
	c.run("MOVE 1 Archive", "* 1 EXPUNGE", "* 1 RECENT", "T OK MOVE completed")
	c.run("UID EXPUNGE 2", "T BAD unknown command UID EXPUNGE (RFC 3501 6)")
}
