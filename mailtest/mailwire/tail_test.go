package mailwire

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTailShowsTheEndOfTheSessionsThatSpokeLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tr Transcript
		for range 3 {
			tr.open(IMAP, "open mem")
		}
		for i := range 5 {
			tr.say(1+i%2, Client, fmt.Sprintf("a%d NOOP\r\n", i))
			tr.say(3, Server, "* 1 EXISTS\r\n")
		}
		tr.say(1, Note, "closed")
		tr.say(2, Note, "closed")
		time.Sleep(time.Second)
		got, whole := tr.Tail(2, 3)
		want := `# 4 lines of 1 other session left out
# 2 earlier lines of imap#1 left out
0.000000 imap#1 C: a2 NOOP
# 3 earlier lines of imap#3 left out
0.000000 imap#3 S: * 1 EXISTS
0.000000 imap#3 S: * 1 EXISTS
0.000000 imap#1 C: a4 NOOP
0.000000 imap#3 S: * 1 EXISTS
0.000000 imap#1 -- closed
`
		if diff := cmp.Diff(want, got); diff != "" || whole {
			t.Errorf("whole %v (-want +got):\n%s", whole, diff)
		}
		if got, whole := tr.Tail(3, 10); got != tr.String() || !whole {
			t.Errorf("of a short transcript: whole %v\n%s", whole, got)
		}
	})
}

func TestTailCutsWhatTheServerSendsAtLength(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tr Transcript
		body := strings.Repeat("hi\r\n", 100)
		tr.say(1, Server, "* 1 FETCH (BODY[] {400}\r\n"+body+")\r\n")
		tr.say(1, Server, "* SEARCH "+strings.Repeat("é", 300)+"\r\n")
		tr.say(1, Client, "a2 APPEND x {400+}\r\n"+body+"\r\n")
		got, whole := tr.Tail(1, 1000)
		want := "0.000000 imap#1 S: * 1 FETCH (BODY[] {400}\n" +
			strings.Repeat("0.000000 imap#1 S: hi\n", 8) +
			"0.000000 imap#1 S: \\{368 octets}\n" +
			"0.000000 imap#1 S: )\n" +
			"0.000000 imap#1 S: * SEARCH " + strings.Repeat("é", 195) + "\\\n" +
			"0.000000 imap#1 S: \\{212 octets}\n" +
			"0.000000 imap#1 C: a2 APPEND x {400+}\n" +
			strings.Repeat("0.000000 imap#1 C: hi\n", 100) +
			"0.000000 imap#1 C:\n"
		if diff := cmp.Diff(want, got); diff != "" || whole {
			t.Errorf("whole %v (-want +got):\n%s", whole, diff)
		}
		if _, err := ParseTranscript(strings.NewReader(got)); err != nil {
			t.Error(err)
		}
		// What would begin amid the message begins after it.
		if got, _ := tr.Tail(1, 50); !strings.HasPrefix(got, "# 114 earlier lines of imap#1 left out\n0.000000 imap#1 C:\n") {
			t.Errorf("50 lines are\n%s", got)
		}
	})
}
