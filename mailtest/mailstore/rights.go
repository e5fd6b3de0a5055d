package mailstore

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Rights is a set of the rights of RFC 4314 §2.1, each of which is a bit.
type Rights uint16

// The rights, in the order in which they are shown.
const (
	RightLookup         Rights = 1 << iota // l: see the name in lists, subscribe to it
	RightRead                              // r: open the mailbox, ask for its status
	RightWrite                             // w: change flags but for \Seen and \Deleted
	RightSeen                              // s: change \Seen
	RightDeleteMessages                    // t: change \Deleted
	RightInsert                            // i: put messages in
	RightPost                              // p: send mail to it, which nothing here depends on
	RightExpunge                           // e: expunge messages
	RightCreate                            // k: create mailboxes below it
	RightDelete                            // x: delete or rename the mailbox
	RightAdminister                        // a: see and change who has which rights

	// AllRights are what the owner of a mailbox has unless its access control list says otherwise.
	AllRights Rights = 1<<iota - 1

	// OwnerRights are those that nothing takes from the owner of a mailbox.
	OwnerRights = RightLookup | RightAdminister
	// flagRights are those to change flags.
	flagRights = RightWrite | RightSeen | RightDeleteMessages
)

// rightLetters are the rights in the order of their bits.
const rightLetters = "lrwstipekxa"

// ParseRights returns the rights that letters such as "lrs" stand for, in any order. "c" and
// "d" of RFC 2086 stand for "kx" and "te" (RFC 4314 §2.1.1). It fails with [ErrInvalidRights].
func ParseRights(letters string) (Rights, error) {
	var r Rights
	for _, c := range []byte(letters) {
		switch i := strings.IndexByte(rightLetters, c); {
		case i >= 0:
			r |= 1 << i
		case c == 'c':
			r |= RightCreate | RightDelete
		case c == 'd':
			r |= RightDeleteMessages | RightExpunge
		default:
			return 0, fail("parse rights", letters, ErrInvalidRights)
		}
	}
	return r, nil
}

// String returns the rights as letters.
func (r Rights) String() string {
	var letters []byte
	for i := range len(rightLetters) {
		if r.Has(1 << i) {
			letters = append(letters, rightLetters[i])
		}
	}
	return string(letters)
}

// Has tells whether all of these rights are in the set.
func (r Rights) Has(all Rights) bool { return r&all == all }

// HasAny tells whether one of these rights is in the set.
func (r Rights) HasAny(some Rights) bool { return r&some != 0 }

// CanChange tells whether the rights are enough to set and clear a flag (RFC 4314 §4).
func (r Rights) CanChange(flag imap.Flag) bool {
	switch {
	case equalFlag(flag, imap.FlagSeen):
		return r.Has(RightSeen)
	case equalFlag(flag, imap.FlagDeleted):
		return r.Has(RightDeleteMessages)
	}
	return r.Has(RightWrite)
}

// Changeable returns those of the flags that the rights are enough to set and clear. What
// is given is not changed, and returned itself if that is all.
func (r Rights) Changeable(flags []imap.Flag) []imap.Flag {
	if r.Has(flagRights) {
		return flags
	}
	return slices.DeleteFunc(slices.Clone(flags), func(f imap.Flag) bool { return !r.CanChange(f) })
}

// applyFlags is applyFlags for one who has these rights only: other flags stay as they are.
func (r Rights) applyFlags(have []imap.Flag, op imap.StoreFlagsOp, flags []imap.Flag) ([]imap.Flag, bool) {
	if r.Has(flagRights) {
		return applyFlags(have, op, flags)
	}
	flags = r.Changeable(flags)
	if op == imap.StoreFlagsSet {
		for _, f := range have {
			if !r.CanChange(f) {
				flags = append(flags, f)
			}
		}
		slices.SortFunc(flags, compareFlags)
	}
	return applyFlags(have, op, flags)
}
