package mailtest

import "example.org/mailfakes/mailtest/personality"

// WithPersonality has the servers look and behave like a well-known one, such as
// [personality.Gmail], and gives new accounts the mailboxes that they have there. Options
// that come after it change it.
func WithPersonality(p personality.Personality) Option {
	return func(s *settings) {
		s.imap = append(s.imap, p.IMAPOptions()...)
		s.pop3 = append(s.pop3, p.POP3Options()...)
		s.mailboxes = p.Mailboxes
		s.labels = s.labels || p.Labels
	}
}
