package mailstore

import (
	"fmt"

	"github.com/emersion/go-imap/v2"
)

// Reinstated is a mailbox as it is to be after [Account.Reinstate].
type Reinstated struct {
	Name        string
	SpecialUse  []imap.MailboxAttr
	Subscribed  bool
	UIDValidity uint32
	UIDNext     imap.UID
	Messages    []ReinstatedMessage // in ascending order of UIDs
}

// ReinstatedMessage is a message under the UID that it is to have.
type ReinstatedMessage struct {
	UID imap.UID
	NewMessage
}

// Reinstate makes a mailbox just as it is described, UIDs and UIDVALIDITY included, in place of
// an empty INBOX or of no mailbox. It fails with [ErrExists] if there is one that has had
// messages, and for the reasons of CreateMailbox and Append; then nothing has changed but
// that the mailbox may have been made.
func (a *Account) Reinstate(r Reinstated) error {
	const op = "reinstate mailbox"
	b, err := a.Mailbox(r.Name)
	if err != nil {
		if b, err = a.CreateMailbox(r.Name, r.SpecialUse...); err != nil {
			return err
		}
	}
	if err := b.reinstate(op, r); err != nil {
		return err
	}
	if r.Subscribed {
		return a.Subscribe(r.Name)
	}
	return nil
}

func (b *Mailbox) reinstate(op string, r Reinstated) error {
	a := b.account
	defer a.lock()()
	if b.uidNext != 1 {
		return fail(op, r.Name, ErrExists)
	}
	if r.UIDValidity == 0 || r.UIDNext == 0 {
		return fail(op, r.Name, fmt.Errorf("UIDVALIDITY %d and UIDNEXT %d must be positive (RFC 3501 §2.3.1.1)", r.UIDValidity, r.UIDNext))
	}
	messages := make([]NewMessage, len(r.Messages))
	last := imap.UID(0)
	for i, m := range r.Messages {
		if m.UID <= last || m.UID >= r.UIDNext {
			return fail(op, r.Name, fmt.Errorf("UID %d isn't above %d and below UIDNEXT %d", m.UID, last, r.UIDNext))
		}
		last, messages[i] = m.UID, m.NewMessage
	}
	arriving, err := b.admit(op, Quota{}, messages)
	if err != nil {
		return err
	}
	a.uidValidity = max(a.uidValidity, r.UIDValidity)
	b.uidValidity = r.UIDValidity
	for i, m := range arriving {
		b.uidNext = r.Messages[i].UID
		b.arrive(m)
	}
	b.uidNext = r.UIDNext
	return nil
}
