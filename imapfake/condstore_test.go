package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

func TestModSeqIsToldOnceItWasAskedFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("Subject: a\r\n\r\na", "Subject: b\r\n\r\nb") // MODSEQ 2 and 3
	c := f.selected()
	c.run("STORE 1 +FLAGS (\\Seen)",
		`* 1 FETCH (FLAGS (\Seen \Recent))`,
		"T OK STORE completed")
	c.run("FETCH 1:2 (MODSEQ)",
		"* OK [HIGHESTMODSEQ 4] highest modification sequence",
		"* 1 FETCH (MODSEQ (4))",
		"* 2 FETCH (MODSEQ (3))",
		"T OK FETCH completed")
	c.run("STATUS INBOX (HIGHESTMODSEQ)",
		"* STATUS INBOX (HIGHESTMODSEQ 4)",
		"T OK [CLIENTBUG]…")
	c.run("STORE 2 +FLAGS (\\Seen)",
		`* 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (5))`,
		"T OK STORE completed")
	c.run("UID STORE 2 +FLAGS.SILENT (\\Flagged)",
		"* 2 FETCH (UID 2 MODSEQ (6))",
		"T OK UID STORE completed")
	c.run("STORE 2 +FLAGS.SILENT (\\Flagged)", "T OK STORE completed")
}

func TestEveryCONDSTOREEnablingCommandTurnsItOn(t *testing.T) {
	t.Parallel()
	for name, enable := range map[string]func(*client){
		"SELECT":       func(c *client) { c.ok("SELECT INBOX (CONDSTORE)") },
		"STATUS":       func(c *client) { c.ok("STATUS INBOX (HIGHESTMODSEQ)"); c.ok("SELECT INBOX") },
		"FETCH item":   func(c *client) { c.ok("SELECT INBOX"); c.ok("FETCH 1 (MODSEQ)") },
		"CHANGEDSINCE": func(c *client) { c.ok("SELECT INBOX"); c.ok("FETCH 1 (FLAGS) (CHANGEDSINCE 1)") },
		"STORE":        func(c *client) { c.ok("SELECT INBOX"); c.ok("STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\\Draft)") },
		"SEARCH":       func(c *client) { c.ok("SELECT INBOX"); c.ok("SEARCH MODSEQ 1") },
		"ENABLE":       func(c *client) { c.ok("ENABLE CONDSTORE"); c.ok("SELECT INBOX") },
		"QRESYNC":      func(c *client) { c.ok("ENABLE QRESYNC"); c.ok("SELECT INBOX") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.deliver("Subject: a\r\n\r\na")
			c := f.login()
			enable(&client{t, c.conn, c.r})
			if _, err := f.inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}); err != nil {
				t.Fatal(err)
			}
			c.run("NOOP", `* 1 FETCH (UID 1 FLAGS (\Seen \Recent) MODSEQ (3))`, "T OK NOOP completed")
		})
	}
}

func TestFetchChangedSinceReturnsWhatChanged(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a\r\n", "b\r\n", "c\r\n") // 2, 3, 4
	c := f.selected()
	c.ok("STORE 1 +FLAGS (\\Seen)") // 5
	c.run("FETCH 1:* (FLAGS) (CHANGEDSINCE 3)",
		"* OK [HIGHESTMODSEQ 5] highest modification sequence",
		`* 1 FETCH (FLAGS (\Seen \Recent) MODSEQ (5))`,
		`* 3 FETCH (FLAGS (\Recent) MODSEQ (4))`,
		"T OK FETCH completed")
	c.run("UID FETCH 2:3 (FLAGS) (CHANGEDSINCE 3)",
		`* 3 FETCH (UID 3 FLAGS (\Recent) MODSEQ (4))`,
		"T OK UID FETCH completed")
	c.run("FETCH 1:* (UID) (CHANGEDSINCE 5)", "T OK FETCH completed")
	c.run("FETCH 1 (UID) (CHANGEDSINCE 9223372036854775808)", "T BAD…")
	c.run("FETCH 1 (UID) (SINCE 5)", "T BAD…")
	c.run("FETCH 1 (UID) ()", "T BAD…")
}

func TestAConditionalStoreLeavesChangedMessagesAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a\r\n", "b\r\n", "c\r\n") // 2, 3, 4
	c := f.selected()
	c.run("STORE 1:3 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Deleted)",
		"* OK [HIGHESTMODSEQ 4] highest modification sequence",
		"* 1 FETCH (UID 1 MODSEQ (5))",
		"* 2 FETCH (UID 2 MODSEQ (5))",
		"T OK [MODIFIED 3] STORE completed")
	c.run("UID STORE 1:3 (UNCHANGEDSINCE 0) +FLAGS (\\Deleted)", "T OK [MODIFIED 1:3] UID STORE completed")
	c.run("FETCH 3 FLAGS", `* 3 FETCH (FLAGS (\Recent))`, "T OK FETCH completed")
	// No message has the keyword then, so that nobody is told of it.
	c.run("STORE 1:3 (UNCHANGEDSINCE 0) +FLAGS (new)", "T OK [MODIFIED 1:3] STORE completed")
	c.run("UID STORE 9 +FLAGS (new)", "T OK UID STORE completed")
	c.run("NOOP", "T OK NOOP completed")
}

func TestSearchByModSeqReturnsTheHighest(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a\r\n", "b\r\n", "c\r\n") // 2, 3, 4
	c := f.selected()
	c.run("SEARCH MODSEQ 3",
		"* OK [HIGHESTMODSEQ 4] highest modification sequence",
		"* SEARCH 2 3 (MODSEQ 4)",
		"T OK SEARCH completed")
	c.run(`SEARCH MODSEQ "/flags/\\Seen" all 3 SMALLER 100`, "* SEARCH 2 3 (MODSEQ 4)", "T OK SEARCH completed")
	c.run("SEARCH MODSEQ 9", "* SEARCH", "T OK SEARCH completed")
}

func TestWithoutCONDSTOREThereIsNoModSeq(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapCondStore))
	f.deliver("a\r\n")
	c := f.selected()
	for _, line := range c.ok("SELECT INBOX") {
		if len(line) > 19 && line[:19] == "* OK [HIGHESTMODSEQ" {
			t.Error(line)
		}
	}
	for _, command := range []string{
		"FETCH 1 MODSEQ", "FETCH 1 UID (CHANGEDSINCE 1)", "STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)",
		"SEARCH MODSEQ 1", "STATUS INBOX (HIGHESTMODSEQ)", "SELECT INBOX (CONDSTORE)",
	} {
		c.run(command, "T BAD…")
		c.ok("SELECT INBOX")
	}
	c.run("ENABLE CONDSTORE QRESYNC", "* ENABLED", "T OK…")
}

// RFC 7162 §3.1.3, example 10.
func TestAConditionalStoreTellsOfChangedMessagesAmongExpungedOnes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a\r\n", "b\r\n") // 2, 3
	c := f.selected()
	c.ok("STORE 2 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Seen)")
	f.inbox.Expunge([]imap.UID{1})
	c.run("STORE 1:2 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Deleted)",
		"T NO [MODIFIED 2] some of the messages were expunged by another session")
	c.run("STORE 1 (UNCHANGEDSINCE 3) +FLAGS (\\Deleted)",
		"T NO [EXPUNGEISSUED] some of the messages were expunged by another session")
}
