package mailtest_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
)

// startTLS begins TLS by STARTTLS or STLS and returns how that ended.
func startTLS(dial func() (net.Conn, error), command string, config *tls.Config) (*tls.Conn, error) {
	conn, err := dial()
	if err != nil {
		return nil, err
	}
	reply := make([]byte, 1)
	line := func() (text string, err error) {
		for !strings.HasSuffix(text, "\n") && err == nil {
			if _, err = io.ReadFull(conn, reply); err == nil {
				text += string(reply)
			}
		}
		return text, err
	}
	if _, err = line(); err != nil {
		return nil, err
	}
	fmt.Fprintf(conn, "%s\r\n", command)
	if answer, err := line(); err != nil || !strings.Contains(answer, "OK") {
		return nil, fmt.Errorf("%s: %q, %w", command, answer, err)
	}
	c := tls.Client(conn, config)
	return c, c.Handshake()
}

// overTLS begins TLS in every way that there is, and hands each result to check.
func overTLS(t *testing.T, srv *mailtest.Server, config *tls.Config, check func(error) error) {
	t.Helper()
	for command, dial := range map[string]func() (net.Conn, error){"a STARTTLS": srv.IMAP.Dial, "STLS": srv.POP3.Dial} {
		c, err := startTLS(dial, command, config)
		if err == nil {
			// A server that refuses the client's certificate says so after the handshake.
			_, err = fmt.Fprint(c, "a LOGOUT\r\nQUIT\r\n")
			if _, readErr := c.Read(make([]byte, 1)); err == nil {
				err = readErr
			}
		}
		if c != nil {
			c.NetConn().Close()
		}
		if err := check(err); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
}

func TestACarefulClientRefusesEachTLSFault(t *testing.T) {
	t.Parallel()
	invalid := func(reason x509.InvalidReason) func(error) bool {
		return func(err error) bool {
			e, ok := errors.AsType[x509.CertificateInvalidError](err)
			return ok && e.Reason == reason
		}
	}
	unknown := func(err error) bool { _, ok := errors.AsType[x509.UnknownAuthorityError](err); return ok }
	for fault, wanted := range map[mailwire.TLSFault]func(error) bool{
		mailwire.CertificateExpired:         invalid(x509.Expired),
		mailwire.CertificateNotYetValid:     invalid(x509.Expired),
		mailwire.CertificateOtherHost:       func(err error) bool { _, ok := errors.AsType[x509.HostnameError](err); return ok },
		mailwire.CertificateSelfSigned:      unknown,
		mailwire.CertificateChainIncomplete: unknown,
		mailwire.HandshakeFails: func(err error) bool {
			_, ok := errors.AsType[tls.AlertError](err)
			return ok || strings.Contains(fmt.Sprint(err), "remote error")
		},
		mailwire.HandshakeDropped: func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) },
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			// A bubble's clock is another than that of the process.
			synctest.Test(t, func(t *testing.T) {
				srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithTLSFault(fault))
				overTLS(t, srv, srv.TLSConfig(), func(err error) error {
					if !wanted(err) {
						return fmt.Errorf("the client says %T %w", err, err)
					}
					return nil
				})
				if c, err := srv.IMAP.DialTLS(); err == nil {
					if err := c.(*tls.Conn).Handshake(); !wanted(err) {
						t.Errorf("TLS from the first octet: %v", err)
					}
					c.(*tls.Conn).NetConn().Close()
				}
			})
		})
	}
}

func TestACarelessClientIsCaughtByACertificate(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithTLSFault(mailwire.CertificateOtherHost))
	overTLS(t, srv, &tls.Config{InsecureSkipVerify: true}, func(err error) error { return err })
}

func TestTLSVersionsCanBeLimited(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS12, tls.VersionTLS13} {
		srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithTLS(func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version }))
		config := srv.TLSConfig()
		config.MinVersion = tls.VersionTLS10
		overTLS(t, srv, config, func(err error) error { return err })
		config.MinVersion, config.MaxVersion = tls.VersionTLS11, tls.VersionTLS11
		overTLS(t, srv, config, func(err error) error {
			if err == nil {
				return fmt.Errorf("a client of TLS 1.1 gets in where %s is needed", tls.VersionName(version))
			}
			return nil
		})
	}
}

func TestAClientCertificateCanBeDemanded(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.WithClientCertificates(tls.RequireAndVerifyClientCert))
	srv.AddAccount("alice@example.org", "secret").Deliver(mailtest.Mail{Subject: "hello"})
	overTLS(t, srv, srv.TLSConfig(), func(err error) error {
		if err == nil {
			return errors.New("a client without a certificate gets in")
		}
		return nil
	})
	certificate, err := mailwire.ClientCertificate("alice", "alice@example.org")
	if err != nil {
		t.Fatal(err)
	}
	config := srv.TLSConfig()
	config.Certificates = []tls.Certificate{certificate}
	c, err := imapclient.DialTLS(srv.IMAP.TLSAddr(), &imapclient.Options{TLSConfig: config})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Authenticate(external{}); err != nil {
		t.Fatal(err)
	}
	if box, err := c.Select("INBOX", nil).Wait(); err != nil || box.NumMessages != 1 {
		t.Errorf("INBOX has %v, %v", box, err)
	}
}

// external is the client's side of SASL EXTERNAL.
type external struct{}

func (external) Start() (string, []byte, error) { return "EXTERNAL", []byte{}, nil }
func (external) Next([]byte) ([]byte, error)    { return nil, errors.New("unexpected challenge") }
