package mailstore

import (
	"cmp"
	"maps"
	"slices"
)

// Place is a mailbox's name in an account.
type Place struct {
	Account *Account
	Name    string
}

// MailboxesFor returns what there is to tell another account of this one's mailboxes: as
// [Account.Mailboxes], but of those alone that it has the right "l" on, and without special
// uses and subscriptions, which are each account's own.
func (a *Account) MailboxesFor(other *Account) []MailboxInfo {
	a.mu.Lock()
	defer a.mu.Unlock()
	infos := a.infos(func(b *Mailbox) bool { return b.RightsOf(other).Has(RightLookup) })
	for i := range infos {
		infos[i].SpecialUse, infos[i].Subscribed = nil, false
	}
	return infos
}

// SubscribeTo adds a name in another account to the subscriptions, whether or not there is
// such a mailbox. It fails with [ErrLimit].
func (a *Account) SubscribeTo(p Place) error {
	defer a.lock()()
	p.Name = CanonicalName(p.Name)
	if p.Account == nil {
		return fail("subscribe to", p.Name, ErrNoAccount)
	}
	if a.subscribed[p] {
		return nil
	}
	if len(a.subscribed) >= maxSubscriptions {
		return fail("subscribe to", p.Name, limit(maxSubscriptions, "subscriptions"))
	}
	if a.subscribed == nil {
		a.subscribed = make(map[Place]bool)
	}
	a.subscribed[p] = true
	a.feed(Event{Kind: SubscriptionChange, Mailbox: p.Name, Owner: p.Account.name})
	return nil
}

// UnsubscribeFrom removes a name in another account from the subscriptions; one that isn't
// there is no error.
func (a *Account) UnsubscribeFrom(p Place) {
	defer a.lock()()
	p.Name = CanonicalName(p.Name)
	if a.subscribed[p] {
		delete(a.subscribed, p)
		a.feed(Event{Kind: SubscriptionChange, Mailbox: p.Name, Owner: p.Account.name})
	}
}

// SubscribedElsewhere returns the subscribed names in other accounts, in order.
func (a *Account) SubscribedElsewhere() []Place {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.SortedFunc(maps.Keys(a.subscribed), func(x, y Place) int {
		return cmp.Or(cmp.Compare(x.Account.name, y.Account.name), CompareNames(x.Name, y.Name))
	})
}

// MetadataOf returns the annotations of a mailbox, which may be another account's, as this
// account sees them: what is below /private is its own (RFC 5464 §3.3).
func (a *Account) MetadataOf(b *Mailbox) map[string]string {
	if b == nil {
		return nil
	}
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	all := maps.Clone(b.account.metadata[b.name])
	if all == nil {
		all = make(metadata)
	}
	if a != b.account {
		maps.DeleteFunc(all, func(entry, _ string) bool { return isPrivate(entry) })
		maps.Copy(all, b.private[a])
	}
	return all
}

// SetMetadataOf is [Account.SetMetadata] for a mailbox, which may be another account's. It
// fails with [ErrStale] if the mailbox was deleted.
func (a *Account) SetMetadataOf(b *Mailbox, changes map[string]*string) error {
	const op = "set metadata of"
	if b == nil {
		return fail(op, "", ErrNoMailbox)
	}
	defer b.account.lock()()
	if b.deleted {
		return fail(op, b.name, ErrStale)
	}
	if err := checkMetadata(op+" "+b.name, changes); err != nil {
		return err
	}
	ofOwner := a == b.account
	shared := b.account.metadata[b.name].with(changes, func(entry string) bool { return ofOwner || !isPrivate(entry) })
	private := b.private[a].with(changes, func(entry string) bool { return !ofOwner && isPrivate(entry) })
	if max(len(shared), len(private)) > MaxMetadataEntries {
		return fail(op, b.name, ErrMetadataCount)
	}
	if len(private) > 0 && b.private == nil {
		b.private = make(map[*Account]metadata)
	}
	if len(private) > 0 {
		b.private[a] = private
	} else {
		delete(b.private, a)
	}
	b.account.changeMetadata(b.name, shared)
	return nil
}
