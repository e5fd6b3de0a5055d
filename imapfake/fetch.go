package imapfake

import (
	"math"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// fetchItem is a row of the table of what FETCH can return.
type fetchItem struct {
	name string
	// parse reads what follows the name.
	parse func(*parser) fetchAttribute
}

// fetchAttribute is an item of one FETCH command.
type fetchAttribute struct {
	// write writes the item's name and value.
	write func(*output, *fetched)
	// seen: fetching it sets \Seen.
	seen bool
	// flags: it tells the message's flags; uid: its UID.
	flags, uid bool
}

// fetched is the message that a FETCH response is about.
type fetched struct {
	*mailstore.Message
	recent bool
}

// fetchCommands are FETCH and UID FETCH (RFC 3501 §6.4.5, §6.4.8).
func fetchCommands() []command {
	return []command{
		{name: "FETCH", states: selected, parse: fetchParser(false), numbers: true, noExpunge: true},
		{name: "UID FETCH", states: selected, parse: fetchParser(true), numbers: true},
	}
}

func baseFetchItems() []fetchItem {
	simple := func(name string, write func(*output, *fetched)) fetchItem {
		return fetchItem{name, func(*parser) fetchAttribute { return fetchAttribute{write: write} }}
	}
	alias := func(name string, section bodySection) fetchItem {
		section.label = name
		return fetchItem{name, func(*parser) fetchAttribute { return section.attribute() }}
	}
	return []fetchItem{
		{"FLAGS", func(*parser) fetchAttribute { return flagsAttribute() }},
		{"UID", func(*parser) fetchAttribute { return uidAttribute() }},
		simple("INTERNALDATE", func(o *output, m *fetched) { o.text("INTERNALDATE ").dateTime(m.InternalDate) }),
		simple("RFC822.SIZE", func(o *output, m *fetched) { o.text("RFC822.SIZE ").number(uint64(m.Size())) }),
		simple("ENVELOPE", func(o *output, m *fetched) {
			o.text("ENVELOPE ")
			o.envelope(m.Raw(), m.Structure().Header)
		}),
		simple("BODYSTRUCTURE", func(o *output, m *fetched) {
			o.text("BODYSTRUCTURE ")
			o.bodyStructure(m.Raw(), m.Structure(), true)
		}),
		{"BODY", func(p *parser) fetchAttribute { return parseBody(p, false) }},
		{"BODY.PEEK", func(p *parser) fetchAttribute { return parseBody(p, true) }},
		alias("RFC822", bodySection{spec: structure.Whole}),
		alias("RFC822.HEADER", bodySection{spec: structure.Header, peek: true}),
		alias("RFC822.TEXT", bodySection{spec: structure.Text}),
	}
}

func flagsAttribute() fetchAttribute {
	return fetchAttribute{flags: true, write: func(o *output, m *fetched) {
		o.text("FLAGS ").flags(m.Flags, m.recent)
	}}
}

func uidAttribute() fetchAttribute {
	return fetchAttribute{uid: true, write: func(o *output, m *fetched) {
		o.text("UID ").number(uint64(m.UID))
	}}
}

// macros stand for lists of items (RFC 3501 §6.4.5).
func macro(name string) []string {
	switch name {
	case "ALL":
		return []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"}
	case "FAST":
		return []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE"}
	case "FULL":
		return []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"}
	}
	return nil
}

// fetchArguments is what FETCH is to return of each message.
type fetchArguments struct {
	attributes       []fetchAttribute
	seen, flags, uid bool // whether any of them does
}

func (a *fetchArguments) add(attr fetchAttribute) {
	a.attributes = append(a.attributes, attr)
	a.seen = a.seen || attr.seen
	a.flags = a.flags || attr.flags
	a.uid = a.uid || attr.uid
}

func fetchParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		set := s.messageSet(p, byUID)
		p.space()
		args := s.fetchArguments(p)
		if byUID && !args.uid {
			// RFC 3501 §6.4.8: the UID is returned, asked for or not.
			args.attributes = append([]fetchAttribute{uidAttribute()}, args.attributes...)
		}
		return func(s *session) error { return s.fetch(set, args) }
	}
}

