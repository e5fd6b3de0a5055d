package pop3fake

import (
	"strings"

	"example.org/mailfakes/mailtest/mailsasl"
)

// Capability is something that a server may or may not have, named as in the answer
// to CAPA.
type Capability string

// The capabilities of RFC 2449 §6, RFC 2595 §4, RFC 3206 and RFC 5034 §3.
const (
	Top            Capability = "TOP"
	UIDL           Capability = "UIDL"
	RespCodes      Capability = "RESP-CODES"
	AuthRespCode   Capability = "AUTH-RESP-CODE"
	Pipelining     Capability = "PIPELINING"
	STLS           Capability = "STLS"
	User           Capability = "USER"
	SASL           Capability = "SASL"
	Implementation Capability = "IMPLEMENTATION"
)

// Commands that are optional as well, but that CAPA doesn't list: a client knows
// of them from the greeting or by trying.
const (
	APOP Capability = "APOP"
	CAPA Capability = "CAPA"
)

// Capabilities returns every capability that a server has unless told otherwise. A
// SASL mechanism is one of its own, such as "SASL PLAIN".
func Capabilities() []Capability {
	caps := []Capability{
		Top, UIDL, RespCodes, AuthRespCode, Pipelining, STLS, User, SASL, Implementation, APOP, CAPA,
	}
	for _, name := range mailsasl.Mechanisms() {
		caps = append(caps, mechanismCapability(name))
	}
	return caps
}

// offers tells whether the server has a capability; it has what needs none.
func (s *Server) offers(c Capability) bool { return !s.without[c] }

// shows tells whether the server sends a response code. [AUTH] is a promise to send
// it always, which has a capability of its own (RFC 3206).
func (s *Server) shows(code string) bool {
	if code == codeAuth && !s.offers(AuthRespCode) {
		return false
	}
	return code != "" && s.offers(RespCodes)
}

// announced lists what CAPA announces, in its order.
func announced() []announcement {
	always := func(*session) bool { return true }
	return []announcement{
		{Top, always, nil},
		{UIDL, always, nil},
		{RespCodes, always, nil},
		{AuthRespCode, func(s *session) bool { return s.srv.shows(codeAuth) }, nil},
		{Pipelining, always, nil},
		// RFC 2595 §4: permitted in the current state.
		{STLS, func(s *session) bool { return s.state == authorization && s.conn.TLS() == nil }, nil},
		// RFC 2449 §5: what is there before login is announced afterwards, too.
		{User, (*session).plaintextAllowed, nil},
		{SASL, func(s *session) bool { return len(s.mechanisms()) > 0 }, (*session).mechanisms},
		{Implementation, always, func(*session) []string { return []string{"mailfakes"} }},
	}
}

type announcement struct {
	capability Capability
	shown      func(*session) bool
	arguments  func(*session) []string // nil: none
}

// capa is CAPA (RFC 2449 §5).
func (s *session) capa([]string) error {
	s.ok("capability list follows")
	for _, a := range announced() {
		if !s.srv.offers(a.capability) || !a.shown(s) {
			continue
		}
		words := []string{string(a.capability)}
		if a.arguments != nil {
			words = append(words, a.arguments(s)...)
		}
		s.write(strings.Join(words, " ") + "\r\n")
	}
	s.endLines()
	return nil
}
