package mailsasl

import (
	"crypto/md5"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/mailfakes/mailtest/mailstore"
)

func FuzzParseCRAM(f *testing.F) {
	f.Add("tim b913a602c7eda7a495b4e6e7334d3890")
	f.Add("a b ")
	f.Fuzz(func(t *testing.T, response string) {
		name, digest, err := parseCRAM(response)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		if len(digest) != md5.Size || !strings.HasPrefix(response, name+" ") || len(response) != len(name)+1+2*md5.Size {
			t.Errorf("%q is %q and %x", response, name, digest)
		}
	})
}

// FuzzExchange sends anything by any mechanism: each exchange ends after a few steps, and
// lets nobody in who doesn't know a secret.
func FuzzExchange(f *testing.F) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	f.Add(uint8(0), encode("\x00alice\x00wrong"), "")
	f.Add(uint8(1), encode("alice"), encode("wrong"))
	f.Add(uint8(2), "", encode("alice b913a602c7eda7a495b4e6e7334d3890"))
	f.Add(uint8(3), encode("n,,n=alice,r=x"), encode("c=biws,r=x,p=AAAA"))
	f.Add(uint8(4), encode("p=tls-exporter,a=bob,n=alice,r=x"), encode("c=biws,r=x,p=AAAA"))
	f.Add(uint8(6), encode("p=tls-server-end-point,,n=alice,r=x"), encode("c=biws,r=x,p=AAAA"))
	f.Add(uint8(7), encode("user=alice\x01auth=Bearer x\x01\x01"), "")
	f.Add(uint8(8), encode("n,a=alice,\x01auth=Bearer x\x01\x01"), "AQ==")
	f.Add(uint8(9), "=", "*")
	_, state := handshake(f, tls.VersionTLS13)
	// An account of another name, and tokens and passwords that no fuzzer guesses.
	const unknown = "3f1d6cb0e5a24c5c8a8e"
	f.Fuzz(func(t *testing.T, n uint8, initial, response string) {
		store := newStore(t, "alice", unknown, "bob", unknown)
		account(t, store, "alice").AddToken(unknown, time.Time{})
		steps := 0
		login, err := overTLSTo(store, state).Authenticate(mechanisms[int(n)%len(mechanisms)].name, initial, func(string) (string, error) {
			if steps++; steps > 4 {
				t.Fatal("no end")
			}
			return response, nil
		})
		if err == nil || login != (Login{}) {
			t.Errorf("logged in as %v", login)
		}
		for _, known := range []error{mailstore.ErrAuthentication, ErrUnavailable, ErrCancelled, ErrEncoding, ErrInitialResponse,
			ErrMalformed, ErrAuthorization, ErrChannelBinding} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Errorf("an error that servers don't know: %v", err)
	})
}
