package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"
)

// The example of RFC 3501 §6.4.3: each EXPUNGE renumbers what follows.
func TestExpungeNumbersEachAsAfterTheOnesBefore(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(9)
	c := f.selected()
	c.ok(`STORE 3,4,7,9 +FLAGS.SILENT \Deleted`)
	c.run("EXPUNGE", "* 3 EXPUNGE", "* 3 EXPUNGE", "* 5 EXPUNGE", "* 6 EXPUNGE", "* 5 RECENT", "T OK EXPUNGE completed")
	c.run("EXPUNGE", "T OK EXPUNGE completed")
	if got := texts(f.inbox); got != "1 2 5 6 8" {
		t.Errorf("left are %s", got)
	}
	c.run("UID FETCH 1:* UID", "* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)", "* 3 FETCH (UID 5)", "* 4 FETCH (UID 6)", "* 5 FETCH (UID 8)", "T OK UID FETCH completed")
}

// A client that was told RECENT only with EXISTS would have more recent messages than
// there are messages.
func TestRecentIsToldWhenRecentMessagesAreExpunged(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(2)
	recent, other := f.selected(), f.selected()
	f.numbered(1)
	other.ok("NOOP") // is told of message 3 first
	recent.ok("NOOP")
	f.inbox.Expunge(uids(3))
	recent.run("NOOP", "* 3 EXPUNGE", "T OK NOOP completed")
	f.inbox.Expunge(uids(1))
	recent.run("NOOP", "* 1 EXPUNGE", "* 1 RECENT", "T OK NOOP completed")
	recent.ok(`STORE 1 +FLAGS.SILENT (\Deleted)`)
	recent.run("EXPUNGE", "* 1 EXPUNGE", "* 0 RECENT", "T OK EXPUNGE completed")
	f.numbered(1)
	recent.run("NOOP", "* 1 EXISTS", "* 1 RECENT", "T OK NOOP completed")
	f.inbox.Expunge(uids(4))
	f.numbered(1)
	recent.run("NOOP", "* 1 EXPUNGE", "* 1 EXISTS", "* 1 RECENT", "T OK NOOP completed")
	other.run("NOOP", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 1 EXISTS", "* 0 RECENT", "T OK NOOP completed")
}

func TestUIDExpungeTakesOnlyItsSet(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(6)
	c := f.selected()
	c.ok(`STORE 1:4 +FLAGS.SILENT \Deleted`)
	c.run("UID EXPUNGE 9", "T OK UID EXPUNGE completed")
	c.run("UID EXPUNGE *", "T OK UID EXPUNGE completed")
	c.run("UID EXPUNGE 6:3,99", "* 3 EXPUNGE", "* 3 EXPUNGE", "* 4 RECENT", "T OK UID EXPUNGE completed")
	c.run("UID EXPUNGE 1:*", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 2 RECENT", "T OK UID EXPUNGE completed")
	if got := texts(f.inbox); got != "5 6" {
		t.Errorf("left are %s", got)
	}
}

// A client may know from elsewhere of a message that its session hasn't been told of.
func TestUIDExpungeReachesNewMessages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.selected()
	f.numbered(2)
	f.set(imap.StoreFlagsAdd, imap.FlagDeleted, 1, 2)
	c.run("UID EXPUNGE 2", "* 2 EXISTS", "* 2 RECENT", "* 2 EXPUNGE", "* 1 RECENT", "T OK UID EXPUNGE completed")
}

func TestExpungeTakesWhatWasNeverAnnounced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(1)
	c := f.selected()
	f.numbered(2)
	f.set(imap.StoreFlagsAdd, imap.FlagDeleted, 1, 2)
	c.run("EXPUNGE", "* 1 EXPUNGE", "* 1 EXISTS", "* 1 RECENT", "T OK EXPUNGE completed")
	c.run("FETCH 1 UID", "* 1 FETCH (UID 3)", "T OK FETCH completed")
}

func TestExpungeRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(1)
	f.set(imap.StoreFlagsAdd, imap.FlagDeleted, 1)
	c := f.selected()
	for _, command := range []string{"EXPUNGE 1", "EXPUNGE ", "UID EXPUNGE", "UID EXPUNGE ", "UID EXPUNGE 0", "UID EXPUNGE 1 2", "UID EXPUNGE x"} {
		c.run(command, "T BAD …")
	}
	c.ok("EXAMINE INBOX")
	c.run("EXPUNGE", "T NO [READ-ONLY] …")
	c.run("UID EXPUNGE 1", "T NO [READ-ONLY] …")
	c.run("CLOSE", "T OK CLOSE completed")
	if f.inbox.Messages().Len() != 1 {
		t.Error("the message is gone")
	}
}
