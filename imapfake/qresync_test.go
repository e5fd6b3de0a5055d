package imapfake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// after returns the lines of an answer to SELECT that come after its usual ones.
func after(lines []string) []string {
	for i, line := range lines {
		if strings.HasPrefix(line, "* OK [MAILBOXID") {
			return lines[i+1:]
		}
	}
	return lines
}

// resyncing is a fixture with five messages, of which 2 and 4 were expunged (MODSEQ 7
// and 8) and 5 flagged (9), and a client that has enabled QRESYNC.
func resyncing(t *testing.T) (*fixture, *client, uint32) {
	t.Helper()
	f := newFixture(t)
	f.deliver("a\r\n", "b\r\n", "c\r\n", "d\r\n", "e\r\n")
	f.inbox.Expunge([]imap.UID{2, 4})
	if _, err := f.inbox.Store([]imap.UID{5}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagFlagged}); err != nil {
		t.Fatal(err)
	}
	c := f.login()
	c.run("ENABLE QRESYNC", "* ENABLED QRESYNC", "T OK ENABLE completed")
	return f, c, f.inbox.Status().UIDValidity
}

func TestSelectWithQRESYNCTellsWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	_, c, validity := resyncing(t)
	flagged := `* 3 FETCH (UID 5 FLAGS (\Flagged) MODSEQ (9))`
	for params, want := range map[string][]string{
		fmt.Sprintf("%d 6", validity):                 {"* VANISHED (EARLIER) 2,4", flagged},
		fmt.Sprintf("%d 7", validity):                 {"* VANISHED (EARLIER) 4", flagged},
		fmt.Sprintf("%d 6 1:3", validity):             {"* VANISHED (EARLIER) 2"},
		fmt.Sprintf("%d 6 1:5 (1,2 1,3)", validity):   {"* VANISHED (EARLIER) 4", flagged},
		fmt.Sprintf("%d 6 1:5 (1:3 1,3,5)", validity): {flagged},
		fmt.Sprintf("%d 6 1:5 (1,2 1,4)", validity):   {"* VANISHED (EARLIER) 2,4", flagged},
		fmt.Sprintf("%d 9", validity):                 {},
		fmt.Sprintf("%d 6", validity+1):               {},
		fmt.Sprintf("%d 6 (1 1)", validity):           {"* VANISHED (EARLIER) 2,4", flagged},
	} {
		c.ok("SELECT INBOX") // so that \Recent is over
		got := after(c.ok("SELECT INBOX (QRESYNC (%s))", params))
		c.want(params, got, want)
	}
}

func TestUIDFetchVanishedTellsBothKindsOfChange(t *testing.T) {
	t.Parallel()
	_, c, _ := resyncing(t)
	c.ok("SELECT INBOX")
	c.ok("SELECT INBOX")
	c.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 6 VANISHED)",
		"* VANISHED (EARLIER) 2,4",
		`* 3 FETCH (UID 5 FLAGS (\Flagged) MODSEQ (9))`,
		"T OK UID FETCH completed")
	c.run("UID FETCH 3:* (FLAGS) (VANISHED CHANGEDSINCE 8)",
		`* 3 FETCH (UID 5 FLAGS (\Flagged) MODSEQ (9))`,
		"T OK UID FETCH completed")
	c.run("FETCH 1:* (FLAGS) (CHANGEDSINCE 6 VANISHED)", "T BAD…")
	c.run("UID FETCH 1:* (FLAGS) (VANISHED)", "T BAD…")
}

