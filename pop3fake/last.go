package pop3fake

import (
	"strconv"

	"github.com/emersion/go-imap/v2"
)

// last is LAST (RFC 1460 §5), which RFC 1725 took out of the protocol.
func (s *session) last([]string) error {
	s.ok(number(s.drop.highestAccessed()))
	return nil
}

// highestAccessed returns the highest number of a message that was accessed, in this
// session or, as \Seen tells, before it; after RSET nothing was (RFC 1460 §5, RSET).
func (d *maildrop) highestAccessed() uint32 {
	if d.reset {
		return d.accessed
	}
	highest := d.accessed
	for n, m := range d.messages.All() {
		if n > highest && m.HasFlag(imap.FlagSeen) {
			highest = n
		}
	}
	return highest
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
