package mailstore

import (
	"slices"

	"github.com/emersion/go-imap/v2"
)

// Copied pairs the UIDs of messages with those of their copies (RFC 4315 §3).
type Copied struct {
	UIDValidity  uint32 // of the target
	Source, Dest []imap.UID
}

// Copy puts copies of these messages, with flags and internal date, in the mailbox
// to, which may be another account's: all of them or none; nils are passed over. It fails as
// [Mailbox.Append] does.
func (b *Mailbox) Copy(messages []*Message, to *Mailbox) (Copied, error) {
	const op = "copy to"
	if to == nil {
		return Copied{}, fail(op, "", ErrNoMailbox)
	}
	messages = slices.DeleteFunc(slices.Clone(messages), func(m *Message) bool { return m == nil })
	defer b.account.lockWith(to.account)()
	if err := checkTarget(op, messages, to); err != nil {
		return Copied{}, err
	}
	if err := to.account.checkQuota(op, to.account.growth(messages)); err != nil {
		return Copied{}, err
	}
	return copyAll(messages, to, AllRights), nil
}

// Move moves the messages with these UIDs to another mailbox, which may be another
// account's, all or none (RFC 6851), each once, in the order of their UIDs; UIDs that aren't
// there are passed over. Moving to the mailbox itself gives new UIDs. It fails as
// [Mailbox.Copy] does, but for the quota, which a move within an account can't exceed.
func (b *Mailbox) Move(uids []imap.UID, to *Mailbox) (Copied, error) {
	if to == nil {
		return Copied{}, fail("move to", "", ErrNoMailbox)
	}
	defer b.account.lockWith(to.account)()
	return b.move(uids, to, AllRights)
}

func (b *Mailbox) move(uids []imap.UID, to *Mailbox, may Rights) (Copied, error) {
	const op = "move to"
	if b.deleted {
		return Copied{}, fail("move from", b.name, ErrStale)
	}
	var messages []*Message
	for _, uid := range slices.Compact(slices.Sorted(slices.Values(uids))) {
		if m := b.messages.get(uid); m != nil {
			messages = append(messages, m)
		}
	}
	if err := checkTarget(op, messages, to); err != nil {
		return Copied{}, err
	}
	if to.account != b.account {
		if err := to.account.checkQuota(op, to.account.growth(messages)); err != nil {
			return Copied{}, err
		}
	}
	done := copyAll(messages, to, may)
	for _, m := range messages {
		b.moveOut(m, to)
	}
	return done, nil
}

// checkTarget fails when these messages can't be put in to, whatever the quota.
func checkTarget(op string, messages []*Message, to *Mailbox) error {
	if err := to.checkRoom(op, len(messages)); err != nil {
		return err
	}
	return to.checkFlagsOf(op, messages)
}

// copyAll puts copies in a mailbox, with the flags that the rights may are enough for.
func copyAll(messages []*Message, to *Mailbox, may Rights) Copied {
	done := Copied{UIDValidity: to.uidValidity}
	for _, m := range messages {
		done.Source = append(done.Source, m.UID)
		done.Dest = append(done.Dest, to.copyIn(m, may))
	}
	return done
}

// copyIn puts a copy of m in and returns its UID.
func (b *Mailbox) copyIn(m *Message, may Rights) imap.UID {
	c := &Message{ID: m.ID, Flags: may.Changeable(m.Flags), InternalDate: m.InternalDate, Content: m.Content, place: m.place}
	if b.account.labels != nil {
		return b.account.label(c, b)
	}
	c.place = nil
	b.insert(c)
	return c.UID
}
