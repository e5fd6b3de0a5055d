package imapfake

import (
	"bytes"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
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
func parseUTF8Literal(p *parser, _ *session, admit admission) octetSource {
	p.space()
	p.expect('(')
	p.expect('~')
	source := p.messageLiteral(admit)
	p.expect(')')
	return source
}

// checkHeaderCharset refuses a message with 8-bit octets in its header from a client
// that hasn't enabled UTF8=ACCEPT (RFC 6855 §4).
func (s *session) checkHeaderCharset(content *mailstore.Content) error {
	if !s.has(imap.CapUTF8Accept) || s.enabled[imap.CapUTF8Accept] {
		return nil
	}
	header := content.Structure().Header.Of(content.Raw())
	if bytes.ContainsFunc(header, func(r rune) bool { return r >= 0x80 }) {
		return no(imap.ResponseCodeCannot, "the message's header has 8-bit octets: ENABLE UTF8=ACCEPT comes first (RFC 6855 4)")
	}
	return nil
}
