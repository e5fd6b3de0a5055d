package imapfake

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// gmailQuery is a query in the language of Gmail's search box, or some of one.
type gmailQuery struct {
	kind gmailKind
	// of a gmailTerm: the operator before the colon in lower case, "" if there is none,
	// and what follows; quoted: it was in quotes.
	operator, value string
	quoted          bool
	parts           []gmailQuery // of the other kinds; gmailNot has one
}

type gmailKind int

const (
	gmailAll gmailKind = iota // of its parts
	gmailAny
	gmailNot
	gmailTerm
)

// maxGmailDepth bounds how deep a query may be nested.
const maxGmailDepth = 100

var errGmailDepth = fmt.Errorf("nested deeper than %d", maxGmailDepth)

// parseGmailQuery reads a query. Its parts all have to match, but those with OR, which
// binds closer, between them or in braces. "-" before a part excludes it. An operator may
// stand before a group: subject:(a OR b).
func parseGmailQuery(text string) (gmailQuery, error) {
	if !utf8.ValidString(text) {
		return gmailQuery{}, errors.New("not UTF-8")
	}
	p := gmailParser{rest: text}
	q := p.all("", 0, 0)
	if p.err == nil && p.rest != "" {
		p.fail(fmt.Errorf("%.20q closes nothing", p.rest))
	}
	return q, p.err
}

type gmailParser struct {
	rest string
	err  error
}

func (p *gmailParser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
	p.rest = ""
}

// next returns the next octet after white space, 0 at the end.
func (p *gmailParser) next() byte {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

// all reads parts up to what closes the group, or the end.
func (p *gmailParser) all(operator string, closing byte, depth int) gmailQuery {
	q := gmailQuery{kind: gmailAll}
	if depth > maxGmailDepth {
		p.fail(errGmailDepth)
	}
	for {
		switch c := p.next(); {
		case c == 0 && closing != 0:
			p.fail(fmt.Errorf("%q is missing", closing))
			return q
		case c == 0, c == ')', c == '}':
			return q
		}
		if p.keyword("AND") {
			continue
		}
		part := p.part(operator, depth)
		if p.keyword("OR") {
			part = gmailQuery{kind: gmailAny, parts: []gmailQuery{part}}
			for again := true; again; again = p.keyword("OR") {
				part.parts = append(part.parts, p.part(operator, depth))
			}
		}
		q.parts = append(q.parts, part)
	}
}

// keyword skips a word in capitals if it is the next.
func (p *gmailParser) keyword(word string) bool {
	p.next()
	rest, ok := strings.CutPrefix(p.rest, word)
	if ok = ok && (rest == "" || strings.IndexByte(" \t\r\n(){}\"", rest[0]) >= 0); ok {
		p.rest = rest
	}
	return ok
}

// part reads a term, a group, or what is excluded.
func (p *gmailParser) part(operator string, depth int) gmailQuery {
	if depth > maxGmailDepth {
		p.fail(errGmailDepth)
	}
	switch c := p.next(); c {
	case 0:
		p.fail(errors.New("something is missing at the end"))
		return gmailQuery{}
	case '-':
		p.rest = p.rest[1:]
		return gmailQuery{kind: gmailNot, parts: []gmailQuery{p.part(operator, depth+1)}}
	case '(', '{':
		p.rest = p.rest[1:]
		closing := map[byte]byte{'(': ')', '{': '}'}[c]
		q := p.all(operator, closing, depth+1)
		if c == '{' {
			q.kind = gmailAny
		}
		if p.err == nil && p.rest[0] != closing {
			p.fail(fmt.Errorf("%q where %q is missing", p.rest[0], closing))
		}
		if p.err == nil {
			p.rest = p.rest[1:]
		}
		return q
	case '"':
		return p.quoted(operator)
	}
	return p.word(operator, depth)
}

func (p *gmailParser) quoted(operator string) gmailQuery {
	phrase, rest, ok := strings.Cut(p.rest[1:], `"`)
	if !ok {
		p.fail(errors.New("a quote is missing"))
	} else {
		p.rest = rest
	}
	return gmailQuery{kind: gmailTerm, operator: operator, value: phrase, quoted: true}
}

// word reads a word, with its operator if it has one.
func (p *gmailParser) word(operator string, depth int) gmailQuery {
	end := strings.IndexAny(p.rest, " \t\r\n(){}\"")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	name, value, ok := strings.Cut(word, ":")
	if !ok || !isGmailOperator(name) || strings.HasPrefix(value, "//") {
		p.rest = p.rest[end:]
		if word == "" { // a closing parenthesis
			p.fail(fmt.Errorf("%.20q where a word is missing", p.rest))
		}
		return gmailQuery{kind: gmailTerm, operator: operator, value: word}
	}
	name = strings.ToLower(name)
	if value != "" {
		p.rest = p.rest[end:]
		return gmailQuery{kind: gmailTerm, operator: name, value: value}
	}
	if p.rest = p.rest[end:]; p.rest == "" || p.rest[0] != '(' && p.rest[0] != '{' && p.rest[0] != '"' {
		p.fail(fmt.Errorf("nothing after %q", name+":"))
	}
	return p.part(name, depth+1)
}

// isGmailOperator tells whether a word may be an operator: letters, digits and "_".
func isGmailOperator(word string) bool {
	for i, c := range []byte(word) {
		if !isAlphanumeric(c) && c != '_' || i == 0 && isDigit(c) {
			return false
		}
	}
	return word != ""
}
