package imapfake

import (
	"bytes"
	"encoding/binary"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// i18nLevel1 is I18NLEVEL=1 (RFC 5255 §4.3): strings are compared by i;unicode-casemap.
func i18nLevel1() extension { return extension{cap: "I18NLEVEL=1"} }

// casemap returns a text in the form in which i;unicode-casemap (RFC 5051) compares it:
// in titlecase, and decomposed, so that "e" is in "É".
func casemap(text string) string {
	return norm.NFKD.String(strings.Map(unicode.ToTitle, text))
}

// needle is a string that is looked for by i;unicode-casemap.
type needle struct {
	form  string // see casemap
	ascii bool
	rare  int      // where in form the octet is that texts have least of
	words []string // of form, to be matched fuzzily; nil: the match is to be exact
	// pieces are what white space and colons divide it into.
	pieces []*needle
}

func newNeedle(text string) *needle {
	n := newPiece(text)
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return r == ':' || unicode.IsSpace(r) }) {
		n.pieces = append(n.pieces, newPiece(piece))
	}
	return n
}

func newPiece(text string) *needle {
	n := &needle{form: casemap(text)}
	n.ascii = isASCII([]byte(n.form))
	for i := range len(n.form) {
		if commonness(n.form[i]) < commonness(n.form[n.rare]) {
			n.rare = i
		}
	}
	return n
}

// commonness tells how frequent a character is in mail, roughly.
func commonness(c byte) int {
	const rarestFirst = "~^`|{}\\#$%&@!?+*;Z[]Q\"J'X0123456789()<>_/KV=:BPYGFWMUC,LDRHSN.-IOATE "
	return strings.IndexByte(rarestFirst, c)
}

// in tells whether the needle is in a text of UTF-8.
func (n *needle) in(text []byte) bool {
	switch {
	case n.form == "":
		return true
	case n.ascii && n.inASCII(text):
		return true
	case isASCII(text):
		return false
	}
	for segment := range n.segments(text) {
		if strings.Contains(casemap(string(segment)), n.form) {
			return true
		}
	}
	return false
}

// inASCII looks for an ASCII needle octet by octet, without regard to case.
func (n *needle) inASCII(text []byte) bool {
	last := len(text) - len(n.form) + n.rare // where the rare octet can be
	if last < n.rare {
		return false
	}
	within := text[:last+1]
	upper := n.form[n.rare]
	lower := lowerOctet(upper)
	from := func(at int, c byte) int {
		if i := bytes.IndexByte(within[at:], c); i >= 0 {
			return at + i
		}
		return len(within)
	}
	nextUpper, nextLower := from(n.rare, upper), len(within)
	if lower != upper {
		nextLower = from(n.rare, lower)
	}
	for {
		at := min(nextUpper, nextLower)
		if at == len(within) {
			return false
		}
		if n.at(text[at-n.rare:]) {
			return true
		}
		if at == nextUpper {
			nextUpper = from(at+1, upper)
		} else {
			nextLower = from(at+1, lower)
		}
	}
}

// at tells whether text, which is at least as long, begins with the ASCII needle.
func (n *needle) at(text []byte) bool {
	for i := range len(n.form) {
		if upperOctet(text[i]) != n.form[i] {
			return false
		}
	}
	return true
}

func upperOctet(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func lowerOctet(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c - 'A' + 'a'
	}
	return c
}

// segments yields the parts of a text in which a match can be that isn't one of ASCII
// octets with an ASCII needle: each run of other characters, and as much around it as
// the needle is long.
func (n *needle) segments(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for pos := 0; pos < len(text); {
			first := pos + asciiPrefix(text[pos:])
			if first == len(text) {
				return
			}
			start, end := max(pos, first-len(n.form)), first
			for {
				for end < len(text) && text[end] >= utf8.RuneSelf {
					end++
				}
				gap := asciiPrefix(text[end:])
				if gap > 2*len(n.form) || end+gap == len(text) {
					break
				}
				end += gap
			}
			stop := min(len(text), end+len(n.form))
			if !yield(text[start:stop]) {
				return
			}
			pos = end
		}
	}
}

// isASCII tells whether a text is all ASCII.
func isASCII(text []byte) bool { return asciiPrefix(text) == len(text) }

// asciiPrefix returns how many octets at the start of a text are ASCII.
func asciiPrefix(text []byte) int {
	i := 0
	for len(text)-i >= 8 && binary.LittleEndian.Uint64(text[i:])&0x8080808080808080 == 0 {
		i += 8
	}
	for i < len(text) && text[i] < utf8.RuneSelf {
		i++
	}
	return i
}
