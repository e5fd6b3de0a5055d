package imapfake

import (
	"errors"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// replace is REPLACE (RFC 8508).
func replace() extension {
	return extension{cap: imap.CapReplace, commands: []command{
		{name: "REPLACE", grammar: "RFC 8508 §5", states: selected, parse: replaceParser(false), numbers: true, stores: true},
		{name: "UID REPLACE", grammar: "RFC 8508 §5", states: selected, parse: replaceParser(true), numbers: true, stores: true},
	}}
}

func replaceParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		n := p.setNumber()
		set := s.resolve(p, numSet{{n, n}}, byUID)
		p.space()
		name := p.mailbox()
		message := s.arrival(p, name)
		return func(s *session) error { return s.replace(set, name, message) }
	}
}

func (s *session) replace(set messageSet, name string, message arrival) error {
	if err := s.checkWritable(expungeRights); err != nil {
		return err
	}
	uids := set.uids(s.view.Messages())
	if len(uids) == 0 {
		return no(imap.ResponseCodeNonExistent, "there is no message with that UID")
	}
	to, err := s.target(name)
	if err != nil {
		return err
	}
	messages, err := s.newMessages(to, []arrival{message})
	if err != nil {
		return err
	}
	validity := to.UIDValidity()
	uid, err := s.view.Replace(uids[0], to, messages[0])
	if errors.Is(err, mailstore.ErrNoMessage) {
		return errExpungeIssued("")
	}
	if err != nil {
		return err
	}
	s.expunged = uids
	s.bring(to, []imap.UID{uid})
	if code := s.appendUID(validity, []imap.UID{uid}); code != "" {
		// RFC 8508 §4.3: before the replaced message's EXPUNGE, so untagged.
		s.out.text("* OK [").text(code).line("] replacement stored")
	}
	return nil
}
