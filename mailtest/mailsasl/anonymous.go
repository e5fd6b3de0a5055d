package mailsasl

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-sasl"

	"example.org/mailfakes/mailtest/mailstore"
)

// maxTrace is how many characters trace information has at most (RFC 4505 §2).
const maxTrace = 255

// anonymous is ANONYMOUS (RFC 4505).
func anonymous(x *exchange) error { return x.run(sasl.NewAnonymousServer(x.admit)) }

// letsAnyoneIn tells whether there is an account for anonymous clients.
func (c *Connection) letsAnyoneIn() bool {
	_, err := c.Store.Account(c.Anonymous)
	return err == nil
}

// admit opens the account for anonymous clients to a client that says trace of itself,
// which matters only in that it has to be well-formed.
func (x *exchange) admit(trace string) error {
	if !utf8.ValidString(trace) || utf8.RuneCountInString(trace) > maxTrace || strings.ContainsFunc(trace, unicode.IsControl) {
		return malformed("the trace isn't text of 255 characters at most (RFC 4505 section 2)")
	}
	account, err := x.Store.Account(x.Anonymous)
	if err != nil {
		return fmt.Errorf("%w: %w", mailstore.ErrAuthentication, err)
	}
	return x.authorize("", account)
}
