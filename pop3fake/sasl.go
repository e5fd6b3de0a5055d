package pop3fake

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailsasl"
	"example.org/mailfakes/mailtest/mailstore"
)

// mechanisms returns the SASL mechanisms that the client may use now. All of them
// send the password in plain text.
func (s *session) mechanisms() []string {
	if !s.plaintextAllowed() {
		return nil
	}
	return slices.DeleteFunc(mailsasl.Mechanisms(), func(name string) bool {
		return !s.srv.offers(mechanismCapability(name))
	})
}

// mechanismCapability returns the capability that a SASL mechanism is turned off by.
func mechanismCapability(name string) Capability { return SASL + " " + Capability(name) }

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
	var response []byte // nil: there is none yet
	if len(args) == 2 {
		var err error
		if response, err = decodeInitial(args[1]); err != nil {
			return err
		}
	}
	account, err := s.authenticate(strings.ToUpper(args[0]), response)
	if err != nil {
		return err
	}
	return s.logIn(account)
}

// authenticate runs an exchange by the mechanism.
func (s *session) authenticate(mechanism string, response []byte) (*mailstore.Account, error) {
	var account *mailstore.Account
	server := mailsasl.NewServer(mechanism, func(identity, name, password string) (err error) {
		account, err = s.authorize(identity, name, password)
		return err
	})
	if server == nil || !s.srv.offers(mechanismCapability(mechanism)) {
		return nil, refused("no SASL mechanism %s here", excerpt(mechanism))
	}
	if err := s.checkPlaintext(); err != nil {
		return nil, err
	}
	for {
		challenge, done, err := server.Next(response)
		switch {
		case err != nil:
			return nil, exchangeError(mechanism, err)
		case done:
			return account, nil
		}
		if response, err = s.challenge(challenge); err != nil {
			return nil, err
		}
	}
}

// exchangeError tells a refusal of ours from a response that the mechanism can't read.
func exchangeError(mechanism string, err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return malformed("the response isn't one of %s", mechanism)
}

// authorize returns the account whose credentials these are. The client may name it
// as the identity to act as, too, but no other (RFC 4616 §2).
func (s *session) authorize(identity, name, password string) (*mailstore.Account, error) {
	account, err := s.srv.store.Authenticate(name, password)
	if err != nil {
		return nil, wrongCredentials()
	}
	if identity == "" {
		return account, nil
	}
	if other, err := s.srv.store.Account(identity); err != nil || other != account {
		return nil, &refusal{code: codeAuth, text: "one user can't act as another (RFC 4616 section 2)"}
	}
	return account, nil
}

// challenge sends a challenge and returns the client's response to it.
func (s *session) challenge(challenge []byte) ([]byte, error) {
	s.write("+ " + base64.StdEncoding.EncodeToString(challenge) + "\r\n")
	line, err := s.readLine()
	if err != nil {
		return nil, err
	}
	text := string(line)
	if text == "*" {
		return nil, refused("cancelled by the client")
	}
	s.conn.Mask(text)
	return decodeResponse(text)
}

// decodeInitial decodes an initial response, in which "=" stands for an empty one.
func decodeInitial(text string) ([]byte, error) {
	if text == "=" {
		return []byte{}, nil
	}
	return decodeResponse(text)
}

// decodeResponse decodes base64, in which RFC 5034 §4 allows nothing else. The
// decoder alone would pass over a CR.
func decodeResponse(text string) ([]byte, error) {
	response, err := base64.StdEncoding.DecodeString(text)
	if err != nil || strings.Contains(text, "\r") {
		return nil, malformed("the response isn't base64 (RFC 5034 section 4)")
	}
	return response, nil
}
