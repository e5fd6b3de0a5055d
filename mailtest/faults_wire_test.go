package mailtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

// faultRow is a rule and a session that shows what it does. Each line is "C: " and what the
// client sends, "S: " and what it gets, in the text form of transcripts; or
//
//	EOF, RESET     what the client reads then
//	5s             how long it waited for the line before
//	quiet 5s       the client does nothing for that long
type faultRow struct{ rule, session string }

// opening are lines of a session that stand for several.
var opening = map[string]string{
	"HELLO": "S: * OK ready",
	"LOGIN": `HELLO
		C: a LOGIN alice secret
		S: a OK LOGIN completed`,
	"SELECT": `LOGIN
		C: b SELECT INBOX
		S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
		S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] flags that can be changed
		S: * 2 EXISTS
		S: * 2 RECENT
		S: * OK [UNSEEN 1] first unseen message
		S: * OK [UIDVALIDITY 1] UIDs valid
		S: * OK [UIDNEXT 3] predicted next UID
		S: b OK [READ-WRITE] SELECT completed`,
	"POP3": "S: +OK POP3 server ready",
	"PASS": `POP3
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 2 messages`,
}

// faultFixture has alice with two messages, and servers with few capabilities.
func faultFixture(t *testing.T) *mailtest.Server {
	t.Helper()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.FailOnUnfired(), mailtest.WithPOP3(pop3fake.WithoutCapabilities(pop3fake.APOP)),
		mailtest.WithIMAP(imapfake.WithCapabilities("LITERAL+", "IDLE", "ID", "UIDPLUS", "AUTH=PLAIN", "SASL-IR"), imapfake.WithGreeting("ready"),
			imapfake.WithoutCapabilityCode()))
	alice := srv.AddAccount("alice", "secret")
	alice.DeliverRaw([]byte("Subject: one\r\n\r\nhi\r\n"))
	alice.DeliverRaw([]byte("Subject: two\r\n\r\n.zwölf\r\n"))
	return srv
}

func (row faultRow) run(t *testing.T, e *mailtest.Endpoint) {
	rule, err := mailwire.ParseRule(row.rule)
	if err != nil {
		t.Fatal(err)
	}
	if rule.String() != row.rule {
		t.Errorf("the rule's text is %s", rule)
	}
	e.Inject(rule)
	nc, err := e.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	c := wireClient{t: t, nc: nc}
	for line := range strings.Lines(row.session) {
		c.line(strings.Trim(line, "\t\n"))
	}
	if !c.over {
		nc.(interface{ CloseWrite() error }).CloseWrite()
		if rest, err := io.ReadAll(nc); len(rest) > 0 || err != nil {
			t.Errorf("after the session the client got %q, %v", rest, err)
		}
	}
}

// wireClient does what the lines of a session say.
type wireClient struct {
	t      *testing.T
	nc     net.Conn
	waited time.Duration
	over   bool
}

func (c *wireClient) line(line string) {
	if several, ok := opening[line]; ok {
		for line := range strings.Lines(several) {
			c.line(strings.Trim(line, "\t\n"))
		}
		return
	}
	kind, text, _ := strings.Cut(line, ":")
	text = strings.TrimPrefix(text, " ")
	octets, complete, err := mailwire.Unescape([]byte(text))
	if err != nil {
		c.t.Fatal(err)
	}
	if complete {
		octets = append(octets, "\r\n"...)
	}
	switch {
	case line == "":
	case kind == "C":
		if _, err := c.nc.Write(octets); err != nil {
			c.t.Errorf("write %q: %v", octets, err)
		}
	case kind == "S":
		c.want(octets)
	case line == "EOF", line == "RESET":
		c.over = true
		n, err := c.nc.Read(make([]byte, 1))
		if n > 0 || line == "EOF" && err != io.EOF || line == "RESET" && !errors.Is(err, syscall.ECONNRESET) {
			c.t.Errorf("want %s, got %d octets and %v", line, n, err)
		}
	case strings.HasPrefix(line, "quiet "):
		d, _ := time.ParseDuration(line[len("quiet "):])
		time.Sleep(d)
	default:
		d, err := time.ParseDuration(line)
		if err != nil {
			c.t.Fatal(err)
		}
		if c.waited != d {
			c.t.Errorf("the client waited %v, want %v", c.waited, d)
		}
	}
}

func (c *wireClient) want(octets []byte) {
	c.t.Helper()
	got := make([]byte, len(octets))
	start := time.Now()
	n, err := io.ReadFull(c.nc, got)
	c.waited = time.Since(start)
	if !bytes.Equal(got[:n], octets) {
		c.t.Fatalf("want %q, got %q, %v", octets, got[:n], err)
	}
}

func runFaultRows(t *testing.T, rows []faultRow, endpoint func(*mailtest.Server) *mailtest.Endpoint) {
	t.Parallel()
	for i, row := range rows {
		t.Run(fmt.Sprintf("%d %s", i, strings.ReplaceAll(row.rule, "/", "|")), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { row.run(t, endpoint(faultFixture(t))) })
		})
	}
}
