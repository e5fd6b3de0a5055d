package imapfake

import (
	"github.com/emersion/go-imap/v2"
)

// enable is ENABLE (RFC 5161).
func enable() extension {
	return extension{cap: imap.CapEnable, commands: []command{
		{name: "ENABLE", grammar: "RFC 5161 §4", states: authenticatedUp, parse: parseEnable},
	}}
}

func parseEnable(p *parser, s *session) action {
	var asked []string
	p.space()
	asked = append(asked, p.keyword())
	for p.accept(' ') {
		asked = append(asked, p.keyword())
	}
	return func(s *session) error {
		var done []extension
		s.out.text("* ENABLED")
		for _, name := range asked {
			// RFC 5161 §3.1: what is unknown, or not for ENABLE, is passed over.
			if ext, ok := s.offering(name); ok && ext.enable && !s.enabled[ext.cap] {
				if s.enabled == nil {
					s.enabled = make(map[imap.Cap]bool)
				}
				s.enabled[ext.cap] = true
				s.out.byte(' ').text(string(ext.cap))
				done = append(done, ext)
			}
		}
		s.out.crlf()
		for _, ext := range done {
			if ext.onEnable != nil {
				ext.onEnable(s)
			}
		}
		return nil
	}
}
