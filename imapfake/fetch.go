package imapfake

import (
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
	// flags: it tells the message's flags; uid: its UID; modSeq: its modification sequence.
	flags, uid, modSeq bool
	body               bool // it is the whole message
	// replace returns what is sent in place of what write writes; nil: the same.
	replace func(o *output, m *fetched, original string) string
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

// baseFetchItems are those of RFC 9051 §6.4.5 but for BINARY; RFC 3501 §6.4.5 has some more.
func baseFetchItems() []fetchItem {
	simple := func(name string, write func(*output, *fetched)) fetchItem {
		return fetchItem{name, func(*parser) fetchAttribute { return fetchAttribute{write: write} }}
	}
	return []fetchItem{
		{"FLAGS", func(*parser) fetchAttribute { return flagsAttribute() }},
		{"UID", func(*parser) fetchAttribute { return uidAttribute() }},
		simple("INTERNALDATE", func(o *output, m *fetched) { o.text("INTERNALDATE ").dateTime(m.InternalDate) }),
		simple("RFC822.SIZE", func(o *output, m *fetched) { o.text("RFC822.SIZE ").number(uint64(m.Size())) }),
		{"ENVELOPE", func(*parser) fetchAttribute { return envelopeAttribute() }},
		simple("BODYSTRUCTURE", func(o *output, m *fetched) {
			o.text("BODYSTRUCTURE ")
			o.bodyStructure(m.Raw(), m.Structure(), true)
		}),
		{"BODY", func(p *parser) fetchAttribute { return parseBody(p, false) }},
		{"BODY.PEEK", func(p *parser) fetchAttribute { return parseBody(p, true) }},
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

func envelopeAttribute() fetchAttribute {
	e := new(envelope)
	return fetchAttribute{write: func(o *output, m *fetched) {
		// Fields are found without the structure of what follows them.
		raw := m.Raw()
		o.text("ENVELOPE ").envelope(e, raw, structure.Span{End: len(raw)})
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
	attributes               []fetchAttribute
	seen, flags, uid, modSeq bool // whether any of them does
	body                     bool // or is

	changedSince *uint64 // only messages changed after this (RFC 7162 §3.1.4.1)
	partial      *window // only these of the messages (RFC 9394 §3.3)
	vanished     bool    // and tell those expunged after it (RFC 7162 §3.2.6)
	named        numSet  // the messages as the client named them
}

// add adds an item; FLAGS and UID are told once, however often they are asked for.
func (a *fetchArguments) add(attr fetchAttribute) {
	if attr.flags && a.flags || attr.uid && a.uid || attr.modSeq && a.modSeq {
		return
	}
	a.attributes = append(a.attributes, attr)
	a.seen = a.seen || attr.seen
	a.flags = a.flags || attr.flags
	a.uid = a.uid || attr.uid
	a.modSeq = a.modSeq || attr.modSeq
	a.body = a.body || attr.body
}

func (a *fetchArguments) prependUID() {
	a.attributes, a.uid = append([]fetchAttribute{uidAttribute()}, a.attributes...), true
}

func fetchParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		named, isUIDs := s.namedSet(p, byUID)
		set := s.resolve(p, named, isUIDs)
		p.space()
		args := s.fetchArguments(p)
		args.named = named
		s.fetchModifiers(p, &args, byUID)
		if args.partial != nil && p.err == nil {
			set = args.partial.within(set)
		}
		if s.impliesUID(byUID) && !args.uid {
			// RFC 3501 §6.4.8: the UID is returned, asked for or not.
			args.prependUID()
		}
		return func(s *session) error { return s.fetch(set, args) }
	}
}

// each calls f for the messages that are to be returned, until f returns false.
func (a *fetchArguments) each(set messageSet, ms mailstore.Messages, f func(uint32, *mailstore.Message) bool) {
	if a.changedSince == nil {
		set.each(ms, f)
		return
	}
	for seq, m := range ms.ChangedSince(*a.changedSince) {
		if set.contains(seq) && !f(seq, m) {
			return
		}
	}
}

// fetchModifier is a row of the table of FETCH's modifiers (RFC 4466 §2.4).
type fetchModifier struct {
	name  string
	parse func(*parser, *session, *fetchArguments)
}

// fetchModifiers reads the optional modifiers at the end of FETCH.
func (s *session) fetchModifiers(p *parser, args *fetchArguments, byUID bool) {
	if len(s.table.fetchModifiers) == 0 || !p.accept(' ') {
		return
	}
	p.list(false, func() {
		name := p.keyword()
		modifier, ok := s.table.fetchModifiers[name]
		if !ok {
			p.fail("unknown modifier %.40q", name)
			return
		}
		modifier.parse(p, s, args)
	})
	if args.partial != nil && !byUID {
		p.fail("PARTIAL goes with UID FETCH only (RFC 9394 §3.3)")
	}
	if args.vanished && (args.changedSince == nil || !byUID) {
		p.fail("VANISHED goes with UID FETCH and CHANGEDSINCE only (RFC 7162 §3.2.6)")
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
	item, ok := s.table.fetchItems[name]
	if !ok {
		p.fail("unknown FETCH item %.40q", name)
		return fetchAttribute{}
	}
	return item.parse(p)
}

// fetch answers FETCH. Flags are shown as they are now, and count as told.
func (s *session) fetch(set messageSet, args fetchArguments) error {
	if args.modSeq {
		s.enableCondStore()
	}
	marked, err := s.markSeen(set, args)
	if err != nil {
		return err
	}
	if args.vanished {
		s.vanishedEarlier(args.named, *args.changedSince)
	}
	goal := set.len()
	if args.changedSince != nil {
		goal = 0
	}
	work := s.work(goal)
	defer work.end()
	f := new(fetched)
	latest := s.view.Latest()
	if args.flags || len(marked) > 0 {
		// Keywords that came since the command began are in latest.
		s.tellKeywords(s.view.NewKeywords())
	}
	args.each(set, latest, func(seq uint32, m *mailstore.Message) bool {
		*f = fetched{m, s.isRecent(m.UID)}
		s.beginFetch(seq, m.UID)
		if marked[m.UID] {
			s.writeAttributes(s.markedAttributes(args), f)
		} else {
			s.writeAttributes(args.attributes, f)
		}
		s.out.line(")")
		if args.body {
			s.bodies = append(s.bodies, uint32(m.UID))
		}
		if marked[m.UID] || args.flags {
			s.view.Tell(m)
		}
		work.step()
		return s.out.err == nil
	})
	err, s.out.failed = s.out.failed, nil
	return err
}

// markedAttributes returns the items that FETCH returns of a message on which it has
// set \Seen: those that were asked for, and those that tell a change.
func (s *session) markedAttributes(args fetchArguments) (attributes []fetchAttribute) {
	if s.changesWithUID() && !args.uid {
		attributes = append(attributes, uidAttribute())
	}
	for _, attr := range s.flagsAttributes() {
		if !(attr.flags && args.flags || attr.modSeq && args.modSeq) {
			attributes = append(attributes, attr)
		}
	}
	return append(attributes, args.attributes...)
}

// writeAttributes writes the items of a FETCH response.
func (s *session) writeAttributes(attributes []fetchAttribute, f *fetched) {
	space := ""
	for _, attr := range attributes {
		if attr.replace == nil {
			s.out.text(space)
			attr.write(&s.out, f)
		} else if text := attr.replaced(&s.out, f); text != "" {
			s.out.text(space).text(text)
		} else {
			continue
		}
		space = " "
	}
}

// markSeen sets \Seen where FETCH is to do so, and returns on which messages that
// changed something (RFC 3501 §6.4.5, BODY[]).
func (s *session) markSeen(set messageSet, args fetchArguments) (map[imap.UID]bool, error) {
	if !args.seen || s.view.ReadOnly() || !s.rights().Has(mailstore.RightSeen) {
		return nil, nil
	}
	var unseen []imap.UID
	args.each(set, s.view.Latest(), func(_ uint32, m *mailstore.Message) bool {
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
