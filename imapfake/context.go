package imapfake

import (
	"cmp"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

const (
	capContextSearch = "CONTEXT=SEARCH"
	capContextSort   = "CONTEXT=SORT"
)

// contextSearch is CONTEXT=SEARCH (RFC 5267 §4).
func contextSearch() extension {
	return extension{
		cap: capContextSearch, needs: []imap.Cap{imap.CapESearch},
		searchReturns: contextReturns(), commands: contextCommands(),
	}
}

// contextSort is CONTEXT=SORT (RFC 5267 §4).
func contextSort() extension {
	return extension{
		cap: capContextSort, needs: []imap.Cap{imap.CapESort},
		sortReturns: contextReturns(), commands: contextCommands(),
	}
}

func contextReturns() []returnOption {
	return []returnOption{
		{"CONTEXT", func(*parser, *search) {}}, // a hint
		{"UPDATE", parseUpdate},
		{"PARTIAL", parsePartial},
	}
}

func contextCommands() []command {
	return []command{{name: "CANCELUPDATE", grammar: "RFC 5267 §5", states: selected, parse: parseCancelUpdate}}
}

func parseUpdate(p *parser, q *search) {
	if q.contexts.find(q.tag) >= 0 {
		p.fail("the tag is that of a search that is still updated (RFC 5267 §4.3)")
	}
	q.returns.update = true
	if q.has(imap.CapNotify) && p.listFollows() {
		q.returns.fetch = q.arrivalAttributes(p)
	}
}

// searchContext is a search whose result the client is kept up to date of.
type searchContext struct {
	*search
	tag   string
	order *sortOrder // nil: mailbox order
	found []sortable // in that order
}

// contexts are those of a session's selected mailbox.
type contexts struct {
	list  []*searchContext
	known mailstore.Messages // what they were last compared with
}

// maxContexts is how many contexts a session may have (RFC 5267 §4.3.1).
const maxContexts = 64

func (cs *contexts) find(tag string) int {
	return slices.IndexFunc(cs.list, func(c *searchContext) bool { return c.tag == tag })
}

// watch begins to tell the client of changes to what a search has found.
func (q *search) watch(hits []hit, order *sortOrder) {
	cs := &q.contexts
	if len(cs.list) == maxContexts {
		q.out.text("* NO [NOUPDATE ").string(q.tag)
		q.out.line("] too many contexts")
		return
	}
	if len(cs.list) == 0 {
		cs.known = q.view.Messages()
	}
	c := &searchContext{search: q, tag: q.tag, order: order}
	for _, h := range hits {
		c.found = append(c.found, c.sortable(h))
	}
	cs.list = append(cs.list, c)
}

func parseCancelUpdate(p *parser, _ *session) action {
	var tags []string
	p.space()
	tags = append(tags, p.quoted())
	for p.accept(' ') {
		tags = append(tags, p.quoted())
	}
	return func(s *session) error {
		for _, tag := range tags {
			i := s.contexts.find(tag)
			if i < 0 {
				return no("", "no search with the tag "+tag+" is being updated")
			}
			s.contexts.list = slices.Delete(s.contexts.list, i, i+1)
		}
		return nil
	}
}

func (c *searchContext) sortable(h hit) sortable {
	if c.order == nil {
		return sortable{hit: h}
	}
	return c.order.sortable(h)
}

func (c *searchContext) compare(a, b sortable) int {
	if c.order == nil {
		return cmp.Compare(a.UID, b.UID)
	}
	return c.order.compare(a, b)
}

// index returns where in the result a message is; -1: nowhere.
func (c *searchContext) index(uid imap.UID) int {
	if c.order != nil {
		return slices.IndexFunc(c.found, func(f sortable) bool { return f.UID == uid })
	}
	i, ok := slices.BinarySearchFunc(c.found, uid, func(f sortable, uid imap.UID) int { return cmp.Compare(f.UID, uid) })
	if !ok {
		return -1
	}
	return i
}

// tellExpunged tells which results are about to be expunged, by the numbers that
// they still have (RFC 5267 §4.3.4).
func (cs *contexts) tellExpunged(before mailstore.Messages, expunged []mailstore.Numbered) {
	for _, c := range cs.list {
		var gone changes
		for _, e := range expunged {
			if i := c.index(e.UID); i >= 0 {
				gone.add(c, i, hit{seq: before.Rank(e.UID) + 1, Message: e.Message})
				c.found = slices.Delete(c.found, i, i+1)
			}
		}
		gone.write(c, "REMOVEFROM")
	}
}

// resultChange is what becomes of one context's result.
type resultChange struct {
	*searchContext
	gone, come changes
	arrived    []imap.UID // of come, those of messages that are new
}

// advance returns what new messages and new flags, which the client has just been told
// of, change of the results.
func (cs *contexts) advance(s *session) []resultChange {
	if len(cs.list) == 0 {
		return nil
	}
	now := s.view.Messages()
	var changed []*mailstore.Message
	fresh := make(map[imap.UID]bool)
	for was, m := range mailstore.Changes(cs.known, now) {
		if m != nil {
			changed = append(changed, m)
			fresh[m.UID] = was == nil
		}
	}
	cs.known = now
	results := make([]resultChange, 0, len(cs.list))
	for _, c := range cs.list {
		r := c.change(now, changed)
		for _, h := range r.come.hits {
			if fresh[h.UID] {
				r.arrived = append(r.arrived, h.UID)
			}
		}
		results = append(results, r)
	}
	return results
}

func (r *resultChange) write() {
	r.gone.write(r.searchContext, "REMOVEFROM")
	r.come.write(r.searchContext, "ADDTO")
}

func (c *searchContext) change(now mailstore.Messages, changed []*mailstore.Message) resultChange {
	var gone, come changes
	var arrived []hit
	for _, m := range changed {
		tried := candidate{fetched: &fetched{m, c.isRecent(m.UID)}}
		i := c.index(m.UID)
		if matches := c.match(&tried); matches == (i >= 0) {
			continue
		}
		h := tried.hit(now.Rank(m.UID) + 1)
		if i >= 0 {
			gone.add(c, i, h)
			c.found = slices.Delete(c.found, i, i+1)
		} else {
			arrived = append(arrived, h)
		}
	}
	for _, h := range arrived {
		item := c.sortable(h)
		i, _ := slices.BinarySearchFunc(c.found, item, c.compare)
		come.add(c, i, h)
		c.found = slices.Insert(c.found, i, item)
	}
	return resultChange{searchContext: c, gone: gone, come: come}
}

// changes are results to be added or removed, each at a place, from 0, in the result.
type changes struct {
	places []int
	hits   []hit
}

func (ch *changes) add(c *searchContext, place int, h hit) {
	if c.order == nil {
		place = -1 // RFC 5267 §4.3.3: position 0 leaves the order to the client
	}
	ch.places, ch.hits = append(ch.places, place), append(ch.hits, h)
}

// write writes an ESEARCH response with the changes, if there are any.
func (ch *changes) write(c *searchContext, item string) {
	if len(ch.hits) == 0 {
		return
	}
	c.writeCorrelator(c.tag, func() {})
	c.out.byte(' ').text(item).text(" (")
	if c.order == nil {
		c.out.text("0 ").text(c.set(ch.hits))
	} else {
		for i, h := range ch.hits {
			c.out.text(strings.Repeat(" ", min(i, 1))).number(uint64(ch.places[i] + 1)).byte(' ').number(uint64(c.number(h)))
		}
	}
	c.out.line(")")
}
