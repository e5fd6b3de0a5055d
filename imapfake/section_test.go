package imapfake_test

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// nested has every kind of section: a text, a message with a multipart in it, a
// message with a text, and an attachment.
var nested = crlf(`From: outer@example.org
Subject: outer
X-Odd : a
 b
subject: again
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=o

preamble
--o
Content-Type: text/plain
Content-ID: <one>

first
--o
Content-Type: message/rfc822
Content-Description: second

From: inner@example.org
Subject: inner
Content-Type: multipart/alternative; boundary=i

--i

plain
--i
Content-Type: text/html

<b>
--i--
--o
Content-Type: message/rfc822

Subject: third
To: a@example.org

simple
--o
Content-Type: application/octet-stream

--o--
epilogue
`)

// readResponse reads one response with its literals.
func readResponse(r *bufio.Reader) (string, error) {
	var response strings.Builder
	for {
		line, err := r.ReadString('\n')
		response.WriteString(line)
		if err != nil {
			return response.String(), err
		}
		size := literalSize.FindStringSubmatch(line)
		if size == nil {
			return response.String(), nil
		}
		n, _ := strconv.Atoi(size[1])
		if _, err := io.CopyN(&response, r, int64(n)); err != nil {
			return response.String(), err
		}
	}
}

var literalSize = regexp.MustCompile(`\{(\d+)\}\r\n$`)

// section fetches a section of message 1 and returns its label and value: NIL, or
// the octets after "=".
func (c *client) section(section string) (label, value string) {
	c.t.Helper()
	c.send("T FETCH 1 BODY.PEEK" + section)
	response, err := readResponse(c.r)
	if err != nil {
		c.t.Fatal(err)
	}
	if strings.HasPrefix(response, "T ") {
		c.t.Fatalf("FETCH BODY.PEEK%s: %s", section, response)
	}
	if done := c.line(); done != "T OK FETCH completed" {
		c.t.Fatalf("FETCH BODY.PEEK%s: %s, then %s", section, response, done)
	}
	rest := strings.TrimSuffix(strings.TrimPrefix(response, "* 1 FETCH (BODY"), ")\r\n")
	if label, found := strings.CutSuffix(rest, " NIL"); found {
		return label, "NIL"
	}
	at := strings.Index(rest, " {")
	label, rest = rest[:at], rest[at+2:]
	size, octets, _ := strings.Cut(rest, "}\r\n")
	if size != strconv.Itoa(len(octets)) {
		c.t.Fatalf("FETCH BODY.PEEK%s: a literal of %s octets has %d", section, size, len(octets))
	}
	return label, "=" + octets
}

func TestFetchSections(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(nested)
	c := f.selected()
	header, body, _ := strings.Cut(nested, "\r\n\r\n")
	inner := "From: inner@example.org\nSubject: inner\nContent-Type: multipart/alternative; boundary=i\n\n"
	parts := "--i\n\nplain\n--i\nContent-Type: text/html\n\n<b>\n--i--"
	for section, want := range map[string]string{
		"[]":                    "=" + nested,
		"[HEADER]":              "=" + header + "\r\n\r\n",
		"[TEXT]":                "=" + body,
		"[1]":                   "=first",
		"[1.MIME]":              "=Content-Type: text/plain\nContent-ID: <one>\n\n",
		"[1.HEADER]":            "NIL",
		"[1.TEXT]":              "NIL",
		"[1.1]":                 "NIL",
		"[2]":                   "=" + inner + parts,
		"[2.MIME]":              "=Content-Type: message/rfc822\nContent-Description: second\n\n",
		"[2.HEADER]":            "=" + inner,
		"[2.TEXT]":              "=" + parts,
		"[2.1]":                 "=plain",
		"[2.1.MIME]":            "=\n",
		"[2.1.HEADER]":          "NIL",
		"[2.2]":                 "=<b>",
		"[2.2.MIME]":            "=Content-Type: text/html\n\n",
		"[2.3]":                 "NIL",
		"[3.1]":                 "=simple",
		"[3.1.MIME]":            "=Subject: third\nTo: a@example.org\n\n",
		"[3.TEXT]":              "=simple",
		"[3.2]":                 "NIL",
		"[4]":                   "=",
		"[5]":                   "NIL",
		"[5.MIME]":              "NIL",
		"[2147483647]":          "NIL",
		"[1" + many(".1") + "]": "NIL",

		"[HEADER.FIELDS (SUBJECT)]":                   "=Subject: outer\nsubject: again\n\n",
		"[HEADER.FIELDS (x-odd From)]":                "=From: outer@example.org\nX-Odd : a\n b\n\n",
		"[HEADER.FIELDS (None)]":                      "=\n",
		`[HEADER.FIELDS ("" "a b")]`:                  "=\n",
		"[HEADER.FIELDS.NOT (X-Odd Subject from)]":    "=MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n",
		"[HEADER.FIELDS.NOT (None)]":                  "=" + header + "\r\n\r\n",
		"[2.HEADER.FIELDS (Subject)]":                 "=Subject: inner\n\n",
		"[2.HEADER.FIELDS.NOT (Subject)]":             "=From: inner@example.org\nContent-Type: multipart/alternative; boundary=i\n\n",
		"[3.HEADER.FIELDS (To)]":                      "=To: a@example.org\n\n",
		"[1.HEADER.FIELDS (Content-Type)]":            "NIL",
		"[5.HEADER.FIELDS.NOT (Content-Type)]":        "NIL",
		"[HEADER.FIELDS (Subject Subject SUBJECT a)]": "=Subject: outer\nsubject: again\n\n",
	} {
		label, got := c.section(section)
		if want = crlf(strings.ReplaceAll(want, "\r\n", "\n")); got != want {
			t.Errorf("BODY%s is %q, want %q", section, got, want)
		}
		if label != section {
			t.Errorf("BODY%s is called %s", section, label)
		}
	}
}

