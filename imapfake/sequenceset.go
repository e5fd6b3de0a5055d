package imapfake

import (
	"cmp"
	"iter"
	"slices"
)

// numRange is a range of numbers in which 0 stands for "*".
type numRange struct{ first, last uint32 }

// numSet is a set of message numbers or UIDs as the client wrote it (RFC 3501 §9, sequence-set).
type numSet []numRange

func (p *parser) numSet() numSet {
	var set numSet
	for p.err == nil {
		r := numRange{first: p.setNumber()}
		r.last = r.first
		if p.accept(':') {
			r.last = p.setNumber()
		}
		set = append(set, r)
		if !p.accept(',') {
			break
		}
	}
	return set
}

func (p *parser) setNumber() uint32 {
	if p.accept('*') {
		return 0
	}
	if !isDigit(p.peek()) {
		p.fail("expected a message number or *, found %s", p.excerpt())
		return 0
	}
	n := p.number()
	if n == 0 && p.err == nil {
		p.fail("0 is no message number (RFC 3501 §9, nz-number)")
	}
	return n
}

// resolve returns the set as ascending ranges that don't touch, with star for "*".
func (set numSet) resolve(star uint32) []numRange {
	out := make([]numRange, 0, len(set))
	for _, r := range set {
		if r.first == 0 {
			r.first = star
		}
		if r.last == 0 {
			r.last = star
		}
		if r.first > r.last {
			r.first, r.last = r.last, r.first
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b numRange) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last))
	})
	merged := out[:0]
	for _, r := range out {
		if n := len(merged); n > 0 && uint64(r.first) <= uint64(merged[n-1].last)+1 {
			merged[n-1].last = max(merged[n-1].last, r.last)
		} else {
			merged = append(merged, r)
		}
	}
	return merged
}

// ascending yields the numbers of a set that is in ascending order and without "*".
func (set numSet) ascending() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, r := range set {
			for n := uint64(r.first); n <= uint64(r.last); n++ {
				if !yield(uint32(n)) {
					return
				}
			}
		}
	}
}
