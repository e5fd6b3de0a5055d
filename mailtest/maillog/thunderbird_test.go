package maillog_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/maillog"
)

func TestWhatThunderbirdLogsInPiecesIsWhole(t *testing.T) {
	t.Parallel()
	l, err := maillog.ReadFile("testdata/thunderbird-imap.log", maillog.Detect)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Notes) > 0 {
		t.Error(l.Notes)
	}
	text := transcript(l)
	for _, want := range []string{
		" COMPRESS=DEFLATE STATUS=SIZE OBJECTID ", // the greeting, broken within a word
		" QUOTA=RES-MAILBOX] mailfakes ready\n",
		"C: Line 4 of a draft that is long enough to be logged in pieces.\n", // a literal, broken after a line
		"C: Line 5 of a draft that is long enough to be logged in pieces.\n",
		"C: Line 15 of a draft that is long enough to be logged in pieces.\n",
		"C: )\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// The line ends at the last octet of a piece, or one before, so that the CR is in that piece.
func TestThunderbirdsPiecesAreJoinedAtEachLength(t *testing.T) {
	t.Parallel()
	const entry = "[Parent 1: IMAP]: I/IMAP "
	for _, length := range []int{397, 398, 399, 400} {
		word := strings.Repeat("x", length-len("* OK "))
		lines := []string{entry + "7f10a2c31800:localhost:NA:CreateNewLineFromSocket: * OK " + word}
		want := word
		switch length {
		case 399:
			lines = append(lines, entry)
		case 400:
			lines = append(lines, entry+"yz")
			want += "yz"
		}
		lines = append(lines,
			"[Parent 1: Main Thread]: I/IMAP considering playing queued url",
			"[Parent 1: IMAP]: V/IMAP SetConnectionStatus(0x0)",
			entry+"7f10a2c31800:localhost:NA:SendData: 1 NOOP",
			entry+"7f10a2c31800:localhost:NA:CreateNewLineFromSocket: 1 OK done")
		got, _ := read(t, maillog.Thunderbird, lines...)
		want = "imap#1 -- open\nimap#1 S: * OK " + want + "\nimap#1 C: 1 NOOP\nimap#1 S: 1 OK done\n"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d octets (-want +got):\n%s", length, diff)
		}
	}
}

func TestThunderbirdsErrorConsoleHasWhatStandardOutputHas(t *testing.T) {
	t.Parallel()
	console, err := os.ReadFile("testdata/thunderbird-console.log")
	if err != nil {
		t.Fatal(err)
	}
	got, err := maillog.Read(console, maillog.Detect)
	if err != nil {
		t.Fatal(err)
	}
	want, err := maillog.ReadFile("testdata/thunderbird-pop3.log", maillog.Detect)
	if err != nil {
		t.Fatal(err)
	}
	// The console shows no octet of 0x80 to 0x9f.
	shown := strings.Replace(transcript(want), "S: Grüße.\n", "S: Grü\\xc3?e.\n", 1)
	if diff := cmp.Diff(shown, transcript(got)); diff != "" {
		t.Errorf("(-output +console):\n%s", diff)
	}
}

// What came in two parts is two entries, and the place may be on an entry's last line, or missing.
func TestEntriesOfThunderbirdsErrorConsoleAreJoined(t *testing.T) {
	t.Parallel()
	const want = "pop3#1 -- open\npop3#1 S: +OK ready\npop3#1 C: RETR 1\npop3#1 S: +OK 14 octets\n" +
		"pop3#1 S: Subject: a\npop3#1 S:\npop3#1 S: .\npop3#1 C: QUIT\npop3#1 S: +OK\n"
	for name, lines := range map[string][]string{
		"place below": {
			"pop3.server2.1: S: +OK ready", "", "Pop3Client.sys.mjs:358:18", "",
			"pop3.server2.1: C: RETR 1", "Pop3Client.sys.mjs:604:20", "",
			"pop3.server2.1: S: +OK 14 octets", "Subj", "Pop3Client.sys.mjs:358:18", "",
			"pop3.server2.1: S: ect: a", "", ".", "", "Pop3Client.sys.mjs:358:18", "",
			"pop3.server2.1: C: QUIT", "Pop3Client.sys.mjs:604:20", "",
			"pop3.server2.1: S: +OK", "", "Pop3Client.sys.mjs:358:18",
		},
		"place at the end": {
			"mailnews.pop3.1: S: +OK ready", " Pop3Client.jsm:358:18",
			"mailnews.pop3.1: C: RETR 1 Pop3Client.jsm:604:20",
			"mailnews.pop3.1: S: +OK 14 octets", "Subj Pop3Client.jsm:358:18",
			"mailnews.pop3.1: S: ect: a", "", ".", " Pop3Client.jsm:358:18",
			"mailnews.pop3.1: C: QUIT Pop3Client.jsm:604:20",
			"mailnews.pop3.1: S: +OK", " Pop3Client.jsm:358:18",
		},
		"no place": {
			"mailnews.pop3.1: S: +OK ready", "",
			"mailnews.pop3.1: C: RETR 1",
			"mailnews.pop3.1: S: +OK 14 octets", "Subject: a", "", ".", "", "",
			"mailnews.pop3.1: C: QUIT",
			"mailnews.pop3.1: S: +OK",
		},
		"quoted": {
			`console.debug: pop3.server2.1: "S: +OK ready\r\n"`,
			`console.debug: pop3.server2.1: "C: RETR 1"`,
			`console.debug: pop3.server2.1: "S: +OK 14 octets\r\nSubj"`, "ALSA lib: something else",
			`console.debug: pop3.server2.1: "S: ect: a\r\n\r\n.\r"`,
			`console.debug: pop3.server2.1: "S: \n"`,
			`console.debug: pop3.server2.1: "C: QUIT"`,
			`console.debug: pop3.server2.1: "S: +OK\r\n"`,
		},
	} {
		if got, _ := read(t, maillog.Detect, lines...); got != want {
			t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(want, got))
		}
	}
}

func TestAPasswordThatThunderbirdLogsIsMasked(t *testing.T) {
	t.Parallel()
	got, _ := read(t, maillog.Detect,
		`console.debug: pop3.server2.1: "S: +OK ready\r\n"`, `console.debug: pop3.server2.1: "C: AUTH PLAIN"`, `console.debug: pop3.server2.1: "S: + \r\n"`,
		`console.debug: pop3.server2.1: "C: Logging suppressed (it probably contained auth information)"`, `console.debug: pop3.server2.1: "S: +OK\r\n"`)
	want := "pop3#1 -- open\npop3#1 S: +OK ready\npop3#1 C: AUTH PLAIN\npop3#1 S: +\\x20\npop3#1 C: ***\npop3#1 S: +OK\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
