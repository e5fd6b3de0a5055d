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
		return appendUniqueID(line, m, s.drop.uidValidity)
	})
}

func appendUniqueID(to []byte, m *mailstore.Message, uidValidity uint32) []byte {
	return fmt.Appendf(to, "%08x%08x", uint32(m.UID), uidValidity)
}

// Listed is what a client learns of a message by LIST and UIDL.
type Listed struct {
	Number   uint32
	UniqueID string
	Octets   int64              // as transmitted
	Message  *mailstore.Message // which RETR returns
}

// Maildrop returns what a client would be shown of an account if it logged in now. Nothing
// is locked or changed for that, and it works while another session has the maildrop.
func (s *Server) Maildrop(account *mailstore.Account) ([]Listed, error) {
	box, err := s.window.mailbox(account)
	if err != nil {
		return nil, fmt.Errorf("pop3fake: maildrop: %w", err)
	}
	status := box.Status()
	var out []Listed
	for n, m := range s.shown(account, s.retention.unexpired(status.Messages), false).All() {
		out = append(out, Listed{n, string(appendUniqueID(nil, m, status.UIDValidity)), transmitted(m.Raw()).size, m})
	}
	return out, nil
}
