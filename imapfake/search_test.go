package imapfake_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// searched fills INBOX with the messages that the search tests look for.
func searched(t *testing.T) *client {
	t.Helper()
	f := newFixture(t)
	f.deliver("gone")
	f.inbox.Expunge(uids(1)) // so that no UID is a sequence number
	zone := func(hours int) *time.Location { return time.FixedZone("", hours*3600) }
	for i, m := range []struct {
		raw   string
		flags []imap.Flag
		date  time.Time
	}{
		{
			"Date: Fri, 1 Mar 2024 00:30:00 +0200\nFrom: Alice <alice@x.org>\nTo: Bob <bob@y.org>\nSubject: Hello\nMessage-ID: <1@x>\n\nThe quick fox\n",
			[]imap.Flag{`\Seen`, `\Answered`}, time.Date(2024, 2, 28, 23, 30, 0, 0, zone(-8)),
		},
		{
			"Date: Thu, 29 Feb 2024 23:30 EST\nFrom: \"B. \\\"Q\\\" C\" <b(no)@z.org (nor this)>\nCc: Team: c@x.org, d@y.org;\nBcc: e@x.org, Nobody:;\n" +
				"Subject: =?iso-8859-1?q?caf=E9?= =?utf-8?q?_cr=C3=A8me?=\nX-A: one\nX-A: two\n\nlazy dog\n",
			[]imap.Flag{`\Flagged`, `\Deleted`, "$Junk"}, time.Date(2024, 2, 29, 12, 0, 0, 0, zone(0)),
		},
		{
			"Date: not one\nSubject:\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n" +
				"--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe an =\nalle\n" +
				"--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPGI+w5xCRVI8L2I+\n" +
				"--b\nContent-Type: application/pdf; name=\"invoice.pdf\"\nContent-Transfer-Encoding: base64\n\naW52aXNpYmxl\n" +
				"--b\nContent-Type: message/rfc822\n\nFrom: =?utf-8?q?M=C3=BCller?= <m@x.org>\nSubject: enclosed\n\nforwarded text\n--b--\n",
			[]imap.Flag{`\Draft`, "$Forwarded"}, time.Date(2024, 3, 1, 0, 0, 0, 0, zone(14)),
		},
		{"no header here\n\n" + strings.Repeat("x", 1000), nil, time.Date(1999, 12, 31, 23, 59, 59, 0, zone(0))},
	} {
		if _, err := f.inbox.Append(mailstore.NewMessage{
			Content: mailstore.NewContent([]byte(crlf(m.raw))), Flags: m.flags, InternalDate: m.date,
		}); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			f.selected() // takes \Recent from the first two
		}
	}
	return f.selected()
}

