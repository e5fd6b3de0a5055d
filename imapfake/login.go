package imapfake

import (
	"bytes"

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
	rest := *p
	name := p.astring()
	if p.err == nil {
		rest = *p
	}
	p.space()
	password := p.astring()
	s.hide(password, p, &rest)
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

// hide keeps a secret that p has read out of the transcript. If the arguments are malformed,
// it may be anywhere in the rest of them, which is hidden then.
func (s *session) hide(secret string, p, rest *parser) {
	if p.err == nil && !p.more() {
		s.conn.Mask(secret)
		return
	}
	at := rest.pos
	for _, l := range rest.literals {
		s.hideLine(rest.text[at:l.end])
		s.conn.Mask(string(l.data))
		at = l.end
	}
	s.hideLine(rest.text[at:])
}

// hideLine keeps what a line has of a command's arguments out of the transcript, but for the
// announcement of a literal.
func (s *session) hideLine(line []byte) {
	if _, _, announces := s.announced(line); announces {
		line = line[:bytes.LastIndexByte(line, '{')]
	}
	s.conn.Mask(string(bytes.Trim(line, " ")))
}

// checkPrivacy refuses to log in without TLS when LOGINDISABLED is announced.
func (s *session) checkPrivacy() error {
	if s.srv.loginDisabled && s.conn.TLS() == nil {
		return no(imap.ResponseCode("PRIVACYREQUIRED"), "log in only after STARTTLS (RFC 3501 6.2.3)")
	}
	return nil
}

// loginDisabled is LOGINDISABLED (RFC 3501 §6.2.3).
func loginDisabled() extension {
	return extension{cap: imap.CapLoginDisabled, onRequest: true, shown: func(s *session) bool {
		return s.state == notAuthenticated && s.checkPrivacy() != nil
	}}
}
