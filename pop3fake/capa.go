package pop3fake

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// announcement is a row of the table of what CAPA lists.
type announcement struct {
	capability Capability
	shown      func(*session) bool     // nil: always
	arguments  func(*session) []string // nil: none
}

// announced lists what CAPA announces, in its order.
func announced() []announcement {
	return []announcement{
		{capability: Top},
		{capability: UIDL},
		{capability: RespCodes},
		{capability: AuthRespCode, shown: func(s *session) bool { return s.srv.shows(codeAuth) }},
		{capability: Pipelining},
		{capability: Expire, arguments: func(s *session) []string { return []string{s.srv.retention.String()} }},
		{capability: LoginDelay, shown: func(s *session) bool { return s.srv.loginDelay > 0 }, arguments: func(s *session) []string {
			return []string{strconv.FormatInt(int64((s.srv.loginDelay+time.Second-1)/time.Second), 10)}
		}},
		// RFC 2595 §4: permitted in the current state.
		{capability: STLS, shown: (*session).mayStartTLS},
		// RFC 2449 §5: what is there before login is announced afterwards, too.
		{capability: User, shown: (*session).plaintextAllowed},
		{capability: SASL, shown: func(s *session) bool { return len(s.mechanisms()) > 0 }, arguments: (*session).mechanisms},
		{capability: UTF8, arguments: (*session).utf8Arguments},
		{capability: Lang},
		{capability: Implementation, arguments: func(*session) []string { return []string{"mailfakes"} }},
	}
}

// capa is CAPA (RFC 2449 §5).
func (s *session) capa([]string) error {
	s.ok("capability list follows")
	for _, a := range announced() {
		if !s.announces(a) {
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

// announces tells whether CAPA lists a capability in the session's present state.
func (s *session) announces(a announcement) bool {
	choice := &s.srv.choice
	return s.srv.offers(a.capability) && (a.shown == nil || a.shown(s)) &&
		!slices.Contains(choice.unannounced, a.capability) &&
		(s.state == transaction || !slices.Contains(choice.late, a.capability))
}
