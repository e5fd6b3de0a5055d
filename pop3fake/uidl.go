package pop3fake

import (
	"fmt"

	"example.org/mailfakes/mailtest/mailstore"
)

// uidl is UIDL (RFC 1939 §7). Unique-ids have the form that Dovecot gives them: UID
// and UIDVALIDITY, a pair that stands for one message for ever (RFC 3501 §2.3.1.1).
func (s *session) uidl(args []string) error {
	heading := func() string { return "unique-id listing follows" }
	return s.listing(args, heading, func(line []byte, _ uint32, m *mailstore.Message) []byte {
		return fmt.Appendf(line, "%08x%08x", uint32(m.UID), s.drop.uidValidity)
	})
}
