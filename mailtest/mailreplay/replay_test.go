package mailreplay

import (
	"bufio"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailwire"
)

// parse reads a log of lines with C: and S:.
func parse(t *testing.T, text string) *maillog.Log {
	t.Helper()
	l, err := maillog.Read([]byte(text), maillog.Plain)
	if err != nil {
		t.Fatal(err)
	}
	l.Name = "bug.log"
	return l
}

const inbox = `
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
C: a1 CAPABILITY
S: * CAPABILITY IMAP4rev1 STARTTLS
S: a1 OK done
C: a2 LOGIN alice secret
S: a2 OK done
C: a3 SELECT INBOX
S: * 2 EXISTS
S: a3 OK [READ-WRITE] done
C: a4 NOOP
S: * 3 EXISTS
S: a4 OK done
C: a5 UID FETCH 1:3,5 (FLAGS)
S: * 1 FETCH (UID 1 FLAGS (\Seen))
S: a5 OK done
C: a6 APPEND Sent {3}
S: + go on
C: abc
S: a6 OK done
C: a7 IDLE
S: + idling
S: * 4 EXISTS
C: DONE
S: a7 OK done
C: a8 UID SEARCH RETURN (ALL) ALL
S: * ESEARCH (TAG "a8") UID ALL 1:4
S: a8 OK done
C: a9 LOGOUT
S: * BYE bye
S: a9 OK done
`

// converse connects and has the conversation of lines that begin with C: and S:, each of the
// server as it is to come, as far as it goes like that.
func converse(t *testing.T, dial func(mailwire.Protocol) (net.Conn, error), p mailwire.Protocol, text string) {
	t.Helper()
	conn, err := dial(p)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(conn)
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimSuffix(line, "\n")
		if sent, ok := strings.CutPrefix(line, "C: "); ok {
			if _, err := io.WriteString(conn, sent+"\r\n"); err != nil {
				t.Error(err)
				return
			}
			continue
		}
		want := strings.TrimPrefix(line, "S: ")
		got, err := r.ReadString('\n')
		if got = strings.TrimSuffix(got, "\r\n"); got != want {
			t.Errorf("got %q (%v), want %q", got, err, want)
			return
		}
	}
}

func TestWhatIsEquivalentIsAnswered(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"other tags, other spellings and no capability": `
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
C: x login {5+}
C: alice other
S: x OK done
C: y select "inbox"
S: * 2 EXISTS
S: y OK [READ-WRITE] done
C: z uid fetch 5,3:1 (uid flags rfc822.size)
S: * 3 EXISTS
S: * 1 FETCH (UID 1 FLAGS (\Seen))
S: z OK done
C: A APPEND "Sent" (\Seen) {5+}
C: hello
S: A OK done
C: B idle
S: + idling
S: * 4 EXISTS
C: done
S: B OK done
C: C UID SEARCH RETURN (ALL) ALL
S: * ESEARCH (TAG "C") UID ALL 1:4
S: C OK done
C: D LOGOUT
S: * BYE bye
S: D OK done`,
		"another way to log in, and questions": `
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
C: 1 AUTHENTICATE PLAIN
S: + 
C: AGFsaWNlAG90aGVy
S: 1 OK done
C: 2 ID NIL
S: * ID NIL
S: 2 OK done
C: 3 CAPABILITY
S: * CAPABILITY IMAP4rev1 STARTTLS
S: 3 OK done
C: 4 NOOP
S: 4 OK done
C: 5 SELECT INBOX
S: * 2 EXISTS
S: 5 OK [READ-WRITE] done`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, dial := serve(t, parse(t, inbox))
			converse(t, dial, mailwire.IMAP, text)
		})
	}
}

func TestTheFirstDeviationIsShownAgainstTheLog(t *testing.T) {
	t.Parallel()
	const begin = "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready\nC: a1 CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS\n" +
		"S: a1 OK done\nC: a2 LOGIN alice secret\nS: a2 OK done\n"
	for name, test := range map[string]struct {
		match Match
		text  string
		want  string
	}{
		"another command": {ByCommand, begin + "C: a3 LIST \"\" *",
			"bug.log line 8, imap session 1: the client deviates from the log: LIST, not SELECT (-log +client)\n- a3 SELECT INBOX\n+ a3 LIST \"\" *"},
		"another mailbox": {ByCommand, begin + "C: a3 SELECT Sent",
			"bug.log line 8, imap session 1: the client deviates from the log: mailbox \"Sent\", not \"INBOX\" (-log +client)\n- a3 SELECT INBOX\n+ a3 SELECT Sent"},
		"other messages": {ByCommand, begin + "C: a3 SELECT INBOX\nS: * 2 EXISTS\nS: a3 OK [READ-WRITE] done\nC: a4 UID FETCH 1:4 FLAGS",
			"bug.log line 14, imap session 1: the client deviates from the log: messages \"1:4\", not \"1:3,5\" (-log +client)\n- a5 UID FETCH 1:3,5 (FLAGS)\n+ a4 UID FETCH 1:4 FLAGS"},
		"other octets": {Strict, begin + "C: a3 select INBOX",
			"bug.log line 8, imap session 1: the client deviates from the log: other octets (-log +client)\n- a3 SELECT INBOX\n+ a3 select INBOX"},
		"a command that strictness needs": {Strict, "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready\nC: a2 LOGIN alice secret",
			"bug.log line 3, imap session 1: the client deviates from the log: other octets (-log +client)\n- a1 CAPABILITY\n+ a2 LOGIN alice ***"},
		"a password that is too long to be one": {ByCommand, "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready\nC: a2 LOGIN alice secret" + strings.Repeat("x", 70_000),
			"bug.log, imap session 1: the client deviates from the log: a line of more than 65536 octets"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reported := make(chan *Deviation, 1)
			s, dial := serve(t, parse(t, inbox), WithMatch(test.match), OnDeviation(func(d *Deviation) { reported <- d }))
			converse(t, dial, mailwire.IMAP, test.text+"\nS: * BYE the replay is over: the client deviated from the log")
			if got := (<-reported).Error(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if s.Rest() == nil {
				t.Error("nothing is left of the log")
			}
		})
	}
}

