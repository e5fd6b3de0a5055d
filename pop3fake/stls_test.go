package pop3fake_test

import (
	"crypto/tls"
	"errors"
	"testing"

	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

func TestSTLSForgetsWhatWasSaidBefore(t *testing.T) {
	t.Parallel()
	c := start(t, nil).connect()
	c.run(`
		C: USER alice
		S: +OK send PASS
		C: STLS
		S: +OK begin TLS negotiation`)
	c.startTLS()
	c.run(`
		C: PASS secret
		S: -ERR PASS: only valid right after a successful USER (RFC 1939 section 7)
		C: STLS
		S: -ERR STLS: not permitted when TLS is active (RFC 2595 section 4)
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages`)
}

func TestInputPipelinedBehindSTLSIsNeverTakenForEncrypted(t *testing.T) {
	t.Parallel()
	c := start(t, nil).connect()
	c.send("STLS\r\nUSER mallory\r\n")
	c.run(`
		S: -ERR STLS: nothing may follow before its answer (RFC 2595 section 4)
		S: +OK send PASS
		C: STLS
		S: +OK begin TLS negotiation`)
	c.startTLS()
	c.run(`
		C: QUIT
		S: +OK bye
		S: CLOSED`)
}

func TestPlainTextInsteadOfAHandshakeEndsTheSession(t *testing.T) {
	t.Parallel()
	c := start(t, nil).connect()
	c.run(`
		C: STLS
		S: +OK begin TLS negotiation
		C: USER alice`)
	for { // perhaps after an alert
		if _, err := c.in.ReadByte(); err != nil {
			break
		}
	}
}

func TestSTLSUsesTheConfigurationThatWasGiven(t *testing.T) {
	t.Parallel()
	refusal := errors.New("not today")
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, refusal }}
	c := start(t, nil, pop3fake.WithTLS(config)).connect()
	c.run(`
		C: STLS
		S: +OK begin TLS negotiation`)
	ours, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	if err := tls.Client(c.conn, ours).HandshakeContext(t.Context()); err == nil {
		t.Error("the handshake succeeded with another configuration")
	}
}

func TestWithoutSTLSTheServerNeverHeardOfIt(t *testing.T) {
	t.Parallel()
	c := start(t, nil, pop3fake.WithoutCapabilities(pop3fake.STLS)).connect()
	c.run(`
		C: STLS
		S: -ERR unknown command "STLS"`)
}
