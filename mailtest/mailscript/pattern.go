package mailscript

import (
	"maps"
	"slices"
)

// symbol is an octet of a line, or one of the script's additions that stands for
// octets yet unknown.
type symbol int64

const (
	anything   symbol = 256 + iota // \...: any octets
	unknown                        // \?: an answer that is still to be recorded
	optional                       // \~: what follows in the line may be left out
	groupOpen                      // \(
	groupClose                     // \)
	syncPoint                      // in what the client sends: wait for "+"

	// A capture is firstCapture and its number; an elision of n octets is
	// firstElision and n.
	firstCapture symbol = 1 << 32
	tagCapture          = firstElision - 1 // \$tag in a list of differences
	firstElision symbol = 1 << 40
	maxElision          = 1 << 30
)

func (s symbol) isOctet() bool   { return s < 256 }
func (s symbol) isCapture() bool { return s >= firstCapture && s < firstElision }
func (s symbol) isElision() bool { return s >= firstElision }

// size returns how many octets a symbol stands for within a literal.
func (s symbol) size() int64 {
	if s.isElision() {
		return int64(s - firstElision)
	}
	return 1
}

func symbols(octets []byte) []symbol {
	text := make([]symbol, len(octets))
	for i, c := range octets {
		text[i] = symbol(c)
	}
	return text
}

// octets returns the octets of text, with "?" for what is none.
func octets(text []symbol) []byte {
	b := make([]byte, len(text))
	for i, s := range text {
		b[i] = '?'
		if s.isOctet() {
			b[i] = byte(s)
		}
	}
	return b
}

func isPlain(text []symbol) bool {
	return !slices.ContainsFunc(text, func(s symbol) bool { return !s.isOctet() })
}

// bindings are the captured texts.
type bindings map[symbol][]symbol

// bind returns the bindings with one more.
func (b bindings) bind(name symbol, text []symbol) bindings {
	b = maps.Clone(b)
	b[name] = text
	return b
}

// expand returns text with what was captured in place of the captures.
func (b bindings) expand(text []symbol) []symbol {
	if !slices.ContainsFunc(text, symbol.isCapture) {
		return text
	}
	var expanded []symbol
	for _, s := range text {
		if bound, ok := b[s]; ok {
			expanded = append(expanded, bound...)
		} else {
			expanded = append(expanded, s)
		}
	}
	return expanded
}

// matchText tells whether text is as the pattern wants it, and returns the bindings
// with what the pattern captures. Of an unbound capture the shortest text is taken
// that lets the next symbol match. The time it takes is at most in proportion to the
// product of the lengths.
func matchText(pattern, text []symbol, b bindings, fold bool) (bindings, bool) {
	pattern = b.expand(pattern)
	p, t := 0, 0
	// Where to go on if the pattern fails after its last \....
	resumePattern, resumeText, resumeBindings := -1, 0, b
	for {
		switch {
		case p == len(pattern) && t == len(text):
			return b, true
		case p < len(pattern) && pattern[p] == anything:
			resumePattern, resumeText, resumeBindings = p, t, b
			p++
			continue
		case p < len(pattern):
			if n, next, ok := matchSymbol(pattern[p:], text[t:], b, fold); ok {
				p, t, b = p+1, t+n, next
				continue
			}
		}
		if resumePattern < 0 || resumeText == len(text) {
			return nil, false
		}
		resumeText++
		p, t, b = resumePattern+1, resumeText, resumeBindings
	}
}

// matchSymbol matches the first symbol of pattern, which isn't anything, and returns
// how much of text it took.
func matchSymbol(pattern, text []symbol, b bindings, fold bool) (n int, _ bindings, ok bool) {
	s := pattern[0]
	switch {
	case s.isElision():
		return int(s.size()), b, s.size() <= int64(len(text))
	case s.isCapture():
		n := len(text)
		if bound, ok := b[s]; ok { // captured earlier in the same pattern
			return len(bound), b, len(bound) <= n && equalText(bound, text[:len(bound)], fold)
		}
		if len(pattern) > 1 && pattern[1].isOctet() {
			if n = slices.Index(text, pattern[1]); n < 0 {
				return 0, b, false
			}
		}
		return n, b.bind(s, text[:n]), true
	}
	return 1, b, len(text) > 0 && equalText(text[:1], pattern[:1], fold)
}

// equalText compares octets, without regard to the case of US-ASCII letters if fold.
func equalText(a, b []symbol, fold bool) bool {
	return slices.EqualFunc(a, b, func(x, y symbol) bool { return x == y || fold && lower(x) == lower(y) })
}

func lower(s symbol) symbol {
	if 'A' <= s && s <= 'Z' {
		return s + 'a' - 'A'
	}
	return s
}
