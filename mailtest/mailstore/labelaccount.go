package mailstore

import (
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// UseLabels makes the account one with labels, as Gmail's are; it is one for good. Mailboxes
// are then labels: a message can be in several, and is the same in all of them, with one
// ID, one size on the quota, and the same flags. Only \Deleted is of one mailbox alone,
// since it is about being there.
//
// It makes the mailboxes [Gmail]/All Mail, Drafts, Important, Sent Mail, Spam, Starred
// and Trash, unless there is one with the special use (RFC 6154), whatever its name. All
// mail has every message that isn't in spam or the trash; those are in no other mailbox.
// Starred has the messages of all mail with \Flagged, and putting a message in it sets
// that flag. Several copies of a message in one mailbox become one.
//
// Copying adds a label, moving also removes one, and expunging removes the label of the
// mailbox. Expunging a message from its last mailbox beside all mail, or from all mail,
// does what [LabelSettings] say, and in spam and trash it deletes. A message in spam or
// trash that gets a label leaves them.
func (a *Account) UseLabels() {
	defer a.lock()()
	if a.labels != nil {
		return
	}
	l := &labels{system: make(map[*Mailbox]imap.MailboxAttr), keywords: make(map[string]imap.Flag)}
	for _, sys := range []struct {
		name string
		use  imap.MailboxAttr
		box  **Mailbox
	}{
		{"All Mail", imap.MailboxAttrAll, &l.all},
		{"Drafts", imap.MailboxAttrDrafts, nil},
		{"Important", imap.MailboxAttrImportant, nil},
		{"Sent Mail", imap.MailboxAttrSent, nil},
		{"Spam", imap.MailboxAttrJunk, &l.junk},
		{"Starred", imap.MailboxAttrFlagged, &l.starred},
		{"Trash", imap.MailboxAttrTrash, &l.trash},
	} {
		b := a.systemMailbox(l, "[Gmail]"+Separator+sys.name, sys.use)
		l.system[b] = sys.use
		if sys.box != nil {
			*sys.box = b
		}
	}
	a.labels = l
	a.linkAll()
}

// UseLabels makes every account, and every new one, one with labels (see [Account.UseLabels]).
func (s *Store) UseLabels() {
	s.mu.Lock()
	s.labels = true
	s.mu.Unlock()
	for _, a := range s.Accounts() {
		a.UseLabels()
	}
}

// systemMailbox returns the mailbox for a special use that no other has been taken for.
func (a *Account) systemMailbox(l *labels, name string, use imap.MailboxAttr) *Mailbox {
	for _, b := range a.inOrder() {
		if slices.Contains(b.specialUse, use) && l.system[b] == "" && b.name != Inbox {
			return b
		}
	}
	b := a.mailboxes[name]
	if b == nil {
		b = a.add(name, nil)
		a.note(Event{Kind: MailboxCreated, Mailbox: name})
	}
	b.specialUse = append(b.specialUse, use)
	return b
}

func (a *Account) inOrder() []*Mailbox {
	return slices.SortedFunc(maps.Values(a.mailboxes), func(b, c *Mailbox) int { return CompareNames(b.name, c.name) })
}

// linkAll makes labelled messages of those that the account has.
func (a *Account) linkAll() {
	a.octets, a.messages = 0, 0
	messages := make(map[uint64]*labelled)
	for _, b := range a.inOrder() {
		known := b.keywordList()
		b.keywords = a.labels.keywords
		b.learnKeywords(known)
		for _, m := range b.state().All() {
			of := messages[m.ID]
			if of == nil {
				of = new(labelled)
				messages[m.ID] = of
			}
			c := *m
			c.place, c.Flags = &place{box: b, of: of}, b.sortedFlags(m.Flags)
			again := of.in(b) != nil
			if b.link(&c) {
				a.octets += c.Size()
				a.messages++
			}
			b.messages = b.messages.put(&c, b.generation)
			b.touch()
			if again {
				b.remove(&c)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(messages)) {
		a.settle(messages[id])
	}
}

// settle puts a message that has just been linked where it belongs.
func (a *Account) settle(of *labelled) {
	l := a.labels
	var flags []imap.Flag
	for _, p := range of.places {
		flags, _ = applyFlags(flags, imap.StoreFlagsAdd, p.message().Flags)
	}
	of.share(flags)
	home := of.places[0]
	for _, p := range of.places {
		if !l.alone(p.box) {
			home = p
			break
		}
	}
	a.label(home.message(), home.box)
	if of.in(l.starred) != nil {
		a.label(home.message(), l.starred)
	}
}

// HasLabels tells whether [Account.UseLabels] was called.
func (a *Account) HasLabels() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.labels != nil
}

// LabelMailbox returns the name of the mailbox that [Account.UseLabels] made or took for a
// special use, "" if there is none.
func (a *Account) LabelMailbox(use imap.MailboxAttr) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.labels != nil {
		for b, of := range a.labels.system {
			if of == use {
				return b.name
			}
		}
	}
	return ""
}

// SetLabelSettings changes what is done to expunged messages, once the account has labels.
func (a *Account) SetLabelSettings(s LabelSettings) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.labelSettings = s
}

// forget takes the label of a mailbox that is about to be deleted from its messages.
func (a *Account) forget(op string, b *Mailbox) error {
	if a.labels.system[b] != "" {
		return fail(op, b.name, ErrSystemMailbox)
	}
	for _, m := range b.state().All() {
		a.relabel(m.place.of, func() { b.unlink(m) })
	}
	return nil
}

// removeEverywhere removes m for good.
func (b *Mailbox) removeEverywhere(m *Message) {
	if b.account.labels == nil {
		b.remove(m)
	} else {
		m.place.of.remove()
	}
}
