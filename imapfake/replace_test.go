package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestReplacePutsAMessageInTheOthersPlace(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: 1", "a: 2", "a: 3")
	c := f.selected()
	c.run("REPLACE 2 INBOX (\\Draft) {5+}\r\na: 22", "* OK [APPENDUID 1 4] replacement stored",
		"* 2 EXPUNGE", "* 3 EXISTS", "* 3 RECENT", "T OK REPLACE completed")
	c.run("FETCH 3 (UID FLAGS RFC822.SIZE)", `* 3 FETCH (UID 4 FLAGS (\Draft \Recent) RFC822.SIZE 5)`, "T OK FETCH completed")
	c.ok("CREATE Sent")
	c.run("UID REPLACE 4 Sent {4+}\r\na: s", "* OK [APPENDUID 2 1] replacement stored", "* 3 EXPUNGE", "* 2 RECENT", "T OK UID REPLACE completed")
	c.run("REPLACE * INBOX CATENATE (URL \";UID=3\" TEXT {1+}\r\n0)", "* OK [APPENDUID 1 5] replacement stored",
		"* 2 EXPUNGE", "* 2 EXISTS", "* 2 RECENT", "T OK REPLACE completed")
}

func TestReplaceThatFailsLeavesTheMessage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: 1")
	c := f.selected()
	c.run("REPLACE 1 nope {4}", "T NO [TRYCREATE]…")
	c.run("REPLACE 2 INBOX {4}", "T BAD REPLACE: there is no message 2…")
	c.run("UID REPLACE 9 INBOX {4+}\r\na: b", "T NO [NONEXISTENT]…")
	c.run("REPLACE 1:2 INBOX {4}", "T BAD REPLACE: expected a space…")
	c.run("REPLACE 1 INBOX (\\Frob) {4+}\r\na: b", "T BAD replace in…")
	c.run("REPLACE 1 INBOX {0}", "T NO [CANNOT]…")
	c.run("REPLACE 1 INBOX {4+}\r\na: b {4+}\r\na: b", "T BAD REPLACE: unexpected…")
	c.ok("EXAMINE INBOX")
	c.run("REPLACE 1 INBOX {4+}\r\na: b", "T NO [READ-ONLY]…")
	if n := f.inbox.Messages().Len(); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestReplaceCountsWhatItAddsToTheQuota(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: 1")
	f.alice.SetQuota(mailstore.Quota{Octets: 5, Messages: 1})
	c := f.selected()
	c.run("REPLACE 1 INBOX {5+}\r\na: 22", "* OK [APPENDUID 1 2]…", "* 1 EXPUNGE", "* 1 EXISTS", "* 1 RECENT", "T OK REPLACE completed")
	c.run("REPLACE 1 INBOX {6+}\r\na: 333", "T NO [OVERQUOTA]…")
}

func TestReplaceOfAMessageThatAnotherExpunged(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: 1")
	c := f.selected()
	f.inbox.Expunge([]imap.UID{1})
	c.run("REPLACE 1 INBOX {4+}\r\na: b", "* 1 EXPUNGE", "* 0 RECENT", "T NO [EXPUNGEISSUED]…")
	if n := f.inbox.Messages().Len(); n != 0 {
		t.Errorf("%d messages", n)
	}
}

func TestWithoutReplaceItIsUnknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapReplace))
	f.deliver("a: 1")
	c := f.selected()
	c.run("REPLACE 1 INBOX {4}", "T BAD unknown command REPLACE (RFC 3501 6)")
	c.run("UID REPLACE 1 INBOX {4}", "T BAD unknown command UID REPLACE (RFC 3501 6)")
}
