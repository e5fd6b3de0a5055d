package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// RFC 3501 §7.4.1: an expunge shifts numbers, so that it isn't told in answer to a
// command that may have used them; the UID forms don't use them.
func TestExpungesOfOthersAreToldWhereNumbersMayChange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		command string
		answer  []string
		told    bool
	}{
		{"FETCH 2 RFC822.SIZE", []string{"* 2 FETCH (RFC822.SIZE 1)"}, false},
		{"STORE 2 FLAGS.SILENT ()", nil, false},
		{"SEARCH ALL", []string{"* SEARCH 1 2 3"}, false},
		{"FETCH 9 UID", nil, false},
		{"NOOP", nil, true},
		{"CHECK", nil, true},
		{"EXPUNGE", nil, true},
		{"UID EXPUNGE 9", nil, true},
		{"UID FETCH 2 RFC822.SIZE", []string{"* 2 FETCH (UID 2 RFC822.SIZE 1)"}, true},
		{"UID STORE 2 FLAGS.SILENT ()", nil, true},
		{"UID SEARCH ALL", []string{"* SEARCH 1 2 3"}, true},
		{"COPY 2 Other", nil, true},
		{"UID COPY 2 Other", nil, true},
		{"UID MOVE 9 Other", nil, true},
		{"STATUS INBOX (MESSAGES)", []string{"* STATUS INBOX (MESSAGES 2)"}, true},
	} {
		f := newFixture(t)
		f.mailbox("Other")
		f.numbered(3)
		c := f.selected()
		f.inbox.Expunge(uids(1))
		got := c.answer(test.command)
		want := test.answer
		if test.told {
			want = append(want, "* 1 EXPUNGE", "* 2 RECENT")
		}
		c.want(test.command, got, want)
		want = nil
		if !test.told {
			want = []string{"* 1 EXPUNGE", "* 2 RECENT"}
		}
		c.want("NOOP after "+test.command, c.answer("NOOP"), want)
	}
}

// answer returns the untagged lines in answer to a command, however it ends.
func (c *client) answer(command string) []string {
	c.t.Helper()
	c.send("T " + command)
	if lines := c.until("T"); len(lines) > 1 {
		return lines[:len(lines)-1]
	}
	return nil
}

func TestArrivalsAreToldBeforeResults(t *testing.T) {
	t.Parallel()
	for command, answer := range map[string][]string{
		"FETCH 2:* RFC822.SIZE":     {"* 2 FETCH (RFC822.SIZE 1)"},
		"UID FETCH 2:* RFC822.SIZE": {"* 2 FETCH (UID 2 RFC822.SIZE 1)"},
		"STORE * FLAGS ()":          {`* 2 FETCH (FLAGS (\Recent))`},
		"UID STORE 2 FLAGS ()":      {`* 2 FETCH (UID 2 FLAGS (\Recent))`},
		"SEARCH ALL":                {"* SEARCH 1 2"},
		"UID SEARCH 2":              {"* SEARCH 2"},
		"COPY * Other":              nil,
		"MOVE 2 Other":              {"* OK [COPYUID 2 2 1] moved", "* 2 EXPUNGE", "* 1 RECENT"},
		"NOOP":                      nil,
	} {
		f := newFixture(t)
		f.mailbox("Other")
		f.numbered(1)
		c := f.selected()
		f.numbered(1)
		c.want(command, c.answer(command), append([]string{"* 2 EXISTS", "* 2 RECENT"}, answer...))
		c.run("NOOP", "T OK NOOP completed")
	}
}

func TestFlagsOfOthersAreToldOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(3)
	c, other := f.selected(), f.selected()
	other.ok(`STORE 1:3 +FLAGS (\Seen)`)
	other.ok(`STORE 2 +FLAGS (\Flagged)`)
	c.run("FETCH 2:3 FLAGS",
		`* 2 FETCH (FLAGS (\Flagged \Seen \Recent))`, `* 3 FETCH (FLAGS (\Seen \Recent))`, `* 1 FETCH (UID 1 FLAGS (\Seen \Recent))`,
		"T OK FETCH completed")
	c.run("NOOP", "T OK NOOP completed")
	// A change that was undone is told as what is now.
	other.ok(`STORE 3 -FLAGS (\Seen)`)
	other.ok(`STORE 3 +FLAGS (\Seen)`)
	c.run("NOOP", `* 3 FETCH (UID 3 FLAGS (\Seen \Recent))`, "T OK NOOP completed")
	// A body that is fetched tells the flags only if it sets \Seen itself.
	other.ok(`STORE 3 FLAGS (\Flagged)`)
	c.run("FETCH 3 BODY[TEXT]", `* 3 FETCH (FLAGS (\Flagged \Seen \Recent) BODY[TEXT] {0}`, ")", "T OK FETCH completed")
	other.run("NOOP", `* 3 FETCH (UID 3 FLAGS (\Flagged \Seen))`, "T OK NOOP completed")
	other.ok(`STORE 3 FLAGS (\Seen)`)
	c.run("FETCH 3 BODY[TEXT]", `* 3 FETCH (BODY[TEXT] {0}`, ")", `* 3 FETCH (UID 3 FLAGS (\Seen \Recent))`, "T OK FETCH completed")
}

