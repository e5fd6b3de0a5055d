package imapfake

import (
	"slices"
	"strconv"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// copyCommands are COPY and UID COPY (RFC 3501 §6.4.7, §6.4.8).
func copyCommands() []command {
	return []command{
		{name: "COPY", states: selected, parse: copyParser(false, (*session).copy), numbers: true},
		{name: "UID COPY", states: selected, parse: copyParser(true, (*session).copy), numbers: true},
	}
}

// move is MOVE (RFC 6851).
func move() extension {
	return extension{cap: imap.CapMove, commands: []command{
		{name: "MOVE", grammar: "RFC 6851 §5", states: selected, parse: copyParser(false, (*session).move), numbers: true},
		{name: "UID MOVE", grammar: "RFC 6851 §5", states: selected, parse: copyParser(true, (*session).move), numbers: true},
	}}
}

func copyParser(byUID bool, do func(*session, messageSet, bool, string) error) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		set := s.messageSet(p, byUID)
		p.space()
		name := p.mailbox()
		return func(s *session) error { return do(s, set, byUID, name) }
	}
}

func (s *session) copy(set messageSet, _ bool, name string) error {
	to, err := s.target(name)
	if err != nil {
		return err
	}
	var messages []*mailstore.Message
	rights := s.rightsOn(to)
	set.each(s.view.Latest(), func(_ uint32, m *mailstore.Message) bool {
		if !rights.Has(flagRights) {
			// RFC 4314 §4: without the right to set them, flags are not copied.
			c := *m
			c.Flags = rights.Changeable(m.Flags)
			m = &c
		}
		messages = append(messages, m)
		return true
	})
	done, err := s.view.Mailbox().Copy(messages, to)
	if err != nil {
		return err
	}
	s.bring(to, done.Dest)
	s.code = s.copyUID(done)
	return nil
}

func (s *session) move(set messageSet, byUID bool, name string) error {
	if err := s.checkWritable(expungeRights); err != nil {
		return err
	}
	to, err := s.target(name)
	if err != nil {
		return err
	}
	uids := set.uids(s.view.Messages())
	done, err := s.view.Move(uids, to, s.rightsOn(to))
	if err != nil {
		return err
	}
	// Where mailboxes are labels, a message that was moved may still be here.
	s.expunged = slices.DeleteFunc(slices.Clone(done.Source), s.view.Live)
	s.bring(to, done.Dest)
	if code := s.copyUID(done); code != "" {
		// RFC 6851 §4.3: before the messages' EXPUNGE, so untagged.
		s.out.text("* OK [").text(code).line("] moved")
	}
	if !byUID && len(done.Source) < len(uids) {
		return errExpungeIssued("")
	}
	return nil
}

// copyUID returns the response code COPYUID (RFC 4315 §3), empty if there is none to send.
func (s *session) copyUID(done mailstore.Copied) string {
	if !s.has(imap.CapUIDPlus) || len(done.Source) == 0 {
		return ""
	}
	b := strconv.AppendUint([]byte("COPYUID "), uint64(done.UIDValidity), 10)
	b = appendUIDSet(append(b, ' '), done.Source)
	return string(appendUIDSet(append(b, ' '), done.Dest))
}
