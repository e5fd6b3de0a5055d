package imapfake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

// crlf returns text with the line ends of mail.
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func uids(numbers ...imap.UID) []imap.UID { return numbers }

// hello is a small message.
var hello = crlf("From: Bob <bob@example.org>\nSubject: hello\n\nhi there\n")

func TestFetchReturnsEachItem(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.selected()
	const (
		flags     = `FLAGS (\Recent)`
		date      = `INTERNALDATE "29-Feb-2024 12:30:00 +0100"`
		size      = `RFC822.SIZE 57`
		bob       = `(("Bob" NIL "bob" "example.org"))`
		envelope  = `ENVELOPE (NIL "hello" ` + bob + " " + bob + " " + bob + ` NIL NIL NIL NIL NIL)`
		body      = `BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 1)`
		structure = `BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 1 NIL NIL NIL NIL)`
	)
	for items, want := range map[string]string{
		"FLAGS":                              flags,
		"flags":                              flags,
		"UID":                                "UID 1",
		"INTERNALDATE":                       date,
		"RFC822.SIZE":                        size,
		"ENVELOPE":                           envelope,
		"BODY":                               body,
		"BODYSTRUCTURE":                      structure,
		"FAST":                               flags + " " + date + " " + size,
		"ALL":                                flags + " " + date + " " + size + " " + envelope,
		"Full":                               flags + " " + date + " " + size + " " + envelope + " " + body,
		"(UID)":                              "UID 1",
		"(RFC822.SIZE UID FLAGS)":            size + " UID 1 " + flags,
		"(UID FLAGS UID FLAGS RFC822.SIZE)":  "UID 1 " + flags + " " + size,
		"(BODY BODYSTRUCTURE INTERNALDATE)":  body + " " + structure + " " + date,
		"(bodystructure Envelope body uid)":  structure + " " + envelope + " " + body + " UID 1",
		"(RFC822.SIZE RFC822.SIZE ENVELOPE)": size + " " + size + " " + envelope,
	} {
		c.run("FETCH 1 "+items, "* 1 FETCH ("+want+")", "T OK FETCH completed")
	}
}

func TestUIDFetchAlwaysTellsTheUID(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello, hello)
	f.inbox.Expunge(uids(1))
	c := f.selected()
	c.run("UID FETCH 2 FLAGS", `* 1 FETCH (UID 2 FLAGS (\Recent))`, "T OK UID FETCH completed")
	c.run("UID FETCH 2 (FLAGS UID)", `* 1 FETCH (FLAGS (\Recent) UID 2)`, "T OK UID FETCH completed")
	c.run("UID FETCH 2 UID", `* 1 FETCH (UID 2)`, "T OK UID FETCH completed")
	c.run("UID FETCH 1:* FAST", `* 1 FETCH (UID 2 FLAGS…`, "T OK UID FETCH completed")
}

// What RFC 3501 §6.4.5 says of \Seen: BODY[section], RFC822 and RFC822.TEXT set it, and
// the response shows it if that changed anything.
func TestFetchOfABodySetsSeen(t *testing.T) {
	t.Parallel()
	for item, sets := range map[string]bool{
		"BODY[]": true, "BODY[HEADER]": true, "BODY[1]": true, "BODY[TEXT]<0.1>": true, "BODY[HEADER.FIELDS (X)]": true,
		"BODY[7]": true, "RFC822": true, "RFC822.TEXT": true, "(UID BODY.PEEK[] BODY[1])": true,
		"BODY.PEEK[]": false, "BODY.PEEK[1]": false, "RFC822.HEADER": false, "BODY": false, "BODYSTRUCTURE": false, "FULL": false,
	} {
		f := newFixture(t)
		f.deliver(hello)
		c := f.selected()
		first := c.ok("FETCH 1 %s", item)[0]
		if shown := strings.HasPrefix(first, `* 1 FETCH (FLAGS (\Seen \Recent) `); shown != sets {
			t.Errorf("%s answers %s", item, first)
		}
		if again := c.ok("FETCH 1 %s", item)[0]; sets && strings.Contains(again, "FLAGS") {
			t.Errorf("the second %s answers %s", item, again)
		}
		if unseen := f.inbox.Messages().Unseen(); (unseen == 0) != sets {
			t.Errorf("after %s %d messages are unseen", item, unseen)
		}
		// Nothing is left to be told.
		c.run("NOOP", "T OK NOOP completed")
	}
}

