package mailwire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// say records octets as a server's session would.
func (t *Transcript) say(session int, dir Direction, text string) {
	t.record(Record{Session: session, Protocol: IMAP, Dir: dir, Time: time.Now(), Text: []byte(text)}, nil)
}

func TestTranscriptTextForm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tr Transcript
		tr.open(IMAP, "open tcp 127.0.0.1:53422")
		time.Sleep(123 * time.Microsecond)
		tr.say(1, Server, "* OK [CAPABILITY IMAP4rev1] ready\r\n")
		time.Sleep(time.Hour)
		tr.say(1, Server, "* 1 FETCH (BODY[] {12}\r\nhello world\n")
		tr.say(1, Server, ")\r\n")
		tr.open(POP3, "open mem pop3:1")
		tr.say(1, Client, "")
		tr.say(1, Client, "\r\n")
		tr.say(1, Client, "a1 \"\\\\\" \x00\xff\t grüße 日本 \u200e\r\n")
		tr.say(1, Server, "* FLAGS (\\Seen \\* \\x \\)\r\n")
		tr.say(1, Server, "* SEARCH 7456 \r\n")
		tr.say(1, Server, "a\rb\nc\r\r\n")
		want := `0.000000 imap#1 -- open tcp 127.0.0.1:53422
0.000123 imap#1 S: * OK [CAPABILITY IMAP4rev1] ready
3600.000123 imap#1 S: * 1 FETCH (BODY[] {12}
3600.000123 imap#1 S: hello world\x0a\
3600.000123 imap#1 S: )
3600.000123 pop3#2 -- open mem pop3:1
3600.000123 imap#1 C:
3600.000123 imap#1 C: a1 "\\\\" \x00\xff\x09 grüße 日本 \xe2\x80\x8e
3600.000123 imap#1 S: * FLAGS (\Seen \* \\x \\)
3600.000123 imap#1 S: * SEARCH 7456\x20
3600.000123 imap#1 S: a\x0db\x0ac\x0d
`
		if diff := cmp.Diff(want, tr.String()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTranscriptRecordsAreLines(t *testing.T) {
	t.Parallel()
	var tr Transcript
	now := time.Now()
	tr.record(Record{Session: 1, Protocol: POP3, Dir: Server, Time: now, Text: []byte("+OK\r\nabcdef.\r\n")},
		[]elision{{at: 8, present: 3, octets: 3}})
	want := []Record{
		{Session: 1, Protocol: POP3, Dir: Server, Time: now, Text: []byte("+OK\r\n")},
		{Session: 1, Protocol: POP3, Dir: Server, Time: now, Text: []byte("abc")},
		{Session: 1, Protocol: POP3, Dir: Server, Time: now, Elided: 3},
		{Session: 1, Protocol: POP3, Dir: Server, Time: now, Text: []byte(".\r\n")},
	}
	got := tr.Records()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got[0].Text[0] = '-'
	if diff := cmp.Diff(want, tr.Records()); diff != "" {
		t.Errorf("a caller changed the transcript: %s", diff)
	}
}

func TestTranscriptDropsTheOldestLinesBeyondItsLimit(t *testing.T) {
	t.Parallel()
	const limit = 10_000
	tr := NewTranscript(limit)
	said, kept := 0, 0
	for i := range 5000 {
		line := fmt.Sprintf("a%d NOOP\r\n", i)
		said += len(line)
		tr.say(1, Client, line)
		if tr.size > limit {
			t.Fatalf("keeps %d octets", tr.size)
		}
	}
	records := tr.Records()
	if n := len(records); n < 50 || string(records[n-1].Text) != "a4999 NOOP\r\n" {
		t.Fatalf("kept %d records", n)
	}
	for _, r := range records {
		kept += len(r.Text)
	}
	header := fmt.Sprintf("# %d earlier octets were dropped\n", said-kept)
	if got := tr.String(); !strings.HasPrefix(got, header) {
		t.Errorf("text begins %.60q, want %q", got, header)
	}
}

func TestTranscriptKeepsTheEndOfAHugeRecord(t *testing.T) {
	t.Parallel()
	const limit = 200_000
	tr := NewTranscript(limit)
	tr.open(IMAP, "open")
	said := strings.Repeat("* 1 EXISTS\r\n", 1_000_000) + "a1 OK\r\n"
	tr.say(1, Server, said)
	records := tr.Records()
	kept := 0
	for _, r := range records {
		kept += len(r.Text)
	}
	if last := string(records[len(records)-1].Text); last != "a1 OK\r\n" {
		t.Errorf("last record is %q", last)
	}
	if got := kept + int(tr.dropped); got != len("open")+len(said) {
		t.Errorf("%d octets kept or dropped", got)
	}
	if tr.size > limit || cap(tr.block) > pieceLimit {
		t.Errorf("keeps %d octets in blocks of %d", tr.size, cap(tr.block))
	}
}

func TestTranscriptThatKeepsNothingIsStillLive(t *testing.T) {
	t.Parallel()
	var live bytes.Buffer
	tr := NewTranscript(-1)
	tr.SetLive(&live)
	tr.open(IMAP, "open")
	tr.say(1, Client, "a1 NOOP\r\na2 NOOP\r\n")
	tr.SetLive(nil)
	tr.say(1, Client, "a3 NOOP\r\n")
	if records := tr.Records(); len(records) != 0 {
		t.Errorf("kept %v", records)
	}
	if got := strings.Count(live.String(), "\n"); got != 3 || !strings.HasSuffix(live.String(), " imap#1 C: a2 NOOP\n") {
		t.Errorf("live output is %q", live.String())
	}
}

func TestTranscriptLiveOutputGetsOneWriteForEachLine(t *testing.T) {
	t.Parallel()
	var writes []string
	var tr Transcript
	tr.SetLive(writerFunc(func(p []byte) (int, error) {
		writes = append(writes, string(p))
		return 0, errors.New("ignored")
	}))
	tr.open(IMAP, "open")
	tr.say(1, Client, "a1 NOOP\r\na2 NOOP\r\n")
	if diff := cmp.Diff(tr.String(), strings.Join(writes, "")); diff != "" || len(writes) != 3 {
		t.Errorf("%d writes: %s", len(writes), diff)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestTranscriptIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	tr := NewTranscript(100_000)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			session := tr.open(IMAP, "open")
			for range 500 {
				tr.say(session, Client, "a1 NOOP\r\n")
			}
			tr.SetLive(io.Discard)
			_ = tr.String()
			tr.Records()
		})
	}
	wg.Wait()
}

