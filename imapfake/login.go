package imapfake

import (
	"github.com/emersion/go-imap/v2"
)

// loginCommands are those of RFC 3501 §6.2 but for STARTTLS.
func loginCommands() []command {
	return []command{
		{name: "LOGIN", states: notAuthenticated, parse: parseLogin, secret: true},
		{name: "AUTHENTICATE", states: notAuthenticated, parse: parseAuthenticate, secret: true},
	}
}

func parseLogin(p *parser, s *session) action {
	p.space()
	name := p.text8()
	p.space()
	password := p.text8()
	s.conn.Mask(password)
	return func(s *session) error {
		if err := s.checkPrivacy(); err != nil {
			return err
		}
		login, err := s.sasl().Password(name, password)
		if err != nil {
			return err
		}
		return s.logIn(login.Account, nil)
	}
}

// checkPrivacy refuses to log in without TLS when LOGINDISABLED is announced.
func (s *session) checkPrivacy() error {
	if s.srv.loginDisabled && s.conn.TLS() == nil {
		return no(imap.ResponseCode("PRIVACYREQUIRED"), "log in only after STARTTLS (RFC 3501 6.2.3)")
	}
	return nil
}

// loginDisabled is LOGINDISABLED (RFC 3501 §6.2.3), announced when so configured.
func loginDisabled() extension {
	return extension{cap: imap.CapLoginDisabled, shown: func(s *session) bool {
		return s.state == notAuthenticated && s.checkPrivacy() != nil
	}}
}
