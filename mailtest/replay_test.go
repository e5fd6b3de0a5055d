package mailtest_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailreplay"
	"example.org/mailfakes/mailtest/mailwire"
)

// writeLog writes a log to a file and returns its path.
func writeLog(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bug.log")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheLogOfAFailedTestIsAServer(t *testing.T) {
	t.Parallel()
	path := writeLog(t, failed(t, "memory", "-mailtest.transcript=all"))
	srv := mailtest.Replay(t, path, mailtest.ReplayMatch(mailreplay.Strict))
	if err := srv.PlayClients(); err != nil {
		t.Error(err)
	}
	if err := srv.Server.Rest(); err != nil {
		t.Error(err)
	}
}

// It isn't parallel, as it changes the environment.
func TestWithinMinimizeItsCandidateIsReplayed(t *testing.T) {
	t.Setenv("MAILTEST_TRANSCRIPT", writeLog(t, "0.000000 pop3#1 S: +OK shortened\n"))
	srv := mailtest.Replay(t, writeLog(t, greeted), mailtest.ReplayFormat(maillog.Plain), mailtest.InMemory())
	nc, err := srv.POP3.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if greeting, err := bufio.NewReader(nc).ReadString('\n'); !strings.HasPrefix(greeting, "+OK shortened") {
		t.Errorf("greeted by %q, %v", greeting, err)
	}
}

const greeted = "S: * OK [CAPABILITY IMAP4rev1] ready\nC: a1 LOGIN alice secret\nS: a1 OK [CAPABILITY IMAP4rev1] done\n" +
	"C: a2 STATUS Sent (MESSAGES)\nS: * STATUS Sent (MESSAGES 1)\nS: a2 OK done\nC: a3 LOGOUT\nS: * BYE bye\nS: a3 OK done\n"

