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
		textSearchKey("TEXT", inText),
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

// addressText returns an address field as RFC 5322 §3.4 writes what ENVELOPE knows of
// it (RFC 3501 §6.4.4 looks there): each address as "name" <mailbox@host>, without
// comments. As with Dovecot, quotes are around each name that is no atom; within them
// nothing is escaped, so that a name is found as ENVELOPE has it, too.
func addressText(value []byte) []byte {
	var text []byte
	first := true // of the list, or of a group
	for _, a := range structure.Addresses(nil, value) {
		if !first && a.Kind != structure.GroupEnd {
			text = append(text, ", "...)
		}
		first = a.Kind == structure.GroupStart
		switch a.Kind {
		case structure.GroupStart:
			text = append(appendPhrase(text, a.Mailbox), ": "...)
			continue
		case structure.GroupEnd:
			text = append(bytes.TrimSuffix(text, []byte(" ")), ';')
			continue
		}
		if len(a.Name) > 0 {
			text = append(appendPhrase(text, a.Name), ' ')
		}
		text = append(text, '<')
		if len(a.Route) > 0 {
			text = append(append(text, a.Route...), ':')
		}
		text = append(append(append(text, a.Mailbox...), '@'), a.Host...)
		text = append(text, '>')
	}
	return text
}

// appendPhrase appends a name, decoded, in quotes unless it is an atom.
func appendPhrase(text, name []byte) []byte {
	if !bytes.ContainsFunc(name, isNoAText) {
		return structure.AppendDecoded(text, name)
	}
	return append(structure.AppendDecoded(append(text, '"'), name), '"')
}

// isNoAText tells what RFC 5322 §3.2.3 allows in no atom.
func isNoAText(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,."`, r)
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

// inBody looks in what text is in the message, but in no header field: neither of a
// part nor of an enclosed message (RFC 9051 §6.4.4).
func inBody(n *needle) matcher {
	return func(c *candidate) bool {
		found := n.form == ""
		c.Structure().Walk(func(_ []int, part *structure.Part) bool {
			found = found || c.textHas(n, part)
			return !found
		})
		return found
	}
}

// inText looks wherever inBody does, and in every header (RFC 9051 §6.4.4: "including
// MIME header fields").
func inText(n *needle) matcher {
	return func(c *candidate) bool {
		found := n.form == ""
		c.Structure().Walk(func(_ []int, part *structure.Part) bool {
			found = found || c.headerHas(n, part.Header) || c.textHas(n, part)
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
