package imapfake

import (
	"strconv"
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// bodySection is a BODY[section]<partial> item (RFC 3501 §6.4.5).
type bodySection struct {
	path    []int
	spec    structure.Spec
	fields  []string // of HEADER.FIELDS; nil: the whole header
	not     bool     // HEADER.FIELDS.NOT
	partial *partial
	peek    bool
	label   string // how the response calls it
}

// parseBody reads what follows BODY: a section, or nothing for the structure.
func parseBody(p *parser, peek bool) fetchAttribute {
	if p.peek() != '[' {
		if peek {
			p.fail("BODY.PEEK needs a section (RFC 3501 §6.4.5)")
		}
		return fetchAttribute{write: func(o *output, m *fetched) {
			o.text("BODY ")
			o.bodyStructure(m.Raw(), m.Structure(), false)
		}}
	}
	section := bodySection{peek: peek}
	section.parse(p)
	return section.attribute()
}

func (sec *bodySection) parse(p *parser) {
	p.expect('[')
	for isDigit(p.peek()) {
		if len(sec.path) >= maxPath {
			p.fail("a section's path has at most %d numbers here", maxPath)
		}
		sec.path = append(sec.path, p.partNumber())
		if !p.accept('.') {
			break
		}
		if !isDigit(p.peek()) {
			sec.parseSpec(p)
			sec.finish(p)
			return
		}
	}
	if len(sec.path) == 0 && p.peek() != ']' {
		sec.parseSpec(p)
	}
	sec.finish(p)
}

// maxPath bounds the depth of a part that can be asked for.
const maxPath = 100

func (sec *bodySection) parseSpec(p *parser) {
	switch word := strings.ToUpper(p.run("a section", func(c byte) bool { return isAtomChar(c) && c != '[' })); word {
	case "HEADER":
		sec.spec = structure.Header
	case "TEXT":
		sec.spec = structure.Text
	case "MIME":
		if sec.spec = structure.MIME; len(sec.path) == 0 {
			p.fail("MIME needs a part number before it (RFC 3501 §6.4.5)")
		}
	case "HEADER.FIELDS", "HEADER.FIELDS.NOT":
		sec.spec, sec.not = structure.Header, word == "HEADER.FIELDS.NOT"
		p.space()
		sec.fields = []string{}
		p.list(false, func() { sec.fields = append(sec.fields, p.astring()) })
	default:
		p.fail("unknown section %.40q (RFC 3501 §6.4.5)", word)
	}
}

// finish reads the end of a section, and makes the label.
func (sec *bodySection) finish(p *parser) {
	p.expect(']')
	sec.partial = p.partial()
	var b strings.Builder
	b.WriteString("BODY[")
	for i, n := range sec.path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(n))
	}
	if sec.spec != structure.Whole {
		if len(sec.path) > 0 {
			b.WriteByte('.')
		}
		b.WriteString(sec.specName())
	}
	b.WriteByte(']')
	if sec.partial != nil {
		b.WriteString("<" + strconv.Itoa(int(sec.partial.origin)) + ">")
	}
	sec.label = b.String()
}

func (sec *bodySection) specName() string {
	switch {
	case sec.spec == structure.Text:
		return "TEXT"
	case sec.spec == structure.MIME:
		return "MIME"
	case sec.fields == nil:
		return "HEADER"
	}
	name := "HEADER.FIELDS"
	if sec.not {
		name += ".NOT"
	}
	quoted := make([]string, len(sec.fields))
	for i, f := range sec.fields {
		quoted[i] = f
		if f == "" || strings.ContainsFunc(f, func(r rune) bool { return r > 0x7e || !isAStringChar(byte(r)) }) {
			quoted[i] = strconv.QuoteToASCII(f)
		}
	}
	return name + " (" + strings.Join(quoted, " ") + ")"
}

func (sec bodySection) attribute() fetchAttribute {
	return fetchAttribute{seen: !sec.peek, write: func(o *output, m *fetched) {
		o.text(sec.label).byte(' ')
		octets, ok := sec.of(m)
		if !ok {
			o.text("NIL")
			return
		}
		o.literal(sec.partial.of(octets))
	}}
}

// of returns the section of a message, false if it has no such part.
func (sec *bodySection) of(m *fetched) ([]byte, bool) {
	raw := m.Raw()
	if len(sec.path) == 0 && sec.spec == structure.Whole {
		return raw, true
	}
	span, ok := m.Structure().Section(sec.path, sec.spec)
	if !ok {
		return nil, false
	}
	if sec.fields != nil {
		return structure.Subset(nil, raw, span, sec.fields, sec.not), true
	}
	return span.Of(raw), true
}
