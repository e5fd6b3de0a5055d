package mailtest_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

// dialog says lines to a server, each after the answer to the one before, and prints the last answer.
func dialog(t *exampleTest, server *mailtest.Endpoint, lines ...string) {
	conn, err := server.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewScanner(conn)
	answers.Scan() // the greeting
	for _, line := range lines {
		fmt.Fprintf(conn, "%s\r\n", line)
		answers.Scan()
	}
	fmt.Println(answers.Text())
}

// Options of the two servers: here without capabilities, as if they had never heard of them.
func ExampleWithIMAP() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory(),
		mailtest.WithIMAP(imapfake.WithoutCapabilities(imap.CapIdle), imapfake.WithGreeting("go ahead")),
		mailtest.WithPOP3(pop3fake.WithoutCapabilities(pop3fake.UIDL)),
	)
	alice := srv.AddAccount("alice@example.org", "secret")
	fmt.Println(alice.IMAPClient().Caps().Has(imap.CapIdle))
	dialog(t, srv.POP3, "USER alice", "PASS secret", "UIDL")
	// Output:
	// false
	// -ERR unknown command "UIDL"
}

// With labels, expunging takes a message out of INBOX and no further.
func ExampleWithGmail() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithGmail())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})

	phone := mailtest.NewIMAPDevice(t, alice)
	phone.Sync()
	phone.Delete("hello")
	alice.WantOverIMAP("INBOX")
	alice.WantOverIMAP("[Gmail]/All Mail", "hello")
	// Output:
}

// For a client that anybody should be able to try.
func ExampleWithLoginPolicy() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory(),
		mailtest.WithLoginPolicy(mailstore.LoginPolicy{CreateAccounts: true, AnyPassword: true}))
	dialog(t, srv.POP3, "USER anybody@example.org", "PASS whatever")
	fmt.Println(srv.Account("anybody@example.org").Name())
	// Output:
	// +OK maildrop locked and ready, 0 messages
	// anybody@example.org
}

// Does the client look at the certificate?
func ExampleWithTLSFault() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.WithTLSFault(mailwire.CertificateExpired))

	_, err := tls.Dial("tcp", srv.IMAP.TLSAddr(), srv.TLSConfig())
	var invalid x509.CertificateInvalidError
	fmt.Println(errors.As(err, &invalid) && invalid.Reason == x509.Expired)
	// Output: true
}

// A client proves by a certificate who it is, and needs no password.
func ExampleWithClientCertificates() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.WithClientCertificates(tls.RequireAndVerifyClientCert))
	srv.AddAccount("alice@example.org", "secret")

	certificate, err := mailwire.ClientCertificate("alice@example.org")
	if err != nil {
		t.Fatal(err)
	}
	config := srv.TLSConfig()
	config.Certificates = []tls.Certificate{certificate}
	conn, err := tls.Dial("tcp", srv.IMAP.TLSAddr(), config)
	if err != nil {
		t.Fatal(err)
	}
	app := imapclient.New(conn, nil)
	defer app.Close()
	fmt.Println(app.Authenticate(sasl.NewExternalClient("")))
	// Output: <nil>
}

// A server that speaks nothing newer than TLS 1.2.
func ExampleWithTLS() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.WithTLS(func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }))

	conn, err := tls.Dial("tcp", srv.POP3.TLSAddr(), srv.TLSConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Println(tls.VersionName(conn.ConnectionState().Version))
	// Output: TLS 1.2
}

// A client that breaks what an RFC advises fails its test, unless the rule is excepted.
func ExampleFailOnNotes() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.FailOnNotes("cleartext-password"))
	app := srv.AddAccount("alice@example.org", "secret").IMAPClient()
	if _, err := app.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Status("INBOX", &imap.StatusOptions{NumUnseen: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	// Output:
	// mailtest: a client broke a rule: imap#1 T3 STATUS: status-selected: STATUS of the selected mailbox (RFC 3501 §6.3.10)
}
