package mailtest

import "example.org/mailfakes/imapfake"

// WithGmail gives every account labels in place of mailboxes, as Gmail has them
// ([mailstore.Account.UseLabels]), and IMAP the capability X-GM-EXT-1, by which clients
// know. What becomes of expunged messages is a choice of the account's user
// ([mailstore.Account.SetLabelSettings]).
func WithGmail() Option {
	return func(s *settings) {
		s.labels = true
		s.imap = append(s.imap, imapfake.WithMoreCapabilities("X-GM-EXT-1"))
	}
}
