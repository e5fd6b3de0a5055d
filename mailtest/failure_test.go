package mailtest_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailwire"
)

// failing is what the environment has for tests that are to fail.
const failing = "MAILTEST_FAILING"

// TestOfAnAuthor fails: the tests below run it, as go test would, in a process of its own.
func TestOfAnAuthor(t *testing.T) {
	switch os.Getenv(failing) {
	case "":
		t.Skip("not a test, but what other tests look at")
	case "bubble":
		synctest.Test(t, func(t *testing.T) { pollAndFail(t, mailtest.InMemory()) })
	case "twice":
		pollAndFail(t)
		pollAndFail(t)
	case "hanging", "hanging in a scenario":
		hang := func(t testing.TB, srv *mailtest.Server) {
			alice := srv.AddAccount("alice@example.org", "open sesame")
			srv.IMAP.Inject(mailwire.On("SELECT").Stall())
			_, _ = alice.IMAPClient().Select("INBOX", nil).Wait()
		}
		if os.Getenv(failing) == "hanging" {
			hang(t, mailtest.New(t))
		}
		mailtest.CutEverywhere(t, hang)
	case "silent":
		mailtest.New(t)
		t.Error("no mail came")
	case "silent in memory":
		mailtest.New(t, mailtest.InMemory())
		t.Error("no mail came")
	case "memory":
		pollAndFail(t, mailtest.InMemory())
	default:
		pollAndFail(t)
	}
}

var letter = mailtest.Mail{
	Subject: "hello", Text: strings.Repeat("<b>hi</b>\n", 100), Date: time.Unix(1e9, 0).UTC(), MessageID: "hello@example.org",
}

// pollAndFail has a client that asks too often, so that there is more to show than a log should have.
func pollAndFail(t *testing.T, options ...mailtest.Option) {
	srv := mailtest.New(t, options...)
	alice := srv.AddAccount("alice@example.org", "open sesame")
	alice.Deliver(letter)
	mailtest.NewIMAPDevice(t, alice).Sync()
	nc, err := srv.IMAP.Dial()
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(nc, nil)
	defer c.Close()
	if err := c.Login("alice", "open sesame").Wait(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := c.Noop().Wait(); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("the app polls")
}

// authorsTest returns the command that runs the author's test with flags.
func authorsTest(kind string, flags ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append([]string{"-test.run=^TestOfAnAuthor$"}, flags...)...)
	cmd.Env = append(os.Environ(), failing+"="+kind)
	return cmd
}

// failed runs the author's test, which has to fail, and returns what it prints.
func failed(t *testing.T, kind string, flags ...string) string {
	t.Helper()
	out, err := authorsTest(kind, flags...).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("--- FAIL: TestOfAnAuthor")) {
		t.Fatalf("the test didn't fail: %v\n%s", err, out)
	}
	if bytes.Contains(out, []byte("open sesame")) {
		t.Errorf("the log has the password:\n%s", out)
	}
	return string(out)
}

// transcriptIn returns the transcript in the log of a test, as a person would copy it.
func transcriptIn(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if regexp.MustCompile(`^ +([0-9.]+ \w+#|# )`).MatchString(line) {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestTheLogOfAFailedTestEndsWithWhatWasSaidLast(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sockets", "memory", "bubble"} {
		log := failed(t, kind)
		text := transcriptIn(log)
		if n := strings.Count(text, "\n"); n > 90 || n < 50 {
			t.Errorf("%s: the log has %d lines:\n%s", kind, n, log)
		}
		for _, want := range []string{
			"# all of it: -mailtest.transcript=all", "earlier lines of imap#2 left out\n",
			" imap#1 S: Subject: hello\n", " octets}\n", " OK NOOP completed\n", "imap#2 -- closed",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the log lacks %q:\n%s", kind, want, log)
			}
		}
		if _, err := mailwire.ParseTranscript(strings.NewReader(text)); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if _, err := mailscript.Parse(kind, []byte(text)); err != nil {
			t.Errorf("%s: not a script: %v", kind, err)
		}
	}
}

func TestTheLogHasAsMuchOfTheTranscriptAsWasAskedFor(t *testing.T) {
	t.Parallel()
	all := transcriptIn(failed(t, "memory", "-mailtest.transcript=all"))
	if strings.Contains(all, "left out") || !strings.Contains(all, " C: T1 ") || strings.Count(all, "<b>hi</b>") != 100 {
		t.Errorf("all is:\n%s", all)
	}
	if none := transcriptIn(failed(t, "memory", "-mailtest.transcript=none")); none != "" {
		t.Errorf("none is:\n%s", none)
	}
	out, _ := authorsTest("memory", "-mailtest.transcript=some").CombinedOutput()
	if !strings.Contains(string(out), `"some" is none of short, all and none`) {
		t.Errorf("-mailtest.transcript=some:\n%s", out)
	}
	for kind, want := range map[string]string{
		"silent": "no client has connected to 127.0.0.1:", "silent in memory": "no client has connected; to servers in memory they do by srv.IMAP.Dial",
	} {
		if log := failed(t, kind); !strings.Contains(log, want) {
			t.Errorf("%s:\n%s", kind, log)
		}
	}
}

