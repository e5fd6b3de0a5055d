package imapfake

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wholeNeedle returns a needle for words: a match begins and ends where a word does, and
// any white space is like any other.
func wholeNeedle(text string) *needle {
	n := newNeedle(strings.Join(strings.Fields(text), " "))
	n.whole = true
	return n
}

// wholeIn tells whether the words are in a text.
func (n *needle) wholeIn(text []byte) bool {
	for _, piece := range n.pieces {
		if !piece.in(text) {
			return false
		}
	}
	form := strings.Join(strings.Fields(casemap(string(text))), " ")
	for start := 0; start <= len(form); {
		i := strings.Index(form[start:], n.form)
		if i < 0 {
			return false
		}
		i += start
		end := i + len(n.form)
		if isWordEdge(form, i) && isWordEdge(form, end) {
			return true
		}
		_, size := utf8.DecodeRuneInString(form[i:])
		start = i + max(1, size)
	}
	return false
}

// isWordEdge tells whether the place in the text isn't amid a word.
func isWordEdge(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	return !isWordRune(before) || !isWordRune(after)
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}
