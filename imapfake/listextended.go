package imapfake

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// listExtended is LIST-EXTENDED (RFC 5258).
func listExtended() extension {
	return extension{
		cap: imap.CapListExtended,
		listSelects: []listOption{
			{"SUBSCRIBED", func(_ *parser, _ *session, r *listRequest) {
				r.selectBy("SUBSCRIBED", func(i mailstore.MailboxInfo) bool { return i.Subscribed })
				r.subscribed, r.subscriptions = true, true
			}},
			{"REMOTE", func(*parser, *session, *listRequest) {}}, // there are no remote mailboxes
			{"RECURSIVEMATCH", func(_ *parser, _ *session, r *listRequest) { r.recursive = true }},
		},
		listReturns: []listOption{
			{"SUBSCRIBED", func(_ *parser, _ *session, r *listRequest) { r.subscribed = true }},
			{"CHILDREN", func(_ *parser, _ *session, r *listRequest) { r.children = true }},
		},
	}
}

// listStatus is LIST-STATUS (RFC 5819).
func listStatus() extension {
	return extension{
		cap: imap.CapListStatus, needs: []imap.Cap{imap.CapListExtended},
		listReturns: []listOption{{"STATUS", func(p *parser, s *session, r *listRequest) {
			p.space()
			items := s.statusItems(p)
			r.after = append(r.after, func(s *session, info mailstore.MailboxInfo) {
				if box, err := s.mailbox(info.Name, mailstore.RightRead); err == nil {
					s.writeStatus(info.Name, box.Status(), items)
				}
			})
		}}},
	}
}

// listOption is a row of the tables of LIST's selection and return options.
type listOption struct {
	name string
	// parse reads what follows the name.
	parse func(*parser, *session, *listRequest)
}

// listRequest is what LIST asks for.
type listRequest struct {
	reference string
	patterns  []string
	extended  bool // the client used the syntax of RFC 5258

	selects       []listSelection // all must match
	subscriptions bool            // names that are subscribed but don't exist count too
	recursive     bool            // RECURSIVEMATCH

	subscribed, children bool // attributes to return
	// after is called for each mailbox, when its LIST response is written.
	after []func(*session, mailstore.MailboxInfo)
}

// listSelection is a selection option that some mailboxes meet.
type listSelection struct {
	name  string // in CHILDINFO
	match func(mailstore.MailboxInfo) bool
}

func (r *listRequest) selectBy(name string, match func(mailstore.MailboxInfo) bool) {
	r.selects = append(r.selects, listSelection{name, match})
}

// parseList reads LIST, in the form of RFC 3501 §6.3.8 or, where the server has it,
// of RFC 5258 §6.
func parseList(p *parser, s *session) action {
	r := &listRequest{}
	p.space()
	if s.has(imap.CapListExtended) && p.peek() == '(' {
		s.listOptions(p, r, s.table.listSelects)
		p.space()
		if r.recursive && len(r.selects) == 0 {
			p.fail("RECURSIVEMATCH needs a selection option beside it (RFC 5258 §3)")
		}
	}
	r.reference = p.listName(isAStringChar)
	p.space()
	if s.has(imap.CapListExtended) && p.peek() == '(' {
		r.extended = true
		p.list(false, func() { r.patterns = append(r.patterns, p.listName(isListChar)) })
	} else {
		r.patterns = []string{p.listName(isListChar)}
	}
	if s.has(imap.CapListExtended) && p.word(" RETURN") {
		p.space()
		s.listOptions(p, r, s.table.listReturns)
	}
	return func(s *session) error { return s.list(r) }
}

func (s *session) listOptions(p *parser, r *listRequest, options map[string]listOption) {
	r.extended = true
	p.list(true, func() {
		name := p.keyword()
		option, ok := options[name]
		if !ok {
			p.fail("unknown option %.40q (RFC 5258 §3)", name)
			return
		}
		option.parse(p, s, r)
	})
}

