package imapfake

import (
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// wireNames maps names on the wire to those in the store and back.
type wireNames struct {
	Namespaces
	escape string // the code of the separator in hexadecimal
	plain  bool   // a client's own mailboxes are named as in the store
}

// below returns what comes after a prefix. The prefix itself may lack its last separator.
func (n *wireNames) below(prefix, name string) (rest string, ok bool) {
	if strings.HasPrefix(prefix, mailstore.Inbox) && len(name) >= len(mailstore.Inbox) &&
		strings.EqualFold(name[:len(mailstore.Inbox)], mailstore.Inbox) {
		name = mailstore.Inbox + name[len(mailstore.Inbox):]
	}
	if rest, ok = strings.CutPrefix(name, prefix); ok {
		return rest, true
	}
	return "", name+n.Separator == prefix
}

// decode returns the name in the store for the levels of a name on the wire.
func (n *wireNames) decode(levels string) (string, error) {
	if n.Separator == mailstore.Separator {
		return levels, nil
	}
	if strings.Contains(levels, mailstore.Separator) {
		return "", no(imap.ResponseCodeCannot, fmt.Sprintf("a name can't hold %q here", mailstore.Separator))
	}
	return n.unescape(strings.ReplaceAll(levels, n.Separator, mailstore.Separator)), nil
}

// encode is the reverse of decode.
func (n *wireNames) encode(name string) string {
	if n.Separator == mailstore.Separator {
		return name
	}
	return strings.ReplaceAll(n.escaped(name), mailstore.Separator, n.Separator)
}

// escaped hides the separator within a level.
func (n *wireNames) escaped(level string) string {
	if !strings.Contains(level, n.Separator) && !strings.Contains(level, "~") {
		return level
	}
	var b strings.Builder
	for i := range len(level) {
		switch c := level[i]; {
		case c == n.Separator[0]:
			b.WriteString("~" + n.escape)
		case c == '~' && n.isEscape(level[i+1:]):
			b.WriteString("~7e")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unescape is the reverse of escaped.
func (n *wireNames) unescape(level string) string {
	if !strings.Contains(level, "~") {
		return level
	}
	var b strings.Builder
	for i := 0; i < len(level); i++ {
		if level[i] != '~' || !n.isEscape(level[i+1:]) {
			b.WriteByte(level[i])
			continue
		}
		if strings.HasPrefix(level[i+1:], n.escape) {
			b.WriteString(n.Separator)
		} else {
			b.WriteByte('~')
		}
		i += 2
	}
	return b.String()
}

// isEscape tells whether a "~" before this stands for something else.
func (n *wireNames) isEscape(rest string) bool {
	for strings.HasPrefix(rest, "7e") {
		rest = rest[2:]
	}
	return strings.HasPrefix(rest, n.escape)
}

// locate returns the account and the name in the store that a name on the wire means. In
// another user's namespace the account is nil if there is no such, and the name is empty
// for what is above all mailboxes.
func (s *session) locate(wire string) (mailstore.Place, error) {
	n := &s.srv.names
	if s.has(imap.CapACL) {
		if rest, ok := n.below(n.OtherUsers, wire); ok {
			user, rest, _ := strings.Cut(rest, n.Separator)
			return s.placeIn(s.otherAccount(n.unescape(user)), rest)
		}
		if rest, ok := n.below(n.Shared, wire); ok {
			return s.placeIn(s.srv.store.Shared(), rest)
		}
	}
	name, err := n.personal(wire)
	return mailstore.Place{Account: s.account, Name: name}, err
}

// personal returns the name in the store that a name means to the owner of the mailbox.
func (n *wireNames) personal(wire string) (string, error) {
	if n.plain || strings.EqualFold(wire, mailstore.Inbox) {
		return wire, nil
	}
	rest, ok := n.below(n.Personal, wire)
	if ok && n.Personal != "" && strings.EqualFold(rest, mailstore.Inbox) || !ok {
		return "", no(imap.ResponseCodeNonExistent, fmt.Sprintf("mailboxes here are INBOX and those whose names begin with %q", n.Personal))
	}
	return n.decode(rest)
}

func (s *session) placeIn(a *mailstore.Account, levels string) (mailstore.Place, error) {
	name, err := s.srv.names.decode(levels)
	return mailstore.Place{Account: a, Name: name}, err
}

// otherAccount returns the account, if it is not the client's own, that has exactly this
// name, so that each mailbox has one name only; else nil.
func (s *session) otherAccount(name string) *mailstore.Account {
	a, err := s.srv.store.Account(name)
	if err != nil || a.Name() != name || a == s.account {
		return nil
	}
	return a
}

// wireName returns how a mailbox is named to the client.
func (s *session) wireName(p mailstore.Place) string {
	n := &s.srv.names
	switch {
	case p.Account == s.account:
		if n.plain || p.Name == mailstore.Inbox {
			return p.Name
		}
		return n.Personal + n.encode(p.Name)
	case p.Account == s.srv.store.Shared():
		return n.Shared + n.encode(p.Name)
	}
	return s.wireAccount(p.Account) + n.encode(p.Name)
}

// ownName is wireName for a name in the client's own account.
func (s *session) ownName(name string) string {
	return s.wireName(mailstore.Place{Account: s.account, Name: name})
}

// canonicalName returns a name on the wire as it is shown where it is shown.
func (s *session) canonicalName(wire string) string {
	p, err := s.locate(wire)
	if err != nil || p.Account == nil {
		return wire
	}
	p.Name = mailstore.CanonicalName(p.Name)
	return s.wireName(p)
}

// isElsewhere tells whether a name is in a namespace of others. A mailbox of the client's own
// that would have such a name is out of its reach.
func (s *session) isElsewhere(wire string) bool {
	if !s.has(imap.CapACL) {
		return false
	}
	n := &s.srv.names
	_, others := n.below(n.OtherUsers, wire)
	_, shared := n.below(n.Shared, wire)
	return others || shared
}

// wireNameOf is wireName for a mailbox that has this status.
func (s *session) wireNameOf(box *mailstore.Mailbox, st mailstore.Status) string {
	return s.wireName(mailstore.Place{Account: box.Account(), Name: st.Name})
}

// wireAccount returns what the names of another account's mailboxes begin with.
func (s *session) wireAccount(a *mailstore.Account) string {
	n := &s.srv.names
	return n.OtherUsers + n.escaped(a.Name()) + n.Separator
}
