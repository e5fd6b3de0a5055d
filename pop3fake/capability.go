package pop3fake

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.org/mailfakes/mailtest/mailsasl"
)

// Capability is something that a server may or may not have, named as in the answer
// to CAPA. One that goes with another has the other's name in front, such as "SASL PLAIN".
type Capability string

// The capabilities of RFC 2449 §6, RFC 2595 §4, RFC 3206, RFC 5034 §3 and RFC 6856.
const (
	Top            Capability = "TOP"
	UIDL           Capability = "UIDL"
	RespCodes      Capability = "RESP-CODES"
	AuthRespCode   Capability = "AUTH-RESP-CODE"
	Pipelining     Capability = "PIPELINING"
	Expire         Capability = "EXPIRE"
	LoginDelay     Capability = "LOGIN-DELAY" // announced if there is one, see [WithLoginDelay]
	STLS           Capability = "STLS"
	User           Capability = "USER"
	SASL           Capability = "SASL"
	UTF8           Capability = "UTF8"
	UTF8User       Capability = "UTF8 USER" // names and passwords in UTF-8
	Lang           Capability = "LANG"
	Implementation Capability = "IMPLEMENTATION"
)

// Commands that are optional as well, but that CAPA doesn't list: a client knows
// of them from the greeting or by trying.
const (
	APOP Capability = "APOP"
	CAPA Capability = "CAPA"
	Last Capability = "LAST" // RFC 1460 §5; on request only
	XTND Capability = "XTND" // XTND XLST, known from Qpopper; on request only
)

// Capabilities returns every capability that a server has unless told otherwise.
func Capabilities() []Capability {
	caps := []Capability{
		Top, UIDL, RespCodes, AuthRespCode, Pipelining, Expire, LoginDelay, STLS, User, SASL, UTF8, UTF8User, Lang,
		Implementation, APOP, CAPA,
	}
	for _, name := range mailsasl.Mechanisms() {
		caps = append(caps, mechanismCapability(name))
	}
	return caps
}

// mechanismCapability returns the capability that a SASL mechanism is turned off by.
func mechanismCapability(name string) Capability { return SASL + " " + Capability(name) }

// capabilityChoice is what the options say of capabilities.
type capabilityChoice struct {
	usual         []Capability // nil: all that aren't on request
	only          []Capability // nil: the usual ones
	more, without []Capability
	unannounced   []Capability // never listed by CAPA
	late          []Capability // listed after login only
}

// WithUsualCapabilities has the server, unless other options say otherwise, offer these
// capabilities in place of all that aren't on request. What [WithoutCapabilities] turns off of
// them is no error.
func WithUsualCapabilities(caps ...Capability) Option {
	return func(s *Server) { s.choice.usual = append([]Capability{}, caps...) }
}

// WithCapabilities offers exactly these capabilities; without [SASL], for example, AUTH is
// unknown, and without [UIDL] there are no unique-ids. What RFC 1939 doesn't call
// optional is always there.
func WithCapabilities(caps ...Capability) Option {
	return func(s *Server) { s.choice.only = append([]Capability{}, caps...) }
}

// WithMoreCapabilities offers these beside the others: [Last] and [XTND] are there on
// request only.
func WithMoreCapabilities(caps ...Capability) Option {
	return func(s *Server) { s.choice.more = append(s.choice.more, caps...) }
}

// WithoutCapabilities drops these capabilities, with the commands that they bring.
// See [Capabilities] for all that there are.
func WithoutCapabilities(caps ...Capability) Option {
	return func(s *Server) { s.choice.without = append(s.choice.without, caps...) }
}

// WithUnannounced has what CAPA doesn't list, as some servers do: it works all the same.
func WithUnannounced(caps ...Capability) Option {
	return func(s *Server) { s.choice.unannounced = append(s.choice.unannounced, caps...) }
}

// WithAnnouncedAfterLogin has CAPA list these only once the client has logged in, which
// RFC 2449 §5 leaves to the server for what can't be used before.
func WithAnnouncedAfterLogin(caps ...Capability) Option {
	return func(s *Server) { s.choice.late = append(s.choice.late, caps...) }
}

// settle returns the capabilities that the server has, and puts the names in the choice
// in capitals.
func (c *capabilityChoice) settle() (map[Capability]bool, error) {
	if c.usual == nil && c.only == nil && c.more == nil && c.without == nil && c.unannounced == nil && c.late == nil {
		return usualCapabilities(), nil
	}
	return c.settled()
}

// usualCapabilities is what a server has unless told otherwise. It never changes, so that
// servers share it.
var usualCapabilities = sync.OnceValue(func() map[Capability]bool {
	has, _ := new(capabilityChoice).settled() // no choice can't be wrong
	return has
})

func (c *capabilityChoice) settled() (map[Capability]bool, error) {
	known := append(Capabilities(), Last, XTND)
	for _, named := range [][]Capability{c.usual, c.only, c.more, c.without, c.unannounced, c.late} {
		for i, name := range named {
			if named[i] = Capability(strings.ToUpper(string(name))); !slices.Contains(known, named[i]) {
				return nil, fmt.Errorf("unknown capability %q", name)
			}
		}
	}
	on := Capabilities()
	switch {
	case c.only != nil:
		on = c.only
	case c.usual != nil:
		on = c.usual
	}
	has := make(map[Capability]bool, len(known))
	for _, name := range slices.Concat(on, c.more) {
		has[name] = true
	}
	for _, name := range c.without {
		if slices.Contains(c.only, name) || slices.Contains(c.more, name) {
			return nil, fmt.Errorf("capability %s is both asked for and turned off", name)
		}
		has[name] = false
	}
	return has, nil
}

// offers tells whether the server has a capability; it has what needs none.
func (s *Server) offers(c Capability) bool { return c == "" || s.has[c] }

// shows tells whether the server sends a response code. [AUTH] is a promise to send
// it always, and [SYS/TEMP] and [SYS/PERM] go with it (RFC 3206).
func (s *Server) shows(code string) bool {
	switch code {
	case "":
		return false
	case codeAuth, codeTemporary, codePermanent:
		return s.offers(RespCodes) && s.offers(AuthRespCode)
	case codeUTF8:
		return s.offers(UTF8) && s.offers(RespCodes)
	}
	return s.offers(RespCodes)
}
