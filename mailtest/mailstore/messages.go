package mailstore

import (
	"iter"

	"github.com/emersion/go-imap/v2"
)

// Messages is one state of a mailbox: its messages in UID order, each with its
// sequence number, counted from 1. It never changes; the zero value is empty.
//
// It is a radix tree over UIDs whose nodes know how many messages, and of what
// kind, they hold. Two states of one mailbox share every node that is the same in
// both, so that what changed between them is found without looking at the rest.
type Messages struct {
	root  *node
	shift uint // bits of a UID below the root's digit
}

const (
	digitBits = 5
	fanout    = 1 << digitBits
)

type node struct {
	owner uint64 // the generation that may change the node in place; 0: none
	sum   summary
	kids  *[fanout]*node    // of an inner node
	leaf  *[fanout]*Message // of a leaf
}

// summary adds up the messages below a node.
type summary struct {
	count, unseen, deleted uint32
	octets                 int64
	modSeq                 uint64 // no message has a higher one
}

func (s *summary) add(m *Message) {
	s.count++
	s.octets += m.Size()
	s.modSeq = max(s.modSeq, m.ModSeq)
	if !m.HasFlag(imap.FlagSeen) {
		s.unseen++
	}
	if m.HasFlag(imap.FlagDeleted) {
		s.deleted++
	}
}

func (s *summary) subtract(t summary) {
	s.count -= t.count
	s.unseen -= t.unseen
	s.deleted -= t.deleted
	s.octets -= t.octets
}

func (s *summary) join(t summary) {
	s.count += t.count
	s.unseen += t.unseen
	s.deleted += t.deleted
	s.octets += t.octets
	s.modSeq = max(s.modSeq, t.modSeq)
}

func (n *node) total() summary {
	if n == nil {
		return summary{}
	}
	return n.sum
}

func digit(uid imap.UID, shift uint) int { return int(uint32(uid)>>shift) & (fanout - 1) }

// Len returns the number of messages.
func (ms Messages) Len() uint32 { return ms.root.total().count }

// Unseen returns the number of messages without \Seen.
func (ms Messages) Unseen() uint32 { return ms.root.total().unseen }

// Deleted returns the number of messages with \Deleted.
func (ms Messages) Deleted() uint32 { return ms.root.total().deleted }

// Octets returns the sum of the messages' sizes.
func (ms Messages) Octets() int64 { return ms.root.total().octets }

// At returns the message with the sequence number seq, nil if there is none.
func (ms Messages) At(seq uint32) *Message {
	n := ms.root
	if seq == 0 || seq > n.total().count {
		return nil
	}
	for n.leaf == nil {
		for _, kid := range n.kids {
			c := kid.total().count
			if seq <= c {
				n = kid
				break
			}
			seq -= c
		}
	}
	for _, m := range n.leaf {
		if m != nil {
			if seq--; seq == 0 {
				return m
			}
		}
	}
	return nil
}

// Find returns the message with the UID and its sequence number, or 0 and nil.
func (ms Messages) Find(uid imap.UID) (seq uint32, m *Message) {
	if m = ms.get(uid); m == nil {
		return 0, nil
	}
	return ms.Rank(uid) + 1, m
}

func (ms Messages) get(uid imap.UID) *Message {
	if !ms.covers(uid) {
		return nil
	}
	n := ms.root
	for shift := ms.shift; n != nil; shift -= digitBits {
		if n.leaf != nil {
			return n.leaf[digit(uid, 0)]
		}
		n = n.kids[digit(uid, shift)]
	}
	return nil
}

// covers tells whether the tree is high enough to hold uid.
func (ms Messages) covers(uid imap.UID) bool {
	return uint64(uid)>>(ms.shift+digitBits) == 0
}

// Rank returns how many messages have a UID below uid.
func (ms Messages) Rank(uid imap.UID) uint32 {
	if !ms.covers(uid) {
		return ms.Len()
	}
	var below uint32
	n := ms.root
	for shift := ms.shift; n != nil; shift -= digitBits {
		d := digit(uid, shift)
		if n.leaf != nil {
			for _, m := range n.leaf[:d] {
				if m != nil {
					below++
				}
			}
			break
		}
		for _, kid := range n.kids[:d] {
			below += kid.total().count
		}
		n = n.kids[d]
	}
	return below
}

// All yields every message in order, with its sequence number.
func (ms Messages) All() iter.Seq2[uint32, *Message] { return ms.Range(1, ms.Len()) }

// Range yields the messages with the sequence numbers from first to last.
func (ms Messages) Range(first, last uint32) iter.Seq2[uint32, *Message] {
	return func(yield func(uint32, *Message) bool) {
		if first = max(first, 1); ms.root != nil && first <= last {
			ms.root.walk(0, first, last, yield)
		}
	}
}

// walk yields the messages below n numbered first to last, n's own starting after before.
func (n *node) walk(before, first, last uint32, yield func(uint32, *Message) bool) bool {
	if n.leaf != nil {
		for _, m := range n.leaf {
			if m == nil {
				continue
			}
			if before++; before > last {
				return true
			}
			if before >= first && !yield(before, m) {
				return false
			}
		}
		return true
	}
	for _, kid := range n.kids {
		c := kid.total().count
		if c == 0 || before+c < first {
			before += c
			continue
		}
		if before >= last {
			return true
		}
		if !kid.walk(before, first, last, yield) {
			return false
		}
		before += c
	}
	return true
}

// Kept returns the state that has only the messages for which keep is true, numbered
// anew. It takes time in proportion to all of them, and memory to those that go.
func (ms Messages) Kept(keep func(*Message) bool) Messages {
	kept := ms
	for _, m := range ms.All() {
		if !keep(m) {
			kept = kept.without(m, 0)
		}
	}
	return kept
}

// FirstUnseen returns the sequence number of the first message without \Seen, 0 if
// there is none.
func (ms Messages) FirstUnseen() uint32 {
	for seq := range ms.where(
		func(s summary) bool { return s.unseen > 0 },
		func(m *Message) bool { return !m.HasFlag(imap.FlagSeen) },
	) {
		return seq
	}
	return 0
}

// WithDeleted yields the messages that have \Deleted.
func (ms Messages) WithDeleted() iter.Seq2[uint32, *Message] {
	return ms.where(
		func(s summary) bool { return s.deleted > 0 },
		func(m *Message) bool { return m.HasFlag(imap.FlagDeleted) },
	)
}

// ChangedSince yields the messages with a modification sequence above modSeq.
func (ms Messages) ChangedSince(modSeq uint64) iter.Seq2[uint32, *Message] {
	return ms.where(
		func(s summary) bool { return s.modSeq > modSeq },
		func(m *Message) bool { return m.ModSeq > modSeq },
	)
}

// where yields the messages that match, passing over every subtree that can't hold one.
func (ms Messages) where(may func(summary) bool, match func(*Message) bool) iter.Seq2[uint32, *Message] {
	return func(yield func(uint32, *Message) bool) {
		if ms.root != nil {
			ms.root.where(0, may, match, yield)
		}
	}
}

func (n *node) where(before uint32, may func(summary) bool, match func(*Message) bool, yield func(uint32, *Message) bool) bool {
	if n.leaf != nil {
		for _, m := range n.leaf {
			if m == nil {
				continue
			}
			before++
			if match(m) && !yield(before, m) {
				return false
			}
		}
		return true
	}
	for _, kid := range n.kids {
		if kid == nil {
			continue
		}
		if may(kid.sum) && !kid.where(before, may, match, yield) {
			return false
		}
		before += kid.sum.count
	}
	return true
}
