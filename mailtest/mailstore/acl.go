package mailstore

import (
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Anyone is the identifier that stands for all accounts (RFC 4314 §2).
const Anyone = "anyone"

// maxACLEntries is how many entries a mailbox's access control list has at most.
const maxACLEntries = 1000

// ACLEntry gives rights on a mailbox to an account, or to [Anyone]; with "-" before the
// identifier it takes them (RFC 4314 §2).
type ACLEntry struct {
	Identifier string
	Rights     Rights
}

// acl is an access control list by identifier in lower case. It never changes, so that it
// can be read without a lock.
type acl map[string]ACLEntry

// isOwner tells whether the account has all rights on the mailbox to begin with. Nobody is
// [Store.Shared].
func (b *Mailbox) isOwner(a *Account) bool { return a == b.account }

// RightsOf returns the rights that an account has on the mailbox: all if it is the owner
// and nothing was said of it, else those that entries for it and for [Anyone] give together, but for
// those that entries with "-" take. The owner always has "l" and "a". It takes no lock.
func (b *Mailbox) RightsOf(a *Account) Rights {
	list := b.acl.Load()
	switch {
	case list != nil:
		return list.rightsOf(a, b.isOwner(a))
	case b.isOwner(a):
		return AllRights
	}
	return 0
}

func (l acl) rightsOf(a *Account, owner bool) Rights {
	key := strings.ToLower(a.name)
	rights := l[Anyone].Rights
	if own, ok := l[key]; ok {
		rights |= own.Rights
	} else if owner {
		rights = AllRights
	}
	rights &^= l["-"+key].Rights | l["-"+Anyone].Rights
	if owner {
		rights |= OwnerRights
	}
	return rights
}

// ACL returns the mailbox's access control list in the order of identifiers. What the owner
// has without an entry comes last.
func (b *Mailbox) ACL() []ACLEntry {
	var list acl
	if p := b.acl.Load(); p != nil {
		list = *p
	}
	entries := slices.SortedFunc(maps.Values(list), func(x, y ACLEntry) int {
		xName, xNegative := strings.CutPrefix(x.Identifier, "-")
		yName, _ := strings.CutPrefix(y.Identifier, "-")
		if c := strings.Compare(strings.ToLower(xName), strings.ToLower(yName)); c != 0 {
			return c
		}
		if xNegative {
			return 1
		}
		return -1
	})
	if _, ok := list[strings.ToLower(b.account.name)]; !ok && b.account.name != "" {
		entries = append(entries, ACLEntry{b.account.name, AllRights})
	}
	return entries
}

// SetACL gives an identifier these rights on the mailbox, and no others; see ChangeACL.
func (b *Mailbox) SetACL(identifier string, rights Rights) error {
	return b.ChangeACL(identifier, imap.RightModificationReplace, rights)
}

// ChangeACL changes the rights that the access control list gives an identifier: the name
// of an account, there or not, or [Anyone], either with "-" before it. An entry that is left
// without rights is removed, which for the owner restores all. Sessions that have the mailbox
// open are told at once. It fails with [ErrInvalidName], [ErrLimit] or [ErrStale].
func (b *Mailbox) ChangeACL(identifier string, how imap.RightModification, rights Rights) error {
	return b.editACL(identifier, func(had Rights) Rights {
		switch how {
		case imap.RightModificationAdd:
			return had | rights
		case imap.RightModificationRemove:
			return had &^ rights
		}
		return rights
	})
}

// DeleteACL removes the entry of an identifier from the access control list, if there is
// one. It fails as [Mailbox.ChangeACL] does.
func (b *Mailbox) DeleteACL(identifier string) error {
	return b.editACL(identifier, nil)
}

// editACL changes an entry of the access control list, or removes it if change is nil.
func (b *Mailbox) editACL(identifier string, change func(Rights) Rights) error {
	const op = "change the rights on"
	a := b.account
	identifier, err := a.store.canonicalIdentifier(op, identifier)
	if err != nil {
		return err
	}
	defer a.lock()()
	if b.deleted {
		return fail(op, b.name, ErrStale)
	}
	list := make(acl)
	if p := b.acl.Load(); p != nil {
		maps.Copy(list, *p)
	}
	key := strings.ToLower(identifier)
	entry, explicit := list[key]
	ofOwner := key == strings.ToLower(a.name)
	if ofOwner && !explicit {
		entry.Rights = AllRights
	}
	entry.Identifier = identifier
	if change == nil {
		entry.Rights = 0
	} else if entry.Rights = change(entry.Rights); ofOwner {
		entry.Rights |= OwnerRights
	}
	if entry.Rights == 0 {
		delete(list, key)
	} else {
		list[key] = entry
	}
	if len(list) > maxACLEntries {
		return fail(op, b.name, limit(maxACLEntries, "entries in an ACL"))
	}
	b.putACL(list)
	return nil
}

func (b *Mailbox) putACL(list acl) {
	if len(list) == 0 {
		b.acl.Store(nil)
	} else {
		b.acl.Store(&list)
	}
	b.touch()
	b.account.feed(Event{Kind: ACLChanged, Mailbox: b.name})
}

// canonicalIdentifier returns an identifier as it is kept: an account's as the account is called.
func (s *Store) canonicalIdentifier(op, identifier string) (string, error) {
	name, negative := strings.CutPrefix(identifier, "-")
	if name == "" || len(name) > maxNameOctets || strings.ContainsFunc(name, isControl) {
		return "", fail(op+" a mailbox for", identifier, ErrInvalidName)
	}
	if strings.EqualFold(name, Anyone) {
		name = Anyone
	} else if a, err := s.Account(name); err == nil {
		name = a.name
	}
	if negative {
		return "-" + name, nil
	}
	return name, nil
}

// inheritACL gives a new mailbox the access control list of the nearest mailbox above it
// (RFC 4314 §4, CREATE).
func (b *Mailbox) inheritACL() {
	if above := b.account.nearestAbove(b.name); above != nil {
		b.acl.Store(above.acl.Load())
	}
}

// nearestAbove returns the mailbox that is nearest above a name, nil if there is none.
func (a *Account) nearestAbove(name string) (above *Mailbox) {
	for superior := range superiorNames(name) {
		if b, ok := a.mailboxes[superior]; ok {
			above = b
		}
	}
	return above
}

// RightsAbove returns the rights that another account, or this one, has on the nearest
// mailbox above a name, which "k" among them lets it create (RFC 4314 §4, CREATE). Where
// there is none, the account itself has all and others have none.
func (a *Account) RightsAbove(name string, of *Account) Rights {
	a.mu.Lock()
	defer a.mu.Unlock()
	if above := a.nearestAbove(CanonicalName(name)); above != nil {
		return above.RightsOf(of)
	}
	if of == a {
		return AllRights
	}
	return 0
}
