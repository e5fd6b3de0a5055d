package imapfake

import (
	"fmt"

	"github.com/emersion/go-imap/v2"
)

const capPartial = "PARTIAL"

// partialResults is PARTIAL (RFC 9394).
func partialResults() extension {
	return extension{
		cap: capPartial, needs: []imap.Cap{imap.CapESearch},
		searchReturns:  []returnOption{{"PARTIAL", parsePartial}},
		fetchModifiers: []fetchModifier{{"PARTIAL", parsePartialFetch}},
	}
}

func parsePartial(p *parser, q *search) {
	if q.returns.partial != nil {
		p.fail("PARTIAL may be given once (RFC 9394 §3.1)")
	}
	p.space()
	q.returns.partial = p.window(q.has(capPartial))
}

func parsePartialFetch(p *parser, _ *session, args *fetchArguments) {
	p.space()
	args.partial = p.window(true)
}

// window is a range of results, counted from 1.
type window struct {
	first, last uint32 // in ascending order
	fromEnd     bool   // counted from the last result, which is 1
	written     string // as the client wrote it
}

// window reads a range of results; one from the end begins with "-".
func (p *parser) window(signed bool) *window {
	var w window
	w.fromEnd = signed && p.accept('-')
	first := p.ordinal()
	p.expect(':')
	if w.fromEnd {
		p.expect('-')
	}
	last := p.ordinal()
	w.first, w.last = min(first, last), max(first, last)
	w.written = fmt.Sprintf("%d:%d", first, last)
	if w.fromEnd {
		w.written = fmt.Sprintf("-%d:-%d", first, last)
	}
	return &w
}

// ordinal reads a number above 0.
func (p *parser) ordinal() uint32 {
	n := p.number()
	if n == 0 {
		p.fail("the first result is 1 (RFC 9394 §4)")
	}
	return n
}

// bounds returns where in n results the window begins and ends.
func (w *window) bounds(n uint32) (start, end uint32) {
	start, end = min(w.first-1, n), min(w.last, n)
	if w.fromEnd {
		start, end = n-end, n-start
	}
	return start, end
}

func (w *window) of(hits []hit) []hit {
	start, end := w.bounds(uint32(len(hits)))
	return hits[start:end]
}

func (w *window) within(set messageSet) messageSet {
	var n uint32
	for _, r := range set {
		n += r.last - r.first + 1
	}
	start, end := w.bounds(n)
	var out messageSet
	for _, r := range set {
		size := r.last - r.first + 1
		if from, to := min(start, size), min(end, size); from < to {
			out = append(out, numRange{r.first + from, r.first + to - 1})
		}
		start, end = start-min(start, size), end-min(end, size)
	}
	return out
}
