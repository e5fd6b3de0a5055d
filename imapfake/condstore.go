package imapfake

import (
	"math"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// condStore is CONDSTORE (RFC 7162 §3.1).
func condStore() extension {
	return extension{
		cap: imap.CapCondStore, enable: true,
		onEnable: (*session).enableCondStore,
		onSelect: func(s *session, st mailstore.Status) {
			s.out.text("* OK [HIGHESTMODSEQ ").number(st.HighestModSeq).line("] highest modification sequence")
		},
		selectParams: []selectParam{{"CONDSTORE", func(*parser, *session) func(*session, mailstore.Status) {
			return func(s *session, _ mailstore.Status) { s.condStore = true }
		}}},
		fetchItems:     []fetchItem{{"MODSEQ", func(*parser) fetchAttribute { return modSeqAttribute() }}},
		fetchModifiers: []fetchModifier{{"CHANGEDSINCE", parseChangedSince}},
		storeModifiers: []storeModifier{{"UNCHANGEDSINCE", parseUnchangedSince}},
		searchKeys:     []searchKey{{"MODSEQ", parseModSeqKey}},
		statusItems: []statusItem{{
			name: "HIGHESTMODSEQ", asked: (*session).enableCondStore,
			write: func(s *session, st mailstore.Status) { s.out.number(st.HighestModSeq) },
		}},
	}
}

// enableCondStore makes flags be told with modification sequences from now on
// (RFC 7162 §3.1, CONDSTORE enabling commands).
func (s *session) enableCondStore() {
	if !s.condStore && s.view != nil {
		s.out.text("* OK [HIGHESTMODSEQ ").number(s.view.ModSeq()).line("] highest modification sequence")
	}
	s.condStore = true
}

func modSeqAttribute() fetchAttribute {
	return fetchAttribute{modSeq: true, write: func(o *output, m *fetched) {
		o.text("MODSEQ (").number(m.ModSeq).byte(')')
	}}
}

// flagsAttributes are the items that tell a change of flags.
func (s *session) flagsAttributes() []fetchAttribute {
	if s.condStore {
		return []fetchAttribute{flagsAttribute(), modSeqAttribute()}
	}
	return []fetchAttribute{flagsAttribute()}
}

// modSeq reads a modification sequence, which has 63 bits.
func (p *parser) modSeq() uint64 {
	p.space()
	return p.numberUpTo(math.MaxInt64)
}

// parseChangedSince reads CHANGEDSINCE. RFC 7162 wants a number above 0, but clients
// send it, and it can only mean everything.
func parseChangedSince(p *parser, _ *session, args *fetchArguments) {
	n := p.modSeq()
	args.changedSince = &n
	args.add(modSeqAttribute())
}

func parseUnchangedSince(p *parser, _ *session, args *storeArguments) {
	n := p.modSeq()
	args.unchangedSince = &n
}

// parseModSeqKey reads the search key MODSEQ. There is one modification sequence for
// all of a message, so that the entry that may be named makes no difference.
func parseModSeqKey(p *parser, q *search) matcher {
	p.space()
	if p.peek() == '"' {
		p.quoted()
		p.space()
		switch kind := p.keyword(); kind {
		case "PRIV", "SHARED", "ALL":
		default:
			p.fail("unknown entry type %.20q (RFC 7162 §3.1.5)", kind)
		}
		p.space()
	}
	least := p.numberUpTo(math.MaxInt64)
	q.modSeq = true
	return func(c *candidate) bool { return c.ModSeq >= least }
}
