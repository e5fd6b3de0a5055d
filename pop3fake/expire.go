package pop3fake

import (
	"fmt"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// retention is how many days the server keeps messages for; what matters is only
// how long they have been in the INBOX.
type retention int

// keepForever is the retention of a server that never deletes anything.
const keepForever retention = -1

// WithExpire announces EXPIRE and enforces it (RFC 2449 §6.7): a login finds no messages
// that have been in the INBOX for more than that many days, they are deleted. With 0 days
// QUIT deletes what was retrieved by RETR, as if by DELE. Without this option nothing
// is ever deleted but by a client (EXPIRE NEVER).
func WithExpire(days int) Option {
	return func(s *Server) {
		if days < 0 {
			s.fail(fmt.Errorf("messages expire after %d days", days))
		}
		s.retention = retention(days)
	}
}

// String returns the argument of EXPIRE.
func (r retention) String() string {
	if r == keepForever {
		return "NEVER"
	}
	return strconv.Itoa(int(r))
}

// unexpired returns the messages whose time isn't over.
func (r retention) unexpired(ms mailstore.Messages) mailstore.Messages {
	if r <= 0 {
		return ms
	}
	oldest := time.Now().AddDate(0, 0, -int(r))
	return ms.Kept(func(m *mailstore.Message) bool { return !m.SaveDate.Before(oldest) })
}

// expire deletes the messages whose time is over.
func (r retention) expire(inbox *mailstore.Mailbox) {
	if r <= 0 {
		return
	}
	all := inbox.Messages()
	kept := r.unexpired(all)
	var uids []imap.UID
	for _, m := range all.All() {
		if _, found := kept.Find(m.UID); found == nil {
			uids = append(uids, m.UID)
		}
	}
	inbox.Expunge(uids)
}
