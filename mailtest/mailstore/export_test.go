package mailstore

import "github.com/emersion/go-imap/v2"

// SkipTo makes uid the next one, as if the messages before it had come and gone.
func (b *Mailbox) SkipTo(uid imap.UID) {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	b.uidNext = max(b.uidNext, uid)
}
