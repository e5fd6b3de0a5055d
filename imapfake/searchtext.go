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
	if n.words == nil {
		return n.in(text)
	}
	score := n.relevancy(text)
	c.relevancy = max(c.relevancy, score)
	return score > 0
}

// inField matches messages that have a field with the needle in it; every field of
// that name counts, and an empty needle asks whether there is one.
func inField(name string, text func(value []byte) string, n *needle) matcher {
	return func(c *candidate) bool {
		for f := range structure.Fields(c.Raw(), c.Structure().Header) {
			if f.Is(name) && c.has(n, []byte(text(f.Value.Of(c.Raw())))) {
				return true
			}
		}
		return false
	}
}

func decodedText(value []byte) string { return structure.DecodeHeader(string(structure.Unfold(value))) }

// addressText returns an address field as ENVELOPE knows it (RFC 3501 §6.4.4 looks
// there): without comments and quotes, each address as "name <mailbox@host>".
func addressText(value []byte) string {
	var b strings.Builder
	for _, a := range structure.Addresses(nil, value) {
		switch a.Kind {
		case structure.GroupStart:
			b.WriteString(structure.DecodeHeader(string(a.Mailbox)) + ": ")
			continue
		case structure.GroupEnd:
			b.WriteString("; ")
			continue
		}
		address := string(a.Mailbox) + "@" + string(a.Host)
		if len(a.Route) > 0 {
			address = string(a.Route) + ":" + address
		}
		if len(a.Name)+len(a.Route) > 0 {
			address = structure.DecodeHeader(string(a.Name)) + " <" + address + ">"
		}
		b.WriteString(address + ", ")
	}
	return b.String()
}

// headerHas looks for the needle in every field of a header, decoded.
func (c *candidate) headerHas(n *needle, header structure.Span) bool {
	raw := header.Of(c.Raw())
	encoded := bytes.Contains(raw, []byte("=?"))
	asItIs := n.mayBeInHeader(raw)
	if !encoded && !asItIs {
		return false
	}
	for f := range structure.Fields(c.Raw(), header) {
		field := f.Span.Of(c.Raw())
		if !asItIs && !bytes.Contains(field, []byte("=?")) {
			continue
		}
		text := decodedText(f.Value.Of(c.Raw()))
		if len(f.Name) == 0 {
			text = decodedText(field) // a line that is no field
		} else {
			text = string(f.Name) + ": " + text
		}
		if c.has(n, []byte(text)) {
			return true
		}
	}
	return false
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