func TestSearchKeys(t *testing.T) {
	t.Parallel()
	c := searched(t)
	for key, want := range map[string]string{
		"ALL": "1 2 3 4", "all": "1 2 3 4",
		// RFC 7377 §2: numbers above the last message's are no error.
		"5": "", "1:5": "1 2 3 4", "5:9": "", "NOT 4:9": "1 2 3", "9:*": "4",
		"1": "1", "2:*": "2 3 4", "*": "4", "*:3,1": "1 3 4", "UID 2:3": "1 2", "UID 1": "", "UID 9:*": "4", "UID *": "4", "UID 1,3,5,9": "2 4",

		"SEEN": "1", "UNSEEN": "2 3 4", "ANSWERED": "1", "UNANSWERED": "2 3 4", "FLAGGED": "2", "UNFLAGGED": "1 3 4",
		"DELETED": "2", "UNDELETED": "1 3 4", "DRAFT": "3", "UNDRAFT": "1 2 4",
		"RECENT": "3 4", "OLD": "1 2", "NEW": "3 4",
		"KEYWORD $Junk": "2", "KEYWORD $JUNK": "2", "UNKEYWORD $junk": "1 3 4", "KEYWORD none": "", "UNKEYWORD none": "1 2 3 4",

		"NOT 1": "2 3 4", "NOT NOT 1": "1", "OR 1 2": "1 2", "OR 1 OR 2 3": "1 2 3", "1:2 2:3": "2", "(1:2 2:3)": "2", "NOT (1:2 2:3)": "1 3 4",
		"OR (SEEN ANSWERED) (FLAGGED)": "1 2", "OR (1) NOT (2:*)": "1", "((1))": "1", "UNSEEN NOT DELETED NOT DRAFT": "4", "ALL ALL": "1 2 3 4",

		// RFC 3501 §6.4.4: dates without regard to time and time zone.
		"ON 28-Feb-2024": "1", "ON 29-Feb-2024": "2", "ON 1-Mar-2024": "3", "ON 01-mar-2024": "3", `ON "1-Mar-2024"`: "3",
		"BEFORE 29-Feb-2024": "1 4", "SINCE 29-Feb-2024": "2 3", "BEFORE 31-Dec-1999": "", "SINCE 31-Dec-1999": "1 2 3 4",
		"SENTON 1-Mar-2024": "1", "SENTON 29-Feb-2024": "2", "SENTBEFORE 1-Mar-2024": "2", "SENTSINCE 29-Feb-2024": "1 2",
		"SENTSINCE 1-Jan-1970": "1 2", "NOT SENTSINCE 1-Jan-1970": "3 4",

		"LARGER 900": "4", "SMALLER 300": "1 2", "LARGER 0": "1 2 3 4", "SMALLER 0": "", "LARGER 4294967295": "",
		"LARGER 1017": "4", "LARGER 1018": "", "SMALLER 1018": "1 2 3", "SMALLER 1019": "1 2 3 4",
	} {
		c.found(key, want)
	}
}

func TestSearchText(t *testing.T) {
	t.Parallel()
	c := searched(t)
	for key, want := range map[string]string{
		"SUBJECT hello": "1", "SUBJECT HELL": "1", "SUBJECT lo": "1", "SUBJECT hello.": "", `SUBJECT ""`: "1 2 3",
		"FROM alice": "1", `FROM "alice <alice@x"`: "1", "FROM @x.org": "1", "FROM b@z.org": "2", `FROM "\"q\" c"`: "2", "FROM no": "",
		// A name that is no atom is in quotes, as in the field of most mail programs.
		`FROM "\"B. \"Q\" C\" <b@z.org>"`: "2", `FROM "C <b@"`: "",
		"TO bob": "1", "TO alice": "", `TO ""`: "1", "CC team": "2", "CC d@Y": "2", `CC "<c@x.org>, <d@"`: "2", `CC "team: <c@"`: "2", `CC "d@y.org>;"`: "2", "BCC e@x": "2", "BCC nobody:;": "2", `BCC ""`: "2",
		"HEADER subject hello": "1", "HEADER From no": "2", `HEADER Message-ID ""`: "1", "HEADER message-id 1@X": "1", "HEADER X-a two": "2",
		"HEADER X-A one": "2", "HEADER X-B one": "", `HEADER "" ""`: "", `HEADER "no header here" ""`: "", "HEADER X- one": "",
		"BODY quick": "1", `BODY "QUICK FOX"`: "1", "BODY hello": "", `BODY ""`: "1 2 3 4", "BODY dog": "2", "BODY preamble": "", "BODY alle": "3",
		"BODY forwarded": "3", "BODY invisible": "", "BODY aW52": "", "BODY PGI": "", "BODY boundary": "",
		// RFC 9051 §6.4.4: BODY doesn't match any header fields, TEXT those of parts, too.
		"BODY enclosed": "", "BODY invoice.pdf": "", "BODY charset": "", "TEXT enclosed": "3", "TEXT invoice.pdf": "3", "TEXT charset": "3",
		"TEXT hello": "1", `TEXT "subject: hello"`: "1", "TEXT fox": "1", `TEXT ""`: "1 2 3 4", "TEXT boundary": "3", `TEXT "no header"`: "4", "TEXT x-a": "2",
	} {
		c.found(key, want)
	}
	for needle, want := range map[string][3]string{ // SUBJECT, BODY, TEXT
		"café":      {"2", "", "2"},
		"CAFÉ CRÈ":  {"2", "", "2"},
		"grüße":     {"", "3", "3"},
		"GRÜßE AN ": {"", "3", "3"},
		"über":      {"", "3", "3"},
		"müller":    {"", "", "3"},
		"É":         {"2", "", "2"},
		"日本":        {"", "", ""},
	} {
		for i, key := range []string{"SUBJECT", "BODY", "TEXT"} {
			literal := fmt.Sprintf(" {%d+}\r\n%s", len(needle), needle)
			c.found(key+literal, want[i])
			c.found("CHARSET utf-8 "+key+literal, want[i])
			c.found("NOT "+key+literal+" "+key+literal, "")
		}
	}
}

