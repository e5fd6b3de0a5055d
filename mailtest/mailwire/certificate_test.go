package mailwire

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"sync"
	"testing"
	"testing/synctest"
)

func TestClientsTrustTheServerUnderEachOfItsNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		server, err := ServerTLS()
		if err != nil {
			t.Fatal(err)
		}
		client, err := ClientTLS()
		if err != nil {
			t.Fatal(err)
		}
		client.ServerName = name
		if err := handshake(server, client); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		client.ServerName = "example.org"
		if err := handshake(server, client); err == nil {
			t.Error("the certificate is valid for example.org")
		}
	}
}

func TestRootPEMIsWhatClientsNeed(t *testing.T) {
	t.Parallel()
	server, err := ServerTLS()
	if err != nil {
		t.Fatal(err)
	}
	root, err := RootPEM()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		t.Fatalf("no certificate in %q", root)
	}
	if err := handshake(server, &tls.Config{RootCAs: pool, ServerName: "localhost"}); err != nil {
		t.Error(err)
	}
}

func TestTLSConfigurationsAreTheCallers(t *testing.T) {
	t.Parallel()
	first, err := ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	first.RootCAs = x509.NewCertPool()
	server, _ := ServerTLS()
	client, _ := ClientTLS()
	if err := handshake(server, client); err != nil {
		t.Errorf("a change of one configuration reached another: %v", err)
	}
}

// The process's identity may have been made by any test before this one, hence
// identities of the test's own.
func TestIdentityIsSharedAcrossBubbles(t *testing.T) {
	t.Parallel()
	use := func(t *testing.T, make func() (*identity, error)) {
		id, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if err := handshake(id.serverTLS(), id.clientTLS()); err != nil {
			t.Error(err)
		}
	}
	inBubble := func(t *testing.T, make func() (*identity, error)) {
		synctest.Test(t, func(t *testing.T) { use(t, make) })
	}
	t.Run("made in a bubble", func(t *testing.T) {
		t.Parallel()
		identity := sync.OnceValues(newIdentity)
		inBubble(t, identity)
		inBubble(t, identity)
		use(t, identity)
	})
	t.Run("made outside", func(t *testing.T) {
		t.Parallel()
		identity := sync.OnceValues(newIdentity)
		use(t, identity)
		inBubble(t, identity)
		inBubble(t, identity)
	})
	t.Run("made by bubbles at once", func(t *testing.T) {
		t.Parallel()
		identity := sync.OnceValues(newIdentity)
		for range 4 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				inBubble(t, identity)
			})
		}
	})
}

func handshake(server, client *tls.Config) error {
	a, b := Pipe()
	failed := make(chan error, 1)
	go func() {
		defer a.Close()
		conn := tls.Server(a, server)
		_, err := conn.Write([]byte("ok"))
		conn.Close()
		failed <- err
	}()
	conn := tls.Client(b, client)
	_, err := io.ReadAll(conn)
	b.Close()
	if serverErr := <-failed; err == nil {
		err = serverErr
	}
	return err
}
