package mailscript

import (
	"slices"
	"strconv"
)

// untagged is an untagged response that is wanted, or one that came.
type untagged struct {
	imapResponse
	group    int
	optional bool
	plain    bool // no addition is in it
	used     bool
}

// isNumbered tells whether a response has to keep its place among others.
func (u *untagged) isNumbered() bool {
	return u.name == "EXISTS" || u.name == "EXPUNGE" || u.name == "FETCH"
}

// untaggedMatch compares the responses between two tagged ones.
type untaggedMatch struct {
	want, got []*untagged
	more      bool // \...: what isn't wanted may come too, and the order doesn't count
	b         bindings
}

func matchUntagged(want, got []response, b bindings) (bindings, bool) {
	m := untaggedMatch{b: b}
	for _, r := range want {
		if r.is(anything) {
			m.more = true
			continue
		}
		m.want = append(m.want, &untagged{
			imapResponse: parseIMAP(r.text), group: r.group, optional: r.optional, plain: isPlain(r.text),
		})
	}
	for _, r := range got {
		m.got = append(m.got, &untagged{imapResponse: parseIMAP(r.text)})
	}
	ok := m.anywhere(func(w *untagged) bool { return !w.optional && (m.more || w.group > 0 || !w.isNumbered()) }) &&
		// Message numbers mean something else after an EXPUNGE than before (RFC 3501 §7.4.1).
		m.inOrder("FETCH", "EXPUNGE") && m.inOrder("EXISTS", "EXPUNGE") && m.rest()
	return m.b, ok
}

// anywhere finds an unused response for each of those that are wanted, for those
// with additions last.
func (m *untaggedMatch) anywhere(of func(*untagged) bool) bool {
	for _, plain := range []bool{true, false} {
		for _, w := range m.want {
			if w.used || w.plain != plain || !of(w) {
				continue
			}
			if w.used = m.find(w); !w.used {
				return false
			}
		}
	}
	return true
}

// find finds an unused response that is as wanted.
func (m *untaggedMatch) find(w *untagged) bool {
	for _, g := range m.got {
		if g.used {
			continue
		}
		if b, ok := matchIMAP(&w.imapResponse, &g.imapResponse, m.b); ok {
			m.b, g.used = b, true
			return true
		}
	}
	return false
}

// rest tells whether what is left over of the responses may be.
func (m *untaggedMatch) rest() bool {
	for _, w := range m.want {
		w.used = w.used || w.optional && m.find(w)
	}
	return m.more || !slices.ContainsFunc(m.got, func(g *untagged) bool { return !g.used && !g.isNumbered() })
}

// inOrder compares the responses of these kinds one by one, if the order counts.
func (m *untaggedMatch) inOrder(kinds ...string) bool {
	if m.more {
		return true
	}
	// Those of a group are used already, but an EXPUNGE is in two orders.
	of := func(all []*untagged) []*untagged {
		return slices.DeleteFunc(slices.Clone(all), func(u *untagged) bool { return u.used || !slices.Contains(kinds, u.name) })
	}
	want, got := joinExpunges(of(m.want)), joinExpunges(of(m.got))
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		var ok bool
		if m.b, ok = matchIMAP(&want[i].imapResponse, &got[i].imapResponse, m.b); !ok {
			return false
		}
	}
	return true
}

// joinExpunges puts the numbers that messages had before a run of EXPUNGE responses in
// place of those in the responses, in ascending order: a server may remove them in
// any order.
func joinExpunges(responses []*untagged) []*untagged {
	for start := 0; start < len(responses); start++ {
		var numbers []int
		for _, u := range responses[start:] {
			n, err := strconv.Atoi(u.args.members[0].word())
			if u.name != "EXPUNGE" || err != nil {
				break
			}
			for _, earlier := range numbers {
				if earlier <= n {
					n++
				}
			}
			i, _ := slices.BinarySearch(numbers, n)
			numbers = slices.Insert(numbers, i, n)
		}
		for i, n := range numbers {
			joined := *responses[start+i]
			joined.args.members = slices.Clone(joined.args.members)
			joined.args.members[0].text = symbols([]byte(strconv.Itoa(n)))
			responses[start+i] = &joined
		}
		start += len(numbers)
	}
	return responses
}
