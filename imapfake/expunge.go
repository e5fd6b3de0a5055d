package imapfake

import (
	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// expungeCommands are EXPUNGE (RFC 3501 §6.4.3).
func expungeCommands() []command {
	return []command{{name: "EXPUNGE", states: selected, parse: func(*parser, *session) action {
		return func(s *session) error { return s.expunge(nil) }
	}}}
}

// uidPlus is UIDPLUS (RFC 4315); APPEND, COPY and MOVE ask for it.
func uidPlus() extension {
	return extension{cap: imap.CapUIDPlus, commands: []command{
		{name: "UID EXPUNGE", grammar: "RFC 4315 §4", states: selected, parse: parseUIDExpunge, numbers: true},
	}}
}

func parseUIDExpunge(p *parser, s *session) action {
	p.space()
	set := s.messageSet(p, true)
	return func(s *session) error {
		told := s.view.Messages()
		return s.expunge(func(uid imap.UID) bool {
			seq, _ := told.Find(uid)
			return seq != 0 && set.contains(seq)
		})
	}
}

// expunge expunges the messages with \Deleted that match; the update that follows
// every command tells the client.
func (s *session) expunge(match func(imap.UID) bool) error {
	if err := s.checkWritable(mailstore.RightExpunge); err != nil {
		return err
	}
	s.expunged = s.view.ExpungeDeleted(match)
	return nil
}
