package pop3fake

import "github.com/emersion/go-imap/v2"

// SeenPolicy says what IMAP sees of a message that was retrieved by RETR; TOP leaves
// no trace. No RFC has a word on it, and servers differ.
type SeenPolicy int

const (
	// LeaveUnseen sets no flag.
	LeaveUnseen SeenPolicy = iota
	// SeenAtOnce sets \Seen with the answer to RETR.
	SeenAtOnce
	// SeenAtEnd sets \Seen when the session ends, also when the connection was dropped,
	// as Dovecot does.
	SeenAtEnd
)

// WithSeen sets what IMAP sees of a message that was retrieved; without it, [LeaveUnseen].
func WithSeen(policy SeenPolicy) Option { return func(s *Server) { s.seen = policy } }

// noteRetrieved remembers that the client has the message now.
func (s *session) noteRetrieved(n uint32) {
	s.drop.accessed = max(s.drop.accessed, n)
	if s.drop.retrieved == nil {
		s.drop.retrieved = make(map[uint32]bool)
	}
	s.drop.retrieved[n] = true
	if s.srv.seen == SeenAtOnce {
		s.drop.markSeen([]uint32{n})
	}
}

// markSeen sets \Seen. A mailbox that was renumbered or deleted meanwhile has none of
// these messages any more.
func (d *maildrop) markSeen(numbers []uint32) {
	uids := d.uids(numbers)
	if len(uids) > 0 {
		_, _ = d.view.Store(uids, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen})
	}
}
