package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"
)

func TestStatusTellsWhatIsAskedInThatOrder(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	f.deliver("a: 1\r\n\r\n", "a: 2\r\n\r\n")
	if _, err := f.inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}); err != nil {
		t.Fatal(err)
	}
	c := f.login()
	c.ok("CREATE a/b")
	c.ok("CREATE &AOQ-")
	const done = "T OK STATUS completed"
	c.run("STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)",
		"* STATUS INBOX (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 1)", done)
	c.run("status inbox (unseen Messages UNSEEN)", "* STATUS inbox (UNSEEN 1 MESSAGES 2 UNSEEN 1)", done)
	c.run(`STATUS "&AOQ-" (MESSAGES)`, "* STATUS &AOQ- (MESSAGES 0)", done)
	c.run("STATUS nope (MESSAGES)", `T NO [NONEXISTENT] open mailbox "nope": no such mailbox`)
	c.run("STATUS a (MESSAGES)", `T NO [CANNOT] open mailbox "a": name of a hierarchy, not of a mailbox`)
	c.run("STATUS a&b (MESSAGES)", "T NO [CANNOT]…")
	c.run("STATUS INBOX", "T BAD STATUS: expected a space and an argument, found end of the line (RFC 3501 9)")
	c.run("STATUS INBOX ()", "T BAD STATUS: the list may not be empty (RFC 3501 9)")
	c.run("STATUS INBOX MESSAGES", `T BAD STATUS: expected "(", found "MESSAGES" (RFC 3501 9)`)
	c.run("STATUS INBOX (FROB)", `T BAD STATUS: unknown STATUS item "FROB" (RFC 3501 9)`)
	c.run("STATUS INBOX (MESSAGES", "T BAD STATUS: expected a space…")
	c.run("STATUS INBOX (MESSAGES )", `T BAD STATUS: expected an atom, found ")" (RFC 3501 9)`)
	c.run("STATUS INBOX (MESSAGES) x", `T BAD STATUS: unexpected " x" after the arguments (RFC 3501 9)`)
}

func TestStatusOfTheSelectedMailboxIsPointedOut(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.selected()
	f.deliver("a: 1\r\n\r\n")
	c.run("STATUS INBOX (MESSAGES)", "* STATUS INBOX (MESSAGES 1)", "* 1 EXISTS", "* 1 RECENT", "T OK [CLIENTBUG] STATUS completed")
	c.ok("CREATE box")
	c.run("STATUS box (MESSAGES)", "* STATUS box (MESSAGES 0)", "T OK STATUS completed")
}
