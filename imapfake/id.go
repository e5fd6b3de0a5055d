package imapfake

import (
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// id is ID (RFC 2971).
func id() extension {
	return extension{cap: imap.CapID, commands: []command{{name: "ID", grammar: "RFC 2971 §4", states: anyState, parse: parseID}}}
}

func parseID(p *parser, s *session) action {
	p.space()
	if p.peek() != '(' {
		if _, isNil := p.nstring(); !isNil {
			p.fail("expected NIL or a list of fields and values (RFC 2971 §3.1)")
		}
		return func(s *session) error { return s.identify(nil) }
	}
	fields := make(map[string]string)
	p.list(true, func() {
		field := strings.ToLower(p.string()) // §3.1: case doesn't matter
		p.space()
		value, _ := p.nstring()
		_, twice := fields[field]
		switch {
		case len(fields) >= 30:
			p.fail("more than 30 fields (RFC 2971 §3.3)")
		case twice:
			p.fail("field %.30q given twice (RFC 2971 §3.3)", field)
		case len(field) > 30 || len(value) > 1024:
			p.fail("a field is at most 30 octets and its value 1024 (RFC 2971 §3.3)")
		}
		fields[field] = value
	})
	return func(s *session) error { return s.identify(fields) }
}

// identify takes what the client says of itself and tells of the server.
func (s *session) identify(client map[string]string) error {
	s.identified, s.clientID = true, client
	if s.srv.onClientID != nil {
		s.out.protect("the function of OnClientID", func() { s.srv.onClientID(maps.Clone(client)) })
	}
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
