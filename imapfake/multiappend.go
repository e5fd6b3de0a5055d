package imapfake

import "github.com/emersion/go-imap/v2"

// multiAppend is MULTIAPPEND (RFC 3502).
func multiAppend() extension { return extension{cap: imap.CapMultiAppend} }

// arrivals reads the message of APPEND, or all of them: with MULTIAPPEND there may be
// several, of which either all are stored or none.
func (s *session) arrivals(p *parser, mailbox string) []arrival {
	arrivals := []arrival{s.arrival(p, mailbox)}
	for p.more() && s.has(imap.CapMultiAppend) {
		arrivals = append(arrivals, s.arrival(p, mailbox))
	}
	return arrivals
}
