package mailstore

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/text/unicode/norm"
)

// Inbox is the name of the mailbox that every account has (RFC 3501 §5.1).
const Inbox = "INBOX"

// Separator stands between the levels of a mailbox's name.
const Separator = "/"

// CanonicalName returns the name that a mailbox called name has: in normalization form C
// (RFC 5198 §2), and with INBOX, whose case doesn't matter, in capitals, also as the first
// level of a longer name.
func CanonicalName(name string) string {
	name = norm.NFC.String(name)
	first, rest, nested := strings.Cut(name, Separator)
	if !strings.EqualFold(first, Inbox) {
		return name
	}
	if nested {
		return Inbox + Separator + rest
	}
	return Inbox
}

// checkName refuses a name that can't be a mailbox's.
func checkName(op, name string) error {
	if len(name) > maxNameOctets || !utf8.ValidString(name) || strings.ContainsFunc(name, isControl) {
		return fail(op, name, ErrInvalidName)
	}
	if levels := strings.Split(name, Separator); len(levels) > maxNameLevels || slices.Contains(levels, "") {
		return fail(op, name, ErrInvalidName)
	}
	return nil
}

func isInferior(name, of string) bool {
	return len(name) > len(of) && name[len(of)] == Separator[0] && name[:len(of)] == of
}

// superiorNames yields the names above name.
func superiorNames(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range len(name) {
			if name[i] == Separator[0] && !yield(name[:i]) {
				return
			}
		}
	}
}

// add makes a mailbox, whose name must be free.
func (a *Account) add(name string, specialUse []imap.MailboxAttr) *Mailbox {
	a.uidValidity++
	a.mailboxID++
	b := &Mailbox{account: a, generation: 1, mailboxState: mailboxState{
		name: name, specialUse: specialUse, id: a.mailboxID, uidValidity: a.uidValidity, uidNext: 1, recentFrom: 1, modSeq: 1,
	}}
	if a.labels != nil {
		b.keywords = a.labels.keywords
	}
	a.mailboxes[name] = b
	b.inheritACL()
	return b
}

// CreateMailbox makes a mailbox, with special-use attributes if given (RFC 6154).
// A separator at the name's end is ignored (RFC 3501 §6.3.3). It fails with [ErrExists],
// [ErrInvalidName], [ErrOverQuota] or [ErrLimit].
func (a *Account) CreateMailbox(name string, specialUse ...imap.MailboxAttr) (*Mailbox, error) {
	const op = "create mailbox"
	name = CanonicalName(strings.TrimSuffix(name, Separator))
	if err := checkName(op, name); err != nil {
		return nil, err
	}
	defer a.lock()()
	return a.create(op, name, slices.Clone(specialUse))
}

func (a *Account) create(op, name string, specialUse []imap.MailboxAttr) (*Mailbox, error) {
	if a.exists(name) {
		return nil, fail(op, name, ErrExists)
	}
	if err := a.checkNewMailbox(op, name); err != nil {
		return nil, err
	}
	b := a.add(name, specialUse)
	a.note(Event{Kind: MailboxCreated, Mailbox: name})
	return b, nil
}

// exists tells whether the name is taken; INBOX always is.
func (a *Account) exists(name string) bool {
	_, ok := a.mailboxes[name]
	return ok || name == Inbox
}

// checkNewMailbox fails when the account can't have one more mailbox.
func (a *Account) checkNewMailbox(op, name string) error {
	if len(a.mailboxes) >= maxMailboxes {
		return fail(op, name, limit(maxMailboxes, "mailboxes"))
	}
	return a.checkQuota(op, Quota{Mailboxes: 1})
}

