package imapfake_test

import (
	"fmt"
	"testing"

	"github.com/emersion/go-imap/v2"
)

func TestASearchIsKeptUpToDate(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 4)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 3, 5)
	c.ok("NOOP")
	c.send("B1 SEARCH RETURN (UPDATE COUNT) SEEN")
	c.wants(`* ESEARCH (TAG "B1") COUNT 2`, "B1 OK SEARCH completed")
	c.send("B2 UID SEARCH RETURN (CONTEXT UPDATE) UNSEEN 1:3")
	c.wants(`* ESEARCH (TAG "B2") UID`, "B2 OK UID SEARCH completed")
	c.run(`STORE 1,4 FLAGS (\Seen)`,
		`* 1 FETCH (FLAGS (\Seen \Recent))`, `* 4 FETCH (FLAGS (\Seen \Recent))`,
		`* ESEARCH (TAG "B1") ADDTO (0 1)`, `* ESEARCH (TAG "B2") UID REMOVEFROM (0 2)`, "T OK STORE completed")
	// By another session: first what causes it is told, then the result's change.
	f.set(imap.StoreFlagsDel, imap.FlagSeen, 3)
	c.run("NOOP", `* 2 FETCH (UID 3 FLAGS (\Recent))`,
		`* ESEARCH (TAG "B1") REMOVEFROM (0 2)`, `* ESEARCH (TAG "B2") UID ADDTO (0 3)`, "T OK NOOP completed")
	// RFC 5267 §4.3.4: with the numbers before the expunge.
	f.inbox.Expunge(uids(2, 3, 5))
	f.deliver(hello, hello)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 7)
	c.run("NOOP",
		`* ESEARCH (TAG "B1") REMOVEFROM (0 1,4)`, `* ESEARCH (TAG "B2") UID REMOVEFROM (0 3)`,
		"* 1 EXPUNGE", "* 1 EXPUNGE", "* 2 EXPUNGE", "* 3 EXISTS", "* 3 RECENT",
		// §4.3: message numbers are those of when the command came.
		`* ESEARCH (TAG "B1") ADDTO (0 3)`, "T OK NOOP completed")
	c.run(`CANCELUPDATE "B2"`, "T OK CANCELUPDATE completed")
	c.run(`CANCELUPDATE "B1" "B2"`, "T NO no search with the tag B2 is being updated")
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 6)
	c.run("NOOP", `* 2 FETCH (UID 6 FLAGS (\Seen \Recent))`, "T OK NOOP completed")
	for _, arguments := range []string{"", " B1", ` "B1`, ` ""B1`} {
		c.run("CANCELUPDATE"+arguments, "T BAD CANCELUPDATE: …")
	}
}

func TestASearchIsKeptUpToDateDuringIdle(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 1)
	c.ok("SEARCH RETURN (UPDATE) SEEN")
	c.send("T IDLE")
	c.wants("+ idling")
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 2)
	c.wants(`* 1 FETCH (UID 2 FLAGS (\Seen \Recent))`, `* ESEARCH (TAG "T") ADDTO (0 1)`)
	c.send("DONE")
	c.wants("T OK IDLE completed")
}

func TestASortedResultIsKeptInOrder(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("Subject: b\r\n\r\n", "Subject: d\r\n\r\n", "Subject: a\r\n\r\n", "Subject: c\r\n\r\n")
	f.set(imap.StoreFlagsAdd, imap.FlagFlagged, 1, 2)
	c := f.selected()
	c.send("B1 UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 FLAGGED")
	c.wants(`* ESEARCH (TAG "B1") UID ALL 1:2`, "B1 OK UID SORT completed")
	f.set(imap.StoreFlagsAdd, imap.FlagFlagged, 3, 4)
	f.set(imap.StoreFlagsDel, imap.FlagFlagged, 1)
	c.run("NOOP", `* 1 FETCH (UID 1 FLAGS (\Recent))`, `* 3 FETCH (UID 3 FLAGS (\Flagged \Recent))`, `* 4 FETCH (UID 4 FLAGS (\Flagged \Recent))`,
		`* ESEARCH (TAG "B1") UID REMOVEFROM (1 1)`, `* ESEARCH (TAG "B1") UID ADDTO (1 3 2 4)`, "T OK NOOP completed")
	f.inbox.Expunge(uids(2, 3))
	c.run("NOOP", `* ESEARCH (TAG "B1") UID REMOVEFROM (3 2 1 3)`, "* 2 EXPUNGE", "* 2 EXPUNGE", "* 2 RECENT", "T OK NOOP completed")
	c.run("SORT RETURN (ALL) (SUBJECT) UTF-8 FLAGGED", `* ESEARCH (TAG "T") ALL 2`, "T OK SORT completed")
}

func TestContextsAreLimitedAndHaveTagsOfTheirOwn(t *testing.T) {
	t.Parallel()
	_, c := numbered(t, 1)
	for i := range 64 {
		c.send(fmt.Sprintf("B%d SEARCH RETURN (UPDATE) SEEN", i))
		c.until(fmt.Sprintf("B%d", i))
	}
	c.send("B7 UID SORT RETURN (UPDATE) (SIZE) UTF-8 SEEN")
	c.wants("B7 BAD UID SORT: the tag is that of a search that is still updated (RFC 5267 4.3)")
	c.run("SEARCH RETURN (UPDATE COUNT) SEEN", `* ESEARCH (TAG "T") COUNT 0`, `* NO [NOUPDATE "T"] too many contexts`, "T OK SEARCH completed")
	c.run(`CANCELUPDATE "B0"`, "T OK CANCELUPDATE completed")
	c.run("SEARCH RETURN (UPDATE COUNT) SEEN", `* ESEARCH (TAG "T") COUNT 0`, "T OK SEARCH completed")
	c.ok("SELECT INBOX")
	c.run(`CANCELUPDATE "B1"`, "T NO no search with the tag B1 is being updated")
}
