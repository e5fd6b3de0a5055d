package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/xdg-go/stringprep"

	"example.org/mailfakes/mailtest/mailstore"
)

// accessControl is ACL with its RIGHTS= (RFC 4314).
func accessControl() extension {
	return extension{
		cap:   imap.CapACL,
		value: func(*session) string { return " RIGHTS=texk" }, // §5.1.1: those beyond RFC 2086
		commands: []command{
			{name: "SETACL", grammar: "RFC 4314 §7", states: authenticatedUp, parse: parseSetACL},
			{name: "DELETEACL", grammar: "RFC 4314 §7", states: authenticatedUp, parse: parseDeleteACL},
			{name: "GETACL", grammar: "RFC 4314 §7", states: authenticatedUp, parse: parseGetACL},
			{name: "LISTRIGHTS", grammar: "RFC 4314 §7", states: authenticatedUp, parse: parseListRights},
			{name: "MYRIGHTS", grammar: "RFC 4314 §7", states: authenticatedUp, parse: parseMyRights},
		},
	}
}

// identifier reads an identifier as it was sent and as it is meant (RFC 4314 §3).
func (p *parser) identifier() (sent, prepared string) {
	sent = p.astring()
	prepared, err := stringprep.SASLprep.Prepare(sent)
	if p.err == nil && (err != nil || strings.TrimPrefix(prepared, "-") == "") {
		p.fail("%.60q is no identifier of a user (RFC 4314 §3)", sent)
	}
	return sent, prepared
}

func parseSetACL(p *parser, _ *session) action {
	p.space()
	name := p.mailbox()
	p.space()
	_, identifier := p.identifier()
	p.space()
	how, rights := p.modRights()
	return func(s *session) error {
		box, err := s.mailbox(name, mailstore.RightAdminister)
		if err != nil {
			return err
		}
		return box.ChangeACL(identifier, how, rights)
	}
}

// modRights reads rights that are to be added, removed or set (RFC 4314 §7, mod-rights).
func (p *parser) modRights() (imap.RightModification, mailstore.Rights) {
	letters := p.astring()
	how := imap.RightModificationReplace
	if letters != "" && (letters[0] == '+' || letters[0] == '-') {
		how, letters = imap.RightModification(letters[0]), letters[1:]
	}
	rights, err := mailstore.ParseRights(letters)
	if err != nil && p.err == nil {
		p.fail("%.40q has letters that are no rights (RFC 4314 §3.1)", letters)
	}
	return how, rights
}

func parseDeleteACL(p *parser, _ *session) action {
	p.space()
	name := p.mailbox()
	p.space()
	_, identifier := p.identifier()
	return func(s *session) error {
		box, err := s.mailbox(name, mailstore.RightAdminister)
		if err != nil {
			return err
		}
		return box.DeleteACL(identifier)
	}
}

func parseGetACL(p *parser, _ *session) action {
	p.space()
	name := p.mailbox()
	return func(s *session) error {
		box, err := s.mailbox(name, mailstore.RightAdminister)
		if err != nil {
			return err
		}
		s.out.text("* ACL ").mailbox(name)
		for _, entry := range box.ACL() {
			s.out.byte(' ').astring(entry.Identifier).byte(' ').astring(wireRights(entry.Rights))
		}
		s.out.crlf()
		return nil
	}
}

// wireRights returns rights with the "c" and "d" of RFC 2086 (RFC 4314 §2.1.1).
func wireRights(r mailstore.Rights) string {
	letters := r.String()
	if r.HasAny(mailstore.RightCreate | mailstore.RightDelete) {
		letters += "c"
	}
	if r.HasAny(expungeRights) {
		letters += "d"
	}
	return letters
}

// parseListRights reads LISTRIGHTS. All rights can be given alone, and the owner always
// has some (RFC 4314 §3.7).
func parseListRights(p *parser, _ *session) action {
	p.space()
	name := p.mailbox()
	p.space()
	sent, identifier := p.identifier()
	return func(s *session) error {
		box, err := s.mailbox(name, mailstore.RightAdminister)
		if err != nil {
			return err
		}
		required := mailstore.Rights(0)
		if a, err := s.srv.store.Account(identifier); err == nil && a == box.Account() {
			required = mailstore.OwnerRights
		}
		s.out.text("* LISTRIGHTS ").mailbox(name).byte(' ').astring(sent).byte(' ').astring(required.String())
		for _, letter := range []byte(wireRights(mailstore.AllRights)) {
			if strings.IndexByte(required.String(), letter) < 0 {
				s.out.byte(' ').byte(letter)
			}
		}
		s.out.crlf()
		return nil
	}
}

func parseMyRights(p *parser, _ *session) action {
	p.space()
	name := p.mailbox()
	return func(s *session) error {
		box, err := s.mailbox(name, 0)
		if err != nil {
			return err
		}
		if !s.rightsOn(box).HasAny(anyRights) {
			return errNoMailbox(name)
		}
		s.writeMyRights(name, box)
		return nil
	}
}

func (s *session) writeMyRights(name string, box *mailstore.Mailbox) {
	s.out.text("* MYRIGHTS ").mailbox(name).byte(' ').astring(wireRights(s.rightsOn(box))).crlf()
}
