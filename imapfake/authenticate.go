package imapfake

import (
	"encoding/base64"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"

	"example.org/mailfakes/mailtest/mailsasl"
	"example.org/mailfakes/mailtest/mailstore"
)

func authPlain() extension { return authExtension(sasl.Plain) }

func authLogin() extension { return authExtension(sasl.Login) }

func authExtension(name string) extension {
	return extension{cap: imap.AuthCap(name), shown: func(s *session) bool {
		return s.state == notAuthenticated && s.checkPrivacy() == nil
	}}
}

// saslIR is SASL-IR, the initial response in AUTHENTICATE (RFC 4959).
func saslIR() extension { return extension{cap: imap.CapSASLIR} }

// saslCheck returns the check of name and password that hands the account to done.
func (s *session) saslCheck(done func(*mailstore.Account)) mailsasl.Check {
	return func(identity, name, password string) error {
		s.conn.Mask(password)
		account, err := s.srv.store.Authenticate(name, password)
		if err != nil {
			return err
		}
		if identity != "" && !strings.EqualFold(identity, name) {
			return no(imap.ResponseCodeAuthorizationFailed, "one user can't act as another (RFC 4616 2)")
		}
		done(account)
		return nil
	}
}

// parseAuthenticate reads AUTHENTICATE (RFC 3501 §6.2.2, RFC 4959 §3).
func parseAuthenticate(p *parser, s *session) action {
	p.space()
	name := p.keyword()
	var initial []byte
	if s.has(imap.CapSASLIR) && p.accept(' ') {
		coded := p.run("an initial response in base64", func(c byte) bool { return c > ' ' && c < 0x7f })
		s.conn.Mask(coded)
		var err error
		if initial, err = decodeInitial(coded); err != nil {
			p.fail("the initial response is not base64 (RFC 4959 §3)")
		}
	}
	return func(s *session) error { return s.authenticate(name, initial) }
}

// decodeInitial decodes an initial response, in which "=" stands for an empty one.
func decodeInitial(coded string) ([]byte, error) {
	if coded == "=" {
		return []byte{}, nil
	}
	return base64.StdEncoding.DecodeString(coded)
}

func (s *session) authenticate(name string, response []byte) error {
	var account *mailstore.Account
	server := mailsasl.NewServer(name, s.saslCheck(func(a *mailstore.Account) { account = a }))
	if server == nil || !s.has(imap.AuthCap(name)) {
		return no(imap.ResponseCodeCannot, "no SASL mechanism "+name+" here")
	}
	if err := s.checkPrivacy(); err != nil {
		return err
	}
	for {
		challenge, done, err := server.Next(response)
		if err != nil {
			return s.authError(err)
		}
		if done {
			break
		}
		if response, err = s.ask(challenge); err != nil {
			return err
		}
	}
	s.logIn(account)
	return nil
}

// authError is the answer to a failed exchange: what isn't the store's or ours to
// tell is a fault in what the client sent.
func (s *session) authError(err error) error {
	if status := statusOf(err); status.Code != "" {
		return status
	}
	return no(imap.ResponseCodeAuthenticationFailed, "SASL exchange failed: "+err.Error())
}

// ask sends a challenge and returns the client's response to it.
func (s *session) ask(challenge []byte) ([]byte, error) {
	s.out.text("+ ").text(base64.StdEncoding.EncodeToString(challenge)).crlf()
	if err := s.out.flush(); err != nil {
		return nil, err
	}
	line, err := s.conn.ReadLine(maxLine)
	if err != nil {
		s.hangUp(err)
		s.ended = true
		return nil, err
	}
	s.conn.Mask(string(line))
	if string(line) == "*" {
		return nil, bad("authentication cancelled")
	}
	response := make([]byte, base64.StdEncoding.DecodedLen(len(line)))
	n, err := base64.StdEncoding.Decode(response, line)
	if err != nil {
		return nil, bad("the response is not base64 (RFC 3501 6.2.2)")
	}
	return response[:n], nil
}
