package mailstore

import (
	"crypto/subtle"

	"github.com/xdg-go/stringprep"
)

// LoginPolicy is what a store does at logins beside checking passwords; the zero value is
// nothing. It is for logins that show the server the password: LOGIN, USER and PASS, SASL
// PLAIN and LOGIN. What answers a challenge can be checked against a known password only, so
// servers with a policy offer neither CRAM-MD5 nor SCRAM nor APOP, which many clients prefer.
type LoginPolicy struct {
	// CreateAccounts makes an account, with the password that was sent, for a name that
	// none has, up to 10,000 accounts in all.
	CreateAccounts bool
	// AnyPassword takes every password for right.
	AnyPassword bool
}

// SetLoginPolicy changes what happens at logins from now on, over either protocol.
func (s *Store) SetLoginPolicy(p LoginPolicy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loginPolicy = p
}

// LoginPolicy returns what happens at logins now.
func (s *Store) LoginPolicy() LoginPolicy {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.loginPolicy
}

// Authenticate returns the account whose name (as for [Store.Account]) and password these
// are, both compared as SASLprep has them (RFC 4013). An account without a password can't
// be logged in to by one (RFC 4616 §2). It fails with [ErrAuthentication], whichever
// is wrong, and with a [LoginRefusal].
func (s *Store) Authenticate(name, password string) (*Account, error) {
	const op = "authenticate"
	policy := s.LoginPolicy()
	account := s.Named(name)
	if account == nil && policy.CreateAccounts && password != "" && len(s.Accounts()) < maxAccounts {
		_, _ = s.AddAccount(name, password) // another session may have been as fast
		account = s.Named(name)
	}
	switch {
	case account == nil:
		return nil, fail(op, name, ErrAuthentication)
	case policy.AnyPassword:
	case !account.hasPassword(password):
		return nil, fail(op, name, ErrAuthentication)
	}
	return account, account.LoginRefused()
}

// Named returns the account that a client calls name, as it is or as SASLprep has it, nil
// if there is none.
func (s *Store) Named(name string) *Account {
	account, err := s.Account(name)
	if err != nil {
		account, _ = s.Account(Prepared(name))
	}
	return account
}

// hasPassword tells whether password is the account's, which has one, as SASLprep has them.
func (a *Account) hasPassword(password string) bool {
	own := Prepared(a.Password())
	return own != "" && subtle.ConstantTimeCompare([]byte(own), []byte(Prepared(password))) == 1
}

// Prepared returns s as SASLprep (RFC 4013) has it, so that passwords which look the same
// are the same. What SASLprep can't take stays as it is: there are such passwords, with
// an emoji for example, and clients send them.
func Prepared(s string) string {
	if prepared, err := stringprep.SASLprep.Prepare(s); err == nil {
		return prepared
	}
	return s
}

// LoginRefusal is why an account can't be logged in to although the password is right: the
// response code that IMAP has for it (RFC 5530 §3).
type LoginRefusal string

// The reasons for a [LoginRefusal].
const (
	LoginFailed          LoginRefusal = "AUTHENTICATIONFAILED"
	LoginNotAuthorized   LoginRefusal = "AUTHORIZATIONFAILED"
	LoginExpired         LoginRefusal = "EXPIRED"
	LoginNeedsPrivacy    LoginRefusal = "PRIVACYREQUIRED"
	LoginContactAdmin    LoginRefusal = "CONTACTADMIN"
	LoginUnavailable     LoginRefusal = "UNAVAILABLE" // for the moment
	LoginTooManySessions LoginRefusal = "LIMIT"
)

// Error says it in words.
func (r LoginRefusal) Error() string {
	switch r {
	case LoginFailed:
		return "authentication failed"
	case LoginNotAuthorized:
		return "not authorized to use this account"
	case LoginExpired:
		return "the password has expired"
	case LoginNeedsPrivacy:
		return "log in only over TLS"
	case LoginContactAdmin:
		return "contact the administrator"
	case LoginUnavailable:
		return "temporarily unavailable"
	case LoginTooManySessions:
		return "too many sessions"
	}
	return "login refused: " + string(r)
}

// RefuseLogins has every login to the account fail from now on, over either protocol and
// by whatever mechanism, as soon as the client has shown who it is; "" ends that. Sessions
// that are logged in go on.
func (a *Account) RefuseLogins(why LoginRefusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusal = why
}

// LoginRefused returns the [LoginRefusal] set by RefuseLogins, or nil.
func (a *Account) LoginRefused() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refusal == "" {
		return nil
	}
	return a.refusal
}
