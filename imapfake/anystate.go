package imapfake

import "example.org/mailfakes/mailtest/mailwire"

// anyStateCommands are those of RFC 3501 §6.1.
func anyStateCommands() []command {
	return []command{
		{name: "CAPABILITY", states: anyState, parse: func(*parser, *session) action { return (*session).capability }},
		{name: "NOOP", states: anyState, parse: func(*parser, *session) action { return nothing }},
		{name: "LOGOUT", states: anyState, parse: func(*parser, *session) action { return (*session).logout }},
	}
}

func nothing(*session) error { return nil }

func (s *session) capability() error {
	s.out.text("* ").text(s.capabilities()).crlf()
	return nil
}

func (s *session) logout() error {
	s.unselect()
	s.bye("logging out")
	s.end = mailwire.EndedByClient
	return nil
}
