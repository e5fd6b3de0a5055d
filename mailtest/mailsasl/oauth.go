package mailsasl

import (
	"encoding/json"
	"errors"
	"strings"
)

// bearer is what a client sends that logs in with an access token.
type bearer struct {
	identity string // empty: whose token it is
	token    string // empty: none
}

// oAuthBearer is OAUTHBEARER (RFC 7628). It isn't go-sasl's, which panics when the response
// to its error is empty and refuses keys that it doesn't know (RFC 7628 §3.1).
func oAuthBearer(x *exchange) error {
	return x.bearer(parseOAuthBearer, func(err error) oAuthError {
		if errors.Is(err, ErrMalformed) {
			return oAuthError{Status: "invalid_request"}
		}
		return oAuthError{Status: "invalid_token"}
	})
}

// xOAuth2 is XOAUTH2, which has no RFC: Google's draft of OAUTHBEARER, still in use there
// and at Microsoft.
func xOAuth2(x *exchange) error {
	return x.bearer(parseXOAuth2, func(err error) oAuthError {
		e := oAuthError{Status: "401", Schemes: "bearer", Scope: "https://mail.google.com/"}
		if errors.Is(err, ErrMalformed) {
			e.Status = "400"
		}
		return e
	})
}

// oAuthError is what the server says of a failure (RFC 7628 §3.2.2).
type oAuthError struct {
	Status  string `json:"status"`
	Schemes string `json:"schemes,omitempty"`
	Scope   string `json:"scope,omitempty"`
}

// bearer runs an exchange. When it fails the client is told by a challenge, since SASL has
// no other place for that, and its response to it means nothing (RFC 7628 §3.2.3).
func (x *exchange) bearer(parse func(string) (bearer, error), describe func(error) oAuthError) error {
	response, err := x.first()
	if err != nil {
		return err
	}
	b, failed := parse(string(response))
	if failed == nil {
		failed = x.verifyToken(b)
	}
	if failed == nil {
		return nil
	}
	challenge, err := json.Marshal(describe(failed))
	if err != nil {
		return err
	}
	if _, err := x.ask(challenge); err != nil {
		return err
	}
	return failed
}

// verifyToken checks an access token.
func (x *exchange) verifyToken(b bearer) error {
	token := x.Store.Token(b.token)
	if token == nil {
		return wrong(b.identity)
	}
	if err := x.authorize(b.identity, token.Account()); err != nil {
		return err
	}
	if token.Expired() {
		return ErrExpired
	}
	x.login.Token = token
	return nil
}

// parseOAuthBearer reads the client's response (RFC 7628 §3.1), which begins with a
// gs2-header (RFC 5801 §4).
func parseOAuthBearer(response string) (b bearer, err error) {
	flag, rest, _ := strings.Cut(response, ",")
	authzid, rest, found := strings.Cut(rest, ",")
	rest, separated := strings.CutPrefix(rest, "\x01")
	if flag != "n" && flag != "y" || !found || !separated {
		return bearer{}, malformed("no gs2-header without channel binding (RFC 7628 section 3.1)")
	}
	if authzid != "" {
		name, ok := strings.CutPrefix(authzid, "a=")
		if b.identity, err = decodeSASLName(name); err != nil || !ok || name == "" {
			return bearer{}, malformed("no authzid (RFC 5801 section 4)")
		}
	}
	pairs, err := parsePairs(rest)
	if err != nil {
		return bearer{}, err
	}
	b.token, err = bearerToken(pairs)
	return b, err
}

// parseXOAuth2 reads the client's response: the user and the token.
func parseXOAuth2(response string) (b bearer, err error) {
	pairs, err := parsePairs(response)
	if err != nil {
		return bearer{}, err
	}
	if b.identity = pairs["user"]; b.identity == "" {
		return bearer{}, malformed("no user")
	}
	b.token, err = bearerToken(pairs)
	return b, err
}

// bearerToken returns the access token, empty if there is none: by that a client asks for
// the scope (RFC 7628 §4.3).
func bearerToken(pairs map[string]string) (string, error) {
	auth, ok := pairs["auth"]
	if !ok {
		return "", malformed("no auth (RFC 7628 section 3.1)")
	}
	scheme, token, _ := strings.Cut(auth, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil
	}
	return token, nil
}

// parsePairs reads key-value pairs, each of which ends in a kvsep like the whole (RFC 7628
// §3.1).
func parsePairs(text string) (map[string]string, error) {
	rest, ended := strings.CutSuffix(text, "\x01")
	if !ended {
		return nil, malformed("no kvsep at the end (RFC 7628 section 3.1)")
	}
	pairs := make(map[string]string)
	for rest != "" {
		pair, after, ended := strings.Cut(rest, "\x01")
		key, value, found := strings.Cut(pair, "=")
		if !ended || !found || !isKey(key) || !isValue(value) {
			return nil, malformed("no key-value pair (RFC 7628 section 3.1)")
		}
		if _, twice := pairs[key]; twice {
			return nil, malformed("a key given twice")
		}
		pairs[key], rest = value, after
	}
	return pairs, nil
}

func isKey(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
}

// isValue tells whether s may be a value. User names needn't be ASCII in XOAUTH2.
func isValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == 0x7f })
}

// decodeSASLName decodes a saslname (RFC 5801 §4), which has two characters in disguise.
func decodeSASLName(s string) (string, error) {
	if strings.Count(s, "=") != strings.Count(s, "=2C")+strings.Count(s, "=3D") {
		return "", malformed("an equals sign that isn't =2C or =3D (RFC 5801 section 4)")
	}
	return strings.NewReplacer("=2C", ",", "=3D", "=").Replace(s), nil
}