func many(s string) string { return strings.Repeat(s, 500) }

func TestFetchOfAMessageThatIsNotMIMEHasOnePart(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.selected()
	for section, want := range map[string]string{
		"[1]":        "=hi there\r\n",
		"[1.MIME]":   "=From: Bob <bob@example.org>\r\nSubject: hello\r\n\r\n",
		"[1.HEADER]": "NIL",
		"[1.TEXT]":   "NIL",
		"[1.1]":      "NIL",
		"[2]":        "NIL",
	} {
		if _, got := c.section(section); got != want {
			t.Errorf("BODY%s is %q, want %q", section, got, want)
		}
	}
}

// RFC 3501 §6.4.5: a partial fetch that starts beyond the end is empty, and the
// response tells the origin but not the count.
func TestFetchPartial(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("A: b\r\n\r\n0123456789")
	c := f.selected()
	for _, test := range [][3]string{
		{"[TEXT]<0.4>", "[TEXT]<0>", "=0123"},
		{"[TEXT]<4.2>", "[TEXT]<4>", "=45"},
		{"[TEXT]<8.4>", "[TEXT]<8>", "=89"},
		{"[TEXT]<0.10>", "[TEXT]<0>", "=0123456789"},
		{"[TEXT]<0.11>", "[TEXT]<0>", "=0123456789"},
		{"[TEXT]<10.1>", "[TEXT]<10>", "="},
		{"[TEXT]<99.1>", "[TEXT]<99>", "="},
		{"[TEXT]<9.4294967295>", "[TEXT]<9>", "=9"},
		{"[TEXT]<4294967295.4294967295>", "[TEXT]<4294967295>", "="},
		{"[]<6.4>", "[]<6>", "=\r\n01"},
		{"[HEADER]<0.3>", "[HEADER]<0>", "=A: "},
		{"[1]<1.1>", "[1]<1>", "=1"},
		{"[1.MIME]<3.1>", "[1.MIME]<3>", "=b"},
		{"[HEADER.FIELDS (a)]<1.2>", "[HEADER.FIELDS (a)]<1>", "=: "},
		{"[9]<0.5>", "[9]<0>", "NIL"},
	} {
		if label, got := c.section(test[0]); label != test[1] || got != test[2] {
			t.Errorf("BODY%s answers %s %q, want %s %q", test[0], label, got, test[1], test[2])
		}
	}
}

func TestFetchRepeatsTheSectionInCanonicalForm(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.selected()
	for section, want := range map[string]string{
		"[header]":                       "[HEADER]",
		"[1.Mime]":                       "[1.MIME]",
		"[tExt]":                         "[TEXT]",
		"[header.fields (subject From)]": "[HEADER.FIELDS (subject From)]",
		"[header.fields.not (x)]":        "[HEADER.FIELDS.NOT (x)]",
		`[HEADER.FIELDS ("Subject" {1+}` + "\r\na)]":          "[HEADER.FIELDS (Subject a)]",
		`[HEADER.FIELDS ("" "a b" "c(d" e] "]")]`:             `[HEADER.FIELDS ("" "a b" "c(d" e] ])]`,
		`[HEADER.FIELDS ("q\"x\\y" "*" "%" "{1}")]`:           `[HEADER.FIELDS ("q\"x\\y" "*" "%" "{1}")]`,
		`[HEADER.FIELDS ({3+}` + "\r\n\"\\\" b)]<0.1>":        `[HEADER.FIELDS ("\"\\\"" b)]<0>`,
		"[HEADER.FIELDS (" + strings.Repeat("x", 5000) + ")]": "[HEADER.FIELDS (" + strings.Repeat("x", 5000) + ")]",
	} {
		if label, _ := c.section(section); label != want {
			t.Errorf("BODY%s is called %s, want %s", section, label, want)
		}
	}
}

