package structure

import (
	"bytes"
	"strings"
)

// lexer reads the lexical tokens of RFC 5322 §3.2 and RFC 2045 §5.1 off the value
// of a structured field. Line breaks count as white space.
type lexer struct {
	in      []byte
	pos     int
	comment Span // the content of the last comment in in, without its parentheses
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
func (l *lexer) run(class func(byte) bool) []byte {
	start := l.pos
	for l.pos < len(l.in) && class(l.in[l.pos]) {
		l.pos++
	}
	return l.in[start:l.pos]
}

func (l *lexer) token() []byte { return l.run(isToken) }

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

// quotedString reads a quoted string and returns its content. One that doesn't
// end takes the rest of the value with it.
func (l *lexer) quotedString() (string, bool) {
	start := l.pos + 1
	for l.pos = start; !l.done(); l.pos++ {
		switch l.in[l.pos] {
		case '\\':
			l.pos++
		case '"':
			l.pos++
			return unquote(l.in[start : l.pos-1]), true
		}
	}
	l.pos = len(l.in)
	return "", false
}

// unquote undoes the quoting of RFC 5322 §3.2.1 and the folding in the content of
// a quoted string or a comment.
func unquote(text []byte) string {
	if !bytes.ContainsAny(text, "\\\r\n") {
		return intern(text)
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\r' || c == '\n':
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// isToken tells whether c is allowed in a token of RFC 2045 §5.1. Octets of 8-bit
// charsets aren't, but are used.
func isToken(c byte) bool {
	return c > ' ' && c != 0x7f && strings.IndexByte(`()<>@,;:\"/[]?=`, c) < 0
}

// isAtomOrDot tells whether c is atext of RFC 5322 §3.2.3, a dot, or, for RFC 6532
// and mail that ignores all of them, an 8-bit octet.
func isAtomOrDot(c byte) bool {
	return c > ' ' && c != 0x7f && strings.IndexByte(`()<>@,;:\"[]`, c) < 0
}

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
