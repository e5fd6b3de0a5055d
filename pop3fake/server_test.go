package pop3fake_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a server in memory with an account alice, whose password is "secret".
type fixture struct {
	t        testing.TB
	alice    *mailstore.Account
	store    *mailstore.Store
	server   *pop3fake.Server
	listener *mailwire.Listener
}

// start starts a server whose maildrop holds exactly these contents.
func start(t testing.TB, contents []string, options ...pop3fake.Option) *fixture {
	t.Helper()
	f := &fixture{t: t, store: mailstore.New(), listener: mailwire.NewListener("pop3")}
	var err error
	if f.alice, err = f.store.AddAccount("alice@example.org", "secret"); err != nil {
		t.Fatal(err)
	}
	for _, c := range contents {
		f.deliver(c)
	}
	f.server = pop3fake.New(f.store, options...)
	served := make(chan error, 1)
	go func() { served <- f.server.Serve(f.listener) }()
	t.Cleanup(func() {
		f.server.Close()
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve returned %v", err)
		}
	})
	return f
}

func (f *fixture) inbox() *mailstore.Mailbox {
	f.t.Helper()
	inbox, err := f.alice.Mailbox("INBOX")
	if err != nil {
		f.t.Fatal(err)
	}
	return inbox
}

func (f *fixture) deliver(content string) {
	f.t.Helper()
	if _, err := f.inbox().Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte(content))}); err != nil {
		f.t.Fatal(err)
	}
}

// left returns how many messages the INBOX has.
func (f *fixture) left() int { return int(f.inbox().Messages().Len()) }

// client is one connection.
type client struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// dial connects without reading the greeting.
func (f *fixture) dial() *client {
	f.t.Helper()
	conn, err := f.listener.DialContext(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	return &client{t: f.t, conn: conn, in: bufio.NewReader(conn)}
}

// connect connects and reads the greeting.
func (f *fixture) connect() *client {
	f.t.Helper()
	c := f.dial()
	c.line()
	return c
}

// logIn connects and logs in as alice.
func (f *fixture) logIn() *client {
	f.t.Helper()
	c := f.connect()
	c.run(`
		C: USER alice@example.org
		S: +OK send PASS
		C: PASS secret`)
	if got := c.line(); !strings.HasPrefix(got, "+OK ") {
		f.t.Fatalf("login: %q", got)
	}
	return c
}

func (c *client) send(octets string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(octets)); err != nil {
		c.t.Fatalf("send %.60q: %v", octets, err)
	}
}

// soon makes reading fail instead of waiting for what ought to be there already.
func (c *client) soon() { c.conn.SetReadDeadline(time.Now().Add(10 * time.Second)) }

// line returns the next line without its CRLF.
func (c *client) line() string {
	c.t.Helper()
	c.soon()
	text, err := c.in.ReadString('\n')
	if err != nil {
		c.t.Fatalf("read line: %v after %q", err, text)
	}
	line, ok := strings.CutSuffix(text, "\r\n")
	if !ok {
		c.t.Fatalf("line %q doesn't end in CRLF", text)
	}
	return line
}

// lines returns the lines of a multi-line response after its first, as they were sent.
func (c *client) lines() []string {
	c.t.Helper()
	var lines []string
	for line := c.line(); line != "."; line = c.line() {
		lines = append(lines, line)
	}
	return lines
}

// ended checks that the server has closed the connection and sent nothing more.
func (c *client) ended() {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Time{})
	if text, err := c.in.ReadString('\n'); text != "" || err == nil {
		c.t.Fatalf("the connection is open and said %q", text)
	}
}

// run plays a session: it sends the lines marked "C: " and expects exactly those marked
// "S: ". A line "S: CLOSED" stands for the end of the connection.
func (c *client) run(script string) {
	c.t.Helper()
	for i, text := range strings.Split(script, "\n") {
		text = strings.TrimLeft(text, "\t")
		dir, text, _ := strings.Cut(text, ": ")
		switch {
		case dir == "C":
			c.send(text + "\r\n")
		case dir == "S" && text == "CLOSED":
			c.ended()
		case dir == "S":
			if got := c.line(); got != text {
				c.t.Fatalf("line %d of the script:\n got %q\nwant %q", i+1, got, text)
			}
		case strings.TrimSpace(dir) != "":
			c.t.Fatalf("line %d of the script: %q", i+1, dir)
		}
	}
}