func TestFetchRFC822Items(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("A: b\r\n\r\ntext\r\n")
	c := f.selected()
	c.run("FETCH 1 RFC822.HEADER", "* 1 FETCH (RFC822.HEADER {8}", "A: b", "", ")", "T OK FETCH completed")
	c.run("FETCH 1 RFC822.TEXT", `* 1 FETCH (FLAGS (\Seen \Recent) RFC822.TEXT {6}`, "text", ")", "T OK FETCH completed")
	c.run("FETCH 1 RFC822", "* 1 FETCH (RFC822 {14}", "A: b", "", "text", ")", "T OK FETCH completed")
	c.run("FETCH 1 (RFC822.TEXT RFC822.SIZE BODY.PEEK[HEADER])",
		"* 1 FETCH (RFC822.TEXT {6}", "text", " RFC822.SIZE 14 BODY[HEADER] {8}", "A: b", "", ")", "T OK FETCH completed")
}

func TestFetchReturnsExactlyTheOctetsThatAreStored(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"A: b\n\nbare\nLF\n", "A: b\r\n\r\na\rb\r\r\nc\r", "\r\n", "\n", "A", "A: b", "A: b\r\n", "\xff\xfe\x80: \r\n\r\n\x01\x7f\xff",
		"no header at all", "A: b\r\n\r\n" + strings.Repeat("x", 100_000), strings.Repeat("A: b\r\n", 10_000),
	} {
		f := newFixture(t)
		f.deliver(raw)
		c := f.selected()
		if _, got := c.section("[]"); got != "="+raw {
			t.Errorf("BODY[] of %.40q is %.40q", raw, got)
		}
		_, header := c.section("[HEADER]")
		_, text := c.section("[TEXT]")
		if header[1:]+text[1:] != raw {
			t.Errorf("BODY[HEADER] of %.40q is %.40q, BODY[TEXT] %.40q", raw, header, text)
		}
		c.run("FETCH 1 RFC822.SIZE", fmt.Sprintf("* 1 FETCH (RFC822.SIZE %d)", len(raw)), "T OK FETCH completed")
	}
}

// A header that ends without a blank line gets none (RFC 3501 §6.4.5).
func TestFetchHeaderFieldsOfAMessageWithoutBlankLine(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("A: b\r\nC: d\r\n")
	c := f.selected()
	for section, want := range map[string]string{
		"[HEADER.FIELDS (C)]":     "=C: d\r\n",
		"[HEADER.FIELDS.NOT (C)]": "=A: b\r\n",
		"[HEADER.FIELDS (X)]":     "=",
	} {
		if _, got := c.section(section); got != want {
			t.Errorf("BODY%s is %q, want %q", section, got, want)
		}
	}
}

// FuzzFetch sends any arguments to FETCH: the answer must have the form of IMAP, and
// the session must live on.
func FuzzFetch(f *testing.F) {
	for _, seed := range []string{
		"1 FLAGS", "1:* ALL", "2 (UID BODY[1.2.HEADER.FIELDS.NOT (a \"b\")]<0.10>)", "*:1 BODY.PEEK[2.1.MIME]", "1,3:2 (ENVELOPE BODYSTRUCTURE)",
		"1 BODY[HEADER.FIELDS (\"q\\\"\")]", "1 BODY[1.1.1.1]", "3 RFC822.TEXT", "1 BODY[]<4294967295.4294967295>", "1 (BODY[] BODY[])",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arguments string) {
		x := newFixture(t)
		x.deliver(hello, nested, "A")
		x.selected().fuzz("FETCH " + arguments)
	})
}

// fuzz sends a line that may be anything and reads the answer to it.
func (c *client) fuzz(line string) {
	line = strings.NewReplacer("\r", "", "\n", "").Replace(line)
	if strings.HasSuffix(line, "}") {
		line += ")" // no literal follows
	}
	c.send("T "+line, "U NOOP")
	for {
		response, err := readResponse(c.r)
		if err != nil {
			c.t.Fatalf("%q: %q, then %v", line, response, err)
		}
		switch {
		case strings.HasPrefix(response, "U OK "):
			return
		case strings.HasPrefix(response, "* ") && strings.Contains(response, " FETCH (") && !balanced(response):
			c.t.Fatalf("%q answers %q", line, response)
		case !strings.HasPrefix(response, "* ") && !strings.HasPrefix(response, "T OK ") && !strings.HasPrefix(response, "T BAD ") &&
			!strings.HasPrefix(response, "T NO "):
			c.t.Fatalf("%q answers %q", line, response)
		}
	}
}

// balanced tells whether every parenthesis and quote of a response is closed.
func balanced(response string) bool {
	depth := 0
	for i := 0; i < len(response); i++ {
		switch response[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return false
			}
		case '"':
			for i++; i < len(response) && response[i] != '"'; i++ {
				if response[i] == '\\' {
					i++
				}
			}
		case '{':
			size, _, _ := strings.Cut(response[i+1:], "}\r\n")
			n, err := strconv.Atoi(size)
			if err != nil {
				continue
			}
			i += len(size) + len("}\r\n") + n
		}
	}
	return depth == 0
}
