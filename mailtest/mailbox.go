package mailtest

import (
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// Mailbox is a mailbox as a test sets it up and looks at it. Its changes are seen by
// every session at once, as if another client had made them. What can't fail is in the embedded
// [mailstore.Mailbox], and in go doc only there: UIDValidity, Renumber, ChangeUIDValidity,
// SetAppendLimit and more.
type Mailbox struct {
	*mailstore.Mailbox
	tb testing.TB
}

func (b *Mailbox) append(message mailstore.NewMessage) imap.UID {
	b.tb.Helper()
	uids, err := b.Append(message)
	must(b.tb, err)
	return uids[0]
}

// Deliver puts a message in the mailbox and returns its UID.
func (b *Mailbox) Deliver(m Mail) imap.UID {
	b.tb.Helper()
	raw, err := m.Bytes()
	must(b.tb, err)
	return b.append(mailstore.NewMessage{Content: mailstore.NewContent(raw), Flags: m.Flags, InternalDate: m.InternalDate})
}

// DeliverRaw puts the octets of a message in the mailbox, bare LFs made CRLF, and
// returns its UID.
func (b *Mailbox) DeliverRaw(raw []byte, flags ...imap.Flag) imap.UID {
	b.tb.Helper()
	return b.append(mailstore.NewMessage{Content: mailstore.NormalizedContent(raw), Flags: flags})
}

// DeliverVerbatim puts exactly these octets in the mailbox, whatever they are, and
// returns the message's UID.
func (b *Mailbox) DeliverVerbatim(raw []byte, flags ...imap.Flag) imap.UID {
	b.tb.Helper()
	return b.append(mailstore.NewMessage{Content: mailstore.NewContent(append([]byte(nil), raw...)), Flags: flags})
}

// DeliverFS puts the .eml files that match the patterns in the mailbox, in name order (see [ReadEML]).
func (b *Mailbox) DeliverFS(fsys fs.FS, patterns ...string) []imap.UID {
	b.tb.Helper()
	seeds, err := ReadEML(fsys, patterns...)
	return b.load(seeds, err)
}

// LoadMbox puts the messages of an mbox file in the mailbox (see [ReadMbox]).
func (b *Mailbox) LoadMbox(r io.Reader) []imap.UID {
	b.tb.Helper()
	seeds, err := ReadMbox(r)
	return b.load(seeds, err)
}

// LoadMaildir puts the messages of a Maildir in the mailbox (see [ReadMaildir]).
func (b *Mailbox) LoadMaildir(fsys fs.FS) []imap.UID {
	b.tb.Helper()
	seeds, err := ReadMaildir(fsys)
	return b.load(seeds, err)
}

func (b *Mailbox) load(seeds []Seed, err error) []imap.UID {
	b.tb.Helper()
	must(b.tb, err)
	uids, err := Put(b.Mailbox, seeds)
	must(b.tb, err)
	return uids
}

// Put puts messages that were read from somewhere in a mailbox, all or none, bare
// LFs made CRLF, and returns their UIDs. It fails as [mailstore.Mailbox.Append] does.
func Put(to *mailstore.Mailbox, seeds []Seed) ([]imap.UID, error) {
	if to == nil {
		return nil, errors.New("mailtest: put messages: there is no mailbox")
	}
	messages := make([]mailstore.NewMessage, len(seeds))
	for i, s := range seeds {
		messages[i] = mailstore.NewMessage{
			Content: mailstore.NormalizedContent(s.Raw), Flags: s.Flags, InternalDate: s.InternalDate,
		}
	}
	return to.Append(messages...)
}

// AddFlags adds flags to a message.
func (b *Mailbox) AddFlags(uid imap.UID, flags ...imap.Flag) {
	b.tb.Helper()
	b.store(uid, imap.StoreFlagsAdd, flags)
}

// RemoveFlags removes flags from a message.
func (b *Mailbox) RemoveFlags(uid imap.UID, flags ...imap.Flag) {
	b.tb.Helper()
	b.store(uid, imap.StoreFlagsDel, flags)
}

// SetFlags replaces a message's flags.
func (b *Mailbox) SetFlags(uid imap.UID, flags ...imap.Flag) {
	b.tb.Helper()
	b.store(uid, imap.StoreFlagsSet, flags)
}

func (b *Mailbox) store(uid imap.UID, op imap.StoreFlagsOp, flags []imap.Flag) {
	b.tb.Helper()
	changes, err := b.Store([]imap.UID{uid}, op, flags)
	must(b.tb, err)
	b.found(len(changes), 1, "store flags", uid)
}

// found fails the test if not all of the messages that were named are there.
func (b *Mailbox) found(have, want int, op string, uids ...imap.UID) {
	b.tb.Helper()
	if have != want && want == 1 {
		b.tb.Fatalf("mailtest: %s in %q: there is no message with UID %d", op, b.Name(), uids[0])
	}
	if have != want {
		b.tb.Fatalf("mailtest: %s in %q: %d of the messages with UIDs %d are there", op, b.Name(), have, uids)
	}
}

// Expunge removes messages for good, whatever their flags.
func (b *Mailbox) Expunge(uids ...imap.UID) {
	b.tb.Helper()
	gone := b.Mailbox.Expunge(uids)
	b.found(len(gone), len(uids), "expunge", uids...)
}

// target fails the test if there is no mailbox to move or copy to.
func (b *Mailbox) target(op string, to *Mailbox) {
	b.tb.Helper()
	if to == nil {
		b.tb.Fatalf("mailtest: %s from %q: there is no mailbox to %s to", op, b.Name(), op)
	}
}

// Move moves messages to another mailbox, which may be another account's, and returns their UIDs there.
func (b *Mailbox) Move(to *Mailbox, uids ...imap.UID) []imap.UID {
	b.tb.Helper()
	b.target("move", to)
	done, err := b.Mailbox.Move(uids, to.Mailbox)
	must(b.tb, err)
	b.found(len(done.Source), len(uids), "move", uids...)
	return done.Dest
}

// Copy copies messages to another mailbox, which may be another account's, and returns the copies' UIDs.
func (b *Mailbox) Copy(to *Mailbox, uids ...imap.UID) []imap.UID {
	b.tb.Helper()
	b.target("copy", to)
	var messages []*mailstore.Message
	all := b.Mailbox.Messages()
	for _, uid := range uids {
		if _, m := all.Find(uid); m != nil {
			messages = append(messages, m)
		}
	}
	b.found(len(messages), len(uids), "copy", uids...)
	done, err := b.Mailbox.Copy(messages, to.Mailbox)
	must(b.tb, err)
	return done.Dest
}
