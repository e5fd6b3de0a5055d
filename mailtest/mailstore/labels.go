package mailstore

import (
	"slices"

	"github.com/emersion/go-imap/v2"
)

// LabelSettings are what a user of labels chooses (see [Account.UseLabels]).
type LabelSettings struct {
	// Expunged is what becomes of a message that is expunged from the last mailbox
	// that it was in beside the one of all mail, or from that one.
	Expunged ExpungeAction
	// AutoExpunge expunges a message as soon as it is marked \Deleted.
	AutoExpunge bool
}

// ExpungeAction is what becomes of an expunged message in an account with labels.
type ExpungeAction int

const (
	// ArchiveExpunged leaves it in the mailbox of all mail.
	ArchiveExpunged ExpungeAction = iota
	// TrashExpunged moves it to the trash.
	TrashExpunged
	// DeleteExpunged deletes it for good.
	DeleteExpunged
)

// labels is what an account with labels knows besides; the account's lock guards it.
type labels struct {
	all, trash, junk, starred *Mailbox
	system                    map[*Mailbox]imap.MailboxAttr
	keywords                  map[string]imap.Flag // of every mailbox
}

// labelled is a message of an account with labels: all places that it is in.
type labelled struct{ places []*place }

// place is where a labelled message is.
type place struct {
	box    *Mailbox
	uid    imap.UID
	of     *labelled
	number int // ascends in labelled.places
}

// alone tells whether what is in the mailbox is in no other.
func (l *labels) alone(b *Mailbox) bool { return b == l.trash || b == l.junk }

// in returns the message's place in a mailbox, nil if it isn't there.
func (of *labelled) in(b *Mailbox) *place {
	for _, p := range of.places {
		if p.box == b {
			return p
		}
	}
	return nil
}

func (p *place) message() *Message { return p.box.messages.get(p.uid) }

// labelledOf returns what m is a state of; a message of another account is a new one.
func (a *Account) labelledOf(m *Message) *labelled {
	if m.place != nil && m.place.box.account == a {
		return m.place.of
	}
	// It may have been taken when the account had no labels yet.
	for _, b := range []*Mailbox{a.labels.all, a.labels.trash, a.labels.junk} {
		for _, known := range b.messages.All() {
			if known.ID == m.ID && known.Content == m.Content {
				return known.place.of
			}
		}
	}
	return new(labelled)
}

// arrive puts in a message that is new to the account and returns its UID.
func (b *Mailbox) arrive(m *Message) imap.UID {
	if b.account.labels == nil {
		b.insert(m)
		return m.UID
	}
	m.place = &place{box: b, of: new(labelled)}
	return b.account.label(m, b)
}

// growth returns what copies of the messages add to the account.
func (a *Account) growth(messages []*Message) (q Quota) {
	for _, m := range messages {
		if a.labels == nil || len(a.labelledOf(m).places) == 0 {
			q.Octets += m.Size()
			q.Messages++
		}
	}
	return q
}

// link remembers that m, which has its UID, is about to be in the mailbox. It tells
// whether the account didn't have the message before.
func (b *Mailbox) link(m *Message) bool {
	if b.account.labels == nil {
		return true
	}
	of := b.account.labelledOf(m)
	m.place = &place{box: b, uid: m.UID, of: of}
	if n := len(of.places); n > 0 {
		m.place.number = of.places[n-1].number + 1
	}
	of.places = append(of.places, m.place)
	return len(of.places) == 1
}

// unlink forgets that m is in the mailbox. It tells whether the account has the message
// no more.
func (b *Mailbox) unlink(m *Message) bool {
	if b.account.labels == nil {
		return true
	}
	of := m.place.of
	of.places = slices.DeleteFunc(slices.Clone(of.places), func(p *place) bool { return p == m.place })
	return len(of.places) == 0
}

// label puts the message that m is a state of in a mailbox, unless it is there, and
// with it where it then belongs. It returns the UID.
func (a *Account) label(m *Message, b *Mailbox) imap.UID {
	of, l := a.labelledOf(m), a.labels
	a.relabel(of, func() {
		first, now := len(of.places) == 0, m
		if !first {
			now = of.places[0].message()
		}
		flags := without(now.Flags, imap.FlagDeleted)
		if b == l.starred {
			flags = append(slices.Clip(flags), imap.FlagFlagged)
		}
		for _, t := range l.together(b, flags) {
			if of.in(t) != nil {
				continue
			}
			c := &Message{ID: m.ID, Flags: flags, InternalDate: m.InternalDate, Content: m.Content, place: &place{box: t, of: of}}
			if first && t == b && m.HasFlag(imap.FlagDeleted) {
				c.Flags = append(slices.Clip(flags), imap.FlagDeleted)
			}
			t.insert(c)
		}
		for _, p := range of.places {
			if l.alone(b) && p.box != b || !l.alone(b) && l.alone(p.box) {
				p.box.remove(p.message())
			}
		}
		of.share(of.in(b).message().Flags)
	})
	return of.in(b).uid
}

