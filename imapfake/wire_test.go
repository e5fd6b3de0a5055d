package imapfake_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// someDay is when messages are delivered in these tests.
var someDay = time.Date(2024, 2, 29, 12, 30, 0, 0, time.FixedZone("", 3600))

// fixture is a server in memory with one account, alice.
type fixture struct {
	t        *testing.T
	store    *mailstore.Store
	alice    *mailstore.Account
	inbox    *mailstore.Mailbox
	server   *imapfake.Server
	listener *mailwire.Listener
}

func newFixture(t *testing.T, options ...imapfake.Option) *fixture {
	t.Helper()
	f := &fixture{t: t, store: mailstore.New(), listener: mailwire.NewListener("imap")}
	var err error
	if f.alice, err = f.store.AddAccount("alice@example.org", "secret"); err != nil {
		t.Fatal(err)
	}
	if f.inbox, err = f.alice.Mailbox("INBOX"); err != nil {
		t.Fatal(err)
	}
	f.server = imapfake.New(f.store, options...)
	if err := f.server.Err(); err != nil {
		t.Fatal(err)
	}
	go f.server.Serve(f.listener)
	t.Cleanup(func() { f.server.Close() })
	return f
}

// newBaseFixture is newFixture for a server without the extensions that change what
// IMAP4rev1's own commands answer, unless the options choose otherwise.
func newBaseFixture(t *testing.T, options ...imapfake.Option) *fixture {
	t.Helper()
	return newFixture(t, append([]imapfake.Option{imapfake.WithCapabilities(baseCapabilities()...)}, options...)...)
}

// baseCapabilities are those that hardly a client does without.
func baseCapabilities() []imap.Cap {
	return []imap.Cap{
		imap.CapLiteralPlus, imap.CapSASLIR, imap.CapStartTLS, imap.AuthCap("PLAIN"),
		imap.AuthCap("LOGIN"), imap.CapEnable, imap.CapID, imap.CapIdle, imap.CapNamespace, imap.CapChildren,
		imap.CapSpecialUse, imap.CapUIDPlus, imap.CapUnselect, imap.CapMove,
	}
}

// without returns a client that has selected INBOX, with one message in it, on a server
// that offers all but these capabilities.
func without(t *testing.T, caps ...imap.Cap) *client {
	t.Helper()
	f := newFixture(t, imapfake.WithoutCapabilities(caps...))
	f.deliver("a: b\r\n\r\n")
	return f.selected()
}

// deliver puts messages with these octets in INBOX.
func (f *fixture) deliver(raw ...string) {
	f.t.Helper()
	for _, r := range raw {
		if _, err := f.inbox.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte(r)), InternalDate: someDay}); err != nil {
			f.t.Fatal(err)
		}
	}
}

// client is a client that speaks in whole lines.
type client struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func newClient(t *testing.T, conn net.Conn) *client {
	return &client{t, conn, bufio.NewReader(conn)}
}

// dial connects and reads the greeting.
func (f *fixture) dial() *client {
	f.t.Helper()
	conn, err := f.listener.DialContext(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	c := newClient(f.t, conn)
	if greeting := c.line(); !strings.HasPrefix(greeting, "* OK ") {
		f.t.Fatalf("greeting %q", greeting)
	}
	return c
}

// login returns a client that is logged in.
func (f *fixture) login() *client {
	f.t.Helper()
	c := f.dial()
	c.send("T LOGIN alice@example.org secret")
	if line := c.line(); !strings.HasPrefix(line, "T OK ") {
		f.t.Fatalf("LOGIN: %s", line)
	}
	return c
}

// selected returns a client that has selected INBOX.
func (f *fixture) selected() *client {
	f.t.Helper()
	c := f.login()
	c.ok("SELECT INBOX")
	return c
}

func (c *client) send(lines ...string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		c.t.Fatal(err)
	}
}

// line reads a line without its CRLF.
func (c *client) line() string {
	c.t.Helper()
	line, err := c.r.ReadString('\n')
	if err != nil {
		c.t.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// until reads lines up to the tagged one.
func (c *client) until(tag string) []string {
	c.t.Helper()
	var lines []string
	for {
		line := c.line()
		lines = append(lines, line)
		if strings.HasPrefix(line, tag+" ") {
			return lines
		}
	}
}

// run sends a command, with the tag T, and wants exactly these lines in answer. A
// want that ends in "…" is a prefix. Lines of the command after the first are
// literals, which go out without waiting.
func (c *client) run(command string, want ...string) {
	c.t.Helper()
	c.send("T " + command)
	c.want(command, c.until("T"), want)
}

// wants reads as many lines as are given, outside of a command's answer.
func (c *client) wants(want ...string) {
	c.t.Helper()
	got := make([]string, len(want))
	for i := range want {
		got[i] = c.line()
	}
	c.want("", got, want)
}

func (c *client) want(command string, got, want []string) {
	c.t.Helper()
	for i := range min(len(got), len(want)) {
		if prefix, cut := strings.CutSuffix(want[i], "…"); cut && strings.HasPrefix(got[i], prefix) {
			got[i] = want[i]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("%s (-want +got):\n%s", command, diff)
	}
}

// ok sends a command that must succeed and returns its untagged lines.
func (c *client) ok(format string, args ...any) []string {
	c.t.Helper()
	command := fmt.Sprintf(format, args...)
	c.send("T " + command)
	lines := c.until("T")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "T OK") {
		c.t.Fatalf("%s: %s", command, last)
	}
	return lines[:len(lines)-1]
}
