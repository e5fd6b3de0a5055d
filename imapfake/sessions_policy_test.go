package imapfake_test

import (
	"slices"
	"testing"
)

const (
	bye         = "* BYE the selected mailbox was deleted, renumbered or restored; connect again"
	keywordLine = `* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)`
	keywordCode = `* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work \*)] flags that can be changed`
)

// sideBySide are sessions with one mailbox, each by its row in the package documentation.
// Box has the messages "1", "2" and "3", which are \Recent in a; a and b have selected it,
// and c is logged in.
var sideBySide = map[string]func(f *fixture, a, b, c *client){
	"close": func(f *fixture, a, b, c *client) {
		a.ok(`STORE 1,3 +FLAGS.SILENT (\Deleted)`)
		a.run("CLOSE", "T OK CLOSE completed")
		b.run("CHECK", "* 1 EXPUNGE", "* 2 EXPUNGE", "T OK CHECK completed")
	},
	"delete": func(f *fixture, a, b, c *client) {
		b.send("T IDLE")
		b.wants("+ idling")
		c.run("DELETE Box", "T OK DELETE completed")
		b.wants(bye)
		b.ended()
		a.send("T FETCH 1 FLAGS")
		a.wants(bye)
		a.ended()
		c.run("NOOP", "T OK NOOP completed")
	},
	"delete-own": func(f *fixture, a, b, c *client) {
		a.run("DELETE Box", "T OK DELETE completed")
		a.run("CHECK", "T BAD CHECK is not allowed in the authenticated state (RFC 3501 6)")
		a.ok("SELECT INBOX")
	},
	"exists": func(f *fixture, a, b, c *client) {
		a.ok("COPY 1 Box")
		b.run("FETCH * UID", "* 4 EXISTS", "* 0 RECENT", "* 4 FETCH (UID 4)", "T OK FETCH completed")
		b.ok("COPY 1 Box")
		a.run("STATUS INBOX (MESSAGES)", "* STATUS INBOX (MESSAGES 0)", "* 5 EXISTS", "* 4 RECENT", "T OK STATUS completed")
	},
	"expunge": func(f *fixture, a, b, c *client) {
		a.expunge("1")
		b.run("FETCH 3 UID", "* 3 FETCH (UID 3)", "T OK FETCH completed")
		b.run("STORE 3 FLAGS.SILENT ()", "T OK STORE completed")
		b.run("SEARCH 3", "* SEARCH 3", "T OK SEARCH completed")
		b.run("SORT (SIZE) UTF-8 3", "* SORT 3", "T OK SORT completed")
		b.run("THREAD REFS UTF-8 3", "* THREAD (3)", "T OK THREAD completed")
		b.run("UID FETCH 3 UID", "* 3 FETCH (UID 3)", "* 1 EXPUNGE", "T OK UID FETCH completed")
		a.expunge("1")
		b.run("NOOP", "* 1 EXPUNGE", "T OK NOOP completed")
	},
	"expunged-copy": func(f *fixture, a, b, c *client) {
		a.expunge("1")
		b.run("COPY 1:2 INBOX", "* 1 EXPUNGE", "T OK [COPYUID 1 1:2 1:2] COPY completed")
		a.expunge("1")
		b.run("UID COPY 2 INBOX", "* 1 EXPUNGE", "T OK [COPYUID 1 2 3] UID COPY completed")
		if got := texts(f.inbox); got != "1 2 2" {
			f.t.Errorf("INBOX has %s", got)
		}
	},
	"expunged-fetch": func(f *fixture, a, b, c *client) {
		a.expunge("1")
		b.run("FETCH 1 (UID FLAGS BODY.PEEK[])", "* 1 FETCH (UID 1 FLAGS () BODY[] {1}", "1)", "T OK FETCH completed")
		b.run("UID FETCH 1 BODY.PEEK[]", "* 1 FETCH (UID 1 BODY[] {1}", "1)", "* 1 EXPUNGE", "T OK UID FETCH completed")
		b.run("UID FETCH 1 BODY.PEEK[]", "T OK UID FETCH completed")
	},
	"expunged-move": func(f *fixture, a, b, c *client) {
		a.expunge("1")
		b.run("MOVE 1:2 INBOX", "* OK [COPYUID 1 2 1] moved", "* 1 EXPUNGE", "* 1 EXPUNGE", "T NO [EXPUNGEISSUED] …")
		a.run("NOOP", "* 1 EXPUNGE", "* 1 RECENT", "T OK NOOP completed")
	},
	"expunged-search": func(f *fixture, a, b, c *client) {
		b.ok(`STORE 1 +FLAGS.SILENT (\Flagged)`)
		a.ok("NOOP")
		a.expunge("1")
		b.run("SEARCH FLAGGED TEXT 1", "* SEARCH 1", "T OK SEARCH completed")
		b.run("UID SEARCH FLAGGED TEXT 1", "* SEARCH 1", "* 1 EXPUNGE", "T OK UID SEARCH completed")
		b.run("SEARCH FLAGGED", "* SEARCH", "T OK SEARCH completed")
	},
	"expunged-store": func(f *fixture, a, b, c *client) {
		a.expunge("1")
		b.run(`STORE 1:2 +FLAGS (\Flagged)`, `* 2 FETCH (FLAGS (\Flagged))`, "T NO [EXPUNGEISSUED] …")
		b.run(`STORE 1 +FLAGS (\Flagged)`, "T NO [EXPUNGEISSUED] …")
		b.run("NOOP", "* 1 EXPUNGE", "T OK NOOP completed")
	},
	"expunged-store-silent": func(f *fixture, a, b, c *client) {
		a.expunge("1")
		b.run(`STORE 1:2 +FLAGS.SILENT (\Flagged)`, "T OK STORE completed")
		a.run("NOOP", `* 1 FETCH (UID 2 FLAGS (\Flagged \Recent))`, "T OK NOOP completed")
	},
	"expunged-uid": func(f *fixture, a, b, c *client) {
		a.expunge("1")
		b.run(`UID STORE 1:2 FLAGS (\Seen)`, `* 2 FETCH (UID 2 FLAGS (\Seen))`, "* 1 EXPUNGE", "T OK UID STORE completed")
		a.expunge("1")
		b.run("UID MOVE 2:3 INBOX", "* OK [COPYUID 1 3 1] moved", "* 1 EXPUNGE", "* 1 EXPUNGE", "T OK UID MOVE completed")
		b.run("UID EXPUNGE 1:3", "T OK UID EXPUNGE completed")
	},
	"flags": func(f *fixture, a, b, c *client) {
		a.ok(`STORE 1:2 +FLAGS.SILENT (\Seen)`)
		a.ok(`STORE 2 FLAGS.SILENT (\Draft)`)
		a.ok(`STORE 1 +FLAGS.SILENT (\Flagged)`)
		b.run("NOOP", `* 1 FETCH (UID 1 FLAGS (\Flagged \Seen))`, `* 2 FETCH (UID 2 FLAGS (\Draft))`, "T OK NOOP completed")
		b.run("NOOP", "T OK NOOP completed")
	},
	"flags-own": func(f *fixture, a, b, c *client) {
		a.run(`STORE 1 +FLAGS (\Seen)`, `* 1 FETCH (FLAGS (\Seen \Recent))`, "T OK STORE completed")
		a.run(`STORE 1 +FLAGS.SILENT (\Flagged)`, "T OK STORE completed")
		a.run("NOOP", "T OK NOOP completed")
		// What another session did in between is told all the same.
		b.ok(`STORE 2 +FLAGS.SILENT (\Answered)`)
		a.run(`STORE 2 +FLAGS.SILENT (\Seen)`, `* 2 FETCH (UID 2 FLAGS (\Answered \Seen \Recent))`, "T OK STORE completed")
	},
	"idle": func(f *fixture, a, b, c *client) {
		b.send("T IDLE")
		b.wants("+ idling")
		a.ok("COPY 1 Box")
		b.wants("* 4 EXISTS…", "* …")
		a.ok(`STORE 4 +FLAGS (\Deleted)`)
		b.wants("* 4 FETCH (UID 4…")
		a.ok("EXPUNGE")
		b.wants("* 4 EXPUNGE")
	},
	"keywords": func(f *fixture, a, b, c *client) {
		a.run("STORE 1 +FLAGS ($Work)", keywordLine, keywordCode, `* 1 FETCH (FLAGS ($Work \Recent))`, "T OK STORE completed")
		b.run("FETCH 1 FLAGS", keywordLine, keywordCode, "* 1 FETCH (FLAGS ($Work))", "T OK FETCH completed")
		a.run("STORE 2 +FLAGS.SILENT ($Work)", "T OK STORE completed")
	},
	"recent": func(f *fixture, a, b, c *client) {
		a.ok("UNSELECT")
		b.ok("UNSELECT")
		a.ok("APPEND Box {1+}\r\n4")
		c.run("STATUS Box (RECENT)", "* STATUS Box (RECENT 1)", "T OK STATUS completed")
		if lines := c.ok("EXAMINE Box"); !slices.Contains(lines, "* 1 RECENT") {
			f.t.Errorf("EXAMINE: %q", lines)
		}
		if lines := b.ok("SELECT Box"); !slices.Contains(lines, "* 1 RECENT") {
			f.t.Errorf("the first SELECT: %q", lines)
		}
		if lines := a.ok("SELECT Box"); !slices.Contains(lines, "* 0 RECENT") {
			f.t.Errorf("the second SELECT: %q", lines)
		}
		b.run("FETCH 3:4 FLAGS", "* 3 FETCH (FLAGS ())", `* 4 FETCH (FLAGS (\Recent))`, "T OK FETCH completed")
	},
	"rename": func(f *fixture, a, b, c *client) {
		c.ok("RENAME Box New")
		b.run("STORE 1 FLAGS (\\Seen)", `* 1 FETCH (FLAGS (\Seen))`, "T OK STORE completed")
		b.run("COPY 1 New", "* 4 EXISTS", "* 1 RECENT", "T OK [COPYUID 2 1 4] COPY completed")
	},
	"rename-inbox": func(f *fixture, a, b, c *client) {
		a.ok("COPY 1:2 INBOX")
		b.ok("SELECT INBOX")
		c.ok("RENAME INBOX Old")
		b.run("FETCH 2 UID", "* 2 FETCH (UID 2)", "T OK FETCH completed")
		b.run("NOOP", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 0 RECENT", "T OK NOOP completed")
	},
	"spelling": func(f *fixture, a, b, c *client) {
		a.ok("STORE 1 +FLAGS ($Work)")
		a.run("STORE 2 +FLAGS ($WORK)", `* 2 FETCH (FLAGS ($Work \Recent))`, "T OK STORE completed")
		b.run("UID FETCH 2 FLAGS", keywordLine, keywordCode, "* 2 FETCH (UID 2 FLAGS ($Work))", `* 1 FETCH (UID 1 FLAGS ($Work))`, "T OK UID FETCH completed")
	},
	"uidvalidity": func(f *fixture, a, b, c *client) {
		b.send("T IDLE")
		b.wants("+ idling")
		f.mustMailbox("Box").Renumber()
		b.wants(bye)
		b.ended()
		a.send("T UID FETCH 1 FLAGS")
		a.wants(bye)
		a.ended()
	},
	"vanished": func(f *fixture, a, b, c *client) {
		c.ok("ENABLE QRESYNC")
		c.ok("SELECT Box")
		a.expunge("1,3")
		c.run("NOOP", "* VANISHED 1,3", "T OK…")
		b.run("NOOP", "* 1 EXPUNGE", "* 2 EXPUNGE", "T OK NOOP completed")
	},
}

// expunge expunges messages.
func (c *client) expunge(numbers string) {
	c.t.Helper()
	c.ok(`STORE %s +FLAGS.SILENT (\Deleted)`, numbers)
	c.ok("EXPUNGE")
}

func TestSessionsSideBySide(t *testing.T) {
	t.Parallel()
	documented := docRows(t, "Sessions side by side")
	for _, row := range documented {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			session, ok := sideBySide[row.name]
			if !ok {
				t.Fatal("no sessions show this row")
			}
			f := newFixture(t)
			f.mailbox("Box")
			c := f.login()
			for _, text := range []string{"1", "2", "3"} {
				c.ok("APPEND Box {1+}\r\n%s", text)
			}
			a, b := f.login(), f.login()
			a.ok("SELECT Box")
			b.ok("SELECT Box")
			session(f, a, b, c)
		})
	}
	for name := range sideBySide {
		if !slices.ContainsFunc(documented, func(row docRow) bool { return row.name == name }) {
			t.Errorf("%s is not documented", name)
		}
	}
}
