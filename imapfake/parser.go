package imapfake

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/text/unicode/norm"
)

// parser reads the arguments of one command, which is all there: its text, with
// each literal announced in it, and the literals themselves. The first error stays,
// and from then on every method returns a zero value.
type parser struct {
	text     []byte
	pos      int
	literals []literal
	err      error
	refused  error // what is wrong with an argument that is well formed
	utf8     bool  // mailbox names are in UTF-8
	quoted8  bool  // quoted strings may hold UTF-8
	rev2     bool  // the grammar is that of RFC 9051
	secret   bool  // what it reads is not for the transcript
	numbers  bool  // an argument names messages by their numbers
	// next gets the literal announced at the end of the text of a command that is parsed as it
	// comes, and what follows it up to the next one; with an admission it is a message.
	next   func(admission) bool
	parsed *parsed // the command was parsed as it came
}

// parsed is what parsing a command has given.
type parsed struct {
	by  *parser
	act action
}

// errNotSent stops the parser of a command whose literal doesn't come.
var errNotSent = errors.New("the literal was not sent")

// literal is a string that came with its size (RFC 3501 §4.3).
type literal struct {
	end  int // where, in the text, its announcement ends
	data []byte
	// message: it is a message, or some of one, which has limits of its own.
	message bool
}

// fail keeps the first error, with the place where it was found.
func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.pos = len(p.text)
}

// excerpt shows what stands at the parser's position, unless it may be a password.
func (p *parser) excerpt() string {
	rest := p.text[p.pos:]
	switch {
	case len(rest) == 0:
		return "end of the line"
	case p.secret:
		return "something else"
	}
	return strconv.QuoteToASCII(string(rest[:min(len(rest), 20)]))
}

func (p *parser) more() bool { return p.err == nil && p.pos < len(p.text) }

// peek returns the next octet, 0 at the end.
func (p *parser) peek() byte {
	if !p.more() {
		return 0
	}
	return p.text[p.pos]
}