// found searches for a key, by number and by UID.
func (c *client) found(key, want string) {
	c.t.Helper()
	c.run("SEARCH "+key, strings.TrimRight("* SEARCH "+want, " "), "T OK SEARCH completed")
	uids := ""
	for _, n := range strings.Fields(want) {
		seq, _ := strconv.Atoi(n)
		uids += " " + strconv.Itoa(seq+1)
	}
	c.run("UID SEARCH "+key, "* SEARCH"+uids, "T OK UID SEARCH completed")
}

func TestSearchCharset(t *testing.T) {
	t.Parallel()
	c := searched(t)
	c.found("CHARSET US-ASCII SUBJECT hello", "1")
	c.found(`charset "utf-8" SUBJECT hello`, "1")
	// Every charset that go-message knows.
	c.found("CHARSET iso-8859-1 SUBJECT {4+}\r\ncaf\xe9", "2")
	c.found("CHARSET windows-1252 BODY {4+}\r\ngr\xfc\xdf", "3")
	c.found("CHARSET iso-2022-jp SUBJECT hello", "1")
	c.run("SEARCH CHARSET utf-16be SUBJECT {10+}\r\n\x00h\x00e\x00l\x00l\x00o", "T BAD SEARCH: NUL octet in a literal (RFC 3501 4.3)")
	for _, command := range []string{"SEARCH CHARSET x-none ALL", `SEARCH CHARSET "" ALL`, "UID SEARCH CHARSET none TEXT {1+}\r\n\xe9"} {
		c.run(command, "T NO [BADCHARSET] SEARCH knows no charset…")
	}
	c.run("SEARCH CHARSET windows-1252 TEXT {1+}\r\n\x81", "T BAD …")
	c.run("SEARCH CHARSET UTF-8 TEXT {1+}\r\n\xe9", "T BAD …")
	c.run("SEARCH TEXT {1+}\r\n\xe9", "T BAD …")
	c.run("SEARCH CHARSET x-none FOO", "T BAD …")
}

func TestSearchRefusesWhatIsNotInTheGrammar(t *testing.T) {
	t.Parallel()
	c := searched(t)
	for _, arguments := range []string{
		"", " ", " FOO", " ALL ", " ALL  ALL", "  ALL", " (", " ()", " (ALL", " ALL)", " (ALL))", " NOT", " NOT ", " OR 1", " OR 1 ", " OR", " (OR 1) 2",
		" 0", " 4294967296", " 1,", " UID", " UID 0", " UID x", " UID 1 2x", " KEYWORD", ` KEYWORD \Seen`, ` KEYWORD "a"`,
		" BEFORE", " BEFORE x", " ON 1-Jan", " ON 1-Foo-2024", " ON 32-Jan-2024", " ON 30-Feb-2024", " ON 001-Jan-2024", " ON 1-Jan-24", " ON 1-Jan-20245",
		` ON "1-Jan-2024`, " ON 0-Jan-2024", " SENTON 1-1-2024", " LARGER", " LARGER x", " LARGER -1", " LARGER 4294967296", " SMALLER 1.5",
		" SUBJECT", " SUBJECT ", ` SUBJECT "a`, " SUBJECT a b", " SUBJECT (a)", " HEADER a", " HEADER a ", " BODY a*b%", " CHARSET", " CHARSET UTF-8",
		" CHARSET UTF-8 ", " ALL CHARSET UTF-8", " RETURN ALL", " RETURN (ALL)", " RETURN (FOO) ALL", " RETURN (ALL", " RETURN () ", " ALL,1", ` "ALL"`, " {3+}\r\nALL",
	} {
		c.run("SEARCH"+arguments, "T BAD SEARCH: …")
	}
}

