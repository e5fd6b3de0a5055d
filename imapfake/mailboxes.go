package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// mailboxCommands are CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3.3–§6.3.7).
func mailboxCommands() []command {
	named := func(name string, do func(*session, string) error) command {
		return command{name: name, states: authenticatedUp, parse: func(p *parser, _ *session) action {
			p.space()
			mailbox := p.mailbox()
			return func(s *session) error { return do(s, mailbox) }
		}}
	}
	return []command{
		{name: "CREATE", states: authenticatedUp, parse: parseCreate},
		named("DELETE", (*session).delete),
		{name: "RENAME", states: authenticatedUp, parse: parseRename},
		named("SUBSCRIBE", (*session).subscribe),
		named("UNSUBSCRIBE", (*session).unsubscribe),
	}
}

// createParam is a row of the table of CREATE's parameters (RFC 4466 §2.2): it reads
// what follows the name and returns the attributes that the mailbox gets.
type createParam struct {
	name  string
	parse func(*parser, *session) []imap.MailboxAttr
}

func parseCreate(p *parser, s *session) action {
	p.space()
	name := p.mailbox()
	var uses []imap.MailboxAttr
	if len(s.table.createParams) > 0 && p.accept(' ') {
		p.list(false, func() {
			word := p.keyword()
			param, ok := s.table.createParams[word]
			if !ok {
				p.fail("unknown parameter %.40q", word)
				return
			}
			uses = append(uses, param.parse(p, s)...)
		})
	}
	return func(s *session) error { return s.create(name, uses) }
}

func (s *session) create(name string, uses []imap.MailboxAttr) error {
	p, err := s.locateNew(name)
	if err != nil {
		return err
	}
	box, err := p.Account.CreateMailbox(p.Name, uses...)
	if s.caused(err, mailstore.MailboxCreated, p) != nil {
		return err
	}
	if s.has(imap.CapObjectID) {
		s.code = mailboxIDCode(box.Status())
	}
	s.announceConverted(strings.TrimSuffix(name, s.srv.names.Separator), mailstore.Place{Account: p.Account, Name: box.Name()})
	return nil
}

// locateNew returns where a mailbox with the name can be made by the client.
func (s *session) locateNew(name string) (mailstore.Place, error) {
	p, err := s.locate(name)
	if err != nil {
		// RFC 5530 §3: NONEXISTENT is of what was to be deleted; this can never be made.
		return p, no(imap.ResponseCodeCannot, statusOf(err).Text)
	}
	return p, s.requireAbove(p)
}

func (s *session) delete(name string) error {
	p, err := s.locate(name)
	if err != nil {
		return err
	}
	box, err := s.mailboxAt(p, name, mailstore.RightDelete)
	if err != nil && (box != nil || p.Account != s.account) {
		return err
	}
	if err := s.caused(p.Account.DeleteMailbox(p.Name), mailstore.MailboxDeleted, p); err != nil {
		return err
	}
	if s.view != nil && s.view.Mailbox() == box {
		// A client that deletes what it has selected knows that it is gone.
		s.unselect()
	}
	s.announceConverted(name, mailstore.Place{Account: p.Account, Name: mailstore.CanonicalName(p.Name)})
	return nil
}

func parseRename(p *parser, _ *session) action {
	p.space()
	from := p.mailbox()
	p.space()
	to := p.mailbox()
	return func(s *session) error { return s.rename(from, to) }
}

func (s *session) rename(from, to string) error {
	source, err := s.locate(from)
	if err != nil {
		return err
	}
	// A name of the client's own that is \Noselect can be renamed too, and has no rights.
	box, err := s.mailboxAt(source, from, mailstore.RightDelete)
	if err != nil && (box != nil || source.Account != s.account) {
		return err
	}
	target, err := s.locateNew(to)
	if err != nil {
		return err
	}
	if target.Account != source.Account {
		return no(imap.ResponseCodeCannot, "a mailbox can't be renamed into another account")
	}
	if err := s.caused(source.Account.RenameMailbox(source.Name, target.Name), mailstore.MailboxRenamed, target); err != nil {
		return err
	}
	target.Name = mailstore.CanonicalName(strings.TrimSuffix(target.Name, mailstore.Separator))
	s.announceConverted(from, target)
	return nil
}

// subscribe takes names that exist and that the client may see only (RFC 4314 §4).
func (s *session) subscribe(name string) error {
	p, err := s.locate(name)
	if err != nil {
		return err
	}
	if p.Account == s.account {
		return s.caused(s.account.Subscribe(p.Name), mailstore.SubscriptionChange, p)
	}
	if _, err := s.mailboxAt(p, name, mailstore.RightLookup); err != nil {
		return err
	}
	return s.account.SubscribeTo(p)
}

func (s *session) unsubscribe(name string) error {
	p, err := s.locate(name)
	switch {
	case err != nil:
		return err
	case p.Account == s.account:
		s.account.Unsubscribe(p.Name)
		return s.caused(nil, mailstore.SubscriptionChange, p)
	case p.Account != nil:
		s.account.UnsubscribeFrom(p)
	}
	return nil
}
