package pop3fake

import (
	"errors"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailsasl"
	"example.org/mailfakes/mailtest/mailstore"
)

// mechanisms returns the SASL mechanisms that the client may use now.
func (s *session) mechanisms() []string {
	c := s.sasl()
	return slices.DeleteFunc(mailsasl.Mechanisms(), func(name string) bool { return !c.Offers(name) })
}

// sasl describes the connection to a SASL mechanism.
func (s *session) sasl() *mailsasl.Connection {
	return &mailsasl.Connection{
		Store:     s.srv.store,
		TLS:       s.conn.TLS(),
		Config:    s.srv.tls,
		Anonymous: s.srv.anonymous,
		NeedTLS:   s.srv.needTLS,
		Without:   func(name string) bool { return !s.srv.offers(mechanismCapability(name)) },
		Names:     s.storeName,
	}
}

// auth is AUTH (RFC 5034 §4). Without an argument it lists the mechanisms, which
// no RFC says but clients older than CAPA rely on; so does Dovecot.
func (s *session) auth(args []string) error {
	if len(args) == 0 {
		s.ok("mechanisms follow")
		for _, name := range s.mechanisms() {
			s.write(name + "\r\n")
		}
		s.endLines()
		return nil
	}
	mechanism, initial := args[0], ""
	if len(args) == 2 {
		initial = args[1]
	}
	login, err := s.sasl().Authenticate(mechanism, initial, s.challenge)
	if err != nil {
		return s.authError(mechanism, err)
	}
	if err := s.logIn(login.Account); err != nil {
		return err
	}
	s.token = login.Token
	return nil
}

// authError is the answer to an exchange that failed. What is neither here nor a refusal
// ended the connection.
func (s *session) authError(mechanism string, err error) error {
	switch {
	case errors.Is(err, mailsasl.ErrUnavailable):
		return refused("no SASL mechanism %s here", excerpt(mechanism))
	case errors.Is(err, mailsasl.ErrCleartext):
		return s.checkPlaintext()
	case errors.Is(err, mailsasl.ErrCancelled):
		return refused("cancelled by the client")
	case errors.Is(err, mailsasl.ErrEncoding):
		return malformed("the response isn't base64 (RFC 5034 section 4)")
	case errors.Is(err, mailsasl.ErrInitialResponse):
		return malformed("%s begins with a challenge, not with a response (RFC 5034 section 4)", strings.ToUpper(mechanism))
	case errors.Is(err, mailsasl.ErrMalformed):
		return malformed("the response isn't one of %s", strings.ToUpper(mechanism))
	case errors.Is(err, mailstore.ErrAuthentication):
		return wrongCredentials()
	case errors.Is(err, mailsasl.ErrAuthorization):
		return &refusal{code: codeAuth, text: "one user can't act as another (RFC 4616 section 2)"}
	case errors.Is(err, mailsasl.ErrExpired):
		return tokenExpired()
	case errors.Is(err, mailsasl.ErrChannelBinding):
		return &refusal{code: codeAuth, text: err.Error()}
	}
	if why, ok := errors.AsType[mailstore.LoginRefusal](err); ok {
		return refusedLogin(why)
	}
	return err
}

func tokenExpired() *refusal {
	return &refusal{code: codeAuth, text: "the access token has expired"}
}

// challenge sends a challenge and returns the line that the client sends in response.
func (s *session) challenge(challenge string) (string, error) {
	s.write("+ " + challenge + "\r\n")
	line, err := s.readLine(maxResponse)
	if text := string(line); text != "*" {
		s.conn.Mask(text)
	}
	return string(line), err
}
