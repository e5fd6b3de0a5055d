package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// listCommands are LIST (RFC 3501 §6.3.8).
func listCommands() []command {
	return []command{{name: "LIST", states: authenticatedUp, parse: parseList}}
}

// parseLsub reads LSUB (RFC 3501 §6.3.9).
func parseLsub(p *parser, _ *session) action {
	p.space()
	reference := p.listName(isAStringChar)
	p.space()
	pattern := p.listName(isListChar)
	return func(s *session) error { return s.lsub(reference, pattern) }
}

// children is CHILDREN (RFC 3348).
func children() extension { return extension{cap: imap.CapChildren} }

// writeList writes a LIST or LSUB response but for the end of its line.
func (s *session) writeList(response string, attrs []imap.MailboxAttr, name string) {
	s.out.text("* ").text(response).text(" (")
	for i, a := range attrs {
		if i > 0 {
			s.out.byte(' ')
		}
		s.out.text(string(a))
	}
	s.out.text(") ").string(s.srv.names.Separator)
	s.out.byte(' ')
	if name == "" {
		s.out.text(`""`)
	} else {
		s.out.mailbox(name)
	}
}

func (s *session) lsub(reference, pattern string) error {
	n := &s.srv.names
	pattern = n.interpret(reference, pattern)
	p := newListPattern(pattern, n.Separator[0])
	shown := make(map[string]bool)
	for _, name := range s.subscriptions() {
		if p.matches(name) {
			shown[name] = true
			s.writeList("LSUB", nil, name)
			s.out.crlf()
			continue
		}
		// RFC 3501 §6.3.9: what "%" can't reach is hinted at by its superior name.
		for parent := n.superior(name); parent != ""; parent = n.superior(parent) {
			if strings.Contains(pattern, "%") && !shown[parent] && p.matches(parent) {
				shown[parent] = true
				s.writeList("LSUB", []imap.MailboxAttr{imap.MailboxAttrNoSelect}, parent)
				s.out.crlf()
			}
		}
	}
	return nil
}

// subscriptions returns the subscribed names as the client knows them. Those in other
// accounts are among them as long as it may see the mailbox (RFC 4314 §4, LSUB).
func (s *session) subscriptions() []string {
	var subscribed []string
	for _, name := range s.account.Subscriptions() {
		if name = s.ownName(name); !s.isElsewhere(name) {
			subscribed = append(subscribed, name)
		}
	}
	if !s.has(imap.CapACL) {
		return subscribed
	}
	for _, p := range s.account.SubscribedElsewhere() {
		if box, err := p.Account.Mailbox(p.Name); err == nil && s.rightsOn(box).Has(mailstore.RightLookup) {
			subscribed = append(subscribed, s.wireName(p))
		}
	}
	return subscribed
}

// interpret joins a reference and a pattern; one that begins with the separator
// stands alone.
func (n *wireNames) interpret(reference, pattern string) string {
	if strings.HasPrefix(pattern, n.Separator) {
		return pattern
	}
	return reference + pattern
}

func (n *wireNames) rootOf(reference string) string {
	if i := strings.Index(reference, n.Separator); i >= 0 {
		return reference[:i+1]
	}
	return ""
}

func (n *wireNames) superior(name string) string {
	return name[:max(0, strings.LastIndex(name, n.Separator))]
}
