package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

func TestUIDOnlyDoesWithoutMessageNumbers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: 1", "a: 2", "a: 3")
	f.inbox.Expunge([]imap.UID{1})
	c := f.login()
	c.run("ENABLE UIDONLY", "* ENABLED UIDONLY", "T OK ENABLE completed")
	for _, line := range c.ok("SELECT INBOX") {
		if line == "* OK [UNSEEN 1] first unseen message" {
			t.Error(line)
		}
	}
	c.run("UID FETCH 2:3 FLAGS", `* 2 UIDFETCH (FLAGS (\Recent))`, `* 3 UIDFETCH (FLAGS (\Recent))`, "T OK UID FETCH completed")
	c.run("UID FETCH 2 (UID RFC822.SIZE)", `* 2 UIDFETCH (UID 2 RFC822.SIZE 4)`, "T OK UID FETCH completed")
	c.run(`UID STORE 3 FLAGS (\Deleted)`, `* 3 UIDFETCH (FLAGS (\Deleted \Recent))`, "T OK UID STORE completed")
	c.run("UID SEARCH DELETED", "* SEARCH 3", "T OK UID SEARCH completed")
	if _, err := f.inbox.Store([]imap.UID{2}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}); err != nil {
		t.Fatal(err)
	}
	c.run("EXPUNGE", "* VANISHED 3", "* 1 RECENT", `* 2 UIDFETCH (FLAGS (\Seen \Recent))`, "T OK EXPUNGE completed")
	c.run("UID REPLACE 2 INBOX {4+}\r\na: b", "* OK [APPENDUID 1 4] replacement stored", "* VANISHED 2", "* 1 EXISTS", "* 1 RECENT", "T OK UID REPLACE completed")
}

func TestUIDOnlyRefusesMessageNumbers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: 1")
	c := f.selected()
	c.ok("ENABLE UIDONLY QRESYNC")
	const required = "T BAD [UIDREQUIRED] message numbers are not in use (RFC 9586 3)"
	for _, command := range []string{
		"FETCH 1 FLAGS", "STORE 1 FLAGS ()", "SEARCH ALL", "COPY 1 INBOX", "MOVE 1 INBOX", "REPLACE 1 INBOX {4+}\r\na: b",
		"UID SEARCH 1", "UID SEARCH NOT (1 SEEN)", "SELECT INBOX (QRESYNC (1 1 1:9 (1 1)))",
	} {
		c.run(command, required)
	}
}

func TestWithoutUIDOnlyItIsNotEnabled(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapUIDOnly))
	f.deliver("a: 1")
	c := f.selected()
	c.run("ENABLE UIDONLY", "* ENABLED", "T OK ENABLE completed")
	c.run("FETCH 1 UID", "* 1 FETCH (UID 1)", "T OK FETCH completed")
}
