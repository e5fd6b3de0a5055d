package mailtest

import (
	"io"
	"io/fs"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// Account is one user's mail, as a test sets it up and looks at it. Its changes are
// seen by every session at once, as if another client had made them. What can't fail is in the
// embedded [mailstore.Account], and in go doc only there: SetQuota, SetPassword, RefuseLogins,
// AddToken, ExpireToken, AddCertificate and more.
type Account struct {
	*mailstore.Account
	srv *Server
	tb  testing.TB
}

// Mailbox returns a mailbox that exists.
func (a *Account) Mailbox(name string) *Mailbox {
	a.tb.Helper()
	b, err := a.Account.Mailbox(name)
	return a.mailbox(b, err)
}

// CreateMailbox makes a mailbox, with special-use attributes if given, such as
// [imap.MailboxAttrSent]. Levels of the name are separated by "/".
func (a *Account) CreateMailbox(name string, specialUse ...imap.MailboxAttr) *Mailbox {
	a.tb.Helper()
	b, err := a.Account.CreateMailbox(name, specialUse...)
	return a.mailbox(b, err)
}

func (a *Account) mailbox(b *mailstore.Mailbox, err error) *Mailbox {
	a.tb.Helper()
	must(a.tb, err)
	return &Mailbox{Mailbox: b, tb: a.tb}
}

// RenameMailbox renames a mailbox and those below it (RFC 3501 §6.3.5).
func (a *Account) RenameMailbox(from, to string) {
	a.tb.Helper()
	must(a.tb, a.Account.RenameMailbox(from, to))
}

// DeleteMailbox deletes a mailbox with its messages. Sessions that have it selected
// are ended.
func (a *Account) DeleteMailbox(name string) {
	a.tb.Helper()
	must(a.tb, a.Account.DeleteMailbox(name))
}

// Subscribe adds a mailbox to the subscriptions.
func (a *Account) Subscribe(name string) {
	a.tb.Helper()
	must(a.tb, a.Account.Subscribe(name))
}

// LockMaildrop takes the exclusive access to the maildrop that a POP3 session has (RFC 1939 §4),
// as if another client were at it: logins over POP3 are answered -ERR [IN-USE]. It fails
// the test if somebody has it. unlock may be called more than once.
func (a *Account) LockMaildrop() (unlock func()) {
	a.tb.Helper()
	unlock, err := a.Account.LockMaildrop()
	must(a.tb, err)
	return unlock
}

// Deliver puts a message in INBOX and returns its UID.
func (a *Account) Deliver(m Mail) imap.UID {
	a.tb.Helper()
	return a.Mailbox(mailstore.Inbox).Deliver(m)
}

// DeliverRaw puts the octets of a message in INBOX, bare LFs made CRLF, and returns
// its UID.
func (a *Account) DeliverRaw(raw []byte, flags ...imap.Flag) imap.UID {
	a.tb.Helper()
	return a.Mailbox(mailstore.Inbox).DeliverRaw(raw, flags...)
}

// DeliverVerbatim puts exactly these octets in INBOX, whatever they are, and returns
// the message's UID.
func (a *Account) DeliverVerbatim(raw []byte, flags ...imap.Flag) imap.UID {
	a.tb.Helper()
	return a.Mailbox(mailstore.Inbox).DeliverVerbatim(raw, flags...)
}

// DeliverFS puts the .eml files that match the patterns in INBOX, in name order (see [ReadEML]).
func (a *Account) DeliverFS(fsys fs.FS, patterns ...string) []imap.UID {
	a.tb.Helper()
	return a.Mailbox(mailstore.Inbox).DeliverFS(fsys, patterns...)
}

// LoadMbox puts the messages of an mbox file in INBOX (see [ReadMbox]).
func (a *Account) LoadMbox(r io.Reader) []imap.UID {
	a.tb.Helper()
	return a.Mailbox(mailstore.Inbox).LoadMbox(r)
}

// LoadMaildir puts the messages of a Maildir in INBOX (see [ReadMaildir]).
func (a *Account) LoadMaildir(fsys fs.FS) []imap.UID {
	a.tb.Helper()
	return a.Mailbox(mailstore.Inbox).LoadMaildir(fsys)
}
