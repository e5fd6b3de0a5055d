package mailstore_test

import (
	"errors"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestPasswordsAreComparedAsSASLprepHasThem(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	for name, password := range map[string]string{"alice": "gr\u00fc\u00dfe", "bob": "", "carol": "\U0001F600"} {
		if _, err := s.AddAccount(name, password); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, password string
		right          bool
	}{
		{"alice", "gru\u0308\u00dfe", true}, {"ALICE", "gr\u00fc\u00dfe", true}, {"alice", "gr\u00fc\u00df", false},
		{"alice", "", false}, {"bob", "", false}, {"carol", "\U0001F600", true}, {"dave", "x", false},
	} {
		account, err := s.Authenticate(test.name, test.password)
		if right := err == nil; right != test.right || !right && (account != nil || !errors.Is(err, mailstore.ErrAuthentication)) {
			t.Errorf("%q with %q: %v, %v", test.name, test.password, account, err)
		}
	}
}

func TestALoginPolicyCanAcceptAnyPassword(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	if _, err := s.AddAccount("alice", "secret"); err != nil {
		t.Fatal(err)
	}
	s.SetLoginPolicy(mailstore.LoginPolicy{AnyPassword: true})
	if _, err := s.Authenticate("alice", "other"); err != nil {
		t.Error(err)
	}
	if _, err := s.Authenticate("bob", "other"); !errors.Is(err, mailstore.ErrAuthentication) {
		t.Errorf("a name without an account: %v", err)
	}
}

func TestALoginPolicyCanMakeAccountsAtFirstLogin(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	s.SetLoginPolicy(mailstore.LoginPolicy{CreateAccounts: true})
	for _, test := range []struct {
		name, password string
		right          bool
	}{{"alice", "secret", true}, {"alice", "other", false}, {"alice", "secret", true}, {"bob", "", false}, {"\x00", "secret", false}} {
		if _, err := s.Authenticate(test.name, test.password); (err == nil) != test.right {
			t.Errorf("%q with %q: %v", test.name, test.password, err)
		}
	}
	if n := len(s.Accounts()); n != 1 {
		t.Errorf("there are %d accounts, want 1", n)
	}
}
