package mailstore

import (
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// NewMailbox is a mailbox that accounts have from the beginning.
type NewMailbox struct {
	// Name has its levels separated by "/".
	Name string
	// SpecialUse is its special use (RFC 6154), "" if it has none.
	SpecialUse imap.MailboxAttr
}

// SetNewMailboxes has every account that is made from now on begin with these mailboxes, to
// which it is subscribed, beside INBOX. It fails, and changes nothing, if one of them can't be.
func (s *Store) SetNewMailboxes(boxes ...NewMailbox) error {
	if err := newAccount(New(), "new", "", 0).begin(boxes); err != nil {
		return fmt.Errorf("mailstore: mailboxes of new accounts: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newMailboxes = slices.Clone(boxes)
	return nil
}

// begin makes the mailboxes of an account that is new.
func (a *Account) begin(boxes []NewMailbox) error {
	for _, b := range boxes {
		var use []imap.MailboxAttr
		if b.SpecialUse != "" {
			use = []imap.MailboxAttr{b.SpecialUse}
		}
		if _, err := a.CreateMailbox(b.Name, use...); err != nil {
			return err
		}
		if err := a.Subscribe(b.Name); err != nil {
			return err
		}
	}
	return nil
}
