package mailscript

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

// answers is a server that sends the greeting under "" and answers each line that
// is a key, in whose answer "|" stands for line ends and "bye", at its end, for
// hanging up.
func answers(t *testing.T, greeting string, lines map[string]string) Server {
	t.Helper()
	return Server{
		Password: "secret",
		Accounts: map[string]string{DefaultAccount: "other@example.org"},
		Timeout:  time.Second,
		Dial: func(context.Context, mailwire.Protocol) (net.Conn, error) {
			client, server := mailwire.Pipe()
			go func() {
				defer server.Close()
				fmt.Fprintf(server, "%s\r\n", greeting)
				for input := bufio.NewScanner(server); input.Scan(); {
					answer, ok := lines[input.Text()]
					if !ok {
						answer = "* unexpected " + input.Text()
					}
					answer, last := strings.CutSuffix(answer, "bye")
					if answer != "" {
						fmt.Fprintf(server, "%s\r\n", strings.ReplaceAll(answer, "|", "\r\n"))
					}
					if last {
						return
					}
				}
			}()
			return client, nil
		},
	}
}

func run(t *testing.T, text string, server Server) (Result, error) {
	t.Helper()
	s, err := Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Run(t.Context(), server)
}

func holds(t *testing.T, text string, server Server) {
	t.Helper()
	result, err := run(t, text, server)
	if err != nil {
		t.Error(err)
	}
	for _, d := range result.Differences {
		t.Error(d)
	}
}

func TestRunLogsInWithTheServersNamesAndSecrets(t *testing.T) {
	t.Parallel()
	holds(t, `C: a LOGIN alice@example.org ***
S: a OK done
C: b AUTHENTICATE PLAIN ***
S: b OK done
C: c AUTHENTICATE LOGIN
S: + name
C: ***
S: + password
C: ***
S: c OK done
C: d SEARCH FROM alice@example.org
S: d OK \$account
`, answers(t, "* OK", map[string]string{
		"a LOGIN other@example.org secret":                          "a OK",
		"b AUTHENTICATE PLAIN AG90aGVyQGV4YW1wbGUub3JnAHNlY3JldA==": "b OK",
		"c AUTHENTICATE LOGIN":                                      "+", "b3RoZXJAZXhhbXBsZS5vcmc=": "+", "c2VjcmV0": "c OK",
		"d SEARCH FROM alice@example.org": "d OK other@example.org",
	}))
}

func TestRunWaitsWithALiteralForTheServer(t *testing.T) {
	t.Parallel()
	server := answers(t, "* OK", map[string]string{
		"a APPEND INBOX {4}": "* 1 EXISTS|+ go on", "hi": "", "": "a OK",
		"b APPEND No {4}": "b NO [TRYCREATE] no", "c NOOP": "c OK",
	})
	result, err := run(t, `S: * OK
C: a APPEND INBOX \<m>
S: * 1 EXISTS
S: a OK
C: b APPEND No \<m>
S: b NO [TRYCREATE]
C: c NOOP
S: c OK
-- message m --
hi
`, server)
	if err != nil || len(result.Differences) > 0 || result.Commands != 3 {
		t.Errorf("%d commands, error %v, differences %v", result.Commands, err, result.Differences)
	}
}

func TestRunTellsWhatDiffers(t *testing.T) {
	t.Parallel()
	known, err := ParseDifferences("known", []byte("# RFC 1, the reason\ntest: b\nS: \\$tag NO \\...\n\n# unused\ntest: c\nS: c OK\n"))
	if err != nil {
		t.Fatal(err)
	}
	server := answers(t, "* OK", map[string]string{"a NOOP": "* 1 EXISTS|a OK", "b NOOP": "b NO x", "c NOOP": "c BAD x"})
	server.Known = known
	result, err := run(t, "C: a NOOP\nS: a OK\nC: b NOOP\nS: b OK\nC: c NOOP\nS: c OK\n", server)
	if err != nil || len(result.Differences) != 3 {
		t.Fatalf("error %v, differences %v", err, result.Differences)
	}
	if d := result.Differences[0]; d.Line != 2 || d.Command != "a NOOP" || d.Want != "S: a OK\n" || d.Got != "S: * 1 EXISTS\nS: a OK\n" || d.Known != "" {
		t.Errorf("got %+v", d)
	}
	if d := result.Differences[1]; d.Known != "RFC 1, the reason" {
		t.Errorf("got %+v", d)
	}
	if d := result.Differences[2]; d.Known != "" {
		t.Errorf("got %+v", d)
	}
	if unused := known.Unused(); len(unused) != 1 || unused[0] != "line 6, test: c" {
		t.Errorf("unused: %q", unused)
	}
}

