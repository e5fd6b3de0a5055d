package imapfake

import (
	"cmp"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// threadAlgorithm is a row of the table of what THREAD threads by.
type threadAlgorithm struct {
	name  string
	build func([]hit) []*thread
}

// threading is an extension that threads by one algorithm (RFC 5256).
func threading(name string, build func([]hit) []*thread) extension {
	return extension{
		cap:              imap.Cap("THREAD=" + name),
		threadAlgorithms: []threadAlgorithm{{name, build}},
		commands: []command{
			{name: "THREAD", grammar: "RFC 5256 §5", states: selected, parse: threadParser(false), numbers: true, noExpunge: true},
			{name: "UID THREAD", grammar: "RFC 5256 §5", states: selected, parse: threadParser(true), numbers: true},
		},
	}
}

func threadOrderedSubject() extension { return threading("ORDEREDSUBJECT", threadBySubject) }

func threadParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		name := p.keyword()
		algorithm, ok := s.table.threadAlgorithms[name]
		if !ok {
			p.fail("unknown threading algorithm %.40q (RFC 5256 §5)", name)
		}
		p.space()
		q := newSearch(s, byUID)
		q.charset(p)
		p.space()
		q.criteria(p)
		return q.action(func(hits []hit) {
			q.out.text("* THREAD")
			for i, t := range algorithm.build(hits) {
				if i == 0 {
					q.out.byte(' ')
				}
				q.writeThread(t)
			}
			q.out.crlf()
		})
	}
}

// thread is a message with those that are replies to it.
type thread struct {
	*hit     // nil: a message that isn't there
	date     int64
	children []*thread
}

// writeThread writes a thread-list (RFC 5256 §5).
func (q *search) writeThread(t *thread) {
	q.out.byte('(')
	for {
		if t.hit != nil {
			q.out.number(uint64(q.number(*t.hit)))
		}
		if len(t.children) != 1 {
			break
		}
		if t.hit != nil {
			q.out.byte(' ')
		}
		t = t.children[0]
	}
	if t.hit != nil && len(t.children) > 0 {
		q.out.byte(' ')
	}
	for _, child := range t.children {
		q.writeThread(child)
	}
	q.out.byte(')')
}

// first returns the message that stands for the thread: its own, or its first child's
// (RFC 5256 §3, REFERENCES, step 4).
func (t *thread) first() *thread {
	for t.hit == nil && len(t.children) > 0 {
		t = t.children[0]
	}
	return t
}

// compareThreads orders threads by date; the same date leaves them in mailbox order.
func compareThreads(a, b *thread) int {
	a, b = a.first(), b.first()
	if a.hit == nil || b.hit == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(a.UID, b.UID))
}

// sortThreads sorts siblings, the youngest first.
func sortThreads(siblings []*thread) {
	for _, t := range siblings {
		sortThreads(t.children)
	}
	slices.SortFunc(siblings, compareThreads)
}

// threadBySubject is ORDEREDSUBJECT (RFC 5256 §3): the first message of each subject,
// by sent date, is the parent of all others.
func threadBySubject(hits []hit) []*thread {
	threads := make([]*thread, len(hits))
	for i := range hits {
		threads[i] = &thread{hit: &hits[i], date: sentDate(hits[i]).Unix()}
	}
	slices.SortFunc(threads, compareThreads)
	var roots []*thread
	bySubject := make(map[string]*thread)
	for _, t := range threads {
		subject := casemap(subjectOf(*t.hit).base)
		if first, ok := bySubject[subject]; ok {
			first.children = append(first.children, t)
			continue
		}
		bySubject[subject] = t
		roots = append(roots, t)
	}
	return roots
}