func TestFetchShowsSeenOnceWhenFlagsAreAskedFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.selected()
	c.run("FETCH 1 (FLAGS BODY[1])", `* 1 FETCH (FLAGS (\Seen \Recent) BODY[1] {10}`, "hi there", ")", "T OK FETCH completed")
}

func TestFetchInAnExaminedMailboxSetsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.login()
	c.ok("EXAMINE INBOX")
	c.run("FETCH 1 BODY[TEXT]", "* 1 FETCH (BODY[TEXT] {10}", "hi there", ")", "T OK FETCH completed")
	if f.inbox.Messages().Unseen() != 1 {
		t.Error("the message was marked as read")
	}
}

func TestFetchTakesEveryFormOfSet(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello, hello, hello, hello, hello, hello, hello)
	f.inbox.Expunge(uids(2, 5)) // leaves 1 3 4 6 7
	c := f.selected()
	outOfRange := "T BAD FETCH: there is no message…"
	for _, test := range []struct{ set, bySeq, byUID string }{
		{"1", "1", "1"},
		{"2", "2", ""},
		{"2:1", "1 2", "1"},
		{"*", "5", "5"},
		{"1:*", "1 2 3 4 5", "1 2 3 4 5"},
		{"*:1", "1 2 3 4 5", "1 2 3 4 5"},
		{"*:*", "5", "5"},
		{"4:*", "4 5", "3 4 5"},
		{"5,1", "1 5", "1"},
		{"3:4,2:3,3,4:2", "2 3 4", "2 3"},
		{"*,1:2,*", "1 2 5", "1 5"},
		{"6", outOfRange, "4"},
		{"1:6", outOfRange, "1 2 3 4"},
		{"8", outOfRange, ""},
		{"8:*", outOfRange, "5"},
		{"*:9", outOfRange, "5"},
		{"4294967295", outOfRange, ""},
		{"4294967295:*", outOfRange, "5"},
		{"1:4294967295", outOfRange, "1 2 3 4 5"},
		{strings.Repeat("3,1:2,*:5,", 5000) + "4", "1 2 3 4 5", "1 2 3 4 5"},
	} {
		c.run("FETCH "+test.set+" RFC822.SIZE", sizes("", test.bySeq)...)
		c.run("UID FETCH "+test.set+" RFC822.SIZE", sizes("UID ", test.byUID)...)
	}
}

// sizes returns the answer to FETCH or UID FETCH RFC822.SIZE for these message
// numbers, of which 1 to 5 have the UIDs 1 3 4 6 7.
func sizes(command, numbers string) []string {
	if strings.HasPrefix(numbers, "T BAD") {
		return []string{numbers}
	}
	var want []string
	for _, n := range strings.Fields(numbers) {
		uid := ""
		if command != "" {
			uid = map[string]string{"1": "UID 1 ", "2": "UID 3 ", "3": "UID 4 ", "4": "UID 6 ", "5": "UID 7 "}[n]
		}
		want = append(want, fmt.Sprintf("* %s FETCH (%sRFC822.SIZE 57)", n, uid))
	}
	return append(want, "T OK "+command+"FETCH completed")
}

func TestFetchFromAnEmptyMailbox(t *testing.T) {
	t.Parallel()
	c := newFixture(t).selected()
	for _, set := range []string{"1", "*", "1:*"} {
		// RFC 3501 §9, seq-number: even "*" is the number of a message that isn't there.
		c.run("FETCH "+set+" UID", "T BAD FETCH: there is no message…")
		c.run("UID FETCH "+set+" UID", "T OK UID FETCH completed")
	}
}

