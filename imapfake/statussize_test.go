package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"
)

func TestStatusTellsTheSizeOfAMailbox(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	c.run("STATUS INBOX (SIZE)", "* STATUS INBOX (SIZE 0)", "T OK STATUS completed")
	f.deliver("a: 1\r\n\r\n", "a: 22\r\n\r\n")
	c.run("STATUS INBOX (MESSAGES size UIDNEXT)", "* STATUS INBOX (MESSAGES 2 SIZE 17 UIDNEXT 3)", "T OK STATUS completed")
	c.ok("SELECT INBOX")
	c.run("FETCH 1:* RFC822.SIZE", "* 1 FETCH (RFC822.SIZE 8)", "* 2 FETCH (RFC822.SIZE 9)", "T OK FETCH completed")
}

func TestWithoutStatusSizeItIsUnknown(t *testing.T) {
	t.Parallel()
	without(t, imap.CapStatusSize).run("STATUS INBOX (SIZE)", "T BAD STATUS: unknown STATUS item…")
}
