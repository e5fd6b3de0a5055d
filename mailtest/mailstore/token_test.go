package mailstore_test

import (
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/mailtest/mailstore"
)

// twoAccounts returns alice and bob in a new store.
func twoAccounts(t *testing.T) (store *mailstore.Store, alice, bob *mailstore.Account) {
	t.Helper()
	store = mailstore.New()
	alice, err := store.AddAccount("alice@example.org", "secret")
	if err != nil {
		t.Fatal(err)
	}
	bob, err = store.AddAccount("bob@example.org", "secret")
	if err != nil {
		t.Fatal(err)
	}
	return store, alice, bob
}

func TestATokenExpiresAtItsTimeWhichMayMove(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, alice, _ := twoAccounts(t)
		if store.Token("x") != nil {
			t.Error("a token that nobody added")
		}
		alice.AddToken("x", time.Now().Add(time.Hour))
		token := store.Token("x")
		if token.Account() != alice || token.Expired() {
			t.Error("not alice's, or expired from the start")
		}
		began := time.Now()
		go func() {
			time.Sleep(30 * time.Minute)
			alice.AddToken("x", began.Add(2*time.Hour))
			time.Sleep(time.Hour)
			alice.AddToken("x", began.Add(100*time.Minute))
		}()
		if !token.WaitExpired(nil) || time.Since(began) != 100*time.Minute || !token.Expired() {
			t.Errorf("expired after %v", time.Since(began))
		}
		alice.AddToken("x", time.Time{})
		if store.Token("x") != token || token.Expired() {
			t.Error("a token can't be good again")
		}
	})
}

func TestWaitingForATokenCanBeGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, alice, _ := twoAccounts(t)
		alice.AddToken("limited", time.Now().Add(time.Hour))
		alice.AddToken("unlimited", time.Time{})
		for _, token := range []*mailstore.Token{nil, store.Token("limited"), store.Token("unlimited")} {
			done := make(chan struct{})
			go func() {
				time.Sleep(time.Minute)
				close(done)
			}()
			if token.WaitExpired(done) || token.Expired() {
				t.Errorf("%v expired", token)
			}
		}
	})
}

func TestATokenIsOfOneAccountOnly(t *testing.T) {
	t.Parallel()
	store, alice, bob := twoAccounts(t)
	alice.AddToken("x", time.Time{})
	former := store.Token("x")
	bob.AddToken("x", time.Time{})
	if now := store.Token("x"); now.Account() != bob || now.Expired() || !former.Expired() {
		t.Errorf("the token is %s's; the former one has expired: %v", now.Account().Name(), former.Expired())
	}
	alice.ExpireToken("never added")
	if token := store.Token("never added"); token.Account() != alice || !token.Expired() {
		t.Error("a token that expired before it was added isn't there")
	}
}

func TestACertificateIsThatOfTheAccountItNames(t *testing.T) {
	t.Parallel()
	store, alice, bob := twoAccounts(t)
	bob.AddCertificate("Device 7")
	bob.AddCertificate("old-alice@example.org")
	for identity, want := range map[string]*mailstore.Account{
		"alice@example.org": alice, "ALICE": alice, "device 7": bob, "old-alice@example.org": bob, "": nil, "carol": nil,
	} {
		if got := store.CertificateAccount(identity); got != want {
			t.Errorf("%q: %v", identity, got)
		}
	}
	alice.AddCertificate("device 7")
	if store.CertificateAccount("device 7") != alice {
		t.Error("the identity can't go to another account")
	}
}
