package imapfake

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// textSearchKeys look for a string in decoded header fields and decoded text
// (RFC 3501 §6.4.4), without regard to case.
func textSearchKeys() []searchKey {
	var keys []searchKey
	for _, field := range []string{"Bcc", "Cc", "From", "Subject", "To"} {
		keys = append(keys, searchKey{strings.ToUpper(field), func(p *parser, q *search) matcher {
			p.space()
			return inField(field, newNeedle(q.text(p)))
		}})
	}
	return append(keys,
		searchKey{"HEADER", func(p *parser, q *search) matcher {
			p.space()
			field := p.astring()
			p.space()
			return inField(field, newNeedle(q.text(p)))
		}},
		searchKey{"BODY", func(p *parser, q *search) matcher {
			p.space()
			return inBody(newNeedle(q.text(p)))
		}},
		searchKey{"TEXT", func(p *parser, q *search) matcher {
			p.space()
			needle := newNeedle(q.text(p))
			body := inBody(needle)
			return func(c *candidate) bool { return inHeader(c, needle) || body(c) }
		}},
	)
}

// inField matches messages that have a field with the needle in it; every field of
// that name counts, and an empty needle asks whether there is one.
func inField(name string, needle needle) matcher {
	return func(c *candidate) bool {
		for f := range structure.Fields(c.Raw(), c.Structure().Header) {
			if strings.EqualFold(f.Name, name) && needle.in(decodedField(c, f)) {
				return true
			}
		}
		return false
	}
}

func decodedField(c *candidate, f structure.Field) string {
	return structure.DecodeHeader(structure.Unfold(f.Value.Of(c.Raw())))
}

// inHeader tells whether the needle is anywhere in the message's header.
func inHeader(c *candidate, needle needle) bool {
	for f := range structure.Fields(c.Raw(), c.Structure().Header) {
		if needle.in(f.Name + ": " + decodedField(c, f)) {
			return true
		}
	}
	return false
}

func inBody(needle needle) matcher {
	return func(c *candidate) bool {
		for _, text := range c.bodyTexts() {
			if needle.in(text) {
				return true
			}
		}
		return false
	}
}

// bodyTexts returns the text of every text part, and the header of every enclosed
// message, decoded.
func (c *candidate) bodyTexts() []string {
	if c.texts != nil {
		return c.texts
	}
	c.texts = []string{}
	c.Structure().Walk(func(_ []int, part *structure.Part) bool {
		if strings.EqualFold(part.Type, "text") {
			c.texts = append(c.texts, string(structure.DecodedText(c.Raw(), part)))
		}
		if part.Message != nil {
			for f := range structure.Fields(c.Raw(), part.Message.Header) {
				c.texts = append(c.texts, f.Name+": "+decodedField(c, f))
			}
		}
		return true
	})
	return c.texts
}

// needle is a string that is looked for without regard to case.
type needle struct {
	lower string
	ascii bool
}

func newNeedle(s string) needle {
	ascii := !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
	return needle{strings.Map(fold, s), ascii}
}

// fold maps letters that differ in case only to one of them.
func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// in tells whether the needle is in s.
func (n needle) in(s string) bool {
	if !n.ascii {
		return strings.Contains(strings.Map(fold, s), n.lower)
	}
	if n.lower == "" {
		return true
	}
	first := n.lower[0]
	for i := 0; i+len(n.lower) <= len(s); i++ {
		if lowerOctet(s[i]) == first && n.at(s[i:]) {
			return true
		}
	}
	return false
}

func (n needle) at(s string) bool {
	for i := range len(n.lower) {
		if lowerOctet(s[i]) != n.lower[i] {
			return false
		}
	}
	return true
}

func lowerOctet(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
