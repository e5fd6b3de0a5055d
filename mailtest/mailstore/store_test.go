package mailstore_test

import (
	"errors"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

// checkError fails the test unless err is what was to be expected and names the input.
func checkError(t *testing.T, err, want error, input string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	if want != nil && (!strings.HasPrefix(err.Error(), "mailstore: ") || !strings.Contains(err.Error(), input)) {
		t.Errorf("error %q doesn't name %q", err, input)
	}
}

func TestAccountIsFoundByItsNameInAnyCase(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	alice, err := s.AddAccount("Alice@Example.org", "secret")
	checkError(t, err, nil, "")
	for _, name := range []string{"Alice@Example.org", "alice@EXAMPLE.org", "ALICE"} {
		if a, err := s.Account(name); err != nil || a != alice {
			t.Errorf("Account(%q) is %v, %v", name, a, err)
		}
	}
	if alice.Name() != "Alice@Example.org" {
		t.Errorf("the name is %q", alice.Name())
	}
	_, err = s.AddAccount("alice@example.ORG", "other")
	checkError(t, err, mailstore.ErrExists, "alice@example.ORG")
}

func TestLocalPartNamesAnAccountOnlyWhileItIsAlone(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	for _, name := range []string{"alice@example.org", "@example.org", "bob@a.example", "bob@b.example", "carol", "carol@a.example"} {
		if _, err := s.AddAccount(name, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"alice": "alice@example.org", "carol": "carol", "carol@a.example": "carol@a.example",
		"bob": "", "": "", "alice@": "", "alice@a.example": "", "dave": "",
	} {
		a, err := s.Account(name)
		if want == "" {
			checkError(t, err, mailstore.ErrNoAccount, name)
		} else if err != nil || a.Name() != want {
			t.Errorf("Account(%q) is %v, %v, want %s", name, a, err, want)
		}
	}
	if got := s.Accounts(); len(got) != 6 || got[0].Name() != "@example.org" || got[5].Name() != "carol@a.example" {
		t.Errorf("%d accounts, not in order", len(got))
	}
}

func TestAccountNameIsValid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "a\r\nb", "a\x00", "\xff", "a\x7f", strings.Repeat("a", 1001)} {
		_, err := mailstore.New().AddAccount(name, "")
		checkError(t, err, mailstore.ErrInvalidName, "add account")
	}
}

func TestAuthenticationTakesTheRightPasswordOnly(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	alice, _ := s.AddAccount("alice", "secret")
	if a, err := s.Authenticate("Alice", "secret"); err != nil || a != alice {
		t.Errorf("%v, %v", a, err)
	}
	alice.SetPassword("other")
	for _, try := range [][2]string{{"alice", "secret"}, {"alice", ""}, {"alice", "Other"}, {"bob", "other"}} {
		a, err := s.Authenticate(try[0], try[1])
		checkError(t, err, mailstore.ErrAuthentication, try[0])
		if a != nil || errors.Is(err, mailstore.ErrNoAccount) {
			t.Errorf("%q: the error tells whether the account exists, or the account is there", try)
		}
	}
	if _, err := s.Authenticate("alice", "other"); err != nil {
		t.Error(err)
	}
}
