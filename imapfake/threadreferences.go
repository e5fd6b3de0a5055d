package imapfake

import (
	"cmp"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

func threadReferences() extension { return threading("REFERENCES", threadByReferences) }

// threadRefs is Dovecot's THREAD=REFS, of draft-ietf-morg-inthread: REFERENCES without
// regard to subjects, and the thread with the latest message comes last.
func threadRefs() extension { return threading("REFS", threadByRefs) }

// threadByReferences is REFERENCES (RFC 5256 §3).
func threadByReferences(hits []hit) []*thread {
	roots := linkReferences(hits)
	sortThreads(roots)
	roots = gatherSubjects(roots)
	sortThreads(roots)
	return roots
}

func threadByRefs(hits []hit) []*thread {
	roots := linkReferences(hits)
	sortThreads(roots)
	latest := make(map[*thread]int64, len(roots))
	for _, t := range roots {
		latest[t] = t.latest()
	}
	slices.SortStableFunc(roots, func(a, b *thread) int { return cmp.Compare(latest[a], latest[b]) })
	return roots
}

// latest returns the highest date in the thread.
func (t *thread) latest() int64 {
	date := t.date
	for _, child := range t.children {
		date = max(date, child.latest())
	}
	return date
}

// reference is a message ID while messages are being linked.
type reference struct {
	thread
	parent *reference
	below  int // how many have it as parent
}

// attach makes parent, which may be nil, the parent of r.
func (r *reference) attach(parent *reference) {
	if r.parent != nil {
		r.parent.below--
	}
	if r.parent = parent; parent != nil {
		parent.below++
	}
}

// linkReferences builds the threads that the references give: steps (1) to (3).
func linkReferences(hits []hit) []*thread {
	byID := make(map[string]*reference)
	find := func(id string) *reference {
		if byID[id] == nil {
			byID[id] = new(reference)
		}
		return byID[id]
	}
	messages := make([]*reference, len(hits))
	for i := range hits {
		// A message with no ID, or that of an earlier one, gets one that nobody refers to.
		messages[i] = new(reference)
		if ids := messageIDs(hits[i], "Message-ID"); len(ids) > 0 && find(ids[0]).hit == nil {
			messages[i] = find(ids[0])
		}
		messages[i].hit, messages[i].date = &hits[i], sentDate(hits[i]).Unix()
	}
	for i, m := range messages {
		var last *reference
		for _, id := range referencesOf(hits[i]) {
			next := find(id)
			if last != nil && next.parent == nil && !last.descendsFrom(next) {
				next.attach(last)
			}
			last = next
		}
		m.attach(nil)
		if last != nil && !last.descendsFrom(m) {
			m.attach(last)
		}
	}
	return prune(messages)
}

// descendsFrom tells whether r is the ancestor or below it.
func (r *reference) descendsFrom(ancestor *reference) bool {
	if ancestor.below == 0 { // as that of a reply mostly is, however long the thread
		return r == ancestor
	}
	for ; r != nil; r = r.parent {
		if r == ancestor {
			return true
		}
	}
	return false
}

// prune makes threads of messages, leaving out those that aren't there, except where
// one joins several threads: steps (2) and (3).
func prune(messages []*reference) []*thread {
	var heads []*reference
	for _, m := range messages {
		parent := m.parent
		for parent != nil && parent.hit == nil && parent.parent != nil {
			parent = parent.parent
		}
		for r := m; r.parent != nil && r.parent != parent; { // so that the next walk is short
			r, r.parent = r.parent, parent
		}
		switch {
		case parent == nil:
			heads = append(heads, m)
			continue
		case parent.hit == nil && len(parent.children) == 0:
			heads = append(heads, parent)
		}
		parent.children = append(parent.children, &m.thread)
	}
	roots := make([]*thread, len(heads))
	for i, h := range heads {
		roots[i] = &h.thread
		if h.hit == nil && len(h.children) == 1 {
			roots[i] = h.children[0]
		}
	}
	return roots
}

// gatherSubjects joins threads that have the same base subject: step (5).
func gatherSubjects(roots []*thread) []*thread {
	bySubject := make(map[string]*thread)
	subjects := make(map[*thread]subject, len(roots))
	for _, t := range roots {
		subject := subjectOf(*t.first().hit)
		subject.base = casemap(subject.base)
		subjects[t] = subject
		if subject.base == "" {
			continue
		}
		known := bySubject[subject.base]
		if known == nil || known.hit != nil && (t.hit == nil || subjects[known].reply && !subject.reply) {
			bySubject[subject.base] = t
		}
	}
	place := make(map[*thread]*thread) // what stands in the root in a thread's place
	var gone []*thread
	for _, t := range roots {
		base := subjects[t].base
		known := bySubject[base]
		if base == "" || known == t {
			continue
		}
		gone = append(gone, t)
		switch {
		case known.hit == nil && t.hit == nil:
			known.children = append(known.children, t.children...)
		case known.hit == nil, subjects[t].reply && !subjects[known].reply:
			known.children = append(known.children, t)
		default:
			both := &thread{children: []*thread{known, t}}
			place[known] = both
			bySubject[base] = both
		}
	}
	return replaceThreads(roots, gone, place)
}

// replaceThreads returns roots without those that are gone, and with others in the
// place of some.
func replaceThreads(roots, gone []*thread, place map[*thread]*thread) []*thread {
	isGone := make(map[*thread]bool, len(gone))
	for _, t := range gone {
		isGone[t] = true
	}
	var out []*thread
	for _, t := range roots {
		if isGone[t] {
			continue
		}
		if other := place[t]; other != nil {
			t = other
		}
		out = append(out, t)
	}
	return out
}

// maxReferences is how many ancestors of a message count: the nearest.
const maxReferences = 1000

// referencesOf returns the message IDs of a message's ancestors, its parent's last.
func referencesOf(h hit) []string {
	if ids := messageIDs(h, "References"); len(ids) > 0 {
		return ids[max(0, len(ids)-maxReferences):]
	}
	ids := messageIDs(h, "In-Reply-To")
	return ids[:min(len(ids), 1)]
}

// messageIDs returns the valid message IDs of a field, normalized: what is quoted for
// no reason compares equal to what isn't (RFC 5256 §3).
func messageIDs(h hit, field string) []string {
	value, _ := structure.Value(h.Raw(), h.Structure().Header, field)
	var ids []string
	for {
		_, rest, ok := strings.Cut(value, "<")
		if !ok {
			return ids
		}
		id, after, ok := parseMessageID(rest)
		if ok {
			ids = append(ids, id)
		}
		value = after
	}
}

// parseMessageID reads what follows the "<" of a message ID.
func parseMessageID(text string) (id, rest string, ok bool) {
	var b strings.Builder
	quoted, at := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case !quoted && c == '<':
			return "", text[i:], false
		case !quoted && c == '>':
			return b.String(), text[i+1:], at && b.Len() > 1
		case !quoted && (c == ' ' || c == '\t'):
		default:
			at = at || !quoted && c == '@' && b.Len() > 0
			b.WriteByte(c)
		}
	}
	return "", "", false
}