func TestATimeoutTellsWhereAClientHangs(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"hanging", "hanging in a scenario"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			out, err := authorsTest(kind, "-test.timeout=3s").CombinedOutput()
			said, panicked, _ := strings.Cut(string(out), "panic: test timed out")
			want := "mailtest: TestOfAnAuthor is about to be ended by -timeout; mail transcript (C: client, S: server):\n"
			if err == nil || panicked == "" || !strings.Contains(said, want) || !strings.Contains(said, " C: T2 SELECT INBOX\n") || strings.Contains(said, "sesame") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestTheTranscriptOfAFailedTestIsAnArtifact(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"bubble", "twice"} {
		log := failed(t, kind, "-mailtest.transcript=all", "-test.artifacts", "-test.outputdir="+t.TempDir())
		files := regexp.MustCompile(`(?m)# all of it: (.*)$\n# for a browser: (.*)`)
		saved := files.FindAllStringSubmatch(strings.ReplaceAll(log, "        ", ""), -1)
		if want := map[string]int{"bubble": 1, "twice": 2}[kind]; len(saved) != want {
			t.Fatalf("%s: the log names %d pairs of files, want %d:\n%s", kind, len(saved), want, log)
		}
		for _, pair := range saved {
			text, err := os.ReadFile(pair[1])
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.ReplaceAll(log, "        ", ""), pair[0]+"\n"+string(text)) {
				t.Errorf("%s: the file isn't what the log has:\n%s\n%s", kind, text, log)
			}
			if _, err := mailscript.Parse(pair[1], text); err != nil {
				t.Errorf("not a script: %v", err)
			}
			page, err := os.ReadFile(pair[2])
			if err != nil || !bytes.Contains(page, []byte("<h1>TestOfAnAuthor")) || !bytes.Contains(page, []byte("&lt;b&gt;hi&lt;/b&gt;")) {
				t.Errorf("the page: %v\n%s", err, page)
			}
		}
	}
}

func TestTheLogOfAFailedTestRunsAsAScript(t *testing.T) {
	t.Parallel()
	log := transcriptIn(failed(t, "memory", "-mailtest.transcript=all"))
	script, err := mailscript.Parse("log", []byte(log))
	if err != nil {
		t.Fatal(err)
	}
	srv := mailtest.New(t, mailtest.InMemory())
	srv.AddAccount("alice@example.org", "another").Deliver(letter)
	result, err := script.Run(t.Context(), mailscript.Server{
		Dial: func(ctx context.Context, _ mailwire.Protocol) (net.Conn, error) {
			return srv.IMAP.DialContext(ctx, "", "")
		},
		TLS: srv.TLSConfig(), Password: "another",
	})
	if err != nil || len(result.Differences) > 0 || result.Commands < 100 {
		t.Errorf("%d commands, %v %v", result.Commands, err, result.Differences)
	}
}

func TestTheServersOfAFailedTestStayUpWhenAskedFor(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sockets", "memory"} {
		cmd := authorsTest(kind, "-mailtest.serve=127.0.0.1:0", "-test.timeout=1m")
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stdout bytes.Buffer
		cmd.Stdout = &stdout
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := make(map[string]string) // by what it is about
		lines := bufio.NewScanner(stderr)
		for lines.Scan() && !strings.Contains(lines.Text(), "curl") {
			if what, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), "   "); ok {
				said[what] = strings.TrimSpace(value)
			}
		}
		checkHeld(t, said)
		go io.Copy(io.Discard, stderr)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(stdout.String(), "--- FAIL: TestOfAnAuthor") {
			t.Errorf("%s: interrupted: %v\n%s", kind, err, &stdout)
		}
		ca, _, _ := strings.Cut(said["certificate authority"], " ")
		if _, err := os.Stat(ca); err == nil {
			t.Errorf("%s: %s is still there", kind, ca)
		}
	}
}

// checkHeld logs in as a person could who reads how to connect.
func checkHeld(t *testing.T, said map[string]string) {
	t.Helper()
	ca, _, _ := strings.Cut(said["certificate authority"], " ")
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Errorf("%v: %v", said, err)
		return
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c, err := imapclient.DialTLS(said["IMAP over TLS"], &imapclient.Options{TLSConfig: &tls.Config{RootCAs: roots}})
	if err != nil {
		t.Errorf("%v: %v", said, err)
		return
	}
	defer c.Close()
	if err := c.Login("alice@example.org", strings.TrimPrefix(said["account alice@example.org"], "password ")).Wait(); err != nil {
		t.Error(err)
	}
	nc, err := tls.Dial("tcp", said["POP3 over TLS"], &tls.Config{RootCAs: roots})
	if err != nil {
		t.Errorf("%v: %v", said, err)
		return
	}
	nc.Close()
}

func TestWhatCantStayUpSaysWhy(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"127.0.0.1:0":     "not in a bubble of testing/synctest",
		"127.0.0.1":       "missing port",
		"127.0.0.1:imap":  `"imap" is no port`,
		"127.0.0.1:65535": "65536",
	} {
		kind := "memory"
		if at == "127.0.0.1:0" {
			kind = "bubble"
		}
		if log := failed(t, kind, "-mailtest.serve="+at); !strings.Contains(log, want) {
			t.Errorf("at %s the log lacks %q:\n%s", at, want, log)
		}
	}
}
