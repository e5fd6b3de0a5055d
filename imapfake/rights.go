package imapfake

import (
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

const (
	// anyRights are those of which one is enough for MYRIGHTS (RFC 4314 §4, table, "Any").
	anyRights = mailstore.RightLookup | mailstore.RightRead | mailstore.RightInsert | mailstore.RightCreate |
		mailstore.RightDelete | mailstore.RightAdminister
	// flagRights are those of which one is enough for STORE (RFC 4314 §4, STORE).
	flagRights = mailstore.RightWrite | mailstore.RightSeen | mailstore.RightDeleteMessages
	// writeRights are those of which one makes SELECT answer READ-WRITE (RFC 4314 §5.2).
	writeRights = flagRights | mailstore.RightInsert | mailstore.RightExpunge
	// expungeRights are what MOVE and REPLACE need where a message leaves (RFC 6851 §4.2, RFC 8508 §4.1).
	expungeRights = mailstore.RightDeleteMessages | mailstore.RightExpunge
)

// mailbox returns the mailbox that a name on the wire means, if the client has these rights on it.
func (s *session) mailbox(wire string, need mailstore.Rights) (*mailstore.Mailbox, error) {
	p, err := s.locate(wire)
	if err != nil {
		return nil, err
	}
	return s.mailboxAt(p, wire, need)
}

// personalMailbox returns the mailbox that a name on the wire means to the account itself.
func (s *session) personalMailbox(a *mailstore.Account, wire string) (*mailstore.Mailbox, error) {
	name, err := s.srv.names.personal(wire)
	if err != nil {
		return nil, err
	}
	return a.Mailbox(name)
}

// mailboxAt is mailbox for a name that was located.
func (s *session) mailboxAt(p mailstore.Place, wire string, need mailstore.Rights) (*mailstore.Mailbox, error) {
	if p.Account == nil {
		return nil, errNoMailbox(wire)
	}
	box, err := p.Account.Mailbox(p.Name)
	switch {
	case err != nil && p.Account == s.account:
		return nil, err
	case err != nil:
		return nil, errNoMailbox(wire)
	}
	return box, s.require(box, wire, need)
}

// require refuses what takes rights that the client doesn't have on a mailbox. Of one
// that it may not even see, it learns no more than of one that isn't there (RFC 4314 §6).
func (s *session) require(box *mailstore.Mailbox, wire string, need mailstore.Rights) error {
	have := s.rightsOn(box)
	switch {
	case have.Has(need):
		return nil
	case have.Has(mailstore.RightLookup):
		return errNoPerm(need &^ have)
	}
	return errNoMailbox(wire)
}

// errNoMailbox is what a client is told of another account's mailbox that isn't there for it.
func errNoMailbox(wire string) error {
	return no(imap.ResponseCodeNonExistent, fmt.Sprintf("open mailbox %q: no such mailbox", wire))
}

func errNoPerm(missing mailstore.Rights) error {
	return no(imap.ResponseCodeNoPerm, fmt.Sprintf("this takes the right %q on the mailbox (RFC 4314 4)", missing))
}

// requireAll refuses what the owner of a mailbox alone can do, and only with all rights.
func requireAll(have mailstore.Rights) error {
	if missing := mailstore.AllRights &^ have; missing != 0 {
		return errNoPerm(missing)
	}
	return nil
}

// rightsOn returns the client's rights on a mailbox. Without ACL it sees its own only.
func (s *session) rightsOn(box *mailstore.Mailbox) mailstore.Rights {
	if !s.has(imap.CapACL) {
		return mailstore.AllRights
	}
	return box.RightsOf(s.account)
}

// rights returns the client's rights on the selected mailbox.
func (s *session) rights() mailstore.Rights { return s.rightsOn(s.view.Mailbox()) }

// requireAbove refuses to make a mailbox where the client may not (RFC 4314 §4, CREATE).
func (s *session) requireAbove(p mailstore.Place) error {
	if s.has(imap.CapACL) && (p.Account == nil || !p.Account.RightsAbove(p.Name, s.account).Has(mailstore.RightCreate)) {
		return no(imap.ResponseCodeNoPerm, `this takes the right "k" on the nearest mailbox above (RFC 4314 4)`)
	}
	return nil
}

// checkWritable refuses a change of a mailbox that was opened by EXAMINE, or that takes
// rights that the client doesn't have on it.
func (s *session) checkWritable(need mailstore.Rights) error {
	if s.examined {
		return no("READ-ONLY", "the mailbox was opened by EXAMINE (RFC 3501 6.3.2)")
	}
	if s.view.ReadOnly() {
		return no(imap.ResponseCodeNoPerm, "the mailbox was opened READ-ONLY for want of rights (RFC 4314 5.2)")
	}
	if have := s.rights(); !have.Has(need) {
		return errNoPerm(need &^ have)
	}
	return nil
}

// tellRights tells the client which flags it can change now if its rights on the selected
// mailbox have changed, and ends the session if it can't read any more (RFC 4314 §5.1.1).
func (s *session) tellRights() {
	rights := s.rights()
	if rights == s.toldRights {
		return
	}
	s.toldRights = rights
	if !rights.Has(mailstore.RightRead) {
		s.unselect()
		s.bye("the right to read the selected mailbox was taken; connect again")
		return
	}
	s.writeFlagsDefined(s.view.Mailbox().Status().Keywords)
}

// target returns the mailbox that mail is to be put in (RFC 3501 §6.3.11, §6.4.7:
// [TRYCREATE] when CREATE would help).
func (s *session) target(wire string) (*mailstore.Mailbox, error) {
	p, err := s.locate(wire)
	if err != nil {
		return nil, err
	}
	box, err := s.mailboxAt(p, wire, mailstore.RightInsert)
	if refused, ok := errors.AsType[*imap.Error](err); ok && refused.Code == imap.ResponseCodeNoPerm || err == nil {
		return box, err
	}
	if p.Account != s.account && s.requireAbove(p) != nil {
		return nil, err
	}
	return nil, no(imap.ResponseCodeTryCreate, printable(statusOf(err).Text))
}
