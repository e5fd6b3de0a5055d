package mailminimize_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailminimize"
	"example.org/mailfakes/mailtest/mailwire"
)

// transcript has three sessions; what the tests look for stands in the second.
const transcript = `# recorded somewhere
0.000000 imap#1 -- open tcp 127.0.0.1:1
0.000001 imap#1 S: * OK hi
0.000002 imap#1 C: a LOGIN alice ***
0.000003 imap#1 S: a OK
0.000004 imap#2 -- open tcp 127.0.0.1:2
0.000005 imap#2 S: * OK hi
0.000006 imap#2 C: a LOGIN {5}
0.000007 imap#2 S: + go
0.000008 imap#2 C: alice ***
0.000009 imap#2 S: * CAPABILITY IMAP4rev1
0.000010 imap#2 S: a OK
0.000011 imap#2 C: b IDLE
0.000012 imap#2 S: + idling
0.000013 imap#1 -- closed by the client
0.000014 imap#2 S: * 2 EXISTS
0.000015 imap#2 C: DONE
0.000016 imap#2 C: c FETCH 1:2 (FLAGS BODY[])
0.000017 imap#2 S: b OK
0.000018 imap#2 S: * 1 FETCH (FLAGS (\Seen) BODY[] {14}
0.000019 imap#2 S: one
0.000020 imap#2 S: two
0.000021 imap#2 S: four)
0.000022 imap#2 S: * 2 FETCH (FLAGS () BODY[] {5000}
0.000023 imap#2 S: a: b
0.000024 imap#2 S: \{4994 octets}
0.000025 imap#2 S: )
0.000026 imap#2 S: c OK
0.000027 imap#2 C: d LOGOUT
0.000028 imap#2 S: * BYE
0.000029 imap#2 S: d OK
0.000030 pop3#3 -- open tcp 127.0.0.1:3
0.000031 pop3#3 S: +OK
0.000032 pop3#3 C: UIDL
0.000033 pop3#3 S: +OK
0.000034 pop3#3 S: 1 a
0.000035 pop3#3 S: 2 b
0.000036 pop3#3 S: .
0.000037 pop3#3 C: RETR 1
0.000038 pop3#3 S: +OK
0.000039 pop3#3 S: one
0.000040 pop3#3 S: two
0.000041 pop3#3 S: .
`

// minimize keeps what has all of these lines.
func minimize(t *testing.T, needed ...string) (shortest string, runs int) {
	t.Helper()
	got, err := mailminimize.Minimize(t.Context(), []byte(transcript), func(_ context.Context, candidate []byte) bool {
		runs++
		if _, err := mailwire.ParseTranscript(bytes.NewReader(candidate)); err != nil {
			t.Errorf("a candidate is no transcript: %v", err)
		}
		return !slices.ContainsFunc(needed, func(line string) bool { return !strings.Contains(string(candidate), line+"\n") })
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for line := range strings.Lines(string(got)) {
		_, line, _ = strings.Cut(line, " ")
		text.WriteString(line)
	}
	return text.String(), runs
}

func TestWhatDoesNotMatterIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		needed []string
		want   string
	}{
		{"a response, with its command", []string{"* 2 EXISTS"}, `imap#2 -- open tcp 127.0.0.1:2
imap#2 S: * OK hi
imap#2 C: b IDLE
imap#2 S: + idling
imap#2 S: * 2 EXISTS
imap#2 C: DONE
imap#2 S: b OK
`},
		{"a line of a literal, whose size is made to fit", []string{"imap#2 S: two"}, `imap#2 -- open tcp 127.0.0.1:2
imap#2 S: * OK hi
imap#2 C: c FETCH 1:2 (FLAGS BODY[])
imap#2 S: * 1 FETCH (FLAGS (\Seen) BODY[] {5}
imap#2 S: two
imap#2 S: )
imap#2 S: c OK
`},
		{"a command with literals", []string{"C: alice ***"}, `imap#2 -- open tcp 127.0.0.1:2
imap#2 S: * OK hi
imap#2 C: a LOGIN {5}
imap#2 S: + go
imap#2 C: alice ***
imap#2 S: a OK
`},
		{"two lines of POP3 answers", []string{"S: 2 b", "S: two"}, `pop3#3 -- open tcp 127.0.0.1:3
pop3#3 S: +OK
pop3#3 C: UIDL
pop3#3 S: +OK
pop3#3 S: 2 b
pop3#3 S: .
pop3#3 C: RETR 1
pop3#3 S: +OK
pop3#3 S: two
pop3#3 S: .
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, runs := minimize(t, tt.needed...)
			again, runsAgain := minimize(t, tt.needed...)
			if got != again || runs != runsAgain {
				t.Errorf("%d runs led to\n%s\nand then %d to\n%s", runs, got, runsAgain, again)
			}
			if got != tt.want {
				t.Errorf("after %d runs\n%s\nwant\n%s", runs, got, tt.want)
			}
		})
	}
}

func TestMinimizingEndsInTimeWithTheBestSoFar(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	got, err := mailminimize.Minimize(ctx, []byte(transcript), func(context.Context, []byte) bool {
		if runs++; runs == 4 {
			cancel()
		}
		return true
	}, nil)
	if err != nil || len(got) == 0 || len(got) >= len(transcript) || runs != 4 {
		t.Errorf("after %d runs %d octets, %v", runs, len(got), err)
	}
}

func TestATranscriptThatDoesNotFailIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{transcript, "no transcript"} {
		got, err := mailminimize.Minimize(t.Context(), []byte(text), func(context.Context, []byte) bool { return false }, nil)
		if err == nil || !strings.HasPrefix(err.Error(), "mailminimize: ") {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func FuzzMinimize(f *testing.F) {
	f.Add(transcript, 3)
	f.Add("0 imap#1 S: x {3}\n0 imap#1 S: \\{2 octets}\n0 imap#1 S: b\n", 2)
	f.Fuzz(func(t *testing.T, text string, every int) {
		runs := 0
		_, err := mailminimize.Minimize(t.Context(), []byte(text), func(_ context.Context, candidate []byte) bool {
			runs++
			if _, err := mailwire.ParseTranscript(bytes.NewReader(candidate)); err != nil && runs > 1 {
				t.Errorf("a candidate is no transcript: %v", err)
			}
			return runs <= 2 || every != 0 && runs%every == 0
		}, nil)
		if limit := 100 * (strings.Count(text, "\n") + 10); err == nil && runs > limit*limit {
			t.Errorf("%d runs", runs)
		}
	})
}
