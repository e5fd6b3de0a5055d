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
	shown := make(map[string]bool)
	for _, name := range s.subscriptions() {
		if matchName(pattern, name, n.Separator[0]) {
			shown[name] = true
			s.writeList("LSUB", nil, name)
			s.out.crlf()
			continue
		}
		// RFC 3501 §6.3.9: what "%" can't reach is hinted at by its superior name.
		for parent := n.superior(name); parent != ""; parent = n.superior(parent) {
			if strings.Contains(pattern, "%") && matchName(pattern, parent, n.Separator[0]) && !shown[parent] {
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

// matchName tells whether a name matches a pattern, in which "*" stands for
// anything and "%" for anything within one level (RFC 3501 §6.3.8). It takes time in
// proportion to the product of their lengths, whatever the pattern.
func matchName(pattern, name string, separator byte) bool {
	if strings.EqualFold(pattern, mailstore.Inbox) {
		return name == mailstore.Inbox
	}
	if len(pattern) > maxPattern {
		return false
	}
	// reach[i]: the pattern so far matches the first i octets of name.
	reach := make([]bool, len(name)+1)
	reach[0] = true
	for p := range len(pattern) {
		switch c := pattern[p]; c {
		case '*', '%':
			for i := range len(name) {
				if reach[i] && (c == '*' || name[i] != separator) {
					reach[i+1] = true
				}
			}
		default:
			for i := len(name); i > 0; i-- {
				reach[i] = reach[i-1] && equalOctet(c, name, i-1, separator)
			}
			reach[0] = false
		}
	}
	return reach[len(name)]
}

// maxPattern is longer than any pattern that is of use.
const maxPattern = 2000

// equalOctet compares a pattern's octet with name[i], without case within INBOX.
func equalOctet(c byte, name string, i int, separator byte) bool {
	if c == name[i] {
		return true
	}
	inbox := strings.HasPrefix(name, mailstore.Inbox) && i < len(mailstore.Inbox) &&
		(len(name) == len(mailstore.Inbox) || name[len(mailstore.Inbox)] == separator)
	return inbox && c-'a'+'A' == name[i]
}