func (s *session) fetchArguments(p *parser) (args fetchArguments) {
	if p.peek() == '(' {
		p.list(false, func() { args.add(s.fetchAttribute(p, fetchItemName(p))) })
		return args
	}
	name := fetchItemName(p)
	names := macro(name)
	if names == nil {
		names = []string{name}
	}
	for _, name := range names {
		args.add(s.fetchAttribute(p, name))
	}
	return args
}

func fetchItemName(p *parser) string {
	return strings.ToUpper(p.run("a FETCH item", func(c byte) bool { return isAtomChar(c) && c != '[' && c != '<' }))
}

func (s *session) fetchAttribute(p *parser, name string) fetchAttribute {
	item, ok := s.srv.table.fetchItems[name]
	if !ok {
		p.fail("unknown FETCH item %.40q", name)
		return fetchAttribute{}
	}
	return item.parse(p)
}

// fetch answers FETCH. Flags are shown as they are now, and count as told.
func (s *session) fetch(set messageSet, args fetchArguments) error {
	marked, err := s.markSeen(set, args)
	if err != nil {
		return err
	}
	set.each(s.view.Latest(), func(seq uint32, m *mailstore.Message) bool {
		f := &fetched{m, s.view.IsRecent(m.UID)}
		s.out.text("* ").number(uint64(seq)).text(" FETCH (")
		tellFlags := marked[m.UID] && !args.flags
		if tellFlags {
			flagsAttribute().write(&s.out, f)
		}
		for i, attr := range args.attributes {
			if i > 0 || tellFlags {
				s.out.byte(' ')
			}
			attr.write(&s.out, f)
		}
		s.out.line(")")
		if tellFlags || args.flags {
			s.view.Tell(m)
		}
		return s.out.err == nil
	})
	return nil
}

// markSeen sets \Seen where FETCH is to do so, and returns on which messages that
// changed something (RFC 3501 §6.4.5, BODY[]).
func (s *session) markSeen(set messageSet, args fetchArguments) (map[imap.UID]bool, error) {
	if !args.seen || s.view.ReadOnly() {
		return nil, nil
	}
	var unseen []imap.UID
	set.each(s.view.Latest(), func(_ uint32, m *mailstore.Message) bool {
		if !m.HasFlag(imap.FlagSeen) {
			unseen = append(unseen, m.UID)
		}
		return true
	})
	if unseen == nil {
		return nil, nil
	}
	changes, err := s.view.Store(unseen, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen})
	marked := make(map[imap.UID]bool, len(changes))
	for _, c := range changes {
		marked[c.New.UID] = c.New != c.Old
	}
	return marked, err
}

// partial is the <origin.count> of a section.
type partial struct{ origin, count uint32 }

// of returns the octets that it selects; beyond the end there are none (RFC 3501 §6.4.5).
func (r *partial) of(octets []byte) []byte {
	if r == nil {
		return octets
	}
	first := min(uint64(r.origin), uint64(len(octets)))
	return octets[first:min(first+uint64(r.count), uint64(len(octets)))]
}

func (p *parser) partial() *partial {
	if !p.accept('<') {
		return nil
	}
	r := &partial{origin: p.number()}
	p.expect('.')
	r.count = p.number()
	p.expect('>')
	if r.count == 0 {
		p.fail("a partial fetch asks for at least one octet (RFC 3501 §9)")
	}
	return r
}

// partNumber reads one number of a section's path.
func (p *parser) partNumber() int {
	n := p.numberUpTo(math.MaxInt32)
	if n == 0 {
		p.fail("0 is no part number (RFC 3501 §9, nz-number)")
	}
	return int(n)
}
