package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

// numbered returns a client that has selected a mailbox with that many messages, whose
// UIDs are higher by one than their numbers.
func numbered(t *testing.T, messages int, options ...imapfake.Option) (*fixture, *client) {
	t.Helper()
	f := newFixture(t, options...)
	f.deliver("gone")
	f.inbox.Expunge(uids(1))
	for range messages {
		f.deliver(hello)
	}
	return f, f.selected()
}

// esearch sends a searching command and wants one ESEARCH response.
func (c *client) esearch(command, want string) {
	c.t.Helper()
	name := command[:len("SEARCH")]
	if name == "UID SE" {
		name = "UID SEARCH"
	}
	c.run(command, `* ESEARCH (TAG "T")`+want, "T OK "+name+" completed")
}

func TestESearchReturnsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 5)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 2, 3, 5)
	c.ok("NOOP")
	for options, want := range map[string]string{
		"":                  " ALL 1:2,4",
		"ALL":               " ALL 1:2,4",
		"all count":         " ALL 1:2,4 COUNT 3",
		"MIN":               " MIN 1",
		"MAX":               " MAX 4",
		"COUNT MAX MIN ALL": " MIN 1 MAX 4 ALL 1:2,4 COUNT 3",
		"MIN MIN":           " MIN 1",
	} {
		c.esearch("SEARCH RETURN ("+options+") SEEN", want)
	}
	c.esearch("UID SEARCH RETURN (MIN MAX ALL COUNT) SEEN", " UID MIN 2 MAX 5 ALL 2:3,5 COUNT 3")
	c.esearch("UID SEARCH RETURN () CHARSET UTF-8 SEEN", " UID ALL 2:3,5")
	// RFC 4731 §3.1: what nothing was found for isn't returned, but for COUNT.
	c.esearch("SEARCH RETURN (MIN MAX ALL) DRAFT", "")
	c.esearch("UID SEARCH RETURN (MIN COUNT) DRAFT", " UID COUNT 0")
	c.run("SEARCH RETURN (FOO) ALL", `T BAD SEARCH: unknown return option "FOO" (RFC 3501 9)`)
	c.run(`SEARCH CHARSET UTF-8 RETURN (ALL) ALL`, "T BAD SEARCH: unknown search key…")
}

func TestESearchReturnsTheHighestModificationSequence(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 4)
	c.ok("ENABLE CONDSTORE")
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 3) // modification sequence 8
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 2) // 9
	c.ok("NOOP")
	// RFC 7162 §3.1.10
	for options, want := range map[string]string{
		"MIN":         " MIN 1 MODSEQ 9",
		"MAX":         " MAX 4 MODSEQ 7",
		"MIN MAX":     " MIN 1 MAX 4 MODSEQ 9",
		"ALL":         " ALL 1:4 MODSEQ 9",
		"MAX COUNT":   " MAX 4 COUNT 4 MODSEQ 9",
		"PARTIAL 2:3": " PARTIAL (2:3 2:3) MODSEQ 8",
	} {
		c.esearch("SEARCH RETURN ("+options+") MODSEQ 1", want)
	}
	c.esearch("SEARCH RETURN (ALL) MODSEQ 10", "")
	c.run("SORT (REVERSE ARRIVAL) UTF-8 MODSEQ 8", "* SORT 1 2 (MODSEQ 9)", "T OK SORT completed")
}

func TestASearchByModificationSequenceEnablesCONDSTORE(t *testing.T) {
	t.Parallel()
	_, c := numbered(t, 1)
	c.run("SEARCH MODSEQ 1", "* OK [HIGHESTMODSEQ 4] highest…", "* SEARCH 1 (MODSEQ 4)", "T OK SEARCH completed")
}

