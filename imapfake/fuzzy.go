package imapfake

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
)

// fuzzy is SEARCH=FUZZY (RFC 6203). Strings are matched by their words; every other
// key is matched as always.
func fuzzy() extension {
	relevancy := []returnOption{{"RELEVANCY", func(_ *parser, q *search) { q.returns.relevancy = true }}}
	return extension{
		cap:           imap.CapSearchFuzzy,
		searchKeys:    []searchKey{{"FUZZY", parseFuzzy}},
		searchReturns: relevancy, sortReturns: relevancy,
		// The most relevant comes first (RFC 6203 §6).
		sortKeys: []sortKey{{"RELEVANCY", func(h hit) sortValue { return sortValue{number: -int64(h.relevancy)} }}},
	}
}

func parseFuzzy(p *parser, q *search) matcher {
	p.space()
	outer := q.fuzzy
	q.fuzzy, q.scored = true, true
	defer func() { q.fuzzy = outer }()
	return q.key(p)
}

// fuzzyWords returns the words that a text in collation form is matched by.
func fuzzyWords(form string) []string {
	return strings.FieldsFunc(form, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

// relevancy tells how well a text matches a needle by its words: 100 when it holds the
// string as it is, else less the more words are missing or misspelled, and 0, no
// match, when that is more than half.
func (n *needle) relevancy(text []byte) int {
	if n.in(text) {
		return 100
	}
	form := casemap(string(text))
	var words []string
	points := 0 // two for each word that is there, one if it is misspelled
	for _, wanted := range n.words {
		if strings.Contains(form, wanted) {
			points += 2
			continue
		}
		if words == nil {
			words = fuzzyWords(form)
		}
		for _, word := range words {
			if isMisspelled(word, wanted) {
				points++
				break
			}
		}
	}
	if points < len(n.words) || points == 0 {
		return 0
	}
	return 99 * points / (2 * len(n.words))
}

// isMisspelled tells whether two words of four letters or more are the same but for
// one letter that is wrong, missing or too many.
func isMisspelled(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if utf8.RuneCountInString(b) < 4 || len(b)-len(a) > utf8.UTFMax {
		return false
	}
	for a != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x != y {
			return a[n:] == b[m:] || a == b[m:] || a[n:] == b
		}
		a, b = a[n:], b[m:]
	}
	return utf8.RuneCountInString(b) == 1
}

// writeRelevancy writes the scores of hits (RFC 6203 §4).
func (q *search) writeRelevancy(hits []hit) {
	q.out.text(" RELEVANCY (")
	for i, h := range hits {
		if i > 0 {
			q.out.byte(' ')
		}
		q.out.number(uint64(h.relevancy))
	}
	q.out.byte(')')
}
