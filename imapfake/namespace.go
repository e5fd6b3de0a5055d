package imapfake

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
)

// Namespaces says how mailboxes are named to clients (RFC 2342). Prefixes end in the separator.
//
// A mailbox of the store whose name holds the separator within a level shows it as "~"
// and the separator's code in hexadecimal, as Dovecot does with an escape character:
// with the separator ".", "v1.0" is "v1~2e0", and a "~" that would be mistaken for the beginning
// of that is "~7e". With another separator than "/", the store's, no name can hold a "/".
// The same holds for accounts in the names of their mailboxes.
type Namespaces struct {
	// Separator stands between the levels of a name: one octet, "/" if empty.
	Separator string
	// Personal is the prefix of the names of the client's own mailboxes but for INBOX, such
	// as "INBOX." of Courier; if empty, they have none.
	Personal string
	// OtherUsers is what the names of other accounts' mailboxes begin with, before the
	// account's name; "Other Users/" (with the separator) if empty.
	OtherUsers string
	// Shared is the prefix of mailboxes that no user owns (see [mailstore.Store.Shared]);
	// "Shared Folders/" if empty.
	Shared string
}

// WithNamespaces changes how mailboxes are named to clients. Other users' and shared mailboxes
// are there as long as the server has ACL; names that begin like theirs can't be the
// client's own.
func WithNamespaces(n Namespaces) Option {
	return func(s *Server) { s.names = wireNames{Namespaces: n} }
}

// namespace is NAMESPACE (RFC 2342).
func namespace() extension {
	return extension{cap: imap.CapNamespace, commands: []command{
		{name: "NAMESPACE", grammar: "RFC 2342 §6", states: authenticatedUp, parse: func(*parser, *session) action {
			return (*session).writeNamespaces
		}},
	}}
}

func (s *session) writeNamespaces() error {
	n := &s.srv.names
	s.out.text("* NAMESPACE")
	write := func(prefix string) {
		if !s.out.utf8 {
			prefix = encodeUTF7(prefix)
		}
		s.out.text(" ((")
		s.out.string(prefix)
		s.out.byte(' ').string(n.Separator)
		s.out.text("))")
	}
	write(n.Personal)
	if s.has(imap.CapACL) {
		write(n.OtherUsers)
		write(n.Shared)
	} else {
		s.out.text(" NIL NIL")
	}
	s.out.crlf()
	return nil
}

// complete puts what is standard where nothing is given, and tells what makes no sense.
func (n *wireNames) complete() error {
	if n.Separator == "" {
		n.Separator = "/"
	}
	c := n.Separator[0]
	if len(n.Separator) > 1 || c <= ' ' || c >= 0x7f || isAlphanumeric(c) || strings.IndexByte(`"%&()*{}~`, c) >= 0 {
		return fmt.Errorf("imapfake: the separator of names can't be %q", n.Separator)
	}
	if n.OtherUsers == "" {
		n.OtherUsers = "Other Users" + n.Separator
	}
	if n.Shared == "" {
		n.Shared = "Shared Folders" + n.Separator
	}
	n.escape = fmt.Sprintf("%02x", c)
	n.plain = n.Separator == "/" && n.Personal == ""
	return errors.Join(n.checkPrefix(n.Personal), n.checkPrefix(n.OtherUsers), n.checkPrefix(n.Shared), n.checkApart())
}

func (n *wireNames) checkPrefix(prefix string) error {
	levels := strings.Split(prefix, n.Separator)
	for i, level := range levels {
		if last := i == len(levels)-1; (level == "") != last || !utf8.ValidString(level) || strings.ContainsFunc(level, isControl) {
			return fmt.Errorf("imapfake: names can't begin with %q: a prefix is made of levels that each end in %q", prefix, n.Separator)
		}
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// checkApart refuses prefixes by which namespaces could not be told apart.
func (n *wireNames) checkApart() error {
	if n.Personal == n.OtherUsers || n.Personal == n.Shared || strings.HasPrefix(n.OtherUsers, n.Shared) || strings.HasPrefix(n.Shared, n.OtherUsers) {
		return errors.New("imapfake: each namespace needs a prefix of its own")
	}
	return nil
}