// startTLS makes the connection a TLS one.
func (c *client) startTLS() {
	c.t.Helper()
	config, err := mailwire.ClientTLS()
	if err != nil {
		c.t.Fatal(err)
	}
	conn := tls.Client(c.conn, config)
	if err := conn.HandshakeContext(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.conn, c.in = conn, bufio.NewReader(conn)
}

func TestGreetingsHaveATimestampThatIsNeverTheSame(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	seen := make(map[string]bool)
	for range 5 {
		greeting := f.dial().line()
		if !regexp.MustCompile(`^\+OK POP3 server ready <[0-9.]+@localhost>$`).MatchString(greeting) || seen[greeting] {
			t.Errorf("greeting %q, after %v", greeting, seen)
		}
		seen[greeting] = true
	}
}

func TestImplicitTLSNeedsNoSTLS(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	l := mailwire.NewListener("pop3s")
	served := make(chan error, 1)
	go func() { served <- f.server.ServeTLS(l) }()
	conn, err := l.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, conn: conn}
	c.startTLS()
	c.line()
	c.run(`
		C: STLS
		S: -ERR STLS: not permitted when TLS is active (RFC 2595 section 4)
		C: QUIT
		S: +OK bye
		S: CLOSED`)
	c.conn.Close()
	f.server.Close()
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Errorf("ServeTLS returned %v", err)
	}
}

func TestServeConnServesOneConnection(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	ours, theirs := mailwire.Pipe()
	f.server.ServeConn(theirs)
	c := &client{t: t, conn: ours, in: bufio.NewReader(ours)}
	c.line()
	c.run(`
		C: QUIT
		S: +OK bye
		S: CLOSED`)
}

func TestClosingTheServerEndsSessionsAndDeletesNothing(t *testing.T) {
	t.Parallel()
	f := start(t, []string{"Subject: x\r\n\r\n"})
	c := f.logIn()
	c.run(`
		C: DELE 1
		S: +OK message 1 marked as deleted`)
	f.server.Close()
	c.ended()
	if f.left() != 1 {
		t.Errorf("%d messages left, want 1", f.left())
	}
	if unlock, err := f.alice.LockMaildrop(); err != nil {
		t.Error(err)
	} else {
		unlock()
	}
}

func TestOptionsThatMakeNoSenseAreReported(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]*pop3fake.Server{
		"pop3fake: no store":                      pop3fake.New(nil),
		"pop3fake: an option is nil":              pop3fake.New(mailstore.New(), nil),
		`pop3fake: unknown capability "uid"`:      pop3fake.New(mailstore.New(), pop3fake.WithoutCapabilities("uid")),
		"pop3fake: no TLS configuration":          pop3fake.New(mailstore.New(), pop3fake.WithTLS(nil)),
		"pop3fake: autologout after -1s":          pop3fake.New(mailstore.New(), pop3fake.WithAutologout(-time.Second)),
		"pop3fake: login delay of -1s":            pop3fake.New(mailstore.New(), pop3fake.WithLoginDelay(-time.Second)),
		"pop3fake: messages expire after -1 days": pop3fake.New(mailstore.New(), pop3fake.WithExpire(-1)),
	} {
		for _, err := range []error{s.Err(), s.Serve(nil), s.ServeTLS(nil)} {
			if fmt.Sprint(err) != want {
				t.Errorf("error %q, want %q", err, want)
			}
		}
	}
}

