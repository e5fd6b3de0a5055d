package imapfake

import (
	"errors"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailsasl"
)

// authMechanisms are the SASL mechanisms, each a capability of its own.
func authMechanisms() []extension {
	var rows []extension
	for _, name := range mailsasl.Mechanisms() {
		rows = append(rows, extension{cap: imap.AuthCap(name), shown: func(s *session) bool {
			return s.state == notAuthenticated && s.sasl().Offers(name)
		}})
	}
	return rows
}

// saslIR is SASL-IR, the initial response in AUTHENTICATE (RFC 4959).
func saslIR() extension { return extension{cap: imap.CapSASLIR} }

// sasl describes the connection to a SASL mechanism.
func (s *session) sasl() *mailsasl.Connection {
	return &mailsasl.Connection{
		Store:     s.srv.store,
		TLS:       s.conn.TLS(),
		Config:    s.srv.tls,
		Anonymous: s.srv.anonymous,
		NeedTLS:   s.srv.loginDisabled,
		Without:   func(name string) bool { return !s.has(imap.AuthCap(name)) },
	}
}

// parseAuthenticate reads AUTHENTICATE (RFC 3501 §6.2.2, RFC 4959 §3).
func parseAuthenticate(p *parser, s *session) action {
	p.space()
	rest := *p
	name := p.keyword()
	if p.err == nil {
		rest = *p
	}
	initial := ""
	if p.accept(' ') {
		initial = p.run("an initial response in base64", func(c byte) bool { return c > ' ' && c < 0x7f })
		if !s.has(imap.CapSASLIR) {
			p.fail("unexpected argument after the mechanism")
		}
	}
	s.hide(initial, p, &rest)
	return func(s *session) error { return s.authenticate(name, initial) }
}

func (s *session) authenticate(name, initial string) error {
	login, err := s.sasl().Authenticate(name, initial, s.ask)
	if err != nil {
		return s.authError(name, err)
	}
	if err := s.logIn(login.Account, login.Token); err != nil {
		return err
	}
	s.anonymous = name == "ANONYMOUS"
	return nil
}

// authError is the answer to an exchange that failed. What is neither here nor the store's
// ended the connection.
func (s *session) authError(name string, err error) error {
	switch {
	case errors.Is(err, mailsasl.ErrUnavailable):
		return no(imap.ResponseCodeCannot, "no SASL mechanism "+name+" here")
	case errors.Is(err, mailsasl.ErrCleartext):
		return s.checkPrivacy()
	case errors.Is(err, mailsasl.ErrCancelled):
		return bad("authentication cancelled (RFC 3501 §6.2.2)")
	case errors.Is(err, mailsasl.ErrEncoding):
		return bad("the response is not base64 (RFC 3501 6.2.2)")
	case errors.Is(err, mailsasl.ErrInitialResponse):
		return bad(name + " begins with a challenge, not with a response (RFC 4959 3)")
	case errors.Is(err, mailsasl.ErrMalformed), errors.Is(err, mailsasl.ErrChannelBinding):
		return no(imap.ResponseCodeAuthenticationFailed, "SASL exchange failed: "+err.Error())
	case errors.Is(err, mailsasl.ErrAuthorization):
		return no(imap.ResponseCodeAuthorizationFailed, err.Error())
	case errors.Is(err, mailsasl.ErrExpired):
		return no(imap.ResponseCodeExpired, err.Error())
	}
	return err
}

// ask sends a challenge and returns the line that the client sends in response.
func (s *session) ask(challenge string) (string, error) {
	line, err := s.reply(challenge)
	if line != "*" {
		s.conn.Mask(line)
	}
	return line, err
}

// expire ends the session because the access token that the client logged in by has
// expired (RFC 5530 §3).
func (s *session) expire() {
	s.unselect()
	s.bye("[EXPIRED] the access token has expired; log in with another")
}
