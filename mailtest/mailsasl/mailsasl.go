// Package mailsasl is the server's side of the SASL mechanisms (RFC 4422) that the
// IMAP and the POP3 server share, one file for each family of mechanisms.
//
// A server describes the connection in a [Connection], offers the client what
// [Connection.Offers] tells, and has [Connection.Authenticate] run the exchange, for
// which it only sends and receives lines.
package mailsasl

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailstore"
)

// What an exchange can fail with, beside [mailstore.ErrAuthentication] for credentials
// that are wrong and a [mailstore.LoginRefusal]; match with [errors.Is].
var (
	// ErrUnavailable: the mechanism is unknown, turned off or not possible here.
	ErrUnavailable = errors.New("no such SASL mechanism here")
	// ErrCleartext: the mechanism would send a secret as it is, which needs TLS.
	ErrCleartext = errors.New("mechanism needs TLS")
	// ErrCancelled: the client broke the exchange off.
	ErrCancelled = errors.New("cancelled by the client")
	// ErrEncoding: a response isn't base64.
	ErrEncoding = errors.New("response isn't base64")
	// ErrInitialResponse: the mechanism begins with the server's challenge.
	ErrInitialResponse = errors.New("mechanism takes no initial response")
	// ErrMalformed: a response isn't what the mechanism says.
	ErrMalformed = errors.New("malformed response")
	// ErrAuthorization: the credentials are right, but not for the identity to act as.
	ErrAuthorization = errors.New("one user can't act as another")
	// ErrExpired: the access token was valid once.
	ErrExpired = errors.New("access token expired")
	// ErrChannelBinding: the client and the server don't see the same TLS connection.
	ErrChannelBinding = errors.New("channel binding failed")
)

// Connection is what a server knows of a client that is to authenticate. Its methods
// are safe for concurrent use.
type Connection struct {
	// Store has the accounts.
	Store *mailstore.Store
	// TLS is the state of the connection's TLS, nil without.
	TLS *tls.ConnectionState
	// Config returns what TLS was started with. A SCRAM client can bind to the server's
	// certificate (tls-server-end-point) only if that has just one; nil: it can't.
	Config func() (*tls.Config, error)
	// Anonymous names the account that ANONYMOUS opens. The mechanism is there as soon
	// as the account is; an empty name turns it off.
	Anonymous string
	// NeedTLS refuses the mechanisms that send a password or token as it is until TLS
	// is active.
	NeedTLS bool
	// Without tells whether a mechanism is turned off; nil: none is.
	Without func(mechanism string) bool
	// Names returns what the store calls the user whom a client calls name; nil: the same.
	Names func(name string) string
}

// name returns what the store calls a user.
func (c *Connection) name(name string) string {
	if c.Names == nil {
		return name
	}
	return c.Names(name)
}

// Login is who has authenticated.
type Login struct {
	Account *mailstore.Account
	// Token is the access token that was used, nil if none was. When it expires, the
	// session is to end.
	Token *mailstore.Token
}

// mechanism is a row of the table of mechanisms.
type mechanism struct {
	name      string
	cleartext bool                   // it sends a secret that whoever reads along can use
	possible  func(*Connection) bool // nil: always
	run       func(*exchange) error
}

// mechanisms is the table. It never changes.
var mechanisms = []mechanism{
	{name: "PLAIN", cleartext: true, run: plain},
	{name: "LOGIN", cleartext: true, run: login},
	{name: "CRAM-MD5", possible: (*Connection).KnowsPasswords, run: cramMD5{newChallenge}.run},
	{name: "SCRAM-SHA-1", possible: (*Connection).KnowsPasswords, run: scramServer{hash: sha1.New}.run},
	{name: "SCRAM-SHA-1-PLUS", possible: (*Connection).canBind, run: scramServer{hash: sha1.New, plus: true}.run},
	{name: "SCRAM-SHA-256", possible: (*Connection).KnowsPasswords, run: scramServer{hash: sha256.New}.run},
	{name: "SCRAM-SHA-256-PLUS", possible: (*Connection).canBind, run: scramServer{hash: sha256.New, plus: true}.run},
	{name: "XOAUTH2", cleartext: true, run: xOAuth2},
	{name: "OAUTHBEARER", cleartext: true, run: oAuthBearer},
	{name: "EXTERNAL", possible: (*Connection).hasCertificate, run: external},
	{name: "ANONYMOUS", possible: (*Connection).letsAnyoneIn, run: anonymous},
}

// KnowsPasswords tells whether a client can log in by what is made of the password, as in CRAM-MD5,
// SCRAM and APOP. Where any password or name will do there is none to check it against.
func (c *Connection) KnowsPasswords() bool { return c.Store.LoginPolicy() == mailstore.LoginPolicy{} }

func (c *Connection) canBind() bool { return c.TLS != nil && c.KnowsPasswords() }

// Mechanisms returns the names of all mechanisms, in the order in which servers list
// them.
func Mechanisms() []string {
	var names []string
	for _, m := range mechanisms {
		names = append(names, m.name)
	}
	return names
}

// IsCleartext tells whether a mechanism, whose name's case doesn't matter, sends a password or
// token so that whoever reads along can use it.
func IsCleartext(name string) bool {
	return slices.ContainsFunc(mechanisms, func(m mechanism) bool { return m.cleartext && strings.EqualFold(m.name, name) })
}

// Offers tells whether the server should announce a mechanism to the client now.
func (c *Connection) Offers(mechanism string) bool {
	_, err := c.find(mechanism)
	return err == nil
}

// find returns a mechanism that may be used now, or [ErrUnavailable] or [ErrCleartext].
func (c *Connection) find(name string) (mechanism, error) {
	for _, m := range mechanisms {
		switch {
		case !strings.EqualFold(m.name, name):
			continue
		case c.Without != nil && c.Without(m.name), m.possible != nil && !m.possible(c):
			return m, ErrUnavailable
		case m.cleartext && c.NeedTLS && c.TLS == nil:
			return m, ErrCleartext
		}
		return m, nil
	}
	return mechanism{}, ErrUnavailable
}

// Authenticate runs an exchange by a mechanism. initial is the client's initial response
// in base64, "=" if it is empty and "" if there is none (RFC 4959 §3, RFC 5034 §4). ask
// sends a challenge, which is in base64 as well, and returns the line that the client
// sends back, which may hold a secret; ask's errors end the exchange and are returned
// as they are.
func (c *Connection) Authenticate(mechanism, initial string, ask func(challenge string) (string, error)) (Login, error) {
	m, err := c.find(mechanism)
	if err != nil {
		return Login{}, fmt.Errorf("%w: %.40q", err, mechanism)
	}
	return c.run(m, initial, ask)
}

// Password checks a name and a password that came without SASL, by LOGIN of IMAP or USER
// and PASS of POP3, by the rule of PLAIN. It fails
// with [mailstore.ErrAuthentication] or a [mailstore.LoginRefusal].
func (c *Connection) Password(name, password string) (Login, error) {
	x := &exchange{Connection: c}
	err := x.verify("", name, password)
	return x.login, err
}

func (c *Connection) run(m mechanism, initial string, ask func(string) (string, error)) (Login, error) {
	x := &exchange{Connection: c, line: ask, plusOffered: c.Offers(m.name + "-PLUS")}
	switch initial {
	case "":
	case "=":
		x.initial = []byte{}
	default:
		response, err := decode(initial)
		if err != nil {
			return Login{}, err
		}
		x.initial = response
	}
	if err := m.run(x); err != nil {
		return Login{}, err
	}
	return x.login, nil
}
