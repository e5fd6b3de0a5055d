package mailstore

import (
	"slices"

	"github.com/emersion/go-imap/v2"
)

// Label is a mailbox that a message is in.
type Label struct {
	Mailbox string
	// Use is what the mailbox is for, if [Account.UseLabels] made or took it.
	Use imap.MailboxAttr
	// Own is set for the mailbox that the message was found in.
	Own bool
}

// Labels returns all mailboxes that the message is in now, in their order; none in an
// account without labels. It locks the account.
func (m *Message) Labels() []Label {
	if m.place == nil {
		return nil
	}
	a := m.place.box.account
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Label, 0, len(m.place.of.places))
	for _, p := range m.place.of.places {
		out = append(out, Label{p.box.name, a.labels.system[p.box], p.box == m.place.box})
	}
	slices.SortFunc(out, func(x, y Label) int { return CompareNames(x.Mailbox, y.Mailbox) })
	return out
}

// StoreLabels changes the labels of messages of an account that has labels, and makes
// the mailboxes that aren't there. The view's own mailbox and all mail are left as they
// are, unless the message goes to spam or the trash. It leaves messages alone that have
// changed since modSeq and returns what it did, both as [View.StoreUnchanged] does; New
// is Old for a message that left the mailbox. It fails with [ErrNoLabels], [ErrStale],
// and as [Account.CreateMailbox] does.
func (v *View) StoreLabels(uids []imap.UID, op imap.StoreFlagsOp, mailboxes []string, modSeq uint64) ([]Change, error) {
	const what = "store labels in"
	b := v.box
	defer b.account.lock()()
	if v.stale() {
		return nil, fail(what, b.name, ErrStale)
	}
	if b.account.labels == nil {
		return nil, fail(what, b.name, ErrNoLabels)
	}
	boxes, err := b.account.labelsNamed(what, mailboxes, op != imap.StoreFlagsDel)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, 0, len(uids))
	for _, uid := range uids {
		m := b.messages.get(uid)
		switch {
		case m == nil:
			continue
		case m.ModSeq > modSeq:
			changes = append(changes, Change{Old: m})
			continue
		}
		b.storeLabels(m, op, boxes)
		now := b.messages.get(uid)
		if now == nil {
			now = m
		}
		changes = append(changes, Change{m, now})
	}
	return changes, nil
}

func (b *Mailbox) storeLabels(m *Message, op imap.StoreFlagsOp, boxes []*Mailbox) {
	a, of := b.account, m.place.of
	for _, p := range of.places {
		if listed := slices.Contains(boxes, p.box); p.box != b && of.in(p.box) != nil &&
			(op == imap.StoreFlagsDel && listed || op == imap.StoreFlagsSet && !listed) {
			a.unlabel(of, p.box)
		}
	}
	if op == imap.StoreFlagsDel {
		return
	}
	// What goes to spam or the trash goes there whatever else it was to get.
	for _, last := range []bool{false, true} {
		for _, to := range boxes {
			if a.labels.alone(to) == last {
				a.label(m, to)
			}
		}
	}
}

// labelsNamed returns the mailboxes with the names; those that aren't there are made, or
// passed over.
func (a *Account) labelsNamed(op string, names []string, create bool) ([]*Mailbox, error) {
	var boxes []*Mailbox
	for _, name := range names {
		name = CanonicalName(name)
		b := a.mailboxes[name]
		if b == nil && create {
			if err := checkName(op, name); err != nil {
				return nil, err
			}
			var err error
			if b, err = a.create(op, name, nil); err != nil {
				return nil, err
			}
		}
		if b != nil {
			boxes = append(boxes, b)
		}
	}
	return boxes, nil
}
