package imapfake

import (
	"github.com/emersion/go-imap/v2"
)

// searchRes is SEARCHRES (RFC 5182).
func searchRes() extension {
	save := []returnOption{{"SAVE", func(_ *parser, q *search) { q.returns.save = true }}}
	return extension{
		cap: imap.CapSearchRes, needs: []imap.Cap{imap.CapESearch},
		searchReturns: save, sortReturns: save,
	}
}

// namedSet reads a set of sequence numbers or UIDs, or "$", which stands for UIDs that
// were saved; those of messages that were expunged since match none.
func (s *session) namedSet(p *parser, byUID bool) (set numSet, isUIDs bool) {
	if s.has(imap.CapSearchRes) && p.accept('$') {
		return s.saved, true
	}
	return p.numSet(), byUID
}

// uidsOf returns the UIDs of hits as a set.
func uidsOf(hits []hit) numSet {
	set := make(numSet, len(hits))
	for i, h := range hits {
		set[i] = numRange{uint32(h.UID), uint32(h.UID)}
	}
	return set.resolve(0)
}