// RFC 7162 §3.2.6: what was expunged so long ago that the server has forgotten when is told
// again.
func TestWhoWasAwayForLongIsToldOfAllThatIsGone(t *testing.T) {
	t.Parallel()
	f, c, validity := resyncing(t)
	const many = 200_000
	content := mailstore.NewContent(nil)
	for range many {
		uids, err := f.inbox.Append(mailstore.NewMessage{Content: content, Flags: []imap.Flag{imap.FlagSeen}})
		if err != nil {
			t.Fatal(err)
		}
		f.inbox.Expunge(uids)
	}
	f.deliver("f\r\n")
	lately := f.inbox.Status().HighestModSeq - 2
	for params, want := range map[string]string{
		fmt.Sprintf("%d 9", validity):                        "* VANISHED (EARLIER) 2,4,6:200005",
		fmt.Sprintf("%d 9 3:8,100:4294967295", validity):     "* VANISHED (EARLIER) 4,6:8,100:200005",
		fmt.Sprintf("%d 9 1:99 (1,2,3 1,3,5)", validity):     "* VANISHED (EARLIER) 6:99",
		fmt.Sprintf("%d %d", validity, lately):               "* VANISHED (EARLIER) 200005",
		fmt.Sprintf("%d %d 200006:200009", validity, lately): "* 4 FETCH…",
	} {
		got := after(c.ok("SELECT INBOX (QRESYNC (%s))", params))
		c.want(params, got[:1], []string{want})
	}
	// Nor is the client told of what it will be told of later: an expunge and an arrival.
	f.inbox.Expunge([]imap.UID{3})
	f.deliver("g\r\n")
	got := c.ok("UID FETCH 1:200007 (FLAGS) (CHANGEDSINCE 9 VANISHED)")
	got = slices.DeleteFunc(got, func(line string) bool { return !strings.Contains(line, "EARLIER") })
	c.want("UID FETCH", got, []string{"* VANISHED (EARLIER) 2,4,6:200005"})
}

func TestAClientWithQRESYNCGetsVANISHED(t *testing.T) {
	t.Parallel()
	f, c, _ := resyncing(t)
	c.ok("SELECT INBOX")
	c.ok("STORE 1,3 +FLAGS.SILENT (\\Deleted)")
	c.run("EXPUNGE", "* VANISHED 1,5", "* 1 RECENT", "T OK [HIGHESTMODSEQ 12] EXPUNGE completed")
	c.run("EXPUNGE", "T OK EXPUNGE completed")
	f.deliver("f\r\n")
	f.inbox.Expunge([]imap.UID{3})
	// RFC 7162 §3.2: what was held back is above the HIGHESTMODSEQ that is told.
	c.run("FETCH 1 (UID)",
		"* 2 EXISTS", "* 2 RECENT",
		"* 1 FETCH (UID 3)",
		"T OK [HIGHESTMODSEQ 12] FETCH completed")
	c.run("NOOP", "* VANISHED 3", "* 1 RECENT", "T OK [HIGHESTMODSEQ 14] NOOP completed")
	c.run("UID MOVE 6 INBOX",
		"* OK [COPYUID 1 6 7] moved",
		"* VANISHED 6", "* 1 EXISTS", "* 1 RECENT",
		"T OK [HIGHESTMODSEQ 16] UID MOVE completed")
}

func TestClosedTellsWhereTheOldMailboxEnds(t *testing.T) {
	t.Parallel()
	c := newFixture(t).selected()
	c.run("SELECT nowhere", "* OK [CLOSED] previous mailbox closed", "T NO [NONEXISTENT]…")
	c.run("SELECT nowhere", "T NO [NONEXISTENT]…")
	if first := c.ok("EXAMINE INBOX")[0]; strings.Contains(first, "CLOSED") {
		t.Error(first)
	}
	if first := c.ok("SELECT INBOX")[0]; first != "* OK [CLOSED] previous mailbox closed" {
		t.Error(first)
	}
}

func TestQRESYNCMustBeEnabledFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a\r\n")
	c := f.selected()
	c.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 6 VANISHED)", "T BAD…")
	c.run("SELECT INBOX (QRESYNC (1 1))", "T BAD…")
	c.ok("ENABLE QRESYNC")
	for _, params := range []string{"", "1", "1 1 2:", "0 0 (1)", "1 1 1:2 (1)", "1 1 1:2 (1 2", "x 1"} {
		c.run("SELECT INBOX (QRESYNC ("+params+"))", "T BAD…")
	}
}

func TestTurningCONDSTOREOffTakesQRESYNCAlong(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapCondStore))
	for _, line := range f.login().ok("CAPABILITY") {
		if strings.Contains(line, "QRESYNC") {
			t.Error(line)
		}
	}
	only := newFixture(t, imapfake.WithCapabilities(imap.CapQResync))
	if line := only.login().ok("CAPABILITY")[0]; !strings.Contains(line, "CONDSTORE") || !strings.Contains(line, "ENABLE") {
		t.Errorf("QRESYNC alone: %s", line)
	}
	s := imapfake.New(only.store, imapfake.WithCapabilities(imap.CapQResync), imapfake.WithoutCapabilities(imap.CapEnable))
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "QRESYNC") || !strings.Contains(err.Error(), "ENABLE") {
		t.Errorf("QRESYNC without ENABLE: %v", err)
	}
}

