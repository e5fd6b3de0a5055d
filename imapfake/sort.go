package imapfake

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// sorting is SORT (RFC 5256).
func sorting() extension {
	return extension{cap: imap.CapSort, sortKeys: baseSortKeys(), commands: []command{
		{name: "SORT", grammar: "RFC 5256 §5", states: selected, parse: sortParser(false), numbers: true, noExpunge: true},
		{name: "UID SORT", grammar: "RFC 5256 §5", states: selected, parse: sortParser(true), numbers: true},
	}}
}

// sortDisplay is SORT=DISPLAY (RFC 5957).
func sortDisplay() extension {
	return extension{cap: imap.CapSortDisplay, needs: []imap.Cap{imap.CapSort}, sortKeys: []sortKey{
		textSortKey("DISPLAYFROM", func(h hit) string { return displayName(h, "From") }),
		textSortKey("DISPLAYTO", func(h hit) string { return displayName(h, "To") }),
	}}
}

// eSort is ESORT (RFC 5267 §3.1).
func eSort() extension {
	return extension{
		cap: imap.CapESort, needs: []imap.Cap{imap.CapSort, imap.CapESearch},
		sortReturns: baseReturns(),
	}
}

// sortKey is a row of the table of what SORT sorts by.
type sortKey struct {
	name  string
	value func(hit) sortValue
}

// sortValue is what a message is sorted by: a number or a text in its collation form.
type sortValue struct {
	number int64
	text   string
}

func (v sortValue) compare(w sortValue) int {
	return cmp.Or(cmp.Compare(v.number, w.number), strings.Compare(v.text, w.text))
}

// baseSortKeys are those of RFC 5256 §3.
func baseSortKeys() []sortKey {
	number := func(name string, of func(hit) int64) sortKey {
		return sortKey{name, func(h hit) sortValue { return sortValue{number: of(h)} }}
	}
	return []sortKey{
		number("ARRIVAL", func(h hit) int64 { return h.InternalDate.Unix() }),
		number("DATE", func(h hit) int64 { return sentDate(h).Unix() }),
		number("SIZE", func(h hit) int64 { return h.Size() }),
		textSortKey("SUBJECT", func(h hit) string { return subjectOf(h).base }),
		textSortKey("CC", func(h hit) string { return string(firstAddress(h, "Cc").Mailbox) }),
		textSortKey("FROM", func(h hit) string { return string(firstAddress(h, "From").Mailbox) }),
		textSortKey("TO", func(h hit) string { return string(firstAddress(h, "To").Mailbox) }),
	}
}

// textSortKey is a key that sorts by text, by i;unicode-casemap (RFC 5256 §7).
func textSortKey(name string, of func(hit) string) sortKey {
	return sortKey{name, func(h hit) sortValue { return sortValue{text: casemap(of(h))} }}
}

// sentDate returns when a message was sent, or delivered if it doesn't say (RFC 5256 §2.2).
func sentDate(h hit) time.Time {
	value, _ := structure.Value(h.Raw(), h.Structure().Header, "Date")
	if t, ok := structure.Date(value); ok {
		return t
	}
	return h.InternalDate
}

// firstAddress returns the first address of the field as ENVELOPE shows it.
func firstAddress(h hit, field string) structure.Address {
	value, _ := structure.Value(h.Raw(), h.Structure().Header, field)
	if addresses := structure.Addresses(nil, []byte(value)); len(addresses) > 0 {
		return addresses[0]
	}
	return structure.Address{}
}

// displayName returns what an address is sorted by (RFC 5957 §3).
func displayName(h hit, field string) string {
	a := firstAddress(h, field)
	switch name := structure.DecodeHeader(string(a.Name)); {
	case name != "":
		return name
	case len(a.Host) > 0:
		return string(a.Mailbox) + "@" + string(a.Host)
	}
	return string(a.Mailbox)
}

// sortOrder is the criteria of a SORT, the first being the most important.
type sortOrder struct{ criteria []sortCriterion }

type sortCriterion struct {
	sortKey
	reverse bool
}

func sortParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		q := newSearch(s, byUID)
		q.returnOptions(p, imap.CapESort, s.table.sortReturns)
		order := s.sortOrder(p)
		p.space()
		q.charset(p)
		p.space()
		q.criteria(p)
		if order.byRelevancy() && !q.scored {
			p.fail("RELEVANCY wants a FUZZY search key (RFC 6203 §6)")
		}
		return q.action(func(hits []hit) {
			hits = order.sort(hits)
			if q.returns.extended {
				q.answerExtended(hits, order)
				return
			}
			q.answer("SORT", hits)
		})
	}
}

// sortOrder reads the list of sort criteria.
func (s *session) sortOrder(p *parser) *sortOrder {
	order := new(sortOrder)
	p.list(false, func() {
		var c sortCriterion
		name := p.keyword()
		if c.reverse = name == "REVERSE"; c.reverse {
			p.space()
			name = p.keyword()
		}
		key, ok := s.table.sortKeys[name]
		if !ok {
			p.fail("unknown sort key %.40q (RFC 5256 §5)", name)
		}
		c.sortKey = key
		order.criteria = append(order.criteria, c)
	})
	return order
}

func (o *sortOrder) byRelevancy() bool {
	return slices.ContainsFunc(o.criteria, func(c sortCriterion) bool { return c.name == "RELEVANCY" })
}

// sortable is a hit with what it is sorted by.
type sortable struct {
	hit
	values []sortValue
}

func (o *sortOrder) sortable(h hit) sortable {
	s := sortable{hit: h, values: make([]sortValue, len(o.criteria))}
	for i, c := range o.criteria {
		s.values[i] = c.value(h)
	}
	return s
}

// compare orders two messages; what is equal stays in mailbox order (RFC 5256 §3).
func (o *sortOrder) compare(a, b sortable) int {
	for i, c := range o.criteria {
		if order := a.values[i].compare(b.values[i]); order != 0 {
			if c.reverse {
				return -order
			}
			return order
		}
	}
	return cmp.Compare(a.UID, b.UID)
}

func (o *sortOrder) sort(hits []hit) []hit {
	sortables := make([]sortable, len(hits))
	for i, h := range hits {
		sortables[i] = o.sortable(h)
	}
	slices.SortFunc(sortables, o.compare)
	sorted := make([]hit, len(hits))
	for i, s := range sortables {
		sorted[i] = s.hit
	}
	return sorted
}
