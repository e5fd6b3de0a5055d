package imapfake

import (
	"slices"

	"github.com/emersion/go-imap/v2"
)

// Args reads a command's arguments one after the other. Each method reads the space before
// the argument too. The first error stays, and from then on every method returns a zero
// value: read them all, then return what [Args.End] returns.
type Args struct {
	p      *parser
	name   string // of the command, for errors
	first  bool   // no space comes before the next argument
	decode func(string) (string, bool)
}

// next reads what separates the next argument from the one before.
func (a *Args) next() {
	if !a.first {
		a.p.space()
	}
	a.first = false
}

// Peek returns the octet that the next argument begins with, such as '(' of a list, '"' of a
// quoted string and '{' of a literal; 0 if there is none, here or in the list being read.
func (a *Args) Peek() byte {
	at := a.p.pos
	if !a.first {
		if a.p.peek() != ' ' {
			return 0
		}
		at++
	}
	if a.p.err != nil || at >= len(a.p.text) || a.p.text[at] == ')' {
		return 0
	}
	return a.p.text[at]
}

// Atom reads an atom (RFC 3501 §4.1).
func (a *Args) Atom() string {
	a.next()
	return a.p.atom()
}

// AString reads an atom, a quoted string or a literal, without NUL (RFC 3501 §9, astring). In a
// search key it comes in UTF-8, from the charset of the search.
func (a *Args) AString() string {
	a.next()
	s := a.p.astring()
	if a.decode == nil {
		return s
	}
	text, ok := a.decode(s)
	if !ok {
		a.Fail("the string %.40q is not in the charset of the search", s)
	}
	return text
}

// NString reads a quoted string or a literal, or NIL, for which ok is false.
func (a *Args) NString() (s string, ok bool) {
	a.next()
	s, isNil := a.p.nstring()
	return s, !isNil && a.p.err == nil
}

// Literal reads a literal (RFC 3501 §4.3); a command's literals have at most 64 KiB together.
func (a *Args) Literal() []byte {
	a.next()
	return slices.Clone(a.p.literal())
}

// Mailbox reads a mailbox name and returns it in UTF-8 (RFC 3501 §5.1.3). One that can't be
// decoded is answered by NO.
func (a *Args) Mailbox() string {
	a.next()
	return a.p.mailbox()
}

// Number reads a number below 2^63 (RFC 9051 §9, number64).
func (a *Args) Number() uint64 {
	a.next()
	return a.p.numberUpTo(1<<63 - 1)
}

// Flags reads a parenthesised list of flags.
func (a *Args) Flags() []imap.Flag {
	a.next()
	return a.p.flagList()
}

// SeqSet reads a set of sequence numbers (RFC 3501 §9, sequence-set); 0 stands for "*".
func (a *Args) SeqSet() (set imap.SeqSet) {
	a.next()
	for _, r := range a.p.numSet() {
		set = append(set, imap.SeqRange{Start: r.first, Stop: r.last})
	}
	return set
}

// UIDSet reads a set of UIDs; 0 stands for "*".
func (a *Args) UIDSet() (set imap.UIDSet) {
	a.next()
	for _, r := range a.p.numSet() {
		set = append(set, imap.UIDRange{Start: imap.UID(r.first), Stop: imap.UID(r.last)})
	}
	return set
}

// List reads a parenthesised list, which may be empty, calling item to read each member.
func (a *Args) List(item func()) {
	a.next()
	a.p.list(true, func() {
		a.first = true
		item()
	})
	a.first = false
}

// Rest reads what is left as the client sent it, with literals in place.
func (a *Args) Rest() string {
	a.next()
	rest := a.p.wire()
	a.p.pos, a.p.literals = len(a.p.text), nil
	return rest
}

// Fail makes the command's answer BAD for something that is wrong with its arguments.
func (a *Args) Fail(format string, args ...any) { a.p.fail(format, args...) }

// Err returns what is wrong with the arguments so far, an [*imap.Error], as the answer to
// the command.
func (a *Args) Err() error { return a.p.failure(a.name, "") }

// End is Err for arguments of which nothing may be left.
func (a *Args) End() error {
	a.p.end()
	return a.Err()
}

// wire returns what is left to be parsed as it came over the connection.
func (p *parser) wire() string {
	if p.err != nil {
		return ""
	}
	var b []byte
	at := p.pos
	for _, l := range p.literals {
		b = append(append(b, p.text[at:l.end]...), "\r\n"...)
		b = append(b, l.data...)
		at = l.end
	}
	return string(append(b, p.text[at:]...))
}