// accept skips c if it is next.
func (p *parser) accept(c byte) bool {
	if p.more() && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(c byte) {
	if !p.accept(c) {
		p.fail("expected %q, found %s", string(c), p.excerpt())
	}
}

// space reads the one space between two arguments.
func (p *parser) space() {
	if !p.accept(' ') {
		p.fail("expected a space and an argument, found %s", p.excerpt())
	}
}

// end requires that nothing is left.
func (p *parser) end() {
	if p.more() {
		p.fail("unexpected %s after the arguments", p.excerpt())
	}
}

func isAtomChar(c byte) bool {
	switch c {
	case '(', ')', '{', '%', '*', '"', '\\', ']':
		return false
	}
	return c > ' ' && c < 0x7f
}

func isAStringChar(c byte) bool { return isAtomChar(c) || c == ']' }

func isListChar(c byte) bool { return isAStringChar(c) || c == '%' || c == '*' }

// while reads octets as long as ok holds.
func (p *parser) while(ok func(byte) bool) string {
	start := p.pos
	for p.more() && ok(p.text[p.pos]) {
		p.pos++
	}
	return string(p.text[start:p.pos])
}

func (p *parser) run(what string, ok func(byte) bool) string {
	s := p.while(ok)
	if s == "" {
		p.fail("expected %s, found %s", what, p.excerpt())
	}
	return s
}

// atom reads an atom (RFC 3501 §4.1).
func (p *parser) atom() string { return p.run("an atom", isAtomChar) }

// keyword reads an atom whose case doesn't matter, in capitals.
func (p *parser) keyword() string { return strings.ToUpper(p.atom()) }

// string reads a quoted string or a literal (RFC 3501 §4.3).
func (p *parser) string() string {
	switch p.peek() {
	case '"':
		return p.quoted()
	case '{':
		return string(p.literal())
	}
	p.fail("expected a string, found %s", p.excerpt())
	return ""
}

func (p *parser) astring() string {
	if c := p.peek(); c == '"' || c == '{' {
		return p.string()
	}
	return p.run("an atom or a string", isAStringChar)
}

func (p *parser) nstring() (s string, isNil bool) {
	if len(p.text)-p.pos >= 3 && bytes.EqualFold(p.text[p.pos:p.pos+3], []byte("NIL")) {
		p.pos += 3
		return "", true
	}
	return p.string(), false
}

func (p *parser) quoted() string {
	p.expect('"')
	var b []byte
	for p.more() {
		c := p.text[p.pos]
		p.pos++
		switch {
		case c == '"':
			if !utf8.Valid(b) {
				p.fail("octets in a quoted string that are not UTF-8 (RFC 6855 §3)")
				return ""
			}
			return string(b)
		case c == '\\':
			if c = p.peek(); c != '"' && c != '\\' {
				p.fail(`only \" and \\ may follow a backslash in a quoted string (RFC 3501 §9)`)
				return ""
			}
			p.pos++
		case c >= 0x80 && !p.quoted8:
			p.fail("8-bit octet in a quoted string: send a literal (RFC 3501 §4.3)")
			return ""
		case c == '\r' || c == 0:
			p.fail("CR or NUL in a quoted string (RFC 3501 §4.3)")
			return ""
		}
		b = append(b, c)
	}
	p.fail("quoted string without its closing quote")
	return ""
}

// literal reads a literal, or a literal8 whose "~" was read (RFC 3516 §4.4), which alone
// may hold NUL.
func (p *parser) literal() []byte { return p.literalOf(nil) }

// literalOf is literal for one that is a message if there is an admission, which is asked
// about it before it is sent.
func (p *parser) literalOf(admit admission) []byte {
	binary := p.pos > 0 && p.text[p.pos-1] == '~'
	p.expect('{')
	p.while(func(c byte) bool { return c != '}' })
	p.expect('}')
	if p.err == nil && p.next != nil && len(p.literals) == 0 && p.pos == len(p.text) && !p.next(admit) {
		p.err = errNotSent
		return nil
	}
	if p.err != nil || len(p.literals) == 0 || p.literals[0].end != p.pos {
		p.fail("a literal's size must be the last thing in its line (RFC 3501 §4.3)")
		return nil
	}
	data := p.literals[0].data
	p.literals = p.literals[1:]
	if !binary && bytes.IndexByte(data, 0) >= 0 {
		p.fail("NUL octet in a literal (RFC 3501 §4.3)")
		return nil
	}
	return data
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads a number below 2^32.
func (p *parser) number() uint32 { return uint32(p.numberUpTo(math.MaxUint32)) }

// number64 reads a number of octets, which IMAP4rev2 gives 63 bits (RFC 9051 §9, number64).
func (p *parser) number64() int64 {
	if p.rev2 {
		return int64(p.numberUpTo(math.MaxInt64))
	}
	return int64(p.number())
}

func (p *parser) numberUpTo(limit uint64) uint64 {
	digits := p.run("a number", isDigit)
	if p.err != nil {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n > limit {
		p.fail("number %.30s is above %d", digits, limit)
		return 0
	}
	return n
}

// list reads a parenthesised list, calling item for each member; empty tells
// whether the list may be so.
func (p *parser) list(empty bool, item func()) {
	p.expect('(')
	if p.accept(')') {
		if !empty {
			p.fail("the list may not be empty")
		}
		return
	}
	for {
		item()
		if p.err != nil || p.accept(')') {
			return
		}
		p.space()
	}
}

// listFollows tells whether a space and a list are next.
func (p *parser) listFollows() bool {
	return p.err == nil && bytes.HasPrefix(p.text[p.pos:], []byte(" ("))
}

// mailbox reads a mailbox name and returns it in UTF-8 (RFC 3501 §5.1.3).
func (p *parser) mailbox() string {
	wire := p.astring()
	if p.err != nil {
		return ""
	}
	name, err := p.decodeName(wire)
	if err != nil && p.refused == nil {
		p.refused = no(imap.ResponseCodeCannot, fmt.Sprintf("mailbox name %.60q is %v", wire, err))
	}
	return name
}

func (p *parser) decodeName(wire string) (string, error) {
	switch {
	case p.utf8:
		return wire, nil
	case p.quoted8 && !isASCII([]byte(wire)) && utf8.ValidString(wire):
		// RFC 9051 §4.3.1: a server of IMAP4rev2 takes UTF-8 before it is enabled too. Clients
		// that know the server for one escape "&" in it still.
		return strings.ReplaceAll(wire, "&-", "&"), nil
	}
	return decodeUTF7(wire)
}

// listName reads the reference of LIST or LSUB, or the pattern, which as an atom may
// hold wildcards. It is no error that nothing can have such a name.
func (p *parser) listName(isChar func(byte) bool) string {
	var wire string
	if c := p.peek(); c == '"' || c == '{' {
		wire = p.astring()
	} else {
		wire = p.run("a mailbox name or pattern", isChar)
	}
	name, err := p.decodeName(wire)
	if err != nil {
		return "\x00"
	}
	return norm.NFC.String(name)
}

func (p *parser) flag() imap.Flag {
	start := p.pos
	p.accept('\\')
	p.run("an atom", isAtomChar)
	return imap.Flag(p.text[start:p.pos])
}

func (p *parser) flagList() []imap.Flag {
	flags := []imap.Flag{}
	p.list(true, func() { flags = append(flags, p.flag()) })
	return flags
}
