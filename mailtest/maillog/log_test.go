package maillog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailwire"
)

// The logs in testdata were captured from the programs, but for Thunderbird 91's and MailKit's,
// which are written in the form of those that people have published; addresses of servers are
// replaced. plain-imap.log is after RFC 3501 §8, and go-test.log what a failing test printed.
func TestEachFormatIsRecognized(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		format   maillog.Format
		sessions string
	}{
		"curl-imap.log":           {maillog.Curl, "imap"},
		"curl-pop3.log":           {maillog.Curl, "pop3"},
		"fetchmail-imap.log":      {maillog.Fetchmail, "imap"},
		"fetchmail-pop3.log":      {maillog.Fetchmail, "pop3"},
		"go-test.log":             {maillog.Transcript, "imap pop3"},
		"goimap.log":              {maillog.GoIMAP, "imap"},
		"imaplib.log":             {maillog.Imaplib, "imap"},
		"jakarta-imap.log":        {maillog.JavaMail, "imap"},
		"jakarta-pop3.log":        {maillog.JavaMail, "pop3"},
		"mailkit-imap.log":        {maillog.MailKit, "imap imap"},
		"mailkit-pop3.log":        {maillog.MailKit, "pop3"},
		"mbsync.log":              {maillog.Mbsync, "imap"},
		"mpop.log":                {maillog.Mpop, "pop3"},
		"mutt.log":                {maillog.Mutt, "imap"},
		"neomutt.log":             {maillog.Mutt, "imap"},
		"openssl-imap.log":        {maillog.OpenSSL, "imap"},
		"openssl-pop3.log":        {maillog.OpenSSL, "pop3"},
		"plain-imap.log":          {maillog.Plain, "imap"},
		"poplib.log":              {maillog.Poplib, "pop3"},
		"rawlog-imap.in":          {maillog.Rawlog, "imap"},
		"rawlog-imap.out":         {maillog.Rawlog, "imap"},
		"rawlog-pop3.out":         {maillog.Rawlog, "pop3"},
		"thunderbird-console.log": {maillog.Thunderbird, "pop3"},
		"thunderbird-imap.log":    {maillog.Thunderbird, "imap imap"},
		"thunderbird-pop3.log":    {maillog.Thunderbird, "pop3"},
		"thunderbird91-pop3.log":  {maillog.Thunderbird, "pop3"},
	} {
		l, err := maillog.ReadFile(filepath.Join("testdata", name), maillog.Detect)
		if err != nil {
			t.Error(err)
			continue
		}
		var sessions []string
		for _, s := range l.Sessions {
			sessions = append(sessions, string(s.Protocol))
		}
		if got := strings.Join(sessions, " "); l.Format != want.format || got != want.sessions {
			t.Errorf("%s is a log of %s with sessions of %s, want %s and %s", name, l.Format, got, want.format, want.sessions)
		}
	}
}

func TestNoSecretIsLeft(t *testing.T) {
	t.Parallel()
	for path, text := range transcripts(t) {
		for _, secret := range []string{"secret", "c2VjcmV0", "YWxpY2V", "********"} {
			for line := range strings.Lines(text) {
				if strings.Contains(line, " C: ") && strings.Contains(line, secret) && !strings.Contains(line, "USER") {
					t.Errorf("%s: %s", path, line)
				}
			}
		}
	}
}

func TestALogIsTheSameAsATranscript(t *testing.T) {
	t.Parallel()
	for path, text := range transcripts(t) {
		want, err := maillog.ReadFile(path, maillog.Detect)
		if err != nil {
			t.Fatal(err)
		}
		got, err := maillog.Read([]byte(text), maillog.Transcript)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if diff := cmp.Diff(sessions(want), sessions(got)); diff != "" {
			t.Errorf("%s and the transcript made of it differ:\n%s", path, diff)
		}
	}
}

// sessions returns a log's sessions without the numbers of lines.
func sessions(l *maillog.Log) (sessions []maillog.Session) {
	for _, s := range l.Sessions {
		steps := slices.Clone(s.Steps)
		for i := range steps {
			steps[i].Line = 0
		}
		sessions = append(sessions, maillog.Session{Protocol: s.Protocol, Steps: steps})
	}
	return sessions
}

// transcripts returns the logs in testdata as transcripts, by their paths.
func transcripts(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.*")
	if err != nil || len(paths) < 20 {
		t.Fatal(len(paths), err)
	}
	texts := make(map[string]string)
	for _, path := range paths {
		l, err := maillog.ReadFile(path, maillog.Detect)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = transcript(l)
	}
	return texts
}

// transcript returns the log in the form of a transcript, without its column of times.
func transcript(l *maillog.Log) string {
	var text []byte
	for _, r := range l.Records() {
		text = r.Append(text, time.Time{})
	}
	return string(text)
}

