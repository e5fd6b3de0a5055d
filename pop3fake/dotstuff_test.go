package pop3fake_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"example.org/mailfakes/pop3fake"
)

// readResponse returns the rest of a multi-line response as RFC 1939 §3 defines it:
// up to the first line that is a "." alone, where lines end in CRLF and in that only.
func (c *client) readResponse() []byte {
	c.t.Helper()
	c.soon()
	octets := []byte("\r\n") // of the status line
	for !bytes.HasSuffix(octets, []byte("\r\n.\r\n")) {
		line, err := c.in.ReadBytes('\n')
		if err != nil {
			c.t.Fatalf("read response: %v after %.80q", err, octets)
		}
		octets = append(octets, line...)
	}
	return octets[2 : len(octets)-3]
}

// unstuff removes the dots that were added to a response.
func unstuff(response []byte) []byte {
	return bytes.ReplaceAll(append([]byte("\r\n"), response...), []byte("\r\n."), []byte("\r\n"))[2:]
}

// asLines returns content as lines that end in CRLF.
func asLines(content string) string {
	content = strings.ReplaceAll(strings.ReplaceAll(content, "\r\n", "\n"), "\n", "\r\n")
	if content != "" && !strings.HasSuffix(content, "\n") {
		content += "\r\n"
	}
	return content
}

// FuzzRetrieve reads any content back: by RETR and by TOP, and both as a client reads
// them that takes CRLF for the end of a line and as one that takes any LF.
func FuzzRetrieve(f *testing.F) {
	for _, seed := range []string{
		"", ".", "\n", "\r", "\r\n", "\r\r\n", ".\r\n", "..", "\n.\n", "\r.\r\n", "a\n.\r\nb", "Subject: x\r\n\r\n.\r\n..\r\nlast",
		"Subject: \u00e9\r\n.\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		// A header in UTF-8 is a case of its own, see utf8_test.go.
		c := start(t, []string{content}, pop3fake.WithoutCapabilities(pop3fake.UTF8)).logIn()
		want := asLines(content)
		c.run(fmt.Sprintf("C: STAT\nS: +OK 1 %d\nC: LIST 1\nS: +OK 1 %[1]d\nC: RETR 1\nS: +OK %[1]d octets", len(want)))
		response := c.readResponse()
		if got := unstuff(response); string(got) != want {
			t.Errorf("RETR: got %q, want %q", got, want)
		}
		// Every LF has its CR, so that there is but one way to divide the lines.
		if bare := bytes.Count(response, []byte("\n")) - bytes.Count(response, []byte("\r\n")); bare != 0 {
			t.Errorf("RETR: %d bare LF in %q", bare, response)
		}
		c.run("C: TOP 1 99999999\nS: +OK top of message follows")
		if whole := c.readResponse(); !bytes.Equal(whole, response) {
			t.Errorf("TOP: got %q, want %q", whole, response)
		}
		c.run("C: TOP 1 0\nS: +OK top of message follows")
		if header := c.readResponse(); !bytes.HasPrefix(response, header) {
			t.Errorf("TOP 1 0: got %q, which %q doesn't begin with", header, response)
		}
		c.run("C: NOOP\nS: +OK nothing done")
	})
}