func TestFetchRefusesWhatIsNotInTheGrammar(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.selected()
	for _, arguments := range []string{
		"", " ", " 1", " 1 ", " 1 FOO", " 1 ()", " 1 (FLAGS", " 1 FLAGS)", " 1 (FLAGS FOO)", " 1 (FLAGS  UID)", " 1 ( FLAGS)", " 1 (FLAGS )",
		" 1 FLAGS ", " 1 FLAGS UID", " 1 (FAST)", " 1 (FLAGS ALL)", " 1 ((FLAGS))", "  1 FLAGS",
		" 0 FLAGS", " 1:0 FLAGS", " 1, FLAGS", " ,1 FLAGS", " 1,,1 FLAGS", " 1: FLAGS", " : FLAGS", " 1:1:1 FLAGS", " x FLAGS", " -1 FLAGS",
		" 4294967296 FLAGS", " 99999999999999999999 FLAGS", " 1* FLAGS", " \"1\" FLAGS",
		" 1 BODY[", " 1 BODY[]]", " 1 BODY]", " 1 BODY[FOO]", " 1 BODY.PEEK", " 1 BODY.PEEK<0.1>", " 1 BODY<0.1>", " 1 BODYSTRUCTURE[]",
		" 1 BODY[MIME]", " 1 BODY[1.]", " 1 BODY[.1]", " 1 BODY[1..2]", " 1 BODY[0]", " 1 BODY[1.0]", " 1 BODY[1TEXT]", " 1 BODY[TEXT.1]",
		" 1 BODY[HEADER.1]", " 1 BODY[1.FOO]", " 1 BODY[-1]", " 1 BODY[99999999999]", " 1 BODY[ ]", " 1 BODY []",
		" 1 BODY[HEADER.FIELDS]", " 1 BODY[HEADER.FIELDS ()]", " 1 BODY[HEADER.FIELDS (a]", " 1 BODY[HEADER.FIELDS(a)]", " 1 BODY[HEADER.FIELDS a]",
		" 1 BODY[HEADER.FIELDS (a  b)]", " 1 BODY[HEADER.FIELDS (\"a)]", " 1 BODY[TEXT.FIELDS (a)]", " 1 BODY[MIME.FIELDS (a)]",
		" 1 BODY[HEADER.FIELDS ({1+}\r\n\x80)]", " 1 BODY[HEADER.FIELDS ({3+}\r\na\r\n)]", " 1 BODY[HEADER.FIELDS (\"a\tb\")]",
		" 1 BODY[]<>", " 1 BODY[]<0>", " 1 BODY[]<0.>", " 1 BODY[]<.1>", " 1 BODY[]<0.0>", " 1 BODY[]<0.1", " 1 BODY[]<0.1.2>", " 1 BODY[]<-1.1>",
		" 1 BODY[]<4294967296.1>", " 1 BODY[]<0.4294967296>", " 1 RFC822<0.1>", " 1 RFC822.FOO", " 1 RFC822.TEXT.PEEK",
	} {
		c.run("FETCH"+arguments, "T BAD …")
	}
	if f.inbox.Messages().Unseen() != 1 {
		t.Error("a refused FETCH marked the message as read")
	}
}

func TestFetchOfMuchMoreThanAnyBufferArrivesWhole(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	big := "Subject: big\r\n\r\n" + strings.Repeat("0123456789abcde\n", 1<<16)
	f.deliver(big, big, big)
	c := f.selected()
	c.send("T FETCH 1:3 BODY.PEEK[TEXT]")
	got := 0
	for line := c.line(); !strings.HasPrefix(line, "T "); line = c.line() {
		if strings.HasPrefix(line, "0123456789") {
			got++
		}
	}
	if got != 3<<16 {
		t.Errorf("%d lines", got)
	}
}
