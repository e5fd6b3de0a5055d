package mailstore

import (
	"crypto/sha256"
	"fmt"
)

// AccessKey returns the mailbox's access key (RFC 4467 §2.2), by which URLs of its messages
// are authorized. It follows from the account's and the mailbox's numbers and from how often
// it was reset, so that the same test makes the same URLs: it is no secret.
func (b *Mailbox) AccessKey() []byte {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	key := sha256.Sum256(fmt.Appendf(nil, "%q %d %d", b.account.name, b.id, b.keyResets))
	return key[:]
}

// ResetAccessKey gives the mailbox another access key: URLs authorized before are void.
func (b *Mailbox) ResetAccessKey() {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	b.keyResets++
}

// AccessKeyResets returns how often the access key was reset.
func (b *Mailbox) AccessKeyResets() uint64 {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	return b.keyResets
}

// ResetAccessKeys is [Mailbox.ResetAccessKey] for all mailboxes of the account.
func (a *Account) ResetAccessKeys() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.mailboxes {
		b.keyResets++
	}
}
