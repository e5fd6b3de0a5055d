package imapfake

import (
	"math/big"
	"strings"

	"example.org/mailfakes/mailtest/mailstore"
)

// listPattern is a pattern of LIST, in which "*" stands for anything and "%" for anything
// within one level (RFC 3501 §6.3.8). A name is read octet by octet, with the set of all places
// in the pattern that what was read can have led to: no pattern takes more than the product
// of its length and the name's, and 64 places are one step.
type listPattern struct {
	inbox     bool // it is INBOX, in any case
	separator byte
	length    int
	fewest    int               // octets that a name needs
	octets    map[byte]*big.Int // the places of an octet
	any       big.Int           // of "*"
	wild      big.Int           // of "*" and "%"
}

func newListPattern(text string, separator byte) *listPattern {
	p := &listPattern{inbox: strings.EqualFold(text, mailstore.Inbox), separator: separator, octets: make(map[byte]*big.Int)}
	for place, c := range []byte(oneWildcard(text)) {
		p.length++
		switch c {
		case '*':
			p.any.SetBit(&p.any, place, 1)
			p.wild.SetBit(&p.wild, place, 1)
		case '%':
			p.wild.SetBit(&p.wild, place, 1)
		default:
			p.fewest++
			if p.octets[c] == nil {
				p.octets[c] = new(big.Int)
			}
			p.octets[c].SetBit(p.octets[c], place, 1)
		}
	}
	return p
}

// oneWildcard returns a pattern with each run of wildcards as the one that it amounts to.
func oneWildcard(pattern string) string {
	out := make([]byte, 0, len(pattern))
	for _, c := range []byte(pattern) {
		if last := len(out) - 1; (c == '*' || c == '%') && last >= 0 && (out[last] == '*' || out[last] == '%') {
			if c == '*' {
				out[last] = c
			}
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// matches tells whether a name matches the pattern.
func (p *listPattern) matches(name string) bool {
	if p.inbox {
		return name == mailstore.Inbox
	}
	if len(name) < p.fewest {
		return false
	}
	// Within INBOX case doesn't matter.
	first, _, _ := strings.Cut(name, string(p.separator))
	inbox := 0
	if first == mailstore.Inbox {
		inbox = len(first)
	}
	var at, next, some big.Int
	at.SetBit(&at, 0, 1)
	p.skip(&at, &some)
	for i := range len(name) {
		c := name[i]
		stay := &p.wild
		if c == p.separator {
			stay = &p.any
		}
		next.SetInt64(0)
		if places := p.octets[c]; places != nil {
			next.And(&at, places)
		}
		if places := p.octets[c-'A'+'a']; places != nil && i < inbox {
			next.Or(&next, some.And(&at, places))
		}
		next.Lsh(&next, 1)
		next.Or(&next, some.And(&at, stay))
		p.skip(&next, &some)
		if at.Set(&next); at.Sign() == 0 {
			return false
		}
	}
	return at.Bit(p.length) == 1
}

// skip adds the places after the wildcards at the places given: they can stand for nothing.
func (p *listPattern) skip(at, some *big.Int) {
	at.Or(at, some.Lsh(some.And(at, &p.wild), 1))
}