func TestADeviationFromTheLogFailsTheTest(t *testing.T) {
	t.Parallel()
	path := writeLog(t, greeted)
	a := &author{TB: t}
	a.run(func() {
		srv := mailtest.Replay(a, path)
		c, err := imapclient.DialInsecure(srv.IMAP.Addr(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Login("alice", "secret").Wait(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Select("Sent", nil).Wait(); err == nil {
			t.Error("the log has no SELECT")
		}
	})
	want := path + " line 4, imap session 1: the client deviates from the log: SELECT, not STATUS (-log +client)\n" +
		"- a2 STATUS Sent (MESSAGES)\n+ T2 SELECT \"Sent\""
	if got := a.errors; len(got) != 1 || got[0] != want {
		t.Errorf("failed with\n%q, want\n%q", got, want)
	}
	for _, said := range []string{"no client came to\n  line 4: a2 STATUS", "imap#1 C: T2 SELECT \"Sent\"\n"} {
		if log := a.log.String(); !strings.Contains(log, said) {
			t.Errorf("the log of the test lacks %q:\n%s", said, log)
		}
	}
}

func TestAReplayRunsInABubble(t *testing.T) {
	t.Parallel()
	path := writeLog(t, greeted)
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.Replay(t, path, mailtest.InMemory())
		if err := srv.PlayClients(); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatClientsOfAReplayDidIsRecorded(t *testing.T) {
	t.Parallel()
	srv := mailtest.Replay(t, writeLog(t, greeted), mailtest.InMemory())
	if err := srv.PlayClients(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range srv.IMAP.Sessions()[0].Commands {
		got = append(got, c.String())
	}
	want := []string{"a1 LOGIN alice *** -> OK", "a2 STATUS Sent (MESSAGES) -> OK", "a3 LOGOUT -> OK"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAReplayAlsoTakesTLSFromTheFirstOctet(t *testing.T) {
	t.Parallel()
	srv := mailtest.Replay(t, writeLog(t, greeted), mailtest.InMemory())
	nc, err := srv.IMAP.DialTLS()
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(nc, nil)
	defer c.Close()
	if err := c.Login("alice", "other").Wait(); err != nil {
		t.Error(err)
	}
}

func TestAReplayCanMisbehave(t *testing.T) {
	t.Parallel()
	srv := mailtest.Replay(t, writeLog(t, greeted), mailtest.InMemory(), mailtest.FailOnUnfired())
	srv.IMAP.Inject(mailwire.On("STATUS").CutAfter(10))
	if err := srv.PlayClients(); err == nil {
		t.Error("the connection wasn't cut")
	}
}

func TestReplayFailsTheTestOfAnAuthorWhoIsWrong(t *testing.T) {
	t.Parallel()
	path := writeLog(t, greeted)
	for name, test := range map[string]struct {
		path    string
		options []mailtest.Option
		want    string
	}{
		"no file":   {filepath.Join(t.TempDir(), "x"), nil, "no such file"},
		"no log":    {writeLog(t, "hello\n"), nil, "the log's format isn't recognized"},
		"no format": {path, []mailtest.Option{mailtest.ReplayFormat("pine")}, `unknown format "pine"`},
		"no match":  {path, []mailtest.Option{mailtest.ReplayMatch("loosely")}, `unknown way to match "loosely"`},
		"the fakes": {path, []mailtest.Option{mailtest.WithIMAP(imapfake.WithoutCapabilities("IDLE"))}, "a log is served without them"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &author{TB: t}
			a.run(func() { mailtest.Replay(a, test.path, test.options...) })
			if !strings.Contains(a.fatal, test.want) {
				t.Errorf("failed with %q, want %q", a.fatal, test.want)
			}
		})
	}
}

// Programs get from their own logs what they got when they wrote them.
func TestProgramsGetTheAnswersInTheirLogs(t *testing.T) {
	t.Parallel()
	const poplib = `
import poplib, sys
m = poplib.POP3('127.0.0.1', int(sys.argv[1]), timeout=10)
m.user('alice@example.org'); m.pass_('other'); m.stat(); m.uidl(); m.list()
print(m.retr(1)[1][2].decode()); m.top(2, 0); m.quit()`
	const imaplib = `
import imaplib, sys
m = imaplib.IMAP4('127.0.0.1', int(sys.argv[1]), timeout=10)
m.login('alice@example.org', 'other'); m.select('INBOX', readonly=True); m.search(None, 'ALL')
print(len(m.fetch('1', '(FLAGS BODY.PEEK[])')[1][0][1]))
m.append('INBOX', '', '"01-Jan-2026 00:00:00 +0000"', b'Subject: new\r\n\r\nhi\r\n'); m.logout()`
	for name, test := range map[string]struct {
		want    string
		program func(imap, pop3 string) *exec.Cmd
	}{
		"curl-imap.log": {"Subject: hello\r\n", func(imap, _ string) *exec.Cmd {
			return exec.Command("curl", "-sS", "--user", "alice@example.org:other", "imap://"+imap+"/INBOX;UID=1")
		}},
		"curl-pop3.log": {"Subject: hello\r\n", func(_, pop3 string) *exec.Cmd {
			return exec.Command("curl", "-sS", "--user", "alice@example.org:other", "pop3://"+pop3+"/1")
		}},
		"fetchmail-imap.log": {"reading message alice@example.org@127.0.0.1:3 of 3", func(imap, _ string) *exec.Cmd {
			return fetchmail(t, "imap", imap)
		}},
		"fetchmail-pop3.log": {"reading message alice@example.org@127.0.0.1:3 of 3", func(_, pop3 string) *exec.Cmd {
			return fetchmail(t, "pop3", pop3)
		}},
		"mpop.log":   {"new: 3 messages", func(_, pop3 string) *exec.Cmd { return mpop(t, pop3) }},
		"mbsync.log": {"far side: 3 messages, 0 recent", func(imap, _ string) *exec.Cmd { return mbsync(t, imap) }},
		"poplib.log": {"Subject: hello", func(_, pop3 string) *exec.Cmd {
			return exec.Command("python3", "-c", poplib, strings.TrimPrefix(pop3, "127.0.0.1:"))
		}},
		"imaplib.log": {"156", func(imap, _ string) *exec.Cmd {
			return exec.Command("python3", "-c", imaplib, strings.TrimPrefix(imap, "127.0.0.1:"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := mailtest.Replay(t, filepath.Join("maillog", "testdata", name), mailtest.ReplayFormat(maillog.Detect))
			cmd := test.program(srv.IMAP.Addr(), srv.POP3.Addr())
			if cmd.Err != nil {
				t.Skip(cmd.Err)
			}
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), test.want) {
				t.Errorf("%v: %v\n%s", cmd, err, out)
			}
			if err := srv.Server.Rest(); err != nil {
				t.Error(err)
			}
		})
	}
}

// fetchmail returns the command that fetches what is new.
func fetchmail(t *testing.T, protocol, addr string) *exec.Cmd {
	host, port, _ := strings.Cut(addr, ":")
	dir := t.TempDir()
	rc := filepath.Join(dir, "rc")
	config := "poll " + host + " protocol " + protocol + " service " + port +
		` username "alice@example.org" password "other" mda "/bin/cat >/dev/null" keep no sslcertck sslproto ''`
	if err := os.WriteFile(rc, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("fetchmail", "-f", rc, "--pidfile", filepath.Join(dir, "pid"), "--nosyslog", "--timeout", "10")
	cmd.Env = append(os.Environ(), "FETCHMAILHOME="+dir)
	return cmd
}

// mpop returns the command that fetches all.
func mpop(t *testing.T, addr string) *exec.Cmd {
	host, port, _ := strings.Cut(addr, ":")
	dir := t.TempDir()
	rc := filepath.Join(dir, "rc")
	config := "account fake\nhost " + host + "\nport " + port + "\nuser alice@example.org\npassword other\nauth user\ntls off\n" +
		"keep on\nuidls_file " + dir + "/uidls\ndelivery mbox " + dir + "/mbox\n"
	if err := os.WriteFile(rc, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return exec.Command("mpop", "-C", rc, "fake")
}

// mbsync returns the command that makes a copy of INBOX.
func mbsync(t *testing.T, addr string) *exec.Cmd {
	host, port, _ := strings.Cut(addr, ":")
	dir := t.TempDir()
	rc := filepath.Join(dir, "rc")
	config := "IMAPAccount fake\nHost " + host + "\nPort " + port + "\nUser alice@example.org\nPass other\nSSLType None\nAuthMechs LOGIN\n\n" +
		"IMAPStore far\nAccount fake\n\nMaildirStore near\nPath " + dir + "/mail/\nInbox " + dir + "/INBOX\n\n" +
		"Channel c\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSyncState *\n"
	if err := os.WriteFile(rc, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "mail"), 0o700); err != nil {
		t.Fatal(err)
	}
	return exec.Command("mbsync", "-c", rc, "-V", "c")
}
