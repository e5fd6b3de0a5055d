package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailwire"
)

// Sessions returns what clients did: the sessions that are open, and the last thousand that
// have ended. A command is there before it is carried out, its answer before the client has it.
func (s *Server) Sessions() []mailwire.Session { return s.sessions.All() }

// SessionsChanged returns a channel that is closed when there is something new in Sessions.
func (s *Server) SessionsChanged() <-chan struct{} { return s.sessions.Changed() }

// began records a command that was read, if it has a name.
func (s *session) began(cmd *received) {
	c := mailwire.Command{Tag: cmd.tag, Name: cmd.name, Raw: cmd.raw()}
	switch {
	case s.isSecret(cmd):
		c.HideArgs(2) // the first is a name or mechanism
	case s.lacksTag(cmd):
		s.conn.Mask(c.Raw)
		c.HideArgs(1)
	}
	if cmd.name == "" {
		return
	}
	s.record.Begin(c, len(s.out.buf))
}

// raw returns a command's arguments as the record has them.
func (c *received) raw() string {
	at := min(c.args+1, len(c.text))
	if len(c.literals) == 0 {
		return string(c.text[at:])
	}
	var b strings.Builder
	for _, l := range c.literals {
		end := max(l.end, at)
		b.Write(c.text[at:end])
		at = end
		if !l.message && len(l.data) <= maxRecordedLiteral {
			b.WriteString("\r\n")
			b.Write(l.data)
		}
	}
	b.Write(c.text[at:])
	return b.String()
}

// maxRecordedLiteral is the longest literal, in octets, that the record has in full; it has no
// message, which is in its mailbox.
const maxRecordedLiteral = 4 << 10

// answered records the answer to the command in progress, and what has become of the session.
func (s *session) answered(status *imap.Error) {
	s.situation()
	if len(s.bodies) > 0 && s.view != nil {
		s.record.Bodies(s.view.Mailbox().Status().UIDValidity, s.bodies)
	}
	s.bodies = nil
	s.record.Answer(string(status.Type), string(status.Code))
}

// situation records the session's state.
func (s *session) situation() {
	user, mailbox, state, id := "", "", s.state.String(), s.clientID
	if s.account != nil {
		user = s.account.Name()
	}
	if s.view != nil {
		mailbox = s.view.Mailbox().Name()
	}
	s.record.Update(func(r *mailwire.Session) {
		if user != "" {
			r.User = user
		}
		r.State, r.Mailbox, r.ClientID = state, mailbox, id
	})
}

// idling records whether IDLE is under way.
func (s *session) idling(idle bool) {
	s.record.Update(func(r *mailwire.Session) { r.Idle = idle })
}