func TestSilenceForTenMinutesEndsTheSessionWithoutAWordOrADeletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, []string{"Subject: x\r\n\r\n"})
		c := f.logIn()
		c.run(`
			C: DELE 1
			S: +OK message 1 marked as deleted`)
		time.Sleep(10*time.Minute - time.Second)
		c.run(`
			C: NOOP
			S: +OK nothing done`)
		// Half a command is none.
		time.Sleep(5 * time.Minute)
		c.send("NO")
		before := time.Now()
		c.ended()
		if waited := time.Since(before); waited != 5*time.Minute {
			t.Errorf("closed %v after half a command, want 5m", waited)
		}
		if f.left() != 1 {
			t.Errorf("%d messages left, want 1", f.left())
		}
		f.logIn() // the lock is free
	})
}

func TestSilenceEndsASessionInEveryState(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"before a login":    "",
		"after USER":        "C: USER alice\nS: +OK send PASS",
		"during AUTH":       "C: AUTH PLAIN\nS: + ",
		"between responses": "C: AUTH LOGIN\nS: + " + b64("Username:") + "\nC: " + b64("alice") + "\nS: + " + b64("Password:"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := start(t, nil).connect()
				c.run(script)
				before := time.Now()
				c.ended()
				if waited := time.Since(before); waited != 10*time.Minute {
					t.Errorf("closed after %v, want 10m", waited)
				}
			})
		})
	}
}

func TestSilenceDeletesNothingThatQUITWouldDelete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, three(), pop3fake.WithExpire(0), pop3fake.WithSeen(pop3fake.SeenAtEnd))
		c := f.logIn()
		c.run("C: DELE 1\nS: +OK message 1 marked as deleted\nC: RETR 2\nS: +OK 19 octets")
		c.readResponse()
		c.ended()
		if seen := f.seen(); f.left() != 3 || len(seen) != 1 || seen[0] != 2 {
			t.Errorf("%d messages left, %v seen; want 3, and 2 seen", f.left(), seen)
		}
	})
}

func TestAutologoutCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := start(t, nil, pop3fake.WithAutologout(0)).logIn()
		time.Sleep(1000 * time.Hour)
		c.run(`
			C: NOOP
			S: +OK nothing done`)
	})
}

func TestAClientThatStopsReadingIsHungUpOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, []string{strings.Repeat("0123456789abcd\r\n", 64<<10)})
		c := f.logIn()
		c.send("DELE 1\r\nRSET\r\nRETR 1\r\n")
		time.Sleep(10*time.Minute + time.Second)
		c.soon()
		octets, err := io.Copy(io.Discard, c.in)
		if octets > 512<<10 || err != nil {
			t.Errorf("the client that read nothing gets %d octets, %v", octets, err)
		}
		// Whoever comes next gets the maildrop.
		f.logIn().run("C: STAT\nS: +OK 1 1048576")
	})
}

func TestPipelinedCommandsAreAnsweredInTurnInOneWrite(t *testing.T) {
	t.Parallel()
	f := start(t, []string{"Subject: x\r\n\r\nhi\r\n"})
	ours, theirs := mailwire.Pipe()
	counted := &writeCounter{Conn: theirs}
	c := &client{t: t, conn: ours, in: bufio.NewReader(ours)}
	c.send("USER alice\r\nPASS secret\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n")
	f.server.ServeConn(counted)
	c.line()
	c.run(`
		S: +OK send PASS
		S: +OK maildrop locked and ready, 1 message
		S: +OK 1 18
		S: +OK 18 octets
		S: Subject: x
		S: 
		S: hi
		S: .
		S: +OK message 1 marked as deleted
		S: +OK bye, 0 messages left
		S: CLOSED`)
	// One for the greeting, sent before anything is read, and one for the rest.
	if counted.writes != 2 {
		t.Errorf("%d writes, want 2", counted.writes)
	}
}

// writeCounter counts the writes to a connection.
type writeCounter struct {
	net.Conn
	writes int
}

func (c *writeCounter) Write(p []byte) (int, error) {
	c.writes++
	return c.Conn.Write(p)
}

func TestAnswersDontWaitForTheRestOfAHalfCommand(t *testing.T) {
	t.Parallel()
	c := start(t, nil).logIn()
	c.send("NOOP\r\nSTA")
	c.run(`S: +OK nothing done`)
	c.send("T\r\n")
	c.run(`S: +OK 0 0`)
}