// read reads a log and returns it as a transcript without times, and its notes.
func read(t *testing.T, format maillog.Format, lines ...string) (text string, notes []maillog.Note) {
	t.Helper()
	l, err := maillog.Read([]byte(strings.Join(lines, "\n")), format)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(transcript(l), "0.000000 ", ""), l.Notes
}

func TestWhatALogLacksOfALiteralIsSaid(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines []string
		want  string // in place of the literal
		note  string
	}{
		"all of it": {
			[]string{"S: )"},
			"\\{20 octets}\nimap#1 S: )", "the log lacks 20 octets, which a replay pads",
		},
		"its end": {
			[]string{"S: Subject: hi", "S: )"},
			"Subject: hi\nimap#1 S: \\{7 octets}\nimap#1 S: )", "the log lacks 7 octets, which a replay pads",
		},
		"its end, and the response's": {
			[]string{"S: Subject: hi"},
			"Subject: hi\nimap#1 S: \\{7 octets}\nimap#1 S: )", "the log lacks 7 octets, which a replay pads",
		},
		"nothing, but lines were wrapped": {
			[]string{"S: Subject: hi", "S: there and", "S: here", "S: )"},
			"Subject: hi\nimap#1 S: there a)", "a literal of 20 octets has 30 in the log, perhaps as its lines were wrapped: the rest is cut off",
		},
	} {
		lines := append([]string{"S: * OK ready", "C: a FETCH 1 BODY[]", "S: * 1 FETCH (BODY[] {20}"}, test.lines...)
		got, notes := read(t, maillog.Plain, append(lines, "S: a OK done")...)
		want := "imap#1 -- open\nimap#1 S: * OK ready\nimap#1 C: a FETCH 1 BODY[]\nimap#1 S: * 1 FETCH (BODY[] {20}\n" +
			"imap#1 S: " + test.want + "\nimap#1 S: a OK done\n"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff([]maillog.Note{{Line: 3, Text: test.note}}, notes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// mbsync -DN prints literals between two lines, the second of which may stand behind the last octet.
func TestWhatMbsyncPrintsOfMailIsNoResponse(t *testing.T) {
	t.Parallel()
	got, notes := read(t, maillog.Mbsync,
		"* OK ready", ">>> 1 UID FETCH 1:2 (BODY.PEEK[])", "* 1 FETCH (UID 1 BODY[] {30}", "=========",
		"* 7 EXISTS", "", "=========", "bye", "=========", ")", "* 2 FETCH (UID 2 BODY[] {3}", "=========", "bye=========", " FLAGS ())", "1 OK done",
		`>>> 2 APPEND "INBOX" {8+}`, ">>>>>>>>>", ">>> hi", ">>>>>>>>>", "2 OK done")
	want := "imap#1 -- open\nimap#1 S: * OK ready\nimap#1 C: 1 UID FETCH 1:2 (BODY.PEEK[])\n" +
		"imap#1 S: * 1 FETCH (UID 1 BODY[] {30}\nimap#1 S: * 7 EXISTS\nimap#1 S:\nimap#1 S: =========\nimap#1 S: bye\nimap#1 S: )\n" +
		"imap#1 S: * 2 FETCH (UID 2 BODY[] {3}\nimap#1 S: bye FLAGS ())\nimap#1 S: 1 OK done\n" +
		"imap#1 C: 2 APPEND \"INBOX\" {8+}\nimap#1 C: >>> hi\nimap#1 C:\nimap#1 S: 2 OK done\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(notes) > 0 {
		t.Error(notes)
	}
}

func TestWhatOpenSSLSaysOfCertificatesIsNoResponse(t *testing.T) {
	t.Parallel()
	got, _ := read(t, maillog.OpenSSL,
		"CONNECTED(00000003)", "---", "Verification: OK", "---", "Verify return code: 0 (ok)", "---",
		"+OK ready", "LIST 2", "+OK 2 212", "QUIT", "+OK bye")
	want := "pop3#1 -- open\npop3#1 S: +OK ready\npop3#1 C: LIST 2\npop3#1 S: +OK 2 212\npop3#1 C: QUIT\npop3#1 S: +OK bye\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLinesThatWereWrappedAreJoined(t *testing.T) {
	t.Parallel()
	got, _ := read(t, maillog.Plain,
		"C: a FETCH 1", "      (FLAGS)", "S: * 1 FETCH", "      (FLAGS ())", "", "S: a OK done")
	want := "imap#1 -- open\nimap#1 C: a FETCH 1 (FLAGS)\nimap#1 S: * 1 FETCH (FLAGS ())\nimap#1 S: a OK done\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What Python prints in quotes goes on to the end of them.
func TestLinesOfPythonThatWereWrappedAreJoined(t *testing.T) {
	t.Parallel()
	got, _ := read(t, maillog.Imaplib,
		"  10:00.00 new IMAP4 connection, tag=b'A'", "  10:00.00 < b'* OK [CAPABILITY", "IMAP4rev1", "    \"IDLE\" x] ready'",
		`  10:00.00 > b'A1 LOGIN alice`, `"secret"'`, "  10:00.01 < b'A1 OK", "  10:00.02 > b'A2 NOOP'")
	want := "imap#1 -- open\nimap#1 S: * OK [CAPABILITY IMAP4rev1 \"IDLE\" x] ready\n" +
		"imap#1 C: A1 LOGIN alice ***\nimap#1 C: A2 NOOP\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("imaplib (-want +got):\n%s", diff)
	}
	got, _ = read(t, maillog.Poplib,
		"*put* b'LIST'", "*get* b'+OK 3 messages", "(328 octets)\\r\\n'", "*get* b'1 109\\r\\n'", "*get* b'.\\r\\n'")
	want = "pop3#1 -- open\npop3#1 C: LIST\npop3#1 S: +OK 3 messages (328 octets)\npop3#1 S: 1 109\npop3#1 S: .\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("poplib (-want +got):\n%s", diff)
	}
}

