package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"
)

const (
	systemFlags  = `* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`
	permanent    = `* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] flags that can be changed`
	notPermanent = `* OK [PERMANENTFLAGS ()] flags that can be changed`
)

func TestSelectTellsOfTheMailbox(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	c.run("SELECT inbox", systemFlags, permanent, "* 0 EXISTS", "* 0 RECENT",
		"* OK [UIDVALIDITY 1] UIDs valid", "* OK [UIDNEXT 1] predicted next UID", "T OK [READ-WRITE] SELECT completed")
	f.deliver("a: 1\r\n\r\n", "a: 2\r\n\r\n", "a: 3\r\n\r\n")
	if _, err := f.inbox.Store([]imap.UID{1, 3}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen, "$Work"}); err != nil {
		t.Fatal(err)
	}
	c.run("SELECT INBOX",
		`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)`,
		`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work \*)] flags that can be changed`,
		"* 3 EXISTS", "* 3 RECENT", "* OK [UNSEEN 2] first unseen message",
		"* OK [UIDVALIDITY 1] UIDs valid", "* OK [UIDNEXT 4] predicted next UID", "T OK [READ-WRITE] SELECT completed")
}

func TestRecentBelongsToTheFirstSessionThatSelects(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	f.deliver("a: 1\r\n\r\n")
	answer := func(flags, recent, code string) []string {
		return []string{systemFlags, flags, "* 1 EXISTS", recent, "* OK [UNSEEN 1] first unseen message",
			"* OK [UIDVALIDITY 1] UIDs valid", "* OK [UIDNEXT 2] predicted next UID", code}
	}
	readOnly, first, second := f.login(), f.login(), f.login()
	for range 2 { // EXAMINE takes \Recent away from nobody
		readOnly.run("EXAMINE INBOX", answer(notPermanent, "* 1 RECENT", "T OK [READ-ONLY] EXAMINE completed")...)
	}
	readOnly.run("STATUS INBOX (RECENT)", "* STATUS INBOX (RECENT 1)", "T OK [CLIENTBUG] STATUS completed")
	first.run("SELECT INBOX", answer(permanent, "* 1 RECENT", "T OK [READ-WRITE] SELECT completed")...)
	second.run("SELECT INBOX", answer(permanent, "* 0 RECENT", "T OK [READ-WRITE] SELECT completed")...)
	first.run("FETCH 1 FLAGS", `* 1 FETCH (FLAGS (\Recent))`, "T OK FETCH completed")
	second.run("FETCH 1 FLAGS", `* 1 FETCH (FLAGS ())`, "T OK FETCH completed")
	readOnly.run("FETCH 1 FLAGS", `* 1 FETCH (FLAGS (\Recent))`, "T OK FETCH completed")
	first.run("SELECT INBOX", answer(permanent, "* 0 RECENT", "T OK [READ-WRITE] SELECT completed")...)
}

func TestAFailedSelectLeavesNoMailboxSelected(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	c.ok("CREATE a/b")
	for _, test := range []struct{ command, want string }{
		{"SELECT nope", `T NO [NONEXISTENT] open mailbox "nope": no such mailbox`},
		{"EXAMINE nope", `T NO [NONEXISTENT] open mailbox "nope": no such mailbox`},
		{"SELECT a", `T NO [CANNOT] open mailbox "a": name of a hierarchy, not of a mailbox`},
		{"SELECT A&B", `T NO [CANNOT] mailbox name "A&B" is not modified UTF-7 (RFC 3501 5.1.3)`},
		{`SELECT ""`, `T NO [NONEXISTENT] open mailbox "": no such mailbox`},
	} {
		c.ok("SELECT INBOX")
		c.run(test.command, test.want)
		c.run("CHECK", "T BAD CHECK is not allowed in the authenticated state (RFC 3501 6)")
	}
	// A command that isn't understood changes nothing.
	c.ok("SELECT INBOX")
	c.run("SELECT nope nope", "T BAD…")
	c.run("CHECK", "T OK CHECK completed")
}

func TestExamineChangesNothing(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	f.deliver("a: 1\r\n\r\nbody")
	if _, err := f.inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagDeleted}); err != nil {
		t.Fatal(err)
	}
	c := f.login()
	c.ok("CREATE box")
	c.ok("EXAMINE INBOX")
	const refused = "T NO [READ-ONLY] the mailbox was opened by EXAMINE (RFC 3501 6.3.2)"
	for _, command := range []string{
		`STORE 1 +FLAGS (\Seen)`, `UID STORE 1 FLAGS.SILENT ()`, "EXPUNGE", "UID EXPUNGE 1", "MOVE 1 box", "UID MOVE 1 box",
	} {
		c.run(command, refused)
	}
	c.run("FETCH 1 BODY[TEXT]", "* 1 FETCH (BODY[TEXT] {4}", "body)", "T OK FETCH completed")
	c.run("COPY 1 box", "T OK [COPYUID…")
	c.run("CLOSE", "T OK CLOSE completed")
	m := f.inbox.Messages().At(1)
	if m == nil || len(m.Flags) != 1 || m.Flags[0] != imap.FlagDeleted {
		t.Errorf("the message is now %v", m)
	}
	if st := f.inbox.Status(); st.Recent != 1 {
		t.Errorf("recent messages: %d", st.Recent)
	}
}

func TestCloseExpungesInSilenceAndUnselectDoesNot(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	f.deliver("a: 1\r\n\r\n", "a: 2\r\n\r\n", "a: 3\r\n\r\n")
	c := f.selected()
	c.ok(`STORE 1,3 +FLAGS.SILENT (\Deleted)`)
	c.run("UNSELECT", "T OK UNSELECT completed")
	if n := f.inbox.Messages().Len(); n != 3 {
		t.Errorf("%d messages after UNSELECT", n)
	}
	c.ok("SELECT INBOX")
	c.ok("SELECT INBOX") // RFC 3501 §6.4.2: SELECT closes without expunging
	c.run("CLOSE", "T OK CLOSE completed")
	if n := f.inbox.Messages().Len(); n != 1 {
		t.Errorf("%d messages after CLOSE", n)
	}
	c.run("CLOSE", "T BAD CLOSE is not allowed in the authenticated state (RFC 3501 6)")
	c.run("UNSELECT", "T BAD UNSELECT is not allowed in the authenticated state (RFC 3501 6)")
}

func TestANewMailboxOfTheSameNameHasAnotherUIDValidity(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	validity := func() uint32 {
		box, err := f.alice.Mailbox("box")
		if err != nil {
			t.Fatal(err)
		}
		return box.Status().UIDValidity
	}
	c.ok("CREATE box")
	before := validity()
	c.ok("DELETE box")
	c.ok("CREATE box")
	if after := validity(); after <= before {
		t.Errorf("UIDVALIDITY %d, then %d", before, after)
	}
}
