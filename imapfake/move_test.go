package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestMoveTellsTheNewUIDsBeforeTheExpunges(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	archive := f.mailbox("Archive")
	f.numbered(6)
	f.inbox.Expunge(uids(2))
	c := f.selected() // UIDs 1 3 4 5 6
	c.run("MOVE 4,1:2 Archive", "* OK [COPYUID 2 1,3,5 1:3] moved", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 2 EXPUNGE", "* 2 RECENT", "T OK MOVE completed")
	c.run("UID MOVE 6,1 Archive", "* OK [COPYUID 2 6 4] moved", "* 2 EXPUNGE", "* 1 RECENT", "T OK UID MOVE completed")
	c.run("UID MOVE 1:3 Archive", "T OK UID MOVE completed")
	if got := texts(archive) + " / " + texts(f.inbox); got != "1 3 5 6 / 4" {
		t.Errorf("Archive / INBOX: %s", got)
	}
}

func TestMoveToTheSelectedMailboxGivesNewUIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(3)
	c := f.selected()
	c.run("MOVE 1:2 INBOX", "* OK [COPYUID 1 1:2 4:5] moved", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 3 EXISTS", "* 3 RECENT", "T OK MOVE completed")
	if got := texts(f.inbox); got != "3 1 2" {
		t.Errorf("INBOX has %s", got)
	}
}

func TestMoveFromAnExaminedMailboxIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	archive := f.mailbox("Archive")
	f.deliver(hello)
	c := f.login()
	c.ok("EXAMINE INBOX")
	c.run("MOVE 1 Archive", "T NO [READ-ONLY] …")
	c.run("UID MOVE 1 Archive", "T NO [READ-ONLY] …")
	if archive.Messages().Len() != 0 || f.inbox.Messages().Len() != 1 {
		t.Error("the message was moved")
	}
}

// A move takes no more room than there was before.
func TestMoveWithAFullQuota(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.mailbox("Archive")
	f.deliver(hello)
	f.alice.SetQuota(mailstore.Quota{Messages: 1})
	f.selected().run("MOVE 1 Archive", "* OK [COPYUID 2 1 1] moved", "* 1 EXPUNGE", "* 0 RECENT", "T OK MOVE completed")
}

func TestMoveIsUnknownWithoutItsCapability(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapMove))
	f.deliver(hello)
	c := f.selected()
	c.run("MOVE 1 INBOX", "T BAD unknown command MOVE (RFC 3501 6)")
	c.run("UID MOVE 1 INBOX", "T BAD unknown command UID MOVE (RFC 3501 6)")
}
