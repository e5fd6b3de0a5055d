package imapfake

import "github.com/emersion/go-imap/v2"

// unauthenticate is UNAUTHENTICATE (RFC 8437).
func unauthenticate() extension {
	return extension{cap: imap.CapUnauthenticate, commands: []command{
		{name: "UNAUTHENTICATE", grammar: "RFC 8437 §6", states: authenticatedUp, parse: func(*parser, *session) action {
			return (*session).unauthenticate
		}},
	}}
}

// unauthenticate makes the session like a new one on the same connection: whatever
// an extension keeps in it is gone, as §4.1 demands.
func (s *session) unauthenticate() error {
	s.unselect()
	s.unfollow()
	s.leave()
	was := *s
	*s = *newSession(s.srv, s.conn)
	s.out, s.commands, s.record = was.out, was.commands, was.record
	s.out.utf8 = false
	return nil
}
