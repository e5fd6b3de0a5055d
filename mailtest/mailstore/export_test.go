package mailstore

import (
	"time"

	"github.com/emersion/go-imap/v2"
)

// SkipTo makes uid the next one, as if the messages before it had come and gone.
func (b *Mailbox) SkipTo(uid imap.UID) {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	b.uidNext = max(b.uidNext, uid)
}

// Expiry returns when the token expires; zero: never.
func (t *Token) Expiry() time.Time {
	expires, _ := t.expiry()
	return expires
}