// DeleteMailbox deletes a mailbox and its messages for good. Inferior names stay,
// and then so does the name, as \Noselect. It fails with [ErrInbox], [ErrNoMailbox], or,
// for a name that is \Noselect already, [ErrHasChildren] (RFC 3501 §6.3.4). In an account
// with labels the messages stay with all mail, and a mailbox that labels need stays, too:
// [ErrSystemMailbox].
func (a *Account) DeleteMailbox(name string) error {
	const op = "delete mailbox"
	defer a.lock()()
	name = CanonicalName(name)
	if name == Inbox {
		return fail(op, name, ErrInbox)
	}
	b, err := a.find(op, name)
	if errors.Is(err, ErrNoSelect) {
		return fail(op, name, ErrHasChildren)
	}
	if err != nil {
		return err
	}
	if a.labels != nil {
		if err := a.forget(op, b); err != nil {
			return err
		}
	} else {
		a.octets -= b.messages.Octets()
		a.messages -= b.messages.Len()
	}
	delete(a.mailboxes, name)
	b.deleted = true
	delete(a.metadata, name)
	a.dropMetadataAbove(name)
	b.touch()
	a.note(Event{Kind: MailboxDeleted, Mailbox: name})
	return nil
}

// RenameMailbox renames a mailbox or \Noselect name and all its inferior names; what
// is subscribed stays so under its old name. Renaming INBOX moves its messages to a
// new mailbox and leaves INBOX, empty, and its inferiors in place (RFC 3501 §6.3.5).
// It fails with [ErrNoMailbox], [ErrExists], [ErrInvalidName], [ErrSystemMailbox], and for
// INBOX with [ErrOverQuota] or [ErrLimit].
func (a *Account) RenameMailbox(from, to string) error {
	const op = "rename mailbox"
	from, to = CanonicalName(from), CanonicalName(strings.TrimSuffix(to, Separator))
	if err := checkName(op, to); err != nil {
		return err
	}
	defer a.lock()()
	if _, err := a.find(op, from); err != nil && !errors.Is(err, ErrNoSelect) {
		return err
	}
	if a.exists(to) || from == to {
		return fail(op, to, ErrExists)
	}
	if from == Inbox {
		return a.renameInbox(to)
	}
	if isInferior(to, from) {
		return fail(op, to, ErrInvalidName)
	}
	renamed, err := a.renamed(op, from, to)
	if err != nil {
		return err
	}
	for _, b := range renamed {
		if a.labels != nil && a.labels.system[b] != "" {
			return fail(op, b.name, ErrSystemMailbox)
		}
	}
	for _, b := range renamed {
		delete(a.mailboxes, b.name)
	}
	for name, b := range renamed {
		b.name = name
		a.mailboxes[name] = b
	}
	a.moveMetadata(from, to)
	a.note(Event{Kind: MailboxRenamed, Mailbox: to, OldName: from})
	return nil
}

// renamed returns from and its inferiors by the names that they are to have.
func (a *Account) renamed(op, from, to string) (map[string]*Mailbox, error) {
	renamed := make(map[string]*Mailbox)
	for _, name := range slices.Sorted(maps.Keys(a.mailboxes)) {
		if name != from && !isInferior(name, from) {
			continue
		}
		target := to + name[len(from):]
		if err := checkName(op, target); err != nil {
			return nil, err
		}
		// A name that is itself renamed is free: "a/b" can become "a" when it holds "a/b/b".
		if _, taken := a.mailboxes[target]; taken && target != from && !isInferior(target, from) {
			return nil, fail(op, target, ErrExists)
		}
		renamed[target] = a.mailboxes[name]
	}
	return renamed, nil
}

func (a *Account) renameInbox(to string) error {
	if err := a.checkNewMailbox("rename mailbox", to); err != nil {
		return err
	}
	inbox, target := a.mailboxes[Inbox], a.add(to, nil)
	a.putMetadata(to, a.metadata[Inbox]) // RFC 5464 §4.1: INBOX keeps them
	a.note(Event{Kind: MailboxRenamed, Mailbox: to, OldName: Inbox})
	for _, m := range inbox.state().All() {
		target.copyIn(m, AllRights)
		inbox.remove(m)
	}
	return nil
}
