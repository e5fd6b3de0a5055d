package mailsasl

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"

	"example.org/mailfakes/mailtest/mailstore"
)

// exchange is one authentication that is under way.
type exchange struct {
	*Connection
	line        func(challenge string) (string, error)
	initial     []byte // the initial response, nil if there is none
	plusOffered bool   // the mechanism is there with channel binding as well
	login       Login  // set when the client has proved who it is
}

// ask sends a challenge and returns the response to it, which is never nil.
func (x *exchange) ask(challenge []byte) ([]byte, error) {
	line, err := x.line(base64.StdEncoding.EncodeToString(challenge))
	if err != nil {
		return nil, err
	}
	if line == "*" {
		return nil, ErrCancelled
	}
	return decode(line)
}

// first returns the response that the client begins with, asking for it if it didn't
// come along (RFC 4422 §3).
func (x *exchange) first() ([]byte, error) {
	if x.initial != nil {
		return x.initial, nil
	}
	return x.ask(nil)
}

// decode decodes base64, in which RFC 4959 §3 and RFC 5034 §4 allow nothing else. The
// decoder alone would pass over a CR.
func decode(text string) ([]byte, error) {
	response, err := base64.StdEncoding.DecodeString(text)
	if err != nil || strings.Contains(text, "\r") {
		return nil, ErrEncoding
	}
	return response, nil
}

// run runs one of go-sasl's mechanisms. An error that isn't that of the check which the
// mechanism was made with is about the form of a response.
func (x *exchange) run(server sasl.Server) error {
	response := x.initial
	for {
		challenge, done, err := server.Next(response)
		switch {
		case errors.Is(err, mailstore.ErrAuthentication), errors.Is(err, ErrAuthorization), errors.Is(err, ErrMalformed), isRefusal(err):
			return err
		case err != nil:
			return malformed(err.Error())
		case done:
			return nil
		}
		if response, err = x.ask(challenge); err != nil {
			return err
		}
	}
}

// verify checks a name and a password; identity is whom the client wants to act as,
// empty for itself.
func (x *exchange) verify(identity, name, password string) error {
	account, err := x.Store.Authenticate(x.name(name), password)
	if err != nil {
		return err
	}
	return x.authorize(identity, account)
}

// authorize ends an exchange in which the client has proved to be the account's user.
// It may name the account as the identity to act as, too, but no other.
func (x *exchange) authorize(identity string, account *mailstore.Account) error {
	if identity != "" && x.Store.Named(x.name(identity)) != account {
		return fmt.Errorf("%w: %q as %.255q", ErrAuthorization, account.Name(), identity)
	}
	if err := account.LoginRefused(); err != nil {
		return err
	}
	x.login.Account = account
	return nil
}

// secret returns the password that a client has to have, prepared. To a name that doesn't
// exist, and to an account without a password (RFC 4616 §2), it is one that none has.
func secret(account *mailstore.Account) string {
	if account != nil {
		if password := mailstore.Prepared(account.Password()); password != "" {
			return password
		}
	}
	return rand.Text()
}

// wrong is the one answer to a name that doesn't exist and to a password that is wrong,
// so that nobody learns which names do.
func wrong(name string) error {
	return fmt.Errorf("authenticate %.255q: %w", name, mailstore.ErrAuthentication)
}

// malformed tells what is wrong with the form of a response.
func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// isRefusal tells whether err is about an account that nobody may log in to now.
func isRefusal(err error) bool {
	_, ok := errors.AsType[mailstore.LoginRefusal](err)
	return ok
}
