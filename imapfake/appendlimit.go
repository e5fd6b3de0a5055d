package imapfake

import (
	"math"
	"strconv"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// appendLimit is APPENDLIMIT (RFC 7889). Without it the limits hold all the same.
func appendLimit() extension {
	return extension{
		cap: imap.CapAppendLimit,
		// §2: needed in the authenticated state only; before, the account is not known.
		shown: func(s *session) bool { return s.account != nil },
		value: func(s *session) string {
			if s.account.HasAppendLimits() {
				return ""
			}
			return "=" + strconv.FormatUint(announcedLimit(s.srv.appendLimit), 10)
		},
		statusItems: []statusItem{{name: "APPENDLIMIT", write: func(s *session, st mailstore.Status) {
			s.out.number(announcedLimit(s.appendLimit(st.AppendLimit)))
		}}},
	}
}

// appendLimit returns the size in octets of the largest message that APPEND puts in
// a mailbox, which may have a limit of its own.
func (s *session) appendLimit(own *uint32) int64 {
	if own != nil {
		return int64(*own)
	}
	return s.srv.appendLimit
}

// announcedLimit returns a limit as the grammar has room for (RFC 7889 §5, number).
func announcedLimit(octets int64) uint64 { return uint64(min(max(octets, 0), math.MaxUint32)) }
