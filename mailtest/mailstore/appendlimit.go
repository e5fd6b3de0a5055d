package mailstore

// SetAppendLimit sets the size in octets of the largest message that a client can
// append to this mailbox, in place of its server's limit (RFC 7889 §3); with 0 it can append none.
// [Mailbox.Append] itself and copies are not limited.
func (b *Mailbox) SetAppendLimit(octets uint32) { b.setAppendLimit(&octets) }

// RemoveAppendLimit makes the server's limit that of the mailbox again.
func (b *Mailbox) RemoveAppendLimit() { b.setAppendLimit(nil) }

// AppendLimit returns the mailbox's own limit, nil without one.
func (b *Mailbox) AppendLimit() *uint32 {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	return b.appendLimit
}

func (b *Mailbox) setAppendLimit(octets *uint32) {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	b.appendLimit = octets
}

// HasAppendLimits tells whether any of the account's mailboxes has a limit of its own.
func (a *Account) HasAppendLimits() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.mailboxes {
		if b.appendLimit != nil {
			return true
		}
	}
	return false
}
