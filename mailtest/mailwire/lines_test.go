package mailwire

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// conversation reads the lines of a transcript without their times.
func conversation(t testing.TB, text string) []Record {
	t.Helper()
	var timed strings.Builder
	for line := range strings.Lines(text) {
		timed.WriteString("0 " + line)
	}
	records, err := ParseTranscript(strings.NewReader(timed.String()))
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestLinesKnowWhatIsInALiteral(t *testing.T) {
	t.Parallel()
	// What is expected to be in a literal has a bar.
	for name, want := range map[string]string{
		"IMAP literals of both directions": `
 imap#1 -- open mem
 imap#1 S: * OK ready
 imap#1 C: a1 APPEND x {9}
 imap#1 S: + go on
|imap#1 C: hello
|imap#1 C: hi\
 imap#1 C:
 imap#1 S: a1 OK done
 imap#1 C: a2 FETCH 1 (BODY[1] BODY[2])
 imap#1 S: * 1 FETCH (BODY[1] {3}
|imap#1 S: abc\
 imap#1 S:  BODY[2] {4}
|imap#1 S: ab
 imap#1 S: )
`,
		"sessions that take turns": `
 imap#1 C: a1 APPEND x {14+}
 imap#2 S: * 1 FETCH (BODY[] {4}
|imap#1 C: hello
|imap#2 S: ab
 pop3#3 S: +OK
|imap#1 C: bob
|imap#1 C:
 imap#2 S: )
`,
		"a literal that is refused": `
 imap#1 C: a1 APPEND x {9000000}
 imap#1 S: a1 NO [TOOBIG] no
 imap#1 C: a2 NOOP
`,
		"elided and masked octets": `
 imap#1 C: a1 LOGIN {5}
 imap#1 S: + go on
|imap#1 C: alice\
 imap#1 C:  {6}
 imap#1 S: + go on
|imap#1 C: ***
 imap#1 S: * 1 FETCH (BODY[] {5000}
|imap#1 S: Subject: x
|imap#1 S: \{4988 octets}
 imap#1 S: )
`,
		"POP3 messages, pipelined, amid other answers of many lines": `
 pop3#1 -- open mem
 pop3#1 C: CAPA
 pop3#1 S: +OK ready
 pop3#1 S: +OK
 pop3#1 S: +OK is no answer here
 pop3#1 S: .
 pop3#1 C: AUTH PLAIN
 pop3#1 S: + \

 pop3#1 C: ***
 pop3#1 S: +OK
 pop3#1 C: retr 1
 pop3#1 C: RETR 2
 pop3#1 C: TOP 1 0
 pop3#1 S: +OK
|pop3#1 S: Subject: x
|pop3#1 S:
|pop3#1 S: ..
 pop3#1 S: .
 pop3#1 S: -ERR no such message
 pop3#1 S: +OK
|pop3#1 S: Subject: x
|pop3#1 S: \{100 octets}
 pop3#1 S: .
 pop3#1 C: LIST 1
 pop3#1 S: +OK 1 100
 pop3#1 C: QUIT
 pop3#1 S: +OK
`,
	} {
		var plain, marked strings.Builder
		for line := range strings.Lines(strings.ReplaceAll(want, "+ \\\n", "+ x\n")) {
			if len(line) > 1 {
				plain.WriteString(line[1:])
				marked.WriteString(line)
			}
		}
		var got strings.Builder
		// The server may send the end of a literal with what follows, in one record.
		for _, line := range Lines(merged(conversation(t, plain.String()))) {
			mark := " "
			if line.Literal {
				mark = "|"
			}
			_, text, _ := strings.Cut(string(line.Append(nil, time.Time{})), " ")
			got.WriteString(mark + text)
		}
		if diff := cmp.Diff(strings.Split(marked.String(), "\n"), strings.Split(got.String(), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// merged joins each record that doesn't end a line with the next one of its session.
func merged(records []Record) []Record {
	var out []Record
	for _, r := range records {
		if last := len(out) - 1; last >= 0 && out[last].Dir == r.Dir && out[last].Session == r.Session &&
			r.Dir != Note && out[last].Elided == 0 && !strings.HasSuffix(string(out[last].Text), "\r\n") {
			out[last].Text = append(out[last].Text, r.Text...)
			continue
		}
		out = append(out, r)
	}
	return out
}

func FuzzLinesKeepEveryOctet(f *testing.F) {
	f.Add("0 imap#1 C: a1 APPEND x {9}\n0 imap#1 S: + go on\n0 imap#1 C: hellohi world\n0 imap#1 S: \\{9 octets}\n0 imap#1 -- x\n")
	f.Add("0 pop3#1 C: RETR 1\n0 pop3#1 S: +OK\n0 pop3#1 S: x\\\n0 pop3#1 S: .\n0 imap#1 C: *** {99999999999}\n")
	f.Fuzz(func(t *testing.T, text string) {
		records, err := ParseTranscript(strings.NewReader(text))
		if err != nil {
			return
		}
		octets := func(r Record, of map[string]string) {
			key := fmt.Sprint(r.Protocol, r.Session, r.Dir)
			of[key] += string(r.Text)
			if r.Elided > 0 {
				of[key] += fmt.Sprintf("<%d>", r.Elided)
			}
		}
		want, got := make(map[string]string), make(map[string]string)
		for _, r := range records {
			octets(r, want)
		}
		for _, line := range Lines(records) {
			octets(line.Record, got)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