func TestALogMayBeQuotedAndIndented(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/curl-imap.log")
	if err != nil {
		t.Fatal(err)
	}
	want, err := maillog.Read(data, maillog.Detect)
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{"> ", "    ", "> >", "\t"} {
		quoted := mark + strings.ReplaceAll(strings.TrimSuffix(string(data), "\n"), "\n", "\n"+mark) + "\n"
		got, err := maillog.Read([]byte(quoted), maillog.Detect)
		if err != nil {
			t.Errorf("%q: %v", mark, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", mark, diff)
		}
	}
}

func TestReconnectsAreSessionsOfTheirOwn(t *testing.T) {
	t.Parallel()
	got, _ := read(t, maillog.Plain,
		"S: +OK one", "C: QUIT", "S: +OK bye", "S: +OK two", "C: STAT", "S: +OK 0 0")
	want := "pop3#1 -- open\npop3#1 S: +OK one\npop3#1 C: QUIT\npop3#1 S: +OK bye\n" +
		"pop3#2 -- open\npop3#2 S: +OK two\npop3#2 C: STAT\npop3#2 S: +OK 0 0\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestACutInATranscriptStaysACut(t *testing.T) {
	t.Parallel()
	const log = "0.000000 imap#1 -- open\n0.000000 imap#1 S: * OK ready\n0.000000 imap#1 C: a FETCH 1 BODY[]\n" +
		"0.000000 imap#1 S: * 1 FETCH (BODY[] {100}\n0.000000 imap#1 S: Subj\\\n0.000000 imap#1 -- closed\n"
	l, err := maillog.Read([]byte(log), maillog.Detect)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(log, transcript(l)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(l.Notes) > 0 {
		t.Error(l.Notes)
	}
}

func TestWhatIsNoLogIsAnError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 "maillog: the log's format isn't recognized; name it, one of curl, ",
		"hello\n":                          "maillog: the log's format isn't recognized; name it, one of curl, ",
		"0.000000 imap#1 C: \\xzz\n":       `maillog: read transcript log: mailwire: transcript line 1: invalid escape in "\\xzz"`,
		"\n0.000000 smtp#1 C: HELO\n":      `maillog: read transcript log: line 2: the protocol "smtp" is neither imap nor pop3`,
		"CONNECTED(00000003)\n---\nclosed": "maillog: the log has no session",
	} {
		if _, err := maillog.Read([]byte(text), maillog.Detect); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := maillog.Read(nil, "pine"); err == nil || !strings.Contains(err.Error(), `unknown format "pine"; there are curl, `) {
		t.Error(err)
	}
}

// Whatever a log has, reading it ends, and what was read is a log.
func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "")
		f.Add(data, string(maillog.GoIMAP))
	}
	f.Add([]byte("S: * 1 FETCH (BODY[] {2147483647}\nS: )\n"), "plain")
	f.Add([]byte("C: a LOGIN {5}\nS: + \nC: alice {6}\nS: +\nC: secret\nS: a OK\n"), "plain")
	f.Fuzz(func(t *testing.T, data []byte, format string) {
		l, err := maillog.Read(data, maillog.Format(format))
		if err != nil {
			return
		}
		for _, s := range l.Sessions {
			for _, st := range s.Steps {
				if st.Dir != mailwire.Note && len(st.Text) == 0 && len(st.Gaps) == 0 {
					t.Errorf("line %d is nothing", st.Line)
				}
				for i, gap := range st.Gaps {
					if gap.At > len(st.Text) || gap.Octets <= 0 || i > 0 && gap.At <= st.Gaps[i-1].At {
						t.Errorf("line %d: gap %d of %v in %d octets", st.Line, i, st.Gaps, len(st.Text))
					}
				}
			}
		}
		if _, err := mailwire.ParseTranscript(bytes.NewReader([]byte(transcript(l)))); err != nil {
			t.Error(err)
		}
	})
}
