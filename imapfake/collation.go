package imapfake

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"
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
	form   string // see casemap
	ascii  bool
	probes []int    // where in form the octets are that texts have least of, rarest first
	words  []string // of form, to be matched fuzzily; nil: the match is to be exact
	whole  bool     // it is matched by whole words
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
		if strings.IndexByte(n.form[:i], n.form[i]) < 0 {
			n.probes = append(n.probes, i)
		}
	}
	slices.SortStableFunc(n.probes, func(i, j int) int { return commonness(n.form[i]) - commonness(n.form[j]) })
	n.probes = n.probes[:min(len(n.probes), maxProbes)]
	return n
}

// maxProbes is how many octets of a needle are tried as the one to look for.
const maxProbes = 3

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
		if n.inOther(segment) {
			return true
		}
	}
	return false
}

// inASCII looks for an ASCII needle octet by octet, without regard to case. It goes from
// one place to the next where a rare octet of the needle is. When that isn't rare in
// this text, another one may be.
func (n *needle) inASCII(text []byte) bool {
	for _, at := range n.probes {
		found, rest := n.probe(text, at, false)
		if found || rest == nil {
			return found
		}
		text = rest
	}
	found, _ := n.probe(text, n.probes[0], true)
	return found
}

// probe looks for the ASCII needle wherever its octet at is in a text. Unless it is
// patient, it gives up when there are too many of these, and returns the rest of
// the text.
func (n *needle) probe(text []byte, at int, patient bool) (found bool, rest []byte) {
	last := len(text) - len(n.form) + at // where the octet can be
	if last < at {
		return false, nil
	}
	within := text[:last+1]
	upper := n.form[at]
	lower := lowerOctet(upper)
	from := func(pos int, c byte) int {
		if i := bytes.IndexByte(within[pos:], c); i >= 0 {
			return pos + i
		}
		return len(within)
	}
	nextUpper, nextLower := from(at, upper), len(within)
	if lower != upper {
		nextLower = from(at, lower)
	}
	for misses := 1; ; misses++ {
		pos := min(nextUpper, nextLower)
		if pos == len(within) {
			return false, nil
		}
		if n.at(text[pos-at:]) {
			return true, nil
		}
		if !patient && misses > fewMisses && misses*octetsPerMiss > pos {
			return false, text[pos-at+1:]
		}
		if pos == nextUpper {
			nextUpper = from(pos+1, upper)
		} else {
			nextLower = from(pos+1, lower)
		}
	}
}

// A probe is impatient after more than fewMisses misses, if these are more than one in
// octetsPerMiss octets.
const fewMisses, octetsPerMiss = 4, 256

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

// inOther tells whether the needle is in a text by its collation form.
func (n *needle) inOther(text []byte) bool {
	titled := make([]byte, 0, 256)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		titled = utf8.AppendRune(titled, unicode.ToTitle(r))
		text = text[size:]
	}
	form := norm.NFKD.Append(make([]byte, 0, 384), titled...)
	return bytes.Contains(form, []byte(n.form))
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
	for ; len(text)-i >= 32; i += 32 {
		block := text[i : i+32 : i+32]
		if (binary.LittleEndian.Uint64(block)|binary.LittleEndian.Uint64(block[8:])|
			binary.LittleEndian.Uint64(block[16:])|binary.LittleEndian.Uint64(block[24:]))&eightBit != 0 {
			break
		}
	}
	for len(text)-i >= 8 && binary.LittleEndian.Uint64(text[i:])&eightBit == 0 {
		i += 8
	}
	for i < len(text) && text[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// eightBit are the bits that no octet of ASCII has set.
const eightBit = 0x8080808080808080