func TestPartialReturnsAWindowOfTheResult(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 9)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 3, 4, 6, 8, 9)
	c.ok("NOOP")
	for window, want := range map[string]string{
		"1:2": "2:3", "2:1": "2:3", "2:4": "3,5,7", "4:100": "7:8", "5:5": "8", "6:7": "NIL", "1:4294967295": "2:3,5,7:8",
		"-1:-2": "7:8", "-2:-1": "7:8", "-4:-100": "2:3", "-6:-7": "NIL",
	} {
		c.esearch("SEARCH RETURN (PARTIAL "+window+") SEEN", " PARTIAL ("+window+" "+want+")")
	}
	c.esearch("UID SEARCH RETURN (COUNT PARTIAL 2:3 MIN) SEEN", " UID MIN 3 PARTIAL (2:3 4,6) COUNT 5")
	for _, options := range []string{"PARTIAL", "PARTIAL 1", "PARTIAL 0:1", "PARTIAL 1:*", "PARTIAL 1:-2", "PARTIAL -1:2", "PARTIAL 1:2 ALL", "PARTIAL 1:2 PARTIAL 1:2"} {
		c.run("SEARCH RETURN ("+options+") ALL", "T BAD SEARCH: …")
	}
}

func TestPartialFetchReturnsAWindowOfTheMessages(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 5)
	fetched := func(window string, want ...string) {
		t.Helper()
		c.run("UID FETCH 2:4,6:20 UID (PARTIAL "+window+")", append(want, "T OK UID FETCH completed")...)
	}
	fetched("1:1", "* 1 FETCH (UID 2)")
	fetched("3:4", "* 3 FETCH (UID 4)", "* 5 FETCH (UID 6)")
	fetched("-1:-2", "* 3 FETCH (UID 4)", "* 5 FETCH (UID 6)")
	fetched("5:9")
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 3)
	c.ok("NOOP")
	// RFC 9394 §3.4: the window comes first, then what has changed in it.
	c.run("UID FETCH 1:* FLAGS (CHANGEDSINCE 8 PARTIAL 1:2)", "* OK [HIGHESTMODSEQ 9] highest…", "* 2 FETCH (UID 3 FLAGS (\\Seen \\Recent) MODSEQ (9))", "T OK UID FETCH completed")
	c.run("UID FETCH 1:* FLAGS (PARTIAL 3:5 CHANGEDSINCE 8)", "T OK UID FETCH completed")
	c.run("FETCH 1:* FLAGS (PARTIAL 1:2)", "T BAD FETCH: PARTIAL goes with UID FETCH only…")
}

func TestTheSavedResultStandsForItsMessages(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 5)
	if _, err := f.alice.CreateMailbox("Other"); err != nil {
		t.Fatal(err)
	}
	c.run("FETCH $ UID", "T OK FETCH completed")
	c.run("SEARCH RETURN (SAVE) 2:3", "T OK SEARCH completed")
	c.run("FETCH $ UID", "* 2 FETCH (UID 3)", "* 3 FETCH (UID 4)", "T OK FETCH completed")
	c.run("UID FETCH $ UID", "* 2 FETCH (UID 3)", "* 3 FETCH (UID 4)", "T OK UID FETCH completed")
	c.run("SEARCH $", "* SEARCH 2 3", "T OK SEARCH completed")
	c.run("UID SEARCH NOT UID $", "* SEARCH 2 5 6", "T OK UID SEARCH completed")
	c.run("STORE $ +FLAGS (\\Flagged)", "* 2 FETCH (FLAGS (\\Flagged \\Recent))", "* 3 FETCH (FLAGS (\\Flagged \\Recent))", "T OK STORE completed")
	c.run("COPY $ Other", "T OK [COPYUID 2 3:4 1:2] COPY completed")
	// RFC 5182 §2.1: what is expunged leaves the result.
	f.inbox.Expunge(uids(3))
	c.run("NOOP", "* 2 EXPUNGE", "* 4 RECENT", "T OK NOOP completed")
	c.run("SEARCH $", "* SEARCH 2", "T OK SEARCH completed")
	c.run("UID MOVE $ Other", "* OK [COPYUID 2 4 3] moved", "* 2 EXPUNGE", "* 3 RECENT", "T OK UID MOVE completed")
	c.run("UID STORE $ FLAGS (\\Seen)", "T OK UID STORE completed")
	for _, bad := range []string{"FETCH $,1 UID", "FETCH 1,$ UID", "SEARCH 1,$", "SEARCH $,1", "FETCH $:2 UID"} {
		c.send("T " + bad)
		if got := c.line(); got[:5] != "T BAD" {
			t.Errorf("%s: %s", bad, got)
		}
	}
}

