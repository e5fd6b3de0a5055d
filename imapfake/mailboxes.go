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
		named("SUBSCRIBE", func(s *session, name string) error {
			return s.caused(s.account.Subscribe(name), mailstore.SubscriptionChange, name)
		}),
		named("UNSUBSCRIBE", func(s *session, name string) error {
			s.account.Unsubscribe(name)
			return s.caused(nil, mailstore.SubscriptionChange, name)
		}),
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
	box, err := s.account.CreateMailbox(name, uses...)
	if s.caused(err, mailstore.MailboxCreated, name) != nil {
		return err
	}
	if s.has(imap.CapObjectID) {
		s.code = mailboxIDCode(box.Status())
	}
	s.announceConverted(strings.TrimSuffix(name, mailstore.Separator), box.Name())
	return nil
}

func (s *session) delete(name string) error {
	box, _ := s.account.Mailbox(name)
	if err := s.caused(s.account.DeleteMailbox(name), mailstore.MailboxDeleted, name); err != nil {
		return err
	}
	if s.view != nil && s.view.Mailbox() == box {
		// A client that deletes what it has selected knows that it is gone.
		s.unselect()
	}
	s.announceConverted(name, mailstore.CanonicalName(name))
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
	if err := s.caused(s.account.RenameMailbox(from, to), mailstore.MailboxRenamed, to); err != nil {
		return err
	}
	s.announceConverted(from, mailstore.CanonicalName(strings.TrimSuffix(to, mailstore.Separator)))
	return nil
}

// target returns the mailbox that mail is to be put in (RFC 3501 §6.3.11, §6.4.7:
// [TRYCREATE] when CREATE would help).
func (s *session) target(name string) (*mailstore.Mailbox, error) {
	box, err := s.account.Mailbox(name)
	if err != nil {
		return nil, no(imap.ResponseCodeTryCreate, printable(statusOf(err).Text))
	}
	return box, nil
}