// listed is a name that LIST considers.
type listed struct {
	mailstore.MailboxInfo
	nonExistent bool
	matches     bool // a pattern
	meets       bool // the selection options
}

// candidates returns the names that LIST considers, in order.
func (r *listRequest) candidates(s *session) []listed {
	n := &s.srv.names
	all := s.allNames()
	if r.subscriptions {
		known := make(map[string]bool, len(all))
		for _, l := range all {
			known[l.Name] = true
		}
		for _, name := range s.subscriptions() {
			for at := name; at != "" && !known[at]; at = n.superior(at) {
				known[at] = true
				all = append(all, listed{
					MailboxInfo: mailstore.MailboxInfo{Name: at, Subscribed: at == name, HasChildren: at != name},
					nonExistent: true,
				})
			}
		}
		n.sort(all)
	}
	patterns := make([]*listPattern, len(r.patterns))
	for i, pattern := range r.patterns {
		patterns[i] = newListPattern(n.interpret(r.reference, pattern), n.Separator[0])
	}
	for i := range all {
		l := &all[i]
		l.matches = slices.ContainsFunc(patterns, func(p *listPattern) bool { return p.matches(l.Name) })
		l.meets = !slices.ContainsFunc(r.selects, func(sel listSelection) bool { return !sel.match(l.MailboxInfo) })
	}
	return all
}

func (s *session) list(r *listRequest) error {
	if !r.extended && r.patterns[0] == "" {
		// RFC 3501 §6.3.8: asks for the separator and the root of the reference.
		s.writeList("LIST", []imap.MailboxAttr{imap.MailboxAttrNoSelect}, s.srv.names.rootOf(r.reference))
		s.out.crlf()
		return nil
	}
	all := r.candidates(s)
	for i, l := range all {
		hint := r.recursive && childMeets(all[i+1:], l.Name+s.srv.names.Separator)
		if !l.matches || !l.meets && !hint {
			continue
		}
		s.writeList("LIST", r.attributes(s, l), l.Name)
		if hint {
			s.out.text(` ("CHILDINFO" (`)
			for i, sel := range r.selects {
				s.out.text(strings.Repeat(" ", min(i, 1)))
				s.out.string(sel.name)
			}
			s.out.text("))")
		}
		s.out.crlf()
		for _, after := range r.after {
			// RFC 8440 §4, RFC 5819 §3: not for one that is here for what is below it only.
			if l.meets && !l.NoSelect && !l.nonExistent {
				after(s, l.MailboxInfo)
			}
		}
	}
	return nil
}

// childMeets tells whether one of the names with a prefix, which come first, meets the
// selection but is not itself returned (RFC 5258 §3.5).
func childMeets(following []listed, prefix string) bool {
	for _, l := range following {
		if !strings.HasPrefix(l.Name, prefix) {
			return false
		}
		if l.meets && !l.matches {
			return true
		}
	}
	return false
}

// attributes returns what LIST shows of a mailbox.
func (r *listRequest) attributes(s *session, l listed) []imap.MailboxAttr {
	var attrs []imap.MailboxAttr
	switch {
	case l.nonExistent, l.NoSelect && r.extended: // RFC 5258 §3.5
		attrs = append(attrs, imap.MailboxAttrNonExistent)
	case l.NoSelect:
		attrs = append(attrs, imap.MailboxAttrNoSelect)
	}
	if r.subscribed && l.Subscribed {
		attrs = append(attrs, imap.MailboxAttrSubscribed)
	}
	if r.children || s.has(imap.CapChildren) {
		if l.HasChildren {
			attrs = append(attrs, imap.MailboxAttrHasChildren)
		} else {
			attrs = append(attrs, imap.MailboxAttrHasNoChildren)
		}
	}
	if s.has(imap.CapSpecialUse) {
		attrs = append(attrs, l.SpecialUse...)
	}
	return attrs
}
