package imapfake_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
)

// startTLS sends STARTTLS and goes on in TLS.
func (c *client) startTLS() {
	c.t.Helper()
	c.run("STARTTLS", "T OK STARTTLS completed")
	config, err := mailwire.ClientTLS()
	if err != nil {
		c.t.Fatal(err)
	}
	config.ServerName = "localhost"
	conn := tls.Client(c.conn, config)
	if err := conn.HandshakeContext(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.conn, c.r = conn, bufio.NewReader(conn)
}

func TestStartTLSIsForPlainSessionsBeforeLogin(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.dial()
	c.startTLS()
	c.run("STARTTLS", "T BAD TLS is active already (RFC 3501 6.2.1)")
	c.ok("LOGIN alice@example.org secret")
	c.ok("SELECT INBOX")
	c.run("LOGOUT", "* BYE logging out", "T OK LOGOUT completed")
	f.login().run("STARTTLS", "T BAD STARTTLS is not allowed in the authenticated state (RFC 3501 6)")
}

func TestStartTLSWithCommandsBehindItIsRefused(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).dial()
	c.send("a STARTTLS", "b NOOP")
	c.wants("a BAD nothing may follow STARTTLS before its answer (RFC 3501 6.2.1)", "b OK NOOP completed")
	io.WriteString(c.conn, "c STARTTLS\r\nd NO")
	c.wants("c BAD nothing may follow…")
	c.send("OP")
	c.wants("d OK NOOP completed")
	c.startTLS()
	c.run("NOOP", "T OK NOOP completed")
}

func TestPlainTextAfterStartTLSIsNoCommand(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.dial()
	c.run("STARTTLS", "T OK STARTTLS completed")
	c.send("x LOGIN alice@example.org secret", "y CREATE injected")
	rest, _ := io.ReadAll(c.r) // a TLS alert
	if len(rest) > 0 && rest[0] != 21 {
		t.Errorf("answered %q", rest)
	}
	if _, err := f.alice.Mailbox("injected"); err == nil {
		t.Error("a plain command was run")
	}
}

func TestStartTLSWithoutACertificateIsUnavailable(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t, imapfake.WithTLS(nil)).dial()
	c.run("STARTTLS", "T NO [UNAVAILABLE] TLS is not available: no configuration")
	c.run("NOOP", "T OK NOOP completed")
}

func TestServeTLSIsTLSFromTheFirstOctet(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	l := mailwire.NewListener("imaps")
	served := make(chan error, 1)
	go func() { served <- f.server.ServeTLS(l) }()
	conn, err := l.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	config.ServerName = "localhost"
	c := newClient(t, tls.Client(conn, config))
	c.wants("* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=…")
	c.ok("LOGIN alice@example.org secret")
	f.server.Close()
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Errorf("ServeTLS returned %v", err)
	}
}
