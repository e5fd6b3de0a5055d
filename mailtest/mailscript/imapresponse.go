package mailscript

import (
	"slices"
	"strings"
)

// nodeKind is what an argument of a response is.
type nodeKind int

const (
	atom nodeKind = iota // also a number, NIL, a flag, or BODY[…]<…>
	str                  // a quoted string or a literal
	list                 // in parentheses, or a response code
)

// ordering is what the order of a list's members means.
type ordering int

const (
	sequence ordering = iota
	set               // nothing
	pairs             // nothing, but that each second member belongs to the one before it
)

// node is an argument of a response.
type node struct {
	kind     nodeKind
	text     []symbol // of all but a list
	members  []node   // of a list
	ordering ordering
	fold     bool // the case of letters means nothing
	volatile bool // one number is as good as another
}

// imapResponse is a response taken apart.
type imapResponse struct {
	tag     []symbol // "*", "+" or the command's
	status  []symbol // OK, NO, BAD, BYE or PREAUTH of a status response, whose text means nothing
	anyCode bool     // a wanted status response that doesn't care about its code
	code    node     // the response code, a list; empty if there is none
	args    node     // of any other response, all that follows the tag, a list
	name    string   // of any other response, such as FETCH
}

// maxDepth is how deep lists are followed.
const maxDepth = 1000

// parseIMAP takes a response apart. There is no wrong one: what doesn't follow the
// grammar ends up in some atom.
func parseIMAP(text []symbol) imapResponse {
	if n := len(text); n >= 2 && text[n-2] == '\r' && text[n-1] == '\n' {
		text = text[:n-2]
	}
	head, rest := cutSymbol(text, ' ')
	r := imapResponse{tag: head}
	if r.isContinuation() {
		return r
	}
	word, after := cutSymbol(rest, ' ')
	switch strings.ToUpper(string(octets(word))) {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		r.status = word
		if len(after) > 0 && after[0] == '[' {
			p := nodeParser{text: after[1:]}
			r.code = p.list(']', 0)
		}
		r.anyCode = len(after) > 0 && after[0] == anything
		r.code.shapeCode()
		return r
	}
	p := nodeParser{text: rest}
	r.args = p.list(0, 0)
	r.name = r.args.shapeResponse()
	return r
}

func (r *imapResponse) isContinuation() bool { return len(r.tag) == 1 && r.tag[0] == '+' }

func (r *imapResponse) isTagged() bool {
	return len(r.tag) > 1 || len(r.tag) == 1 && r.tag[0] != '*' && r.tag[0] != '+' && r.tag[0] != anything
}

func cutSymbol(text []symbol, sep symbol) (before, after []symbol) {
	if i := slices.Index(text, sep); i >= 0 {
		return text[:i], text[i+1:]
	}
	return text, nil
}

type nodeParser struct {
	text []symbol
	pos  int
}

func (p *nodeParser) peek() symbol {
	if p.pos == len(p.text) {
		return -1
	}
	return p.text[p.pos]
}

// list reads up to the closing symbol, or the end.
func (p *nodeParser) list(closing symbol, depth int) node {
	l := node{kind: list}
	for p.peek() >= 0 {
		switch c := p.peek(); {
		case c == ' ':
			p.pos++
		case c == closing:
			p.pos++
			return l
		case c == '(' && depth < maxDepth:
			p.pos++
			l.members = append(l.members, p.list(')', depth+1))
		case c == '"':
			l.members = append(l.members, p.quoted())
		default:
			if literal, ok := p.literal(); ok {
				l.members = append(l.members, literal)
				break
			}
			l.members = append(l.members, p.atom(closing))
		}
	}
	return l
}

func (p *nodeParser) quoted() node {
	n := node{kind: str}
	for p.pos++; p.peek() >= 0 && p.peek() != '"'; p.pos++ {
		if p.peek() == '\\' && p.pos+1 < len(p.text) {
			p.pos++
		}
		n.text = append(n.text, p.text[p.pos])
	}
	p.pos = min(p.pos+1, len(p.text))
	return n
}

// literal reads a literal if there is one.
func (p *nodeParser) literal() (node, bool) {
	head := p.pos
	if p.peek() == '~' {
		head++ // a literal8 (RFC 3516 §7)
	}
	end := slices.Index(p.text[head:], '\n')
	if end < 0 || p.text[head] != '{' {
		return node{}, false
	}
	size := literalSize(p.text[head : head+end])
	if size < 0 || slices.Contains(p.text[head:head+end], ' ') {
		return node{}, false
	}
	start := head + end + 1
	for p.pos = start; size > 0 && p.pos < len(p.text); p.pos++ {
		size -= p.text[p.pos].size()
	}
	return node{kind: str, text: p.text[start:p.pos]}, true
}

// atom reads up to a space or parenthesis; within brackets these are part of it.
func (p *nodeParser) atom(closing symbol) node {
	start, brackets := p.pos, 0
	for ; p.peek() >= 0; p.pos++ {
		c := p.peek()
		if c == '[' {
			brackets++
		}
		if brackets > 0 {
			if c == ']' {
				brackets--
			}
			continue
		}
		if c == ' ' || c == closing || (c == '(' || c == ')') && p.pos > start {
			break
		}
	}
	return node{kind: atom, text: p.text[start:p.pos]}
}
