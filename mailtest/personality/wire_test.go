package personality_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a server with an account alice, whose password is "secret".
type fixture struct {
	t     *testing.T
	srv   *mailtest.Server
	alice *mailtest.Account
	// wrong is called when something else comes than was wanted; nil: the test fails.
	wrong func()
}

func start(t *testing.T, p personality.Personality, mail ...string) *fixture {
	t.Helper()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithPersonality(p))
	f := &fixture{t: t, srv: srv, alice: srv.AddAccount("alice@example.org", "secret")}
	for _, m := range mail {
		f.alice.DeliverRaw([]byte(m))
	}
	return f
}

// wire is one connection.
type wire struct {
	*fixture
	conn net.Conn
	in   *bufio.Reader
}

// fail tells of something else than was wanted.
func (w *wire) fail(format string, args ...any) {
	w.t.Helper()
	if w.wrong == nil {
		w.t.Fatalf(format, args...)
	}
	w.wrong()
}

// soon has a test that waits for what doesn't come end all the same.
func (w *wire) soon() {
	patience := 10 * time.Second
	if w.wrong != nil {
		patience = 100 * time.Millisecond
	}
	w.conn.SetReadDeadline(time.Now().Add(patience))
}

func (f *fixture) dial(dial func() (net.Conn, error)) *wire {
	f.t.Helper()
	conn, err := dial()
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	return &wire{f, conn, bufio.NewReader(conn)}
}

// imap returns a session as it begins, before the greeting.
func (f *fixture) imap() *wire { return f.dial(f.srv.IMAP.Dial) }

// selected returns a session that has INBOX selected.
func (f *fixture) selected() *wire {
	f.t.Helper()
	w := f.imap()
	w.until("* OK ")
	for i, command := range []string{"LOGIN alice@example.org secret", "SELECT INBOX"} {
		w.send(fmt.Sprintf("%d %s", i, command))
		w.until(fmt.Sprint(i, " OK "))
	}
	return w
}

// pop3 returns a session as it begins, before the greeting.
func (f *fixture) pop3() *wire { return f.dial(f.srv.POP3.Dial) }

// maildrop returns a session in the TRANSACTION state.
func (f *fixture) maildrop() *wire {
	f.t.Helper()
	w := f.pop3()
	w.run("S: +OK…\nC: USER alice@example.org\nS: +OK…\nC: PASS secret\nS: +OK…")
	return w
}

func (w *wire) send(line string) { fmt.Fprintf(w.conn, "%s\r\n", line) }

// line reads a line, CRLF and all.
func (w *wire) line() string {
	w.t.Helper()
	w.soon()
	line, err := w.in.ReadString('\n')
	if err != nil {
		w.fail("after %q: %v", line, err)
	}
	return line
}

// until reads lines up to one that begins like this.
func (w *wire) until(begin string) {
	w.t.Helper()
	for !strings.HasPrefix(w.line(), begin) {
	}
}

// run is a session: lines that begin with "C: " are sent, those with "S: " have to come, in
// which "…" stands for anything, and "CLOSED" means that the connection ends. A "^" at the
// end of a line stands for nothing, to show the space before it.
func (w *wire) run(script string) {
	w.t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(script), "\n") {
		line = strings.TrimSuffix(strings.TrimLeft(line, "\t"), "^")
		if line == "" {
			continue
		}
		if command, ok := strings.CutPrefix(line, "C: "); ok {
			w.send(command)
			continue
		}
		want := strings.TrimPrefix(line, "S: ")
		if want == "CLOSED" {
			w.soon()
			if rest, err := w.in.ReadString('\n'); err != io.EOF {
				w.fail("%q came, want the end of the connection", rest)
			}
			continue
		}
		parts := strings.Split(want, "…")
		for i, part := range parts {
			parts[i] = regexp.QuoteMeta(part)
		}
		if got := w.line(); !regexp.MustCompile("^" + strings.Join(parts, ".*") + "\r\n$").MatchString(got) {
			w.fail("got %q, want %q", got, want)
		}
	}
}
