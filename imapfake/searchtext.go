package imapfake

import (
	"bytes"
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// textSearchKeys look for a string in decoded header fields and decoded text
// (RFC 3501 §6.4.4), without regard to case.
func textSearchKeys() []searchKey {
	var keys []searchKey
	for _, field := range []string{"Bcc", "Cc", "From", "To"} {
		keys = append(keys, textSearchKey(strings.ToUpper(field), func(n *needle) matcher { return inField(field, addressText, n) }))
	}
	return append(keys,
		textSearchKey("SUBJECT", func(n *needle) matcher { return inField("Subject", decodedText, n) }),
		searchKey{"HEADER", func(p *parser, q *search) matcher {
			p.space()
			field := p.astring()
			p.space()
			return inField(field, decodedText, q.needle(p))
		}},
		textSearchKey("BODY", inBody),
		textSearchKey("TEXT", func(n *needle) matcher {
			body := inBody(n)
			return func(c *candidate) bool { return c.headerHas(n, c.Structure().Header) || body(c) }
		}),
	)
}

// textSearchKey is a key whose argument is the string to look for.
func textSearchKey(name string, match func(*needle) matcher) searchKey {
	return searchKey{name, func(p *parser, q *search) matcher {
		p.space()
		return match(q.needle(p))
	}}
}

// needle reads a string to look for.
func (q *search) needle(p *parser) *needle {
	n := newNeedle(q.text(p))
	if q.fuzzy {
		n.words = fuzzyWords(n.form)
	}
	return n
}

// has tells whether the needle is in a text of the candidate.
func (c *candidate) has(n *needle, text []byte) bool {
	if n.whole {
		return n.wholeIn(text)
	}
	if n.words == nil {
		return n.in(text)
	}
	score := n.relevancy(text)
	c.relevancy = max(c.relevancy, score)
	return score > 0
}

// inField matches messages that have a field with the needle in it; every field of
// that name counts, and an empty needle asks whether there is one.
func inField(name string, text func(value []byte) []byte, n *needle) matcher {
	return func(c *candidate) bool {
		for f := range structure.Fields(c.Raw(), c.Structure().Header) {
			if f.Is(name) && c.has(n, text(f.Value.Of(c.Raw()))) {
				return true
			}
		}
		return false
	}
}

func decodedText(value []byte) []byte { return structure.AppendDecoded(nil, structure.Unfold(value)) }

// addressText returns an address field as ENVELOPE knows it (RFC 3501 §6.4.4 looks
// there): without comments and quotes, each address as "name <mailbox@host>".
func addressText(value []byte) []byte {
	var text []byte
	for _, a := range structure.Addresses(nil, value) {
		switch a.Kind {
		case structure.GroupStart:
			text = append(structure.AppendDecoded(text, a.Mailbox), ": "...)
			continue
		case structure.GroupEnd:
			text = append(text, "; "...)
			continue
		}
		bare := len(a.Name)+len(a.Route) == 0
		if !bare {
			text = append(structure.AppendDecoded(text, a.Name), " <"...)
		}
		if len(a.Route) > 0 {
			text = append(append(text, a.Route...), ':')
		}
		text = append(append(append(text, a.Mailbox...), '@'), a.Host...)
		if !bare {
			text = append(text, '>')
		}
		text = append(text, ", "...)
	}
	return text
}

// headerHas looks for the needle in every field of a header, decoded.
func (c *candidate) headerHas(n *needle, header structure.Span) bool {
	raw := header.Of(c.Raw())
	if n.mayBeInHeader(raw) {
		for f := range structure.Fields(c.Raw(), header) {
			if c.fieldHas(n, &f) {
				return true
			}
		}
		return false
	}
	// Encoded words remain.
	for pos := 0; ; {
		i := bytes.Index(raw[pos:], []byte("=?"))
		if i < 0 {
			return false
		}
		f := structure.FieldAround(c.Raw(), header, header.Start+pos+i)
		if c.fieldHas(n, &f) {
			return true
		}
		pos = f.Span.End - header.Start
	}
}

// fieldHas looks for the needle in a field with its name.
func (c *candidate) fieldHas(n *needle, f *structure.Field) bool {
	value := f.Value
	c.text = c.text[:0]
	if len(f.Name) == 0 {
		value = f.Span // a line that is no field
	} else {
		c.text = append(append(c.text, f.Name...), ": "...)
	}
	c.text = structure.AppendDecoded(c.text, structure.Unfold(value.Of(c.Raw())))
	return c.has(n, c.text)
}

// mayBeInHeader tells whether the needle may be in a field of a header that holds no
// encoded word. Unfolding then changes nothing but white space, so that a needle
// without its white space must be there as it is.
func (n *needle) mayBeInHeader(raw []byte) bool {
	if n.words != nil || n.form == "" {
		return true
	}
	for _, piece := range n.pieces {
		if !piece.in(raw) {
			return false
		}
	}
	return true
}

func inBody(n *needle) matcher {
	return func(c *candidate) bool {
		found := n.form == ""
		root := c.Structure()
		root.Walk(func(_ []int, part *structure.Part) bool {
			// The headers of parts and of enclosed messages are in the body, too.
			found = found || part != root && c.headerHas(n, part.Header) || c.textHas(n, part)
			return !found
		})
		return found
	}
}

// textHas looks for the needle in a part, if it is text: in the message's very octets
// where they are not encoded.
func (c *candidate) textHas(n *needle, part *structure.Part) bool {
	if !strings.EqualFold(part.Type, "text") {
		return false
	}
	if isUTF8AsItIs(part) {
		return c.has(n, part.Body.Of(c.Raw()))
	}
	return c.has(n, []byte(structure.DecodedText(c.Raw(), part)))
}

// isUTF8AsItIs tells whether decoding would change nothing of a part's text, unless it
// isn't what it says it is.
func isUTF8AsItIs(part *structure.Part) bool {
	switch strings.ToLower(part.Encoding) {
	case "", "7bit", "8bit", "binary":
	default:
		return false
	}
	for _, param := range part.Params {
		if len(param.Name) >= len("charset") && strings.EqualFold(param.Name[:len("charset")], "charset") {
			return strings.EqualFold(param.Name, "charset") &&
				(strings.EqualFold(param.Value, "utf-8") || strings.EqualFold(param.Value, "us-ascii"))
		}
	}
	return false
}
