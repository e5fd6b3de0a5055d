package imapfake

import (
	"slices"

	"github.com/emersion/go-imap/v2"
)

// enable is ENABLE (RFC 5161).
func enable() extension {
	return extension{cap: imap.CapEnable, commands: []command{
		{name: "ENABLE", grammar: "RFC 5161 §4", states: authenticatedUp, parse: parseEnable},
	}}
}

func parseEnable(p *parser, s *session) action {
	var asked []imap.Cap
	p.space()
	asked = append(asked, imap.Cap(p.keyword()))
	for p.accept(' ') {
		asked = append(asked, imap.Cap(p.keyword()))
	}
	return func(s *session) error {
		var done []imap.Cap
		s.out.text("* ENABLED")
		for _, c := range asked {
			// RFC 5161 §3.1: what is unknown, or not for ENABLE, is passed over.
			if s.canEnable(c) && !s.enabled[c] {
				if s.enabled == nil {
					s.enabled = make(map[imap.Cap]bool)
				}
				s.enabled[c] = true
				s.out.byte(' ').text(string(c))
				done = append(done, c)
			}
		}
		s.out.crlf()
		for _, ext := range s.srv.table.extensions {
			if ext.onEnable != nil && slices.ContainsFunc(done, func(c imap.Cap) bool { return equalCap(c, ext.cap) }) {
				ext.onEnable(s)
			}
		}
		return nil
	}
}

// canEnable tells whether a capability is one that ENABLE turns on.
func (s *session) canEnable(c imap.Cap) bool {
	for _, ext := range s.srv.table.extensions {
		if equalCap(ext.cap, c) {
			return ext.enable
		}
	}
	return false
}