func TestRunSaysWhyNoMoreCame(t *testing.T) {
	t.Parallel()
	server := answers(t, "* OK", map[string]string{"a NOOP": "", "b NOOP": "bye"})
	server.Timeout = 10 * time.Millisecond
	result, err := run(t, "C: a NOOP\nS: a OK\nC: b NOOP\nS: b OK\n-- closed\n", server)
	if err != nil || len(result.Differences) != 2 || result.Differences[0].Problem != "nothing more came in time" ||
		result.Differences[1].Problem != "the server closed the connection" {
		t.Errorf("error %v, differences %v", err, result.Differences)
	}
}

func TestRunFailsWhenTheServerStaysOrSaysMore(t *testing.T) {
	t.Parallel()
	server := answers(t, "* OK", map[string]string{"a NOOP": "a OK", "b NOOP": "b OK|* BYE"})
	server.Timeout = 10 * time.Millisecond
	for _, script := range []string{"C: a NOOP\nS: a OK\n-- closed\n", "C: b NOOP\nS: b OK\n-- closed\n", "C: a \\$x\n", "-- open\n-- open\n"} {
		if _, err := run(t, script, server); err == nil {
			t.Errorf("%q: no error", script)
		}
	}
}

func TestRecordWritesTheAnswers(t *testing.T) {
	t.Parallel()
	s, err := Parse("test", []byte("# two sessions\nC: a IDLE\nS: \\?\nC: DONE\nS: \\?\n0.1 imap#2 C: b NOOP\n0.2 imap#2 S: \\?\n"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Record(t.Context(), answers(t, "* OK", map[string]string{
		"a IDLE": "+ idling", "DONE": "* 1 EXISTS|a OK", "b NOOP": "b OK",
	}))
	want := "# two sessions\nC: a IDLE\nS: + idling\nC: DONE\nS: * 1 EXISTS\nS: a OK\n0.1 imap#2 C: b NOOP\n0.2 imap#2 S: b OK\n"
	if err != nil || string(text) != want {
		t.Errorf("error %v, text\n%s", err, text)
	}
}

func TestRunSpeaksPOP3(t *testing.T) {
	t.Parallel()
	holds(t, `pop3#1 S: +OK ready
C: CAPA
S: +OK
S: \(
S: UIDL
S: IMPLEMENTATION \...
S: \)
S: .
C: USER alice@example.org
C: PASS ***
S: +OK
S: +OK
C: STAT
S: +OK 1 5
C: UIDL 1
S: +OK 1 \$id
C: UIDL
S: +OK
S: 1 \$id
S: .
C: RETR 1
S: +OK
S: hi
S: ..
S: .
C: RETR 2
S: -ERR no such message
C: DELE 9
S: -ERR [SYS/PERM] text
C: LAST
S: +OK 1
C: LANG
S: +OK
S: \...
S: en English
S: \...
S: .
C: XTND XLST Subject
S: +OK
S: \...
S: .
C: QUIT
S: +OK
-- closed
`, answers(t, "+OK hello", map[string]string{
		"CAPA": "+OK listed|IMPLEMENTATION x|UIDL|.", "USER other@example.org": "+OK", "PASS secret": "+OK in", "STAT": "+OK 1 5 x",
		"UIDL 1": "+OK 1 abc", "UIDL": "+OK|1 abc|.", "RETR 1": "+OK 5 octets|hi|..|.", "RETR 2": "-ERR", "DELE 9": "-ERR [SYS/PERM] x",
		"LAST": "+OK 1", "LANG": "+OK|de Deutsch|en English|fr Français|.", "XTND XLST Subject": "+OK|1 Subject: a|.", "QUIT": "+OKbye",
	}))
}

func TestRunKnowsTheDigestOfAPOP(t *testing.T) {
	t.Parallel()
	// RFC 1939 §7 has the timestamp and the digest for "tanstaaf".
	server := answers(t, "+OK <1896.697170952@dbc.mtview.ca.us>", map[string]string{
		"NOOP": "-ERR <no timestamp>", "APOP other@example.org c4c9334bac560ecc979e58001b3e22fb": "+OK",
	})
	server.Password = "tanstaaf"
	holds(t, "pop3#1 C: NOOP\nS: -ERR\nC: APOP alice@example.org ***\nS: +OK\n", server)
}

func TestPOP3DifferencesAreKnownAlsoInSeveralLines(t *testing.T) {
	t.Parallel()
	known, err := ParseDifferences("list", []byte("# the reason\ntest: RETR 1, UIDL\nS: +OK\nS: \\...\nS: ho\nS: .\n"))
	if err != nil {
		t.Fatal(err)
	}
	server := answers(t, "+OK", map[string]string{"RETR 1": "+OK|ha|ho|.", "UIDL": "+OK|ho|hi|."})
	server.Known = known
	result, err := run(t, "pop3#1 C: RETR 1\nS: +OK\nS: .\nC: UIDL\nS: +OK\nS: .\n", server)
	if err != nil || len(result.Differences) != 2 || result.Differences[0].Known == "" || result.Differences[1].Known != "" {
		t.Errorf("error %v, differences %q", err, result.Differences)
	}
}

func TestRecordWritesTheAnswersToPipelinedCommandsOfPOP3(t *testing.T) {
	t.Parallel()
	s, err := Parse("test", []byte("pop3#1 C: AUTH X\nS: \\?\nC: y\nC: STAT\nC: LIST\nS: \\?\n"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Record(t.Context(), answers(t, "+OK", map[string]string{"AUTH X": "+ ", "y": "+OK", "STAT": "+OK 1 2", "LIST": "+OK|1 2|."}))
	want := "pop3#1 C: AUTH X\nS: +\\x20\nC: y\nC: STAT\nC: LIST\nS: +OK\nS: +OK 1 2\nS: +OK\nS: 1 2\nS: .\n"
	if err != nil || string(text) != want {
		t.Errorf("error %v, text\n%s", err, text)
	}
}

func TestPOP3AnswersDiffer(t *testing.T) {
	t.Parallel()
	server := answers(t, "+OK hello", map[string]string{"STAT": "+OK 1 6", "RETR 1": "+OK|ho|.", "DELE 1": "-ERR [IN-USE] x", "NOOP": "-ERR"})
	result, err := run(t, "pop3#1 S: +OK\nC: STAT\nS: +OK 1 5\nC: RETR 1\nS: +OK\nS: hi\nS: .\nC: DELE 1\nS: -ERR\nC: NOOP\nS: +OK\n", server)
	if err != nil || len(result.Differences) != 4 {
		t.Errorf("error %v, differences %v", err, result.Differences)
	}
}

func TestSeedFillsTheAccount(t *testing.T) {
	t.Parallel()
	s, err := Parse("test", []byte("-- mailbox Work --\n-- message a Work (\\Seen) \"x\" --\nhi\n-- message b --\nho\n"))
	if err != nil {
		t.Fatal(err)
	}
	serve := func(appended string) Server {
		return answers(t, "* OK", map[string]string{
			"login LOGIN other@example.org secret": "* CAPABILITY X|login OK", "create CREATE Work": "create NO [ALREADYEXISTS] x",
			`append APPEND Work (\Seen) "x" {4}`: "+", "hi": "", "": appended, "logout LOGOUT": "* BYE|logout OKbye",
		})
	}
	if err := s.Seed(t.Context(), serve("append OK [X] x")); err != nil {
		t.Error(err)
	}
	if err := s.Seed(t.Context(), serve("append NO x")); err == nil || !strings.Contains(err.Error(), "append NO x") {
		t.Errorf("error %v, want the refusal", err)
	}
}