func TestWhatASearchSaves(t *testing.T) {
	t.Parallel()
	_, c := numbered(t, 6)
	for options, want := range map[string]string{ // RFC 5182 §2.4, RFC 9394 §3.2
		"SAVE": "2 3 4 5", "SAVE MIN": "2", "SAVE MAX": "5", "MAX SAVE MIN": "2 5", "SAVE COUNT MIN": "2 3 4 5", "SAVE ALL MAX": "2 3 4 5",
		"SAVE PARTIAL 2:2": "3", "SAVE PARTIAL 2:2 MAX": "3 5", "SAVE PARTIAL 2:3 MIN MAX": "2 3 4 5", "SAVE PARTIAL 2:2 COUNT": "2 3 4 5",
	} {
		c.ok("SEARCH RETURN (SAVE) NOT ALL")
		c.ok("SEARCH RETURN (%s) 2:5", options)
		c.run("SEARCH $", "* SEARCH "+want, "T OK SEARCH completed")
	}
	c.ok("SEARCH RETURN (SAVE) 2")
	c.ok("SEARCH RETURN (ALL) 3")
	c.run("SEARCH RETURN (SAVE) FOO", "T BAD …")
	c.run("SEARCH CHARSET x-none ALL", "T NO …")
	c.run("SEARCH $", "* SEARCH 2", "T OK SEARCH completed")
	c.run("SEARCH RETURN (SAVE) CHARSET x-none ALL", "T NO …")
	c.run("SEARCH $", "* SEARCH", "T OK SEARCH completed")
	c.ok("SEARCH RETURN (SAVE) 2")
	c.ok("EXAMINE INBOX")
	c.run("SEARCH $", "* SEARCH", "T OK SEARCH completed")
}

func TestFuzzySearchForgives(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("Subject: IMAP break\r\n\r\n", "Subject: broken IMAP\r\n\r\n", "Subject: IMAP is braek\r\n\r\n", "Subject: nothing\r\n\r\n", "Subject: breaks\r\n\r\n")
	c := f.selected()
	c.run(`SEARCH SUBJECT "IMAP break"`, "* SEARCH 1", "T OK SEARCH completed")
	c.run(`SEARCH FUZZY (SUBJECT "imap break")`, "* SEARCH 1 2 3 5", "T OK SEARCH completed")
	c.run(`SEARCH FUZZY SUBJECT imaq`, "* SEARCH 1 2 3", "T OK SEARCH completed")
	c.run(`SEARCH FUZZY SUBJECT imap SUBJECT break`, "* SEARCH 1", "T OK SEARCH completed")
	c.esearch(`SEARCH RETURN (RELEVANCY ALL COUNT) FUZZY SUBJECT "break imap"`, " ALL 1:3,5 RELEVANCY (99 49 49 49) COUNT 4")
	c.esearch(`SEARCH RETURN (RELEVANCY) FUZZY 1:2`, " RELEVANCY (100 100)")
	c.run(`SORT (RELEVANCY REVERSE ARRIVAL) UTF-8 FUZZY SUBJECT imaq`, "* SORT 1 2 3", "T OK SORT completed")
	c.run(`SORT RETURN (RELEVANCY ALL) (RELEVANCY) UTF-8 FUZZY SUBJECT "is imap"`, `* ESEARCH (TAG "T") ALL 3,1:2 RELEVANCY (99 49 49)`, "T OK SORT completed")
	c.run(`SEARCH RETURN (RELEVANCY) ALL`, "T BAD SEARCH: RELEVANCY wants a FUZZY search key…")
	c.run(`SORT (RELEVANCY) UTF-8 ALL`, "T BAD SORT: RELEVANCY wants a FUZZY search key…")
	c.run(`SEARCH FUZZY`, "T BAD SEARCH: …")
}
