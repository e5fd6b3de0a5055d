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
	if sec.parsePath(p) {
		sec.parseSpec(p)
	}
	p.expect(']')
	sec.partial = p.partial()
	sec.label = "BODY[" + sec.name() + "]" + sec.partial.label()
}

// parsePath reads part numbers, and tells whether a word is to follow them.
func (sec *bodySection) parsePath(p *parser) bool {
	for isDigit(p.peek()) {
		sec.path = append(sec.path, p.partNumber())
		if !p.accept('.') {
			return false
		}
	}
	return len(sec.path) > 0 || p.peek() != ']'
}

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
		p.list(false, func() { sec.fields = append(sec.fields, p.fieldName()) })
	default:
		p.fail("unknown section %.40q (RFC 3501 §6.4.5)", word)
	}
}

// fieldName reads the name of a header field, which the response repeats.
func (p *parser) fieldName() string {
	name := p.astring()
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
		p.fail("the name %.40q is not of printable US-ASCII (RFC 5322 §2.2)", name)
	}
	return name
}

// name returns the section as it stands between the brackets.
func (sec *bodySection) name() string {
	var b strings.Builder
	for i, n := range sec.path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(n))
	}
	if len(sec.path) > 0 && sec.spec != structure.Whole {
		b.WriteByte('.')
	}
	switch sec.spec {
	case structure.Header:
		b.WriteString("HEADER")
		sec.writeFields(&b)
	case structure.Text:
		b.WriteString("TEXT")
	case structure.MIME:
		b.WriteString("MIME")
	}
	return b.String()
}

func (sec *bodySection) writeFields(b *strings.Builder) {
	if sec.fields == nil {
		return
	}
	b.WriteString(".FIELDS")
	if sec.not {
		b.WriteString(".NOT")
	}
	b.WriteString(" (")
	for i, name := range sec.fields {
		if i > 0 {
			b.WriteByte(' ')
		}
		if name != "" && strings.IndexFunc(name, func(r rune) bool { return !isAStringChar(byte(r)) }) < 0 {
			b.WriteString(name)
		} else {
			b.WriteString(`"` + quotedSpecials.Replace(name) + `"`)
		}
	}
	b.WriteByte(')')
}

// quotedSpecials escapes what a quoted string can't hold as it is (RFC 3501 §9).
var quotedSpecials = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func (sec bodySection) attribute() fetchAttribute {
	return fetchAttribute{seen: !sec.peek, body: sec.isWhole(), write: func(o *output, m *fetched) {
		o.text(sec.label).byte(' ')
		octets, ok := sec.of(m)
		if !ok {
			// RFC 3501 §4.5: what doesn't exist, as distinct from what is empty.
			o.text("NIL")
			return
		}
		o.literal(sec.partial.of(octets))
	}}
}

// isWhole tells whether it is all of a message.
func (sec *bodySection) isWhole() bool {
	return len(sec.path) == 0 && sec.spec == structure.Whole && sec.partial == nil
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

// partNumber reads one number of a section's path.
func (p *parser) partNumber() int {
	n := p.numberUpTo(maxPartNumber)
	if n == 0 {
		p.fail("0 is no part number (RFC 3501 §9, nz-number)")
	}
	return int(n)
}

// maxPartNumber is as many as an int holds anywhere.
const maxPartNumber = 1<<31 - 1

// partial is the <origin.count> of a section.
type partial struct{ origin, count int64 }

func (p *parser) partial() *partial {
	if !p.accept('<') {
		return nil
	}
	r := &partial{origin: p.number64()}
	p.expect('.')
	r.count = p.number64()
	p.expect('>')
	if r.count == 0 {
		p.fail("a partial fetch asks for at least one octet (RFC 3501 §9)")
	}
	return r
}

// label returns the origin octet as the response repeats it.
func (r *partial) label() string {
	if r == nil {
		return ""
	}
	return "<" + strconv.FormatInt(r.origin, 10) + ">"
}

// of returns the octets that it selects; beyond the end there are none (RFC 3501 §6.4.5).
func (r *partial) of(octets []byte) []byte {
	if r == nil {
		return octets
	}
	octets = octets[min(r.origin, int64(len(octets))):]
	return octets[:min(r.count, int64(len(octets)))]
}
