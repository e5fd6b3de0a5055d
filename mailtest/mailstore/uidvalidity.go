package mailstore

// SetUIDValidity has the UIDVALIDITYs of accounts that are made from now on, and of shared
// mailboxes, be greater than n, and object ids (RFC 8474) others than with another n. A
// program whose clients may remember the mail of its last run needs that, because what they
// remember is void (RFC 3501 §2.3.1.1); the time in seconds will do for n. The zero value is
// for tests, to which every run is the same.
func (s *Store) SetUIDValidity(n uint32) {
	s.mu.Lock()
	s.uidValidity = n
	s.mu.Unlock()
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	s.shared.numberAfter(n)
}

// numberAfter has an account that has no mailbox yet number what it gets from n on. The
// lowest 40 bits of ids are the account's own, and there are seldom more than 256 of them
// for each second that a program runs.
func (a *Account) numberAfter(n uint32) {
	ids := a.number<<40 + uint64(n)<<8
	a.uidValidity = max(a.uidValidity, n)
	a.mailboxID, a.messageID = max(a.mailboxID, ids), max(a.messageID, ids)
}
