// Package mailsasl is the server's side of the SASL mechanisms (RFC 4422) that the
// IMAP and the POP3 server share.
package mailsasl

import (
	"strings"

	"github.com/emersion/go-sasl"
)

// Check tells whether a name and password are right. identity is whom the client
// wants to act as, empty for itself.
type Check func(identity, name, password string) error

// Mechanisms returns the names of all mechanisms, in the order of preference.
func Mechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// NewServer returns the server's side of one exchange, nil for a mechanism that is
// unknown. Its errors are those of check, or tell what was wrong in a response.
func NewServer(mechanism string, check Check) sasl.Server {
	switch strings.ToUpper(mechanism) {
	case sasl.Plain:
		return sasl.NewPlainServer(sasl.PlainAuthenticator(check))
	case sasl.Login:
		return &loginServer{check: check}
	}
	return nil
}

// loginServer is LOGIN, which has no RFC: the server asks for the name, then for the
// password.
type loginServer struct {
	check Check
	asked int
	name  string
}

// Next implements [sasl.Server].
func (s *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil && s.asked == 0 {
		s.asked = 1
		return []byte("Username:"), false, nil
	}
	switch s.asked {
	case 0, 1:
		s.name, s.asked = string(response), 2
		return []byte("Password:"), false, nil
	case 2:
		s.asked = 3
		return nil, true, s.check("", s.name, string(response))
	}
	return nil, false, sasl.ErrUnexpectedClientResponse
}