func TestUpdatesComeInOrder(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(4)
	c := f.selected()
	f.inbox.Expunge(uids(3, 1))
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 4)
	f.numbered(1)
	f.set(imap.StoreFlagsAdd, "New", 5)
	c.run("NOOP", "* 1 EXPUNGE", "* 2 EXPUNGE", "* 3 EXISTS", "* 3 RECENT",
		`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft New)`,
		`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft New \*)] flags that can be changed`,
		`* 2 FETCH (UID 4 FLAGS (\Seen \Recent))`, "T OK NOOP completed")
}

// RFC 2180 §4.1.1: what another session expunged can be read until that is told.
func TestExpungedMessagesStayReadableUntilTold(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.mailbox("Other")
	f.deliver("A: 1\r\n\r\none", "A: 2\r\n\r\ntwo")
	f.set(imap.StoreFlagsAdd, imap.FlagDeleted, 1)
	c := f.selected()
	f.inbox.Expunge(uids(1))
	c.run("FETCH 1 (UID FLAGS BODY[TEXT])", `* 1 FETCH (UID 1 FLAGS (\Deleted \Recent) BODY[TEXT] {3}`, "one)", "T OK FETCH completed")
	c.run("SEARCH BODY one", "* SEARCH 1", "T OK SEARCH completed")
	c.run("SEARCH DELETED", "* SEARCH 1", "T OK SEARCH completed")
	// RFC 5530 §3.
	c.run(`STORE 1:2 +FLAGS (\Flagged)`, `* 2 FETCH (FLAGS (\Flagged \Recent))`, "T NO [EXPUNGEISSUED] …")
	c.run(`UID COPY 1 Other`, "* 1 EXPUNGE", "* 1 RECENT", "T OK [COPYUID 2 1 1] UID COPY completed")
	c.run("FETCH 1:* UID", "* 1 FETCH (UID 2)", "T OK FETCH completed")
	c.run("UID FETCH 1 BODY[]", "T OK UID FETCH completed")
}

// RFC 3501 §2.3.2: one session, the first that is told, has a message as \Recent;
// EXAMINE doesn't take it away.
func TestRecentBelongsToTheFirstSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.numbered(2)
	examiner := f.login()
	if lines := examiner.ok("EXAMINE INBOX"); lines[3] != "* 2 RECENT" {
		t.Errorf("EXAMINE: %s", lines[3])
	}
	c, late := f.selected(), f.login()
	if lines := late.ok("SELECT INBOX"); lines[3] != "* 0 RECENT" {
		t.Errorf("the second SELECT: %s", lines[3])
	}
	c.run("SEARCH RECENT", "* SEARCH 1 2", "T OK SEARCH completed")
	late.run("SEARCH RECENT", "* SEARCH", "T OK SEARCH completed")
	examiner.run("SEARCH NEW", "* SEARCH 1 2", "T OK SEARCH completed")

	f.numbered(1)
	late.run("NOOP", "* 3 EXISTS", "* 1 RECENT", "T OK NOOP completed")
	c.run("NOOP", "* 3 EXISTS", "* 2 RECENT", "T OK NOOP completed")
	late.run("FETCH 1:* FLAGS", `* 1 FETCH (FLAGS ())`, `* 2 FETCH (FLAGS ())`, `* 3 FETCH (FLAGS (\Recent))`, "T OK FETCH completed")
	c.run("FETCH 1:* FLAGS", `* 1 FETCH (FLAGS (\Recent))`, `* 2 FETCH (FLAGS (\Recent))`, `* 3 FETCH (FLAGS ())`, "T OK FETCH completed")
}

func TestAMailboxThatIsGoneEndsTheSession(t *testing.T) {
	t.Parallel()
	for _, command := range []string{
		"NOOP", "FETCH 1 FLAGS", "UID FETCH 1 BODY[]", `STORE 1 FLAGS (\Seen)`, "SEARCH ALL", "COPY 1 INBOX", "UID MOVE 1 INBOX", "EXPUNGE", "UID EXPUNGE 1", "IDLE",
	} {
		for name, end := range map[string]func(*fixture){
			"deleted":    func(f *fixture) { f.alice.DeleteMailbox("Other") },
			"renumbered": func(f *fixture) { f.mustMailbox("Other").Renumber() },
		} {
			f := newFixture(t)
			f.mailbox("Other")
			f.deliver(hello)
			c := f.login()
			c.ok("SELECT INBOX")
			c.ok("COPY 1 Other")
			c.ok("SELECT Other")
			end(f)
			c.send("T " + command)
			line := c.line()
			if command == "IDLE" {
				line = c.line()
			}
			c.want(command+" in a mailbox that was "+name, []string{line}, []string{"* BYE the selected mailbox was deleted, renumbered or restored; connect again"})
			if _, err := c.r.ReadByte(); err == nil {
				t.Errorf("%s: the connection stays open", command)
			}
		}
	}
}

func (f *fixture) mustMailbox(name string) *mailstore.Mailbox {
	f.t.Helper()
	box, err := f.alice.Mailbox(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return box
}
