package mailscript

import (
	"slices"
	"strings"
)

// shape says what in a response means nothing.
type shape struct {
	args  int // how many members the response has at least, its name included
	apply func(response *node)
}

// responseShapes are those of the responses whose order isn't all fixed (RFC 3501 §7).
// An extension's response is a row here.
var responseShapes = map[string]shape{
	"CAPABILITY": {1, (*node).asSet},
	"ENABLED":    {1, (*node).asSet},
	"SEARCH":     {1, (*node).asSet},
	"FLAGS":      {2, func(r *node) { r.members[1].asSet() }},
	"LIST":       {4, (*node).shapeList},
	"LSUB":       {4, (*node).shapeList},
	"STATUS":     {3, (*node).shapeStatus},
	"METADATA":   {3, (*node).shapeMetadata},
	"FETCH":      {3, func(r *node) { r.members[2].shapeFetch() }},
}

// codeShapes are those of response codes (RFC 3501 §7.1, RFC 4315 §3).
var codeShapes = map[string]shape{
	"CAPABILITY":     {1, (*node).asSet},
	"BADCHARSET":     {2, func(r *node) { r.members[1].asSet() }},
	"PERMANENTFLAGS": {2, func(r *node) { r.members[1].asSet() }},
	"UIDVALIDITY":    {2, func(r *node) { r.members[1].volatile = true }},
	"APPENDUID":      {3, func(r *node) { r.members[1].volatile = true }},
	"COPYUID":        {4, func(r *node) { r.members[1].volatile = true }},
}

// shapeResponse marks what means nothing in a response, and returns its name.
func (n *node) shapeResponse() string {
	if len(n.members) == 0 {
		return ""
	}
	named := &n.members[0]
	if len(n.members) > 1 && (isNumber(named.text) || named.kind == atom && !isPlain(named.text)) {
		named = &n.members[1] // such as 1 FETCH
	}
	named.fold = true
	return n.shapeBy(responseShapes, named.word())
}

// shapeCode is shapeResponse for a response code.
func (n *node) shapeCode() {
	if len(n.members) > 0 {
		n.members[0].fold = true
		n.shapeBy(codeShapes, n.members[0].word())
	}
}

func (n *node) shapeBy(shapes map[string]shape, name string) string {
	if s, ok := shapes[name]; ok && len(n.members) >= s.args {
		s.apply(n)
	}
	return name
}

// shapeList is the shape of attributes, separator, name, and extended data items, whose
// tags may be quoted (RFC 3501 §7.2.2, RFC 5258 §6).
func (n *node) shapeList() {
	n.members[1].asSet()
	n.members[3].asMailbox()
	if len(n.members) > 4 {
		items := &n.members[4]
		items.asPairs()
		for i := 0; i < len(items.members); i += 2 {
			items.members[i].asString()
		}
	}
}

// shapeStatus is the shape of a name and its items (RFC 3501 §7.2.4).
func (n *node) shapeStatus() {
	n.members[1].asMailbox()
	items := &n.members[2]
	items.asPairs()
	for i := 1; i < len(items.members); i += 2 {
		items.members[i].volatile = items.members[i-1].word() == "UIDVALIDITY"
	}
}

// shapeMetadata is the shape of a name and its entries, with their values if these are in
// a list (RFC 5464 §4.4).
func (n *node) shapeMetadata() {
	n.members[1].asMailbox()
	n.members[2].asPairs()
}

// shapeFetch is the shape of the items of a FETCH response (RFC 3501 §7.4.2).
func (n *node) shapeFetch() {
	n.asPairs()
	for i := 1; i < len(n.members); i += 2 {
		// Header fields may be named with quotes or without.
		label := &n.members[i-1]
		label.text = slices.DeleteFunc(slices.Clone(label.text), func(s symbol) bool { return s == '"' })
		value := &n.members[i]
		switch label.word() {
		case "FLAGS":
			value.asSet()
		case "INTERNALDATE":
			// A day of one digit may begin with a space or with 0 (§9, date-day-fixed).
			if len(value.text) > 0 && value.text[0] == ' ' {
				value.text = append([]symbol{'0'}, value.text[1:]...)
			}
		}
	}
}

// asSet makes a list one whose order and capitals mean nothing.
func (n *node) asSet() {
	n.ordering = set
	for i := range n.members {
		n.members[i].fold = true
	}
}

// asPairs makes a list one of labels and values, in which the order of the pairs and
// the capitals of the labels mean nothing.
func (n *node) asPairs() {
	n.ordering = pairs
	for i := 0; i < len(n.members); i += 2 {
		n.members[i].fold = true
	}
}

// asString makes an atom equal to the string of the same octets.
func (n *node) asString() {
	if n.kind == atom && isPlain(n.text) {
		n.kind = str
	}
}

// asMailbox is asString that makes INBOX equal to inbox, too (RFC 3501 §5.1).
func (n *node) asMailbox() {
	n.asString()
	n.fold = equalText(n.text, symbols([]byte("INBOX")), true)
}

// is tells whether a node consists of that addition alone.
func (n *node) is(addition symbol) bool {
	return n.kind == atom && len(n.text) == 1 && n.text[0] == addition
}

func (n *node) word() string {
	if n.kind != atom {
		return ""
	}
	return strings.ToUpper(string(octets(n.text)))
}

func isNumber(text []symbol) bool {
	return len(text) > 0 && !slices.ContainsFunc(text, func(s symbol) bool { return s < '0' || s > '9' })
}
