package imapfake

import (
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
		named("CREATE", (*session).create),
		named("DELETE", (*session).delete),
		{name: "RENAME", states: authenticatedUp, parse: parseRename},
		named("SUBSCRIBE", func(s *session, name string) error { return s.account.Subscribe(name) }),
		named("UNSUBSCRIBE", func(s *session, name string) error {
			s.account.Unsubscribe(name)
			return nil
		}),
	}
}

func (s *session) create(name string) error {
	_, err := s.account.CreateMailbox(name)
	return err
}

func (s *session) delete(name string) error {
	own := s.view != nil && s.view.Mailbox().Name() == canonicalName(name)
	err := s.account.DeleteMailbox(name)
	if err == nil && own {
		// A client that deletes what it has selected knows that it is gone.
		s.unselect()
	}
	return err
}

func parseRename(p *parser, _ *session) action {
	p.space()
	from := p.mailbox()
	p.space()
	to := p.mailbox()
	return func(s *session) error { return s.account.RenameMailbox(from, to) }
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