// together returns the mailboxes that a message with these flags is in when it is in b.
func (l *labels) together(b *Mailbox, flags []imap.Flag) []*Mailbox {
	boxes := []*Mailbox{b}
	if l.alone(b) {
		return boxes
	}
	if b != l.all {
		boxes = append(boxes, l.all)
	}
	if b != l.starred && containsFlag(flags, imap.FlagFlagged) {
		boxes = append(boxes, l.starred)
	}
	return boxes
}

// unlabel takes a message out of a mailbox, in which it must be. It stays with all mail.
func (a *Account) unlabel(of *labelled, b *Mailbox) {
	l := a.labels
	switch {
	case b == l.all:
	case l.alone(b):
		a.label(of.in(b).message(), l.all)
	default:
		a.relabel(of, func() {
			m := of.in(b).message()
			b.remove(m)
			if b == l.starred {
				of.share(without(m.Flags, imap.FlagFlagged))
			}
		})
	}
}

// relabel does what changes where a message is. To its other places that is a change of
// the message: a client that asks what has changed must find its new labels.
func (a *Account) relabel(of *labelled, change func()) {
	before := of.places
	change()
	if slices.Equal(before, of.places) {
		return
	}
	for _, p := range before {
		if slices.Contains(of.places, p) {
			p.update(p.message().Flags, LabelsChanged)
		}
	}
}

// share gives a message the same flags in every place, but for \Deleted: that one is
// about the place.
func (of *labelled) share(flags []imap.Flag) {
	shared := without(flags, imap.FlagDeleted)
	for _, p := range of.places {
		m := p.message()
		now := shared
		if m.HasFlag(imap.FlagDeleted) {
			now = p.box.sortedFlags(append(slices.Clip(shared), imap.FlagDeleted))
		}
		if !slices.Equal(now, m.Flags) {
			p.update(now, FlagsChanged)
		}
	}
}

// update makes another state of the message in its place.
func (p *place) update(flags []imap.Flag, kind EventKind) {
	b, old := p.box, p.message()
	b.modSeq++
	c := *old
	c.Flags, c.ModSeq = flags, b.modSeq
	b.messages = b.messages.put(&c, b.generation)
	b.note(kind, &c, old.HasFlag(imap.FlagSeen) != c.HasFlag(imap.FlagSeen))
}

func without(flags []imap.Flag, flag imap.Flag) []imap.Flag {
	if !containsFlag(flags, flag) {
		return flags
	}
	return slices.DeleteFunc(slices.Clone(flags), func(f imap.Flag) bool { return equalFlag(f, flag) })
}

// shareChanges does what a change of flags in one mailbox of an account with labels does
// beside it.
func (b *Mailbox) shareChanges(changes []Change) {
	l := b.account.labels
	for _, c := range changes {
		if c.New == nil || c.New == c.Old {
			continue
		}
		of := c.New.place.of
		of.share(c.New.Flags)
		switch starred := of.in(l.starred); {
		case l.alone(b):
		case c.New.HasFlag(imap.FlagFlagged):
			if starred == nil {
				m := *c.New
				m.Flags = without(m.Flags, imap.FlagDeleted)
				l.starred.insert(&m)
			}
		case starred != nil:
			l.starred.remove(starred.message())
		}
		if b.account.labelSettings.AutoExpunge && c.New.HasFlag(imap.FlagDeleted) && !c.Old.HasFlag(imap.FlagDeleted) && b.messages.get(c.New.UID) != nil {
			b.expungeLabelled(c.New)
		}
	}
}

func (b *Mailbox) expungeLabelled(m *Message) {
	a, of := b.account, m.place.of
	l, action := a.labels, a.labelSettings.Expunged
	switch {
	case l.alone(b):
		b.remove(m)
		return
	case b != l.all:
		a.unlabel(of, b)
		if len(of.places) > 1 { // not with all mail alone
			return
		}
	}
	switch action {
	case TrashExpunged:
		a.label(of.places[0].message(), l.trash)
	case DeleteExpunged:
		of.remove()
	}
}

// remove removes the message from every place.
func (of *labelled) remove() {
	for _, p := range of.places {
		p.box.remove(p.message())
	}
}

// moveOut takes m out of the mailbox after it was put in another.
func (b *Mailbox) moveOut(m *Message, to *Mailbox) {
	if b.account.labels == nil {
		b.remove(m)
		return
	}
	if of := m.place.of; to != b && to.account == b.account && of.in(b) != nil {
		b.account.unlabel(of, b)
	} else if to.account != b.account {
		of.remove()
	}
}
