package mailtest

import "example.org/mailfakes/mailtest/mailstore"

// Snapshot returns all that the store holds now: accounts with their passwords, mailboxes,
// messages, flags, UIDs, subscriptions, quotas, annotations, rights, labels and tokens. It is
// cheap, whatever the number of messages.
func (f *Fakes) Snapshot() *mailstore.Snapshot { return f.Store.Snapshot() }

// Restore makes the store what it was when the snapshot was taken of it, which is cheap enough
// to be done before every subtest:
//
//	snap := srv.Snapshot()
//	for _, tt := range tests {
//		t.Run(tt.name, func(t *testing.T) {
//			srv.Restore(snap)
//			alice := srv.In(t).Account("alice@example.org") // which fails this subtest
//			…
//		})
//	}
//
// UIDs, UIDVALIDITY and all other numbers go on from where they were, so that each subtest gets the
// same ones. IMAP sessions with a mailbox selected are ended by BYE, since a UID may become that of
// another message, and POP3 sessions find their messages gone; others stay logged in. The maildrops
// are unlocked, POP3 knows of no earlier login that would delay the next or hide what it has
// fetched, and tokens and accounts that were added since are void. What was recorded is kept:
// transcript and notes. For one account alone there is [mailstore.Account.Restore].
//
// It fails for a snapshot of another store.
func (f *Fakes) Restore(snap *mailstore.Snapshot) error {
	if err := f.Store.Restore(snap); err != nil {
		return err
	}
	f.pop3.ForgetLogins()
	return nil
}

// Restore is [Fakes.Restore]; a snapshot of another store fails the test.
func (s *Server) Restore(snap *mailstore.Snapshot) {
	s.tb.Helper()
	must(s.tb, s.Fakes.Restore(snap))
}

// Restart stops both servers and starts them again at the same addresses, with the same store.
// Clients have to connect again.
func (s *Server) Restart() {
	s.tb.Helper()
	s.IMAP.Stop()
	s.POP3.Stop()
	must(s.tb, s.IMAP.Start())
	must(s.tb, s.POP3.Start())
}
