package mailtest

import "example.org/mailfakes/mailtest/mailstore"

// Share gives another account rights on the mailbox, in place of those that it had: letters
// of RFC 4314 §2.1, such as "lrs" (see it, read it, mark messages as read) or "lrswite" (also set
// other flags, add and remove messages). with is the account's name, or [mailstore.Anyone].
// Over IMAP the other finds it below "Other Users" (see [imapfake.WithNamespaces]).
func (b *Mailbox) Share(with, rights string) {
	b.tb.Helper()
	r, err := mailstore.ParseRights(rights)
	must(b.tb, err)
	must(b.tb, b.SetACL(with, r))
}

// Unshare takes the rights that Share gave.
func (b *Mailbox) Unshare(with string) {
	b.tb.Helper()
	must(b.tb, b.DeleteACL(with))
}

// Shared returns what holds the mailboxes that no user owns, to make them in and share them:
//
//	srv.Shared().CreateMailbox("News").Share(mailstore.Anyone, "lrs")
//
// It has no INBOX, and nobody can log in to it. Over IMAP its mailboxes are below "Shared
// Folders" (see [imapfake.WithNamespaces]).
func (s *Server) Shared() *Account {
	s.tb.Helper()
	return s.account(s.Store.Shared(), nil)
}
