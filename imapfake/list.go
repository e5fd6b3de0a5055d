package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// listCommands are LIST and LSUB (RFC 3501 §6.3.8, §6.3.9).
func listCommands() []command {
	parse := func(do func(*session, string, string) error) func(*parser, *session) action {
		return func(p *parser, _ *session) action {
			p.space()
			reference := p.mailbox()
			p.space()
			pattern := p.listPattern()
			return func(s *session) error { return do(s, reference, pattern) }
		}
	}
	return []command{
		{name: "LIST", states: authenticatedUp, parse: parse((*session).list)},
		{name: "LSUB", states: authenticatedUp, parse: parse((*session).lsub)},
	}
}

// children is CHILDREN (RFC 3348).
func children() extension { return extension{cap: imap.CapChildren} }

// specialUse is SPECIAL-USE (RFC 6154); LIST shows the attributes to every client.
func specialUse() extension { return extension{cap: imap.CapSpecialUse} }

func (s *session) list(reference, pattern string) error {
	if pattern == "" {
		// RFC 3501 §6.3.8: asks for the separator and the root of the reference.
		s.writeList("LIST", []imap.MailboxAttr{imap.MailboxAttrNoSelect}, rootOf(reference))
		return nil
	}
	pattern = interpret(reference, pattern)
	for _, info := range s.account.Mailboxes() {
		if matchName(pattern, info.Name) {
			s.writeList("LIST", s.attributes(info), info.Name)
		}
	}
	return nil
}

// attributes returns what LIST shows of a mailbox.
func (s *session) attributes(info mailstore.MailboxInfo) []imap.MailboxAttr {
	var attrs []imap.MailboxAttr
	if info.NoSelect {
		attrs = append(attrs, imap.MailboxAttrNoSelect)
	}
	switch {
	case !s.has(imap.CapChildren):
	case info.HasChildren:
		attrs = append(attrs, imap.MailboxAttrHasChildren)
	default:
		attrs = append(attrs, imap.MailboxAttrHasNoChildren)
	}
	if s.has(imap.CapSpecialUse) {
		attrs = append(attrs, info.SpecialUse...)
	}
	return attrs
}

func (s *session) writeList(response string, attrs []imap.MailboxAttr, name string) {
	s.out.text("* ").text(response).text(" (")
	for i, a := range attrs {
		if i > 0 {
			s.out.byte(' ')
		}
		s.out.text(string(a))
	}
	s.out.text(`) "` + mailstore.Separator + `" `)
	if name == "" {
		s.out.text(`""`)
	} else {
		s.out.mailbox(name)
	}
	s.out.crlf()
}

func (s *session) lsub(reference, pattern string) error {
	pattern = interpret(reference, pattern)
	shown := make(map[string]bool)
	for _, name := range s.account.Subscriptions() {
		if matchName(pattern, name) {
			shown[name] = true
			s.writeList("LSUB", nil, name)
			continue
		}
		// RFC 3501 §6.3.9: what "%" can't reach is hinted at by its superior name.
		for parent := superior(name); parent != ""; parent = superior(parent) {
			if strings.Contains(pattern, "%") && matchName(pattern, parent) && !shown[parent] {
				shown[parent] = true
				s.writeList("LSUB", []imap.MailboxAttr{imap.MailboxAttrNoSelect}, parent)
			}
		}
	}
	return nil
}

// interpret joins a reference and a pattern; one that begins with the separator
// stands alone.
func interpret(reference, pattern string) string {
	if strings.HasPrefix(pattern, mailstore.Separator) {
		return pattern
	}
	return reference + pattern
}

func rootOf(reference string) string {
	if i := strings.Index(reference, mailstore.Separator); i >= 0 {
		return reference[:i+1]
	}
	return ""
}

func superior(name string) string {
	return name[:max(0, strings.LastIndex(name, mailstore.Separator))]
}

// canonicalName returns INBOX, whose case doesn't matter, in capitals (RFC 3501 §5.1).
func canonicalName(name string) string {
	if strings.EqualFold(name, mailstore.Inbox) {
		return mailstore.Inbox
	}
	return name
}

// matchName tells whether a name matches a pattern, in which "*" stands for
// anything and "%" for anything within one level (RFC 3501 §6.3.8). It takes time in
// proportion to the product of their lengths, whatever the pattern.
func matchName(pattern, name string) bool {
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
				if reach[i] && (c == '*' || name[i] != mailstore.Separator[0]) {
					reach[i+1] = true
				}
			}
		default:
			for i := len(name); i > 0; i-- {
				reach[i] = reach[i-1] && equalOctet(c, name, i-1)
			}
			reach[0] = false
		}
	}
	return reach[len(name)]
}

// maxPattern is longer than any pattern that is of use.
const maxPattern = 2000

// equalOctet compares a pattern's octet with name[i], without case within INBOX.
func equalOctet(c byte, name string, i int) bool {
	if c == name[i] {
		return true
	}
	inbox := strings.HasPrefix(name, mailstore.Inbox) && i < len(mailstore.Inbox) &&
		(len(name) == len(mailstore.Inbox) || name[len(mailstore.Inbox)] == mailstore.Separator[0])
	return inbox && c-'a'+'A' == name[i]
}
