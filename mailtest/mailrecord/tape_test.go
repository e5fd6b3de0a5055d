package mailrecord

import (
	"bytes"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailwire"
)

// taped returns what is recorded of turns of the client and the server that arrive in pieces
// of n octets.
func taped(p mailwire.Protocol, turns []string, n int, bodies bool, r *Redactor) (text string, records []mailwire.Record) {
	t := newTape(mailwire.NewTranscript(0), 1, p)
	t.bodies, t.redactor = bodies, r
	for i, turn := range turns {
		dir := mailwire.Client
		if i%2 == 1 {
			dir = mailwire.Server
		}
		for rest := []byte(turn); len(rest) > 0; {
			piece := rest[:min(n, len(rest))]
			t.Passed(dir, bytes.Clone(piece))
			rest = rest[len(piece):]
		}
	}
	t.Ended()
	for _, r := range t.transcript.Records() {
		text += string(r.Protocol) + r.Dir.String() + string(r.Text) + "\n"
	}
	return text, t.transcript.Records()
}

func FuzzTape(f *testing.F) {
	f.Add("a LOGIN {5}\r\nalice {3+}\r\nabc\r\nb IDLE\r\nDONE\r\n", "* OK\r\n+ \r\na OK\r\n* 1 FETCH (BODY[] {3}\r\nabc)\r\n", "c AUTHENTICATE PLAIN\r\nAGE=\r\n", "+ \r\nc OK\r\n", true)
	f.Add("USER a\r\nPASS b\r\nRETR 1\r\n", "+OK\r\n+OK\r\n+OK\r\n+OK\r\n..a\r\n.\r\n", "AUTH PLAIN\r\nAGE=\r\n", "+ \r\n+OK\r\n", false)
	f.Fuzz(func(t *testing.T, client, server, client2, server2 string, imap bool) {
		p := mailwire.POP3
		if imap {
			p = mailwire.IMAP
		}
		turns := []string{client, server, client2, server2}
		for _, bodies := range []bool{false, true} {
			whole, records := taped(p, turns, 1<<20, bodies, nil)
			if single, _ := taped(p, turns, 1, bodies, nil); single != whole {
				t.Fatalf("what arrives at once is recorded as\n%q\nand octet by octet as\n%q", whole, single)
			}
			for dir, octets := range map[mailwire.Direction]string{mailwire.Client: client + client2, mailwire.Server: server + server2} {
				checkStream(t, records, dir, octets)
			}
		}
		taped(p, turns, 7, true, NewRedactor("key"))
	})
}

// checkStream checks that the records of a direction are all that passed, where they show it.
func checkStream(t *testing.T, records []mailwire.Record, dir mailwire.Direction, octets string) {
	t.Helper()
	var shown strings.Builder
	for _, r := range records {
		if r.Dir != dir {
			continue
		}
		if r.Elided > 0 || bytes.Contains(r.Text, []byte(mask)) {
			return
		}
		shown.Write(r.Text)
	}
	if shown.String() != octets {
		t.Fatalf("%q is recorded as %q", octets, shown.String())
	}
}
