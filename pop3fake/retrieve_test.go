package pop3fake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

func TestTopSendsHeaderBlankLineAndLinesOfTheBody(t *testing.T) {
	t.Parallel()
	const whole = "Subject: x\r\nTo: y\r\n\r\none\r\n\r\n.three\r\n.\r\nfive\r\n"
	for _, test := range []struct {
		name, content, lines, want string
	}{
		{"no line", whole, "0", "Subject: x\r\nTo: y\r\n\r\n"},
		{"one line", whole, "1", "Subject: x\r\nTo: y\r\n\r\none\r\n"},
		{"stuffed lines", whole, "4", "Subject: x\r\nTo: y\r\n\r\none\r\n\r\n..three\r\n..\r\n"},
		{"leading zeros", whole, "001", "Subject: x\r\nTo: y\r\n\r\none\r\n"},
		{"all lines", whole, "5", "Subject: x\r\nTo: y\r\n\r\none\r\n\r\n..three\r\n..\r\nfive\r\n"},
		{"more than 32 bits of lines", whole, "4294967296", "Subject: x\r\nTo: y\r\n\r\none\r\n\r\n..three\r\n..\r\nfive\r\n"},
		{"more than 64 bits of lines", whole, "99999999999999999999", "Subject: x\r\nTo: y\r\n\r\none\r\n\r\n..three\r\n..\r\nfive\r\n"},
		{"no body", "Subject: x\r\n\r\n", "3", "Subject: x\r\n\r\n"},
		{"no blank line", "Subject: x\r\n", "3", "Subject: x\r\n"},
		{"no end of line", "Subject: x", "0", "Subject: x\r\n"},
		{"no header", "\r\none\r\ntwo\r\n", "1", "\r\none\r\n"},
		{"nothing at all", "", "1", ""},
		{"bare LF", "Subject: x\n\none\n.\ntwo", "2", "Subject: x\r\n\r\none\r\n..\r\n"},
		{"last line without an end", "Subject: x\n\none\ntwo", "2", "Subject: x\r\n\r\none\r\ntwo\r\n"},
		{"bare CR", "Subject: x\r\n\r\no\rne\r\r\ntwo\r\n", "1", "Subject: x\r\n\r\no\rne\r\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, []string{test.content}).logIn()
			c.run("C: TOP 1 " + test.lines + "\nS: +OK top of message follows")
			var got strings.Builder
			for _, line := range c.lines() {
				got.WriteString(line + "\r\n")
			}
			if got.String() != test.want {
				t.Errorf("got %q, want %q", got.String(), test.want)
			}
		})
	}
}

func TestAllSizesAreThoseOfTheOctetsThatArrive(t *testing.T) {
	t.Parallel()
	contents := []string{
		"Subject: x\r\n\r\nhello\r\n",
		"Subject: bare\n\nx\n.\ny\n.z",
		"Subject: no end\r\n\r\nlast",
		"Subject: cr\r\n\r\nab\rcd\r\r\nef\r",
		"", "\n", "\r\n", "\r", ".", "..", ".\n", ".\r\n", "\r\n.\r\n", "\n.\r\n", "\r.\r\n", "\n.", "\r\n.",
		"\x00\xff\r\n", strings.Repeat("a", 1<<20), strings.Repeat(".\n", 100_000),
	}
	c := start(t, contents).logIn()
	var sizes []int
	total := 0
	for i, content := range contents {
		c.send(fmt.Sprintf("RETR %d\r\n", i+1))
		var announced int
		if _, err := fmt.Sscanf(c.line(), "+OK %d octets", &announced); err != nil {
			t.Fatal(err)
		}
		got := unstuff(c.readResponse())
		if want := asLines(content); string(got) != want {
			t.Errorf("content %.40q arrived as %.40q, want %.40q", content, got, want)
		}
		if len(got) != announced {
			t.Errorf("content %.40q: %d octets announced, %d received", content, announced, len(got))
		}
		sizes = append(sizes, announced)
		total += announced
	}
	c.run(fmt.Sprintf("C: STAT\nS: +OK %d %d\n", len(contents), total))
	c.run(fmt.Sprintf("C: LIST\nS: +OK %d messages (%d octets)\n", len(contents), total))
	var listed []int
	for i, line := range c.lines() {
		var n, size int
		if _, err := fmt.Sscanf(line, "%d %d", &n, &size); err != nil || n != i+1 {
			t.Errorf("scan listing %q: %v", line, err)
		}
		listed = append(listed, size)
	}
	if !slices.Equal(listed, sizes) {
		t.Errorf("LIST says %v, RETR %v", listed, sizes)
	}
}

func TestTheTranscriptShowsTheBeginningOfALongMessageOnly(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	c := start(t, []string{"Subject: x\r\n\r\n" + strings.Repeat(".dot\r\n", 1000)}, pop3fake.WithTranscript(transcript)).logIn()
	c.send("RETR 1\r\n")
	c.line()
	c.lines()
	text := transcript.String()
	if !strings.Contains(text, "S: Subject: x\n") || !strings.Contains(text, " octets}") || len(text) > 2000 {
		t.Errorf("transcript:\n%s", text)
	}
}
