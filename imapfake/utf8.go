package imapfake

import (
	"github.com/emersion/go-imap/v2"
)

// utf8Accept is UTF8=ACCEPT (RFC 6855). Once a client has enabled it, quoted strings
// hold UTF-8 and mailbox names are in UTF-8, in both directions.
func utf8Accept() extension {
	return extension{
		cap: imap.CapUTF8Accept, enable: true, needs: []imap.Cap{imap.CapEnable},
		onEnable:    func(s *session) { s.out.utf8 = true },
		appendForms: []appendForm{{"UTF8", parseUTF8Literal}},
	}
}

// parseUTF8Literal reads a message whose header may be in UTF-8 (RFC 6855 §4, utf8-literal).
//
// RFC 6855 §4 also wants a plain APPEND of an 8-bit header refused. Clients that copy
// old mail do that to every server, and none is known to refuse it: it is taken here.
func parseUTF8Literal(p *parser, s *session, admit admission) octetSource {
	if !s.enabled[imap.CapUTF8Accept] && p.refused == nil {
		p.refused = no(imap.ResponseCodeCannot, "ENABLE UTF8=ACCEPT comes first (RFC 6855 4)")
	}
	p.space()
	p.expect('(')
	p.expect('~')
	source := p.messageLiteral(admit)
	p.expect(')')
	return source
}
