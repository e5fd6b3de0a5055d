package imapfake

import (
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// id is ID (RFC 2971).
func id() extension {
	return extension{cap: imap.CapID, commands: []command{{name: "ID", states: anyState, parse: parseID}}}
}

func parseID(p *parser, s *session) action {
	p.space()
	if p.peek() != '(' {
		if _, isNil := p.nstring(); !isNil {
			p.fail("expected NIL or a list of fields and values (RFC 2971 §3.1)")
		}
		return (*session).identify
	}
	seen := make(map[string]bool)
	p.list(true, func() {
		field := p.string()
		p.space()
		value, _ := p.nstring()
		switch {
		case len(seen) >= 30:
			p.fail("more than 30 fields (RFC 2971 §3.3)")
		case seen[field]:
			p.fail("field %.30q given twice (RFC 2971 §3.3)", field)
		case len(field) > 30 || len(value) > 1024:
			p.fail("a field is at most 30 octets and its value 1024 (RFC 2971 §3.3)")
		}
		seen[field] = true
	})
	return (*session).identify
}

func (s *session) identify() error {
	s.out.text("* ID ")
	if len(s.srv.id) == 0 {
		s.out.line("NIL")
		return nil
	}
	for i, field := range slices.Sorted(maps.Keys(s.srv.id)) {
		if i == 0 {
			s.out.byte('(')
		} else {
			s.out.byte(' ')
		}
		s.out.string(field)
		s.out.byte(' ')
		s.out.nstring(s.srv.id[field])
	}
	s.out.line(")")
	return nil
}
