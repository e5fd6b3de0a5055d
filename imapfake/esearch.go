package imapfake

import (
	"github.com/emersion/go-imap/v2"
)

// eSearch is ESEARCH (RFC 4731).
func eSearch() extension {
	return extension{cap: imap.CapESearch, searchReturns: baseReturns()}
}

// baseReturns are the return options of ESEARCH, and of ESORT (RFC 5267 §3.1).
func baseReturns() []returnOption {
	return []returnOption{
		{"MIN", func(_ *parser, q *search) { q.returns.min = true }},
		{"MAX", func(_ *parser, q *search) { q.returns.max = true }},
		{"ALL", func(_ *parser, q *search) { q.returns.all = true }},
		{"COUNT", func(_ *parser, q *search) { q.returns.count = true }},
	}
}

// returnOption is a row of the tables of what SEARCH and SORT can return
// (RFC 4466 §2.6.1).
type returnOption struct {
	name string
	// parse reads what follows the name.
	parse func(*parser, *search)
}

// returns is what a search is to return.
type returns struct {
	extended             bool // by ESEARCH
	min, max, all, count bool
	save                 bool           // as "$" (RFC 5182)
	update               bool           // and what changes of it (RFC 5267 §4.3)
	fetch                fetchArguments // of each new message in it (RFC 5465 §7)
	relevancy            bool           // RFC 6203 §4
	partial              *window
}

// returnOptions reads RETURN and its options, if the server has the capability for it.
func (q *search) returnOptions(p *parser, needed imap.Cap, known map[string]returnOption) {
	if !q.has(needed) || !p.word("RETURN") {
		return
	}
	p.space()
	any := false
	p.list(true, func() {
		any = true
		name := p.keyword()
		option, ok := known[name]
		if !ok {
			p.fail("unknown return option %.40q", name)
			return
		}
		option.parse(p, q)
	})
	p.space()
	q.returns.extended = true
	q.returns.all = q.returns.all || !any // RFC 4731 §3.1
	if q.returns.all && q.returns.partial != nil {
		p.fail("ALL and PARTIAL exclude each other (RFC 9394 §3.1)")
	}
}

// answerExtended writes an ESEARCH response and does what the return options want
// besides; mailbox writes further correlators. hits are in the order of the result.
func (q *search) answerExtended(hits []hit, sorted *sortOrder) {
	r := q.returns
	if r.save {
		q.session.saved = uidsOf(r.chosen(hits))
	}
	if r.answered() {
		q.writeExtended(hits, func() {})
	}
	if r.update {
		q.watch(hits, sorted)
	}
}

// writeExtended writes an ESEARCH response; correlate adds to its correlator.
func (q *search) writeExtended(hits []hit, correlate func()) {
	q.writeCorrelator(q.tag, correlate)
	o, r := &q.out, q.returns
	if r.min && len(hits) > 0 {
		o.text(" MIN ").number(uint64(q.number(hits[0])))
	}
	if r.max && len(hits) > 0 {
		o.text(" MAX ").number(uint64(q.number(hits[len(hits)-1])))
	}
	if r.all && len(hits) > 0 {
		o.text(" ALL ").text(q.set(hits))
	}
	if r.partial != nil {
		o.text(" PARTIAL (").text(r.partial.written).byte(' ')
		if part := r.partial.of(hits); len(part) > 0 {
			o.text(q.set(part)).byte(')')
		} else {
			o.text("NIL)")
		}
	}
	if r.relevancy {
		q.writeRelevancy(r.chosen(hits))
	}
	if r.count {
		o.text(" COUNT ").number(uint64(len(hits)))
	}
	if q.modSeq && len(hits) > 0 {
		o.text(" MODSEQ ").number(highestModSeqOf(r.chosen(hits)))
	}
	o.crlf()
}

// writeCorrelator writes how an ESEARCH response begins (RFC 4466 §2.6.2).
func (q *search) writeCorrelator(tag string, correlate func()) {
	q.out.text("* ESEARCH (TAG ").string(tag)
	correlate()
	q.out.byte(')')
	if q.byUID {
		q.out.text(" UID")
	}
}

// set returns the numbers or UIDs of hits in their order.
func (q *search) set(hits []hit) string {
	numbers := make([]imap.UID, len(hits))
	for i, h := range hits {
		numbers[i] = imap.UID(q.number(h))
	}
	return string(appendUIDSet(nil, numbers))
}

// answered tells whether there is a response: not where hits are only saved (RFC 5182 §2.2).
func (r returns) answered() bool {
	return r.min || r.max || r.all || r.count || r.update || r.relevancy || r.partial != nil || !r.save
}

// chosen returns the hits that are told, of which RFC 5182 §2.4 and RFC 9394 §3.2 let
// "$" be made, and RFC 7162 §3.1.10 MODSEQ.
func (r returns) chosen(hits []hit) []hit {
	if r.count || r.all || !r.min && !r.max && r.partial == nil || len(hits) == 0 {
		return hits
	}
	var chosen []hit
	if r.partial != nil {
		chosen = append(chosen, r.partial.of(hits)...)
	}
	if r.min {
		chosen = append(chosen, hits[0])
	}
	if r.max {
		chosen = append(chosen, hits[len(hits)-1])
	}
	return chosen
}
