package imapfake

import (
	"math"
	"strconv"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// messageSet is the messages that a command names, as ascending ranges of sequence
// numbers of the session's view.
type messageSet []numRange

// messageSet reads a set of sequence numbers or UIDs. Sequence numbers must be
// those of messages (RFC 3501 §9, seq-number); UIDs need not exist (§6.4.8).
func (s *session) messageSet(p *parser, byUID bool) messageSet {
	named, isUIDs := s.namedSet(p, byUID)
	return s.resolve(p, named, isUIDs)
}

func (s *session) resolve(p *parser, set numSet, byUID bool) messageSet {
	if p.err != nil {
		return nil
	}
	told := s.view.Messages()
	if byUID {
		return byUIDs(told, set)
	}
	s.refuseNumbers(p)
	ranges := set.resolve(told.Len())
	if last := ranges[len(ranges)-1].last; last > told.Len() || ranges[0].first == 0 {
		p.fail("there is no message %d, the mailbox has %d (RFC 3501 §9, seq-number)", last, told.Len())
		return nil
	}
	return ranges
}

// byUIDs returns the messages that have the UIDs.
func byUIDs(told mailstore.Messages, set numSet) messageSet {
	last := told.At(told.Len())
	if last == nil {
		return nil
	}
	var out messageSet
	for _, r := range set.resolve(uint32(last.UID)) {
		first, end := told.Rank(imap.UID(r.first))+1, told.Len()
		if r.last < math.MaxUint32 {
			end = told.Rank(imap.UID(r.last + 1))
		}
		if first <= end {
			out = append(out, numRange{first, end})
		}
	}
	return out
}

// contains tells whether a sequence number is in the set.
func (set messageSet) contains(seq uint32) bool {
	lo, hi := 0, len(set)
	for lo < hi {
		if mid := (lo + hi) / 2; set[mid].last < seq {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(set) && set[lo].first <= seq
}

// len returns how many messages are in the set.
func (set messageSet) len() (n uint32) {
	for _, r := range set {
		n += r.last - r.first + 1
	}
	return n
}

// each calls f for every message of the set, until f returns false.
func (set messageSet) each(ms mailstore.Messages, f func(seq uint32, m *mailstore.Message) bool) {
	for _, r := range set {
		for seq, m := range ms.Range(r.first, r.last) {
			if !f(seq, m) {
				return
			}
		}
	}
}

// uids returns the UIDs of the set's messages.
func (set messageSet) uids(ms mailstore.Messages) []imap.UID {
	var uids []imap.UID
	set.each(ms, func(_ uint32, m *mailstore.Message) bool {
		uids = append(uids, m.UID)
		return true
	})
	return uids
}

// absent returns which UIDs of a set of UIDs, from first to last, no message has.
func (set messageSet) absent(ms mailstore.Messages, first, last imap.UID) messageSet {
	var out messageSet
	for _, r := range set {
		next, end := max(r.first, uint32(first)), min(r.last, uint32(last))
		if next > end {
			continue
		}
		for _, m := range ms.Range(ms.Rank(imap.UID(next))+1, ms.Rank(imap.UID(end)+1)) {
			if next < uint32(m.UID) {
				out = append(out, numRange{next, uint32(m.UID) - 1})
			}
			next = uint32(m.UID) + 1
		}
		if next <= end {
			out = append(out, numRange{next, end})
		}
	}
	return out
}

// appendTo writes the set as RFC 3501 §9 has it.
func (set messageSet) appendTo(b []byte) []byte {
	for i, r := range set {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(r.first), 10)
		if r.last > r.first {
			b = strconv.AppendUint(append(b, ':'), uint64(r.last), 10)
		}
	}
	return b
}