func TestSearchKeysAreNestedToALimit(t *testing.T) {
	t.Parallel()
	c := searched(t)
	for _, arguments := range []string{
		strings.Repeat(" NOT", 2000) + " ALL", " " + strings.Repeat("(", 2000) + "ALL" + strings.Repeat(")", 2000),
		strings.Repeat(" OR ALL", 2000) + " ALL",
	} {
		c.run("SEARCH"+arguments, "T NO [LIMIT] search keys are nested deeper than 1000")
	}
	c.run("SEARCH"+strings.Repeat(" NOT", 998)+" 1", "* SEARCH 1", "T OK SEARCH completed")
}

func TestSearchOfAnEmptyMailboxFindsNothing(t *testing.T) {
	t.Parallel()
	c := newFixture(t).selected()
	c.run("SEARCH ALL", "* SEARCH", "T OK SEARCH completed")
	c.run("UID SEARCH UID 1:*", "* SEARCH", "T OK UID SEARCH completed")
	c.run("SEARCH *", "* SEARCH", "T OK SEARCH completed")
}

func TestSearchNewAndOld(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello, hello, hello)
	f.selected()
	f.deliver(hello, hello)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 1, 4)
	c := f.selected()
	for key, want := range map[string]string{"NEW": "5", "OLD": "1 2 3", "RECENT": "4 5", "NOT NEW": "1 2 3 4"} {
		c.run("SEARCH "+key, "* SEARCH "+want, "T OK SEARCH completed")
	}
}

func TestSearchOfABodyWithoutText(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("MIME-Version: 1.0\r\nContent-Type: image/png\r\n\r\ndata")
	c := f.selected()
	c.run(`SEARCH BODY ""`, "* SEARCH 1", "T OK SEARCH completed")
	c.run(`SEARCH BODY data`, "* SEARCH", "T OK SEARCH completed")
	c.run(`SEARCH BODY image`, "* SEARCH", "T OK SEARCH completed")
}

func TestSearchKeysNestDeeply(t *testing.T) {
	t.Parallel()
	c := searched(t)
	c.found(strings.Repeat("NOT ", 900)+"1", "1")
	c.found(strings.Repeat("(", 900)+"1"+strings.Repeat(")", 900), "1")
	c.found(strings.Repeat("OR 2 ", 900)+"1", "1 2")
	c.found(strings.Repeat("NOT DRAFT ", 5000)+"1", "1")
}

// FuzzSearch sends any program to SEARCH, which must answer and live on.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		"ALL", "OR (SEEN NOT 1:*) UID 2,*:1", "CHARSET UTF-8 HEADER \"a\\\"b\" x", "SENTBEFORE 1-Feb-1994 ON \"12-Dec-2024\"", "LARGER 1 SMALLER 99",
		"FROM a TO b CC c BCC d SUBJECT e", "TEXT \"\" BODY x KEYWORD y UNKEYWORD $z", "NEW OLD RECENT", "NOT NOT (((1)))", "charset x all",
		"RETURN (MIN MAX PARTIAL 2:1 COUNT SAVE) $", "RETURN (UPDATE RELEVANCY) FUZZY OR (TEXT \"a b\") 9:*", "CHARSET utf-16 BODY {2}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, program string) {
		x := newFixture(t)
		x.deliver(hello, nested, "A", "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nTo: <@a:b@c> (d)\r\nSubject: =?utf-8?q?=C3=A9?=\r\n\r\n\xff")
		x.selected().fuzz("SEARCH " + program)
	})
}
