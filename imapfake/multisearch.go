package imapfake

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// multiSearch is MULTISEARCH (RFC 7377).
func multiSearch() extension {
	return extension{cap: imap.CapMultiSearch, needs: []imap.Cap{imap.CapESearch}, commands: []command{
		{name: "ESEARCH", grammar: "RFC 7377 §4", states: authenticatedUp, parse: parseMultiSearch},
	}}
}

// mailboxFilter is a way to name mailboxes (RFC 5465 §8, filter-mailboxes).
type mailboxFilter struct {
	kind  string
	names []string
}

// multiSearch is one ESEARCH command.
type multiSearchCommand struct {
	search
	sources []mailboxFilter
	program parser // at the search program, whose numbers mean other messages in each mailbox
}

func parseMultiSearch(p *parser, s *session) action {
	p.space()
	m := &multiSearchCommand{search: *newSearch(s, true), sources: []mailboxFilter{{kind: "SELECTED"}}}
	if p.word("IN") {
		p.space()
		m.sources = nil
		p.list(false, func() { m.sources = append(m.sources, p.mailboxFilter()) })
		p.space()
	}
	m.returnOptions(p, imap.CapESearch, s.table.searchReturns)
	if !m.returns.extended {
		m.returns.extended, m.returns.all = true, true // RFC 7377 §2.1
	}
	m.optionalCharset(p)
	m.program = *p
	m.criteria(p)
	isSelected := func(f mailboxFilter) bool { return f.kind == "SELECTED" }
	switch {
	case s.view == nil && (m.returns.update || slices.ContainsFunc(m.sources, isSelected)):
		p.fail("no mailbox is selected (RFC 7377 §2.2)")
	case m.returns.save && slices.ContainsFunc(m.sources, func(f mailboxFilter) bool { return !isSelected(f) }):
		p.fail("SAVE is for the selected mailbox only (RFC 7377 §2.2)")
	}
	return m.run
}

// mailboxFilter reads one source of an ESEARCH.
func (p *parser) mailboxFilter() mailboxFilter {
	f := mailboxFilter{kind: p.keyword()}
	switch f.kind {
	case "SELECTED", "INBOXES", "PERSONAL", "SUBSCRIBED":
	case "SUBTREE", "SUBTREE-ONE", "MAILBOXES":
		p.space()
		if p.peek() == '(' {
			p.list(false, func() { f.names = append(f.names, p.mailbox()) })
		} else {
			f.names = append(f.names, p.mailbox())
		}
	default:
		p.fail("unknown source %.40q (RFC 7377 §4)", f.kind)
	}
	return f
}

// run searches each mailbox and answers for those in which something was found.
func (m *multiSearchCommand) run(s *session) error {
	if m.refused != nil {
		if m.returns.save {
			s.saved = nil
		}
		return m.refused
	}
	m.enableModSeq()
	if s.view != nil {
		m.search.messages = s.view.Messages()
	}
	for _, box := range s.sources(m.sources) {
		if s.view != nil && box == s.view.Mailbox() {
			m.searchSelected()
			continue
		}
		if !m.searchOther(box) {
			break
		}
	}
	return nil
}

// searchSelected searches the mailbox as the session knows it.
func (m *multiSearchCommand) searchSelected() {
	q := m.search
	hits := q.hits(q.view.Latest(), q.isRecent)
	if q.returns.save {
		q.session.saved = uidsOf(q.returns.chosen(hits))
	}
	st := q.view.Mailbox().Status()
	m.tell(&q, q.wireNameOf(q.view.Mailbox(), st), st, hits)
	if q.returns.update {
		q.watch(hits, nil)
	}
}

// searchOther searches a mailbox that is not selected. It returns false when there is
// no client to answer any more.
func (m *multiSearchCommand) searchOther(box *mailstore.Mailbox) bool {
	st := box.Status()
	q, program := m.search, m.program
	q.messages, q.saved = st.Messages, nil
	q.match = q.program(&program)
	m.tell(&q, q.wireNameOf(box, st), st, q.hits(st.Messages, func(imap.UID) bool { return false }))
	return q.out.err == nil
}

// tell writes what was found in a mailbox, if anything was.
func (m *multiSearchCommand) tell(q *search, name string, st mailstore.Status, hits []hit) {
	if len(hits) == 0 || !q.returns.answered() {
		return // RFC 7377 §2.1
	}
	q.writeExtended(hits, func() {
		q.out.text(" MAILBOX ").mailbox(name)
		q.out.text(" UIDVALIDITY ").number(uint64(st.UIDValidity))
	})
}

// sources returns the mailboxes that the sources name and that can be searched, each
// once. Those that don't exist or can't be read are passed over, so that nothing is told of
// them (RFC 7377 §2.2); of mailboxes that aren't named one by one, so are those that can't be seen.
func (s *session) sources(filters []mailboxFilter) []*mailstore.Mailbox {
	var boxes []*mailstore.Mailbox
	add := func(name string, need mailstore.Rights) {
		if box, err := s.mailbox(name, need); err == nil && !slices.Contains(boxes, box) {
			boxes = append(boxes, box)
		}
	}
	const unnamed = mailstore.RightRead | mailstore.RightLookup
	for _, f := range filters {
		switch f.kind {
		case "SELECTED":
			if box := s.view.Mailbox(); !slices.Contains(boxes, box) {
				boxes = append(boxes, box)
			}
		case "INBOXES":
			add(mailstore.Inbox, unnamed)
		case "SUBSCRIBED":
			for _, name := range s.subscriptions() {
				add(name, unnamed)
			}
		case "MAILBOXES":
			for _, name := range f.names {
				add(name, mailstore.RightRead)
			}
		case "PERSONAL":
			for _, info := range s.account.Mailboxes() {
				add(s.ownName(info.Name), unnamed)
			}
		default:
			for _, l := range s.allNames() {
				if f.matches(l.Name, s.srv.names.Separator) {
					add(l.Name, unnamed)
				}
			}
		}
	}
	return boxes
}

// matches tells whether a filter by subtrees takes a mailbox.
func (f mailboxFilter) matches(name, separator string) bool {
	return slices.ContainsFunc(f.names, func(root string) bool {
		if strings.EqualFold(root, mailstore.Inbox) {
			root = mailstore.Inbox
		}
		below, isBelow := strings.CutPrefix(name, root+separator)
		return name == root || isBelow && (f.kind == "SUBTREE" || !strings.Contains(below, separator))
	})
}
