package mailsasl

import (
	"crypto/tls"
	"errors"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

func clientCertificate(t testing.TB, commonName string, emails ...string) tls.Certificate {
	t.Helper()
	certificate, err := mailwire.ClientCertificate(commonName, emails...)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// showing returns the server's end of a connection with a client that shows certificate.
func showing(t testing.TB, store *mailstore.Store, certificate tls.Certificate, auth tls.ClientAuthType) *Connection {
	t.Helper()
	server, err := mailwire.ServerTLS()
	if err != nil {
		t.Fatal(err)
	}
	client, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	server.ClientAuth, server.ClientCAs = auth, client.RootCAs
	client.Certificates = []tls.Certificate{certificate}
	_, state := connect(t, client, server)
	return overTLSTo(store, state)
}

func TestExternalIsByTheClientsCertificate(t *testing.T) {
	t.Parallel()
	store := newStore(t, "alice@example.org", "secret", "bob@example.org", "secret", "carol@example.org", "secret")
	account(t, store, "carol").AddCertificate("Device 7")
	device := clientCertificate(t, "device 7", "nobody@example.org")
	for _, test := range []struct {
		certificate tls.Certificate
		script      string
		account     string
		err         error
	}{
		{clientCertificate(t, "alice@example.org"), "C:", "alice", nil},
		{clientCertificate(t, "alice"), "S:\nC:", "alice", nil},
		{clientCertificate(t, "alice"), "C: alice@example.org", "alice", nil},
		{clientCertificate(t, "", "Alice@example.org"), "C:", "alice", nil},
		{clientCertificate(t, "bob", "alice@example.org"), "C:", "alice", nil},
		{clientCertificate(t, "bob", "alice@example.org"), "C: bob", "bob", nil},
		{device, "C:", "carol", nil},
		{device, "C: carol", "carol", nil},
		{device, "C: alice", "", ErrAuthorization},
		{device, "C: nobody", "", ErrAuthorization},
		{device, "C: car\x00ol", "", ErrMalformed},
		{device, "S:\nC: *", "", ErrCancelled},
		{clientCertificate(t, "nobody"), "C:", "", mailstore.ErrAuthentication},
		{clientCertificate(t, ""), "C: alice", "", mailstore.ErrAuthentication},
	} {
		c := showing(t, store, test.certificate, tls.RequireAndVerifyClientCert)
		if !c.Offers("EXTERNAL") {
			t.Error("not offered")
		}
		login, err := play(t, c, named(t, "EXTERNAL"), test.script)
		if !errors.Is(err, test.err) || err == nil && login.Account != account(t, store, test.account) {
			t.Errorf("%s, %q: %v, %v", test.certificate.Leaf.Subject, test.script, login, err)
		}
	}
}

func TestACertificateThatNobodyVerifiedIsNone(t *testing.T) {
	t.Parallel()
	store := newStore(t, "alice", "secret")
	c := showing(t, store, clientCertificate(t, "alice"), tls.RequireAnyClientCert)
	if c.Offers("EXTERNAL") {
		t.Error("offered")
	}
	if _, err := c.Authenticate("EXTERNAL", "=", nil); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
}
