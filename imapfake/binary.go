package imapfake

import (
	"bytes"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// binaryContent is BINARY (RFC 3516).
func binaryContent() extension {
	return extension{
		cap:        imap.CapBinary,
		fetchItems: binaryItems(),
		appendForms: []appendForm{{"~", func(p *parser, _ *session, admit admission) octetSource {
			return p.messageLiteral(admit)
		}}},
	}
}

func binaryItems() []fetchItem {
	body := func(peek bool) func(*parser) fetchAttribute {
		return func(p *parser) fetchAttribute { return parseBinary(p).attribute(peek) }
	}
	return []fetchItem{
		{"BINARY", body(false)},
		{"BINARY.PEEK", body(true)},
		{"BINARY.SIZE", func(p *parser) fetchAttribute { return parseBinarySection(p).sizeAttribute() }},
	}
}

// binarySection is a part of a message without its transfer encoding.
type binarySection struct {
	bodySection
}

// parseBinarySection reads a section-binary, which has part numbers only (RFC 3516 §7).
func parseBinarySection(p *parser) (sec binarySection) {
	p.expect('[')
	if sec.parsePath(p) {
		p.fail("only part numbers stand in a BINARY section, found %s (RFC 3516 §7)", p.excerpt())
	}
	p.expect(']')
	return sec
}

func parseBinary(p *parser) binarySection {
	sec := parseBinarySection(p)
	sec.partial = p.partial()
	return sec
}

func (sec binarySection) attribute(peek bool) fetchAttribute {
	label := "BINARY[" + sec.name() + "]" + sec.partial.label() + " "
	return fetchAttribute{seen: !peek, body: sec.isWhole(), write: func(o *output, m *fetched) {
		octets, ok, known := sec.decoded(m)
		switch {
		case !known:
			o.unknownEncoding(m)
			return
		case !ok:
			o.text(label).text("NIL")
			return
		}
		o.text(label)
		o.literal8(sec.partial.of(octets))
	}}
}

// literal8 writes octets that may have NUL among them; what has none comes as a string
// (RFC 3516 §4.3).
func (o *output) literal8(octets []byte) {
	if bytes.IndexByte(octets, 0) >= 0 {
		o.byte('~')
	}
	o.literal(octets)
}

func (sec binarySection) sizeAttribute() fetchAttribute {
	label := "BINARY.SIZE[" + sec.name() + "] "
	return fetchAttribute{write: func(o *output, m *fetched) {
		octets, _, known := sec.decoded(m)
		if !known {
			o.unknownEncoding(m)
			return
		}
		o.text(label).number(uint64(len(octets)))
	}}
}

// decoded returns the section of a message without its transfer encoding, whether it
// is there, and whether the encoding is known. A multipart, or a message, has none to
// be undone: RFC 2045 §6.4.
func (sec binarySection) decoded(m *fetched) (octets []byte, ok, known bool) {
	part := m.Structure().Find(sec.path)
	if part == nil || len(sec.path) == 0 || part.IsMultipart() || sec.spec != structure.Whole {
		octets, ok = sec.of(m)
		return octets, ok, true
	}
	octets, known = structure.Decoded(m.Raw(), part)
	return octets, known, known
}

// unknownEncoding makes FETCH fail (RFC 3516 §4.3). In place of the item comes one that
// is true, as NIL or a size of 0 would say that there is nothing.
func (o *output) unknownEncoding(m *fetched) {
	o.failed = no(imap.ResponseCodeUnknownCTE, "the part's Content-Transfer-Encoding is unknown")
	o.text("UID ").number(uint64(m.UID))
}
