package pop3fake

import (
	"strings"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// Sessions returns what clients did: the sessions that are open, and the last thousand that
// have ended. A command is there before it is carried out, its answer before the client has it.
func (s *Server) Sessions() []mailwire.Session { return s.sessions.All() }

// SessionsChanged returns a channel that is closed when there is something new in Sessions.
func (s *Server) SessionsChanged() <-chan struct{} { return s.sessions.Changed() }

// began records the command in line.
func (s *session) began(line []byte) {
	name, args, _ := strings.Cut(string(line), " ")
	c := mailwire.Command{Name: strings.ToUpper(name), Raw: args}
	if c.Name == "" {
		return
	}
	if cmd := s.srv.commands[c.Name]; cmd != nil && cmd.secret > 0 {
		c.HideArgs(cmd.secret)
	}
	s.record.Begin(c, 0)
}

// answered records an answer if text begins with one, and what has become of the session.
func (s *session) answered(text string) {
	status, text, _ := strings.Cut(strings.TrimSuffix(text, "\r\n"), " ")
	code := ""
	switch status {
	case "+OK":
	case "-ERR":
		if after, ok := strings.CutPrefix(text, "["); ok {
			code, _, _ = strings.Cut(after, "] ")
		}
	default:
		return
	}
	s.situation()
	s.record.Answer(status[1:], code)
}

// situation records the session's state.
func (s *session) situation() {
	user, mailbox, state := "", "", s.state.String()
	if s.drop != nil {
		user, mailbox = s.drop.view.Mailbox().Account().Name(), mailstore.Inbox
	}
	s.record.Update(func(r *mailwire.Session) {
		if user != "" {
			r.User = user
		}
		r.State, r.Mailbox = state, mailbox
	})
}
