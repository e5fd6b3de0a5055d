package structure

import (
	"bytes"
	"slices"
	"strings"
)

// lexer reads the lexical tokens of RFC 5322 §3.2 and RFC 2045 §5.1 off the value
// of a structured field. Line breaks count as white space.
type lexer struct {
	in      []byte
	pos     int
	comment Span // the content of the last comment, without its parentheses
}

func (l *lexer) done() bool { return l.pos >= len(l.in) }

// peek returns the next octet, and NUL, which means nothing in any grammar, at
// the end.
func (l *lexer) peek() byte {
	if l.done() {
		return 0
	}
	return l.in[l.pos]
}

func (l *lexer) accept(c byte) bool {
	if l.done() || l.in[l.pos] != c {
		return false
	}
	l.pos++
	return true
}

// run reads the longest run of octets that are in the class.
func (l *lexer) run(in class) []byte {
	start := l.pos
	for l.pos < len(l.in) && classes[l.in[l.pos]]&in != 0 {
		l.pos++
	}
	return l.in[start:l.pos:l.pos]
}

func (l *lexer) token() []byte { return l.run(inToken) }

// skipPast moves past the next c, if there is one.
func (l *lexer) skipPast(c byte) bool {
	i := bytes.IndexByte(l.in[l.pos:], c)
	if i < 0 {
		return false
	}
	l.pos += i + 1
	return true
}

// skipCFWS skips white space and comments. A comment that doesn't end takes the
// rest of the value with it, and makes skipCFWS return false.
func (l *lexer) skipCFWS() bool {
	for !l.done() {
		switch c := l.in[l.pos]; {
		case isSpace(c):
			l.pos++
		case c == '(':
			if !l.skipComment() {
				return false
			}
		default:
			return true
		}
	}
	return true
}

func (l *lexer) skipComment() bool {
	start := l.pos + 1
	for depth := 0; !l.done(); l.pos++ {
		switch l.in[l.pos] {
		case '\\':
			l.pos++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.comment = Span{start, l.pos}
				l.pos++
				return true
			}
		}
	}
	l.pos = len(l.in)
	return false
}

// quotedString reads a quoted string and returns its content, which is shared with
// the value where that is possible. One that doesn't end takes the rest of the value
// with it.
func (l *lexer) quotedString() ([]byte, bool) {
	start := l.pos + 1
	for l.pos = start; !l.done(); l.pos++ {
		switch l.in[l.pos] {
		case '\\':
			l.pos++
		case '"':
			l.pos++
			return unquote(l.in[start : l.pos-1 : l.pos-1]), true
		}
	}
	l.pos = len(l.in)
	return nil, false
}

// unquote undoes the quoting of RFC 5322 §3.2.1 and the folding in the content of
// a quoted string or a comment.
func unquote(text []byte) []byte {
	plain := 0
	for plain < len(text) && classes[text[plain]]&inQuotedAsItIs != 0 {
		plain++
	}
	if plain == len(text) {
		return text
	}
	out := append(make([]byte, 0, len(text)), text[:plain]...)
	for i := plain; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\r' || c == '\n':
		case c == '\\' && i+1 < len(text):
			i++
			out = append(out, text[i])
		default:
			out = append(out, c)
		}
	}
	return slices.Clip(out)
}

// class is a set of octets, or several of them.
type class uint8

const (
	inSpace class = 1 << iota
	// inToken: a token of RFC 2045 §5.1. Octets of 8-bit charsets aren't, but are used.
	inToken
	// inAtomOrDot: atext of RFC 5322 §3.2.3, a dot, or, for RFC 6532 and mail that
	// ignores all of them, an 8-bit octet.
	inAtomOrDot
	inFieldName // RFC 5322 §2.2, and 8-bit octets
	inLetter
	inDigit
	inEncodedWord  // and in a parameter's value that should have been quoted
	inQuotedAsItIs // what unquote doesn't change
)

// classes tells for each octet which classes it is in.
var classes = func() (table [256]class) {
	for i := range table {
		c := byte(i)
		set := func(in class, is bool) {
			if is {
				table[c] |= in
			}
		}
		visible := c > ' ' && c != 0x7f
		space := c == ' ' || c == '\t' || c == '\r' || c == '\n'
		set(inSpace, space)
		set(inToken, visible && strings.IndexByte(`()<>@,;:\"/[]?=`, c) < 0)
		set(inAtomOrDot, visible && strings.IndexByte(`()<>@,;:\"[]`, c) < 0)
		set(inFieldName, c > ' ' && c != ':')
		set(inLetter, 'a' <= lower(c) && lower(c) <= 'z')
		set(inDigit, '0' <= c && c <= '9')
		set(inEncodedWord, c != ';' && !space)
		set(inQuotedAsItIs, c != '\\' && c != '\r' && c != '\n')
	}
	return table
}()

func isSpace(c byte) bool { return classes[c]&inSpace != 0 }

func isAtomOrDot(c byte) bool { return classes[c]&inAtomOrDot != 0 }

// foldEqual compares without regard to the case of ASCII letters, which is how
// names are compared in mail. (strings.EqualFold takes more to be equal.)
func foldEqual[T, U string | []byte](a T, b U) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