func TestTranscriptWriteToReportsWhatItWrote(t *testing.T) {
	t.Parallel()
	var tr Transcript
	tr.open(IMAP, "open")
	for range 2000 {
		tr.say(1, Client, strings.Repeat("x", 100)+"\r\n")
	}
	var b strings.Builder
	if n, err := tr.WriteTo(&b); err != nil || n != int64(b.Len()) || b.String() != tr.String() {
		t.Errorf("wrote %d of %d octets: %v", n, b.Len(), err)
	}
	full := errors.New("disk full")
	if _, err := tr.WriteTo(writerFunc(func([]byte) (int, error) { return 0, full })); err != full {
		t.Errorf("error is %v", err)
	}
}

func TestParseTranscriptReadsHandwrittenText(t *testing.T) {
	t.Parallel()
	text := "# a comment\r\n\n" +
		"0 imap#1 -- open\r\n" +
		"        1.5 imap#1 C:\n" +
		"\t# indented\n" +
		"2.000001 imap#1 C: a1 \\x41\\x42 x \\\n" +
		"2.000001 pop3#12 S: \\{10240 octets}\n" +
		"3. pop3#12 S: \\"
	at := func(d time.Duration) time.Time { return time.Time{}.Add(d) }
	want := []Record{
		{Session: 1, Protocol: IMAP, Dir: Note, Time: at(0), Text: []byte("open")},
		{Session: 1, Protocol: IMAP, Dir: Client, Time: at(1500 * time.Millisecond), Text: []byte("\r\n")},
		{Session: 1, Protocol: IMAP, Dir: Client, Time: at(2*time.Second + time.Microsecond), Text: []byte("a1 AB x ")},
		{Session: 12, Protocol: POP3, Dir: Server, Time: at(2*time.Second + time.Microsecond), Elided: 10240},
		{Session: 12, Protocol: POP3, Dir: Server, Time: at(3 * time.Second)},
	}
	got, err := ParseTranscript(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseTranscriptRefusesWhatItCannotMean(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`x`, `0`, `0 imap#1`, `-1 imap#1 C: x`, `0.0000001 imap#1 C: x`, `0.+1 imap#1 C: x`,
		`99999999999999999999 imap#1 C: x`, `9223372036 imap#1 C: x`,
		`0 imap C: x`, `0 imap#0 C: x`, `0 imap#-1 C: x`, `0 imap\#1 C: x`, `0 im\x4#1 C: x`,
		`0 imap#1 D: x`, `0 imap#1 C:x`,
		`0 imap#1 C: \9`, `0 imap#1 C: \x4`, `0 imap#1 C: \xgg`, `0 imap#1 C: a \{4 octets}`,
		`0 imap#1 C: \{0 octets}`, `0 imap#1 C: \{-4 octets}`, `0 imap#1 C: \{4 octets}\`, `0 imap#1 C: \{4}`,
		`0 imap#1 -- open\`, `0 imap#1 -- \{4 octets}`,
	} {
		records, err := ParseTranscript(strings.NewReader("# comment\n" + line))
		if err == nil || !strings.HasPrefix(err.Error(), "mailwire: transcript line 2: ") {
			t.Errorf("%s: %v, %v", line, records, err)
		}
	}
	broken := errors.New("broken")
	_, err := ParseTranscript(io.MultiReader(strings.NewReader("0 imap#1 -- x\n"), errorReader{broken}))
	if !errors.Is(err, broken) {
		t.Errorf("error of the reader: %v", err)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func FuzzParseTranscript(f *testing.F) {
	f.Add("0.000123 imap#1 -- open tcp 127.0.0.1:53422\n0.5 imap#1 S: * OK\\x20\n3 pop3#2 C: \\\n")
	f.Add("1 imap#1 S: * 1 FETCH (BODY[] {12}\n1 imap#1 S: \\{12 octets}\n# x\n1 imap#1 S: )\\\\\\\n")
	f.Fuzz(func(t *testing.T, text string) {
		records, err := ParseTranscript(strings.NewReader(text))
		if err != nil {
			return
		}
		var rendered []byte
		for _, r := range records {
			rendered = r.Append(rendered, time.Time{})
		}
		again, err := ParseTranscript(bytes.NewReader(rendered))
		if err != nil {
			t.Fatalf("%q: %v", rendered, err)
		}
		// A handwritten line may hold what is two lines on the wire.
		if diff := cmp.Diff(split(records), split(again)); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzTranscriptRoundTrip(f *testing.F) {
	f.Add("imap", []byte("* OK \r\n"), []byte("a\\\xff\n\r\r\n\r"), int64(10240))
	f.Add("", []byte("\r"), []byte("\n"), int64(0))
	f.Add("a b#\\", []byte("\\{5 octets}"), []byte("\x00\u00a0\ufffd"), int64(1))
	f.Fuzz(func(t *testing.T, protocol string, first, second []byte, elided int64) {
		var tr Transcript
		tr.open(Protocol(protocol), string(first))
		for _, dir := range []Direction{Client, Server} {
			text := append(bytes.Clone(first), second...)
			tr.record(Record{Session: 1, Protocol: Protocol(protocol), Dir: dir, Time: tr.start, Text: text},
				[]elision{{at: len(first), octets: max(elided, 1)}})
		}
		parsed, err := ParseTranscript(strings.NewReader(tr.String()))
		if err != nil {
			t.Fatalf("%s%v", tr.String(), err)
		}
		want := tr.Records()
		for i := range want {
			want[i].Time = time.Time{}
			if len(want[i].Text) == 0 {
				want[i].Text = nil
			}
		}
		if diff := cmp.Diff(want, parsed); diff != "" {
			t.Errorf("%s%s", tr.String(), diff)
		}
	})
}

func split(records []Record) (lines []Record) {
	for _, r := range records {
		for line := range r.lines() {
			lines = append(lines, line)
		}
	}
	return lines
}