// RFC 7162 §3.2.4.
func TestAfterACONDSTOREEnablingCommandChangesAreToldWithUIDAndMODSEQ(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: b\r\n\r\na", "a: b\r\n\r\nb", "a: b\r\n\r\nc", "a: b\r\n\r\nd")
	c := f.login()
	c.ok("ENABLE QRESYNC")
	c.ok("SELECT INBOX")
	c.run(`STORE 1 +FLAGS (\Flagged)`, `* 1 FETCH (UID 1 FLAGS (\Flagged \Recent) MODSEQ (6))`, "T OK STORE completed")
	c.run(`STORE 1 +FLAGS.SILENT (\Draft)`, `* 1 FETCH (UID 1 MODSEQ (7))`, "T OK STORE completed")
	c.run("FETCH 1 BODY[1]<0.1>", `* 1 FETCH (UID 1 FLAGS (\Flagged \Seen \Draft \Recent) MODSEQ (8) BODY[1]<0> {1}`, "a)", "T OK FETCH completed")
	c.run("FETCH 2 (MODSEQ BODY[1]<0.1>)", `* 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (9) BODY[1]<0> {1}`, "b)", "T OK FETCH completed")
	c.run("FETCH 3 (FLAGS BODY[1]<0.1>)", `* 3 FETCH (UID 3 MODSEQ (10) FLAGS (\Seen \Recent) BODY[1]<0> {1}`, "c)", "T OK FETCH completed")
	c.run("FETCH 3 (FLAGS BODY[1]<0.1>)", `* 3 FETCH (FLAGS (\Seen \Recent) BODY[1]<0> {1}`, "c)", "T OK FETCH completed")
	c.run("UID FETCH 4 BODY[1]", `* 4 FETCH (FLAGS (\Seen \Recent) MODSEQ (11) UID 4 BODY[1] {1}`, "d)", "T OK UID FETCH completed")
	without := newFixture(t, imapfake.WithoutCapabilities("QRESYNC"))
	without.deliver("a\r\n")
	c = without.login()
	c.ok("SELECT INBOX (CONDSTORE)")
	c.run(`STORE 1 +FLAGS (\Flagged)`, `* 1 FETCH (FLAGS (\Flagged \Recent) MODSEQ (3))`, "T OK STORE completed")
}

func TestWhateverTellsOfVanishedMessagesTellsTheHighestModSeq(t *testing.T) {
	t.Parallel()
	f, c, _ := resyncing(t)
	c.ok("SELECT INBOX")
	f.inbox.Expunge([]imap.UID{1})
	c.run("NOOP", "* VANISHED 1", "* 2 RECENT", "T OK [HIGHESTMODSEQ 10] NOOP completed")
	c.run("NOOP", "T OK NOOP completed")
}

func TestTheQRESYNCParameterHasNoStarAndPairsItsSamples(t *testing.T) {
	t.Parallel()
	_, c, validity := resyncing(t)
	for _, params := range []string{"1:*", "*", "1:5 (1:* 1,3,5)", "1:5 (1:2 1:*)", "1:5 (1:2 1:3)"} {
		c.run(fmt.Sprintf("SELECT INBOX (QRESYNC (%d 6 %s))", validity, params), "T BAD …")
	}
	const order = "T BAD SELECT: known messages are given in ascending order (RFC 7162 3.2.5.2)"
	for _, params := range []string{"1:5 (2,1 1,3)", "1:5 (1:2 3:1)", "1:5 (1,3 1,1)", "(2:1 1:2)"} {
		c.run(fmt.Sprintf("SELECT INBOX (QRESYNC (%d 6 %s))", validity, params), order)
	}
	c.run("SELECT INBOX (QRESYNC (0 6))", "T BAD SELECT: 0 is no UIDVALIDITY (RFC 7162 7, nz-number)")
}