func TestAnyGivesWhateverComesTheNextAnswer(t *testing.T) {
	t.Parallel()
	s, dial := serve(t, parse(t, inbox), WithMatch(Any))
	converse(t, dial, mailwire.IMAP, `
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
C: x XAPPLEPUSHSERVICE a b
S: * CAPABILITY IMAP4rev1 STARTTLS
S: x OK done
C: y EXPUNGE
S: y OK done`)
	if d := s.Deviation(); d != nil {
		t.Error(d)
	}
}

func TestTLSAndCompressionAreStartedAsInTheLog(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{
		"IMAP": `
S: * OK ready
C: a1 STARTTLS
S: a1 OK begin
C: a2 LOGIN alice secret
S: a2 OK done
C: a3 COMPRESS DEFLATE
S: a3 OK begin
C: a4 NOOP
S: a4 OK done
C: a5 LOGOUT
S: * BYE bye
S: a5 OK done`,
		"IMAP without": `
S: * OK ready
C: a1 STARTTLS
S: a1 NO not today
C: a2 COMPRESS DEFLATE
S: a2 BAD no such command
C: a3 LOGOUT
S: * BYE bye
S: a3 OK done`,
		"POP3": `
S: +OK ready
C: STLS
S: +OK begin
C: USER alice
S: +OK
C: PASS secret
S: -ERR [AUTH] no
C: QUIT
S: +OK bye`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dial := serve(t, parse(t, log), WithMatch(Strict))
			if err := s.PlayClients(dial); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestASynchronizingLiteralIsRefusedAsInTheLog(t *testing.T) {
	t.Parallel()
	const log = `
S: * OK ready
C: a1 APPEND INBOX {1000000}
S: a1 NO [TOOBIG] no
C: a2 NOOP
S: a2 OK done
`
	_, dial := serve(t, parse(t, log))
	converse(t, dial, mailwire.IMAP, log)
}

func TestPipelinedCommandsAreAnsweredOneByOne(t *testing.T) {
	t.Parallel()
	const log = `
S: * OK ready
C: a1 NOOP
C: a2 STATUS Sent (MESSAGES)
S: a1 OK done
S: * STATUS Sent (MESSAGES 1)
S: a2 OK done
`
	_, dial := serve(t, parse(t, log))
	converse(t, dial, mailwire.IMAP, `
S: * OK ready
C: 1 NOOP
S: 1 OK done
C: 2 STATUS Sent (MESSAGES)
S: * STATUS Sent (MESSAGES 1)
S: 2 OK done`)
}

func TestSessionsComeInTheOrderOfTheLog(t *testing.T) {
	t.Parallel()
	s, dial := serve(t, parse(t, "S: +OK one\nC: QUIT\nS: +OK bye\nS: +OK two\nC: QUIT\nS: +OK bye\n"))
	for _, want := range []string{"S: +OK one\nC: QUIT\nS: +OK bye", "S: +OK two\nC: QUIT\nS: +OK bye", "S: -ERR the replay is over: the client deviated from the log"} {
		converse(t, dial, mailwire.POP3, want)
	}
	want := "bug.log, pop3 session 3: the client deviates from the log: this is connection 3 of pop3, and the log has 2"
	if d := s.Deviation(); d == nil || d.Error() != want {
		t.Errorf("got %v, want %s", d, want)
	}
}

// What go-imap's client asks isn't what Python's did.
func TestALogOfPythonServesGo(t *testing.T) {
	t.Parallel()
	l, err := maillog.ReadFile("../maillog/testdata/imaplib.log", maillog.Detect)
	if err != nil {
		t.Fatal(err)
	}
	s, dial := serve(t, l)
	conn, err := dial(mailwire.IMAP)
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(conn, nil)
	defer c.Close()
	if err := c.Login("alice@example.org", "other").Wait(); err != nil {
		t.Fatal(err)
	}
	box, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || box.NumMessages != 2 {
		t.Fatal(box, err)
	}
	if found, err := c.Search(&imap.SearchCriteria{}, nil).Wait(); err != nil || len(found.AllSeqNums()) != 2 {
		t.Fatal(found, err)
	}
	section := &imap.FetchItemBodySection{Peek: true}
	messages, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil || len(messages) != 1 || len(messages[0].FindBodySection(section)) != 156 {
		t.Fatal(messages, err)
	}
	if d := s.Deviation(); d != nil {
		t.Error(d)
	}
	want := "mailreplay: ../maillog/testdata/imaplib.log: no client came to\n" +
		"  line 29: DPKL5 APPEND INBOX \"01-Jan-2026 00:00:00 +0000\" {20}\n  line 35: DPKL6 LOGOUT"
	if err := s.Rest(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestALogThatBeginsAfterTheLoginTakesAny(t *testing.T) {
	t.Parallel()
	l, err := maillog.ReadFile("../maillog/testdata/rawlog-pop3.in", maillog.Detect)
	if err != nil {
		t.Fatal(err)
	}
	_, dial := serve(t, l)
	converse(t, dial, mailwire.POP3, "S: +OK Logged in.\nC: USER alice\nS: +OK\nC: PASS other\nS: +OK\nC: STAT\nS: +OK 1 51")
}

// The two files of a rawlog each count their own lines.
func TestAnAnswerWithoutItsCommandComesWhereTheLogHasIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "imap.")
	for name, text := range map[string]string{
		"in":  "1000000000.000002 a2 SELECT INBOX\n",
		"out": "1000000000.000001 * CAPABILITY IMAP4rev1\n1000000000.000001 a1 OK Logged in.\n1000000000.000003 a2 OK Selected.\n",
	} {
		if err := os.WriteFile(path+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := maillog.ReadFile(path+"in", maillog.Detect)
	if err != nil {
		t.Fatal(err)
	}
	_, dial := serve(t, l)
	converse(t, dial, mailwire.IMAP, "S: * OK ready\nC: x LOGIN alice other\nS: * CAPABILITY IMAP4rev1\nS: x OK Logged in.\n"+
		"C: y SELECT INBOX\nS: y OK Selected.")
}

func TestALogRunsInABubble(t *testing.T) {
	t.Parallel()
	log := parse(t, inbox)
	synctest.Test(t, func(t *testing.T) {
		s, dial := serve(t, log, WithMatch(Strict))
		if err := s.PlayClients(dial); err != nil {
			t.Error(err)
		}
		if err := s.Rest(); err != nil {
			t.Error(err)
		}
	})
}

func TestPasswordsOfClientsStayOutOfTheTranscript(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	_, dial := serve(t, parse(t, inbox), WithTranscript(transcript))
	converse(t, dial, mailwire.IMAP, "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready\nC: 1 LOGIN alice \"open sesame\"\nS: 1 OK done")
	if text := transcript.String(); strings.Contains(text, "sesame") || !strings.Contains(text, "LOGIN alice") {
		t.Error(text)
	}
}

func TestNewRefusesAnUnknownMatch(t *testing.T) {
	t.Parallel()
	if _, err := New(&maillog.Log{}, WithMatch("loosely")); err == nil || !strings.Contains(err.Error(), `"loosely"`) {
		t.Error(err)
	}
}

// Whatever a log has and a client sends, the session ends with the client.
func FuzzSession(f *testing.F) {
	f.Add(inbox, "a1 LOGIN alice secret\r\na2 SELECT INBOX\r\na3 APPEND INBOX {3}\r\nabc\r\n", "command")
	f.Add(inbox, "a1 CAPABILITY\r\na2 AUTHENTICATE PLAIN\r\n\r\n", "command")
	f.Add("S: +OK ready\nC: AUTH PLAIN\nS: + \nC: x\nS: +OK\nC: RETR 1\nS: +OK\nS: hi\n", "AUTH LOGIN\r\na\r\nb\r\nRETR 1\r\nQUIT\r\n", "command")
	f.Add("S: * OK ready\nC: a IDLE\nS: + idling\nC: DONE\nS: a OK\n", "a IDLE\r\ndone\r\n{}\r\n", "any")
	f.Fuzz(func(t *testing.T, log, sent, match string) {
		l, err := maillog.Read([]byte(log), maillog.Detect)
		if err != nil {
			return
		}
		for _, s := range l.Sessions {
			for i := range s.Steps {
				for j := range s.Steps[i].Gaps {
					s.Steps[i].Gaps[j].Octets %= 1 << 20
				}
			}
		}
		s, err := New(l, WithMatch(Match(match)))
		if err != nil {
			return
		}
		defer s.Close()
		client, server := mailwire.Pipe()
		s.Service(l.Sessions[0].Protocol).ServeConn(server)
		go func() {
			io.WriteString(client, sent)
			client.(interface{ CloseWrite() error }).CloseWrite()
		}()
		client.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.Copy(io.Discard, client); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Error(err)
		}
		client.Close()
	})
}
