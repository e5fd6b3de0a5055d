package imapfake

import (
	"cmp"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// preview is PREVIEW (RFC 8970). The text is made as Dovecot makes it. It is always
// at hand, so that LAZY changes nothing.
func preview() extension {
	return extension{cap: imap.CapPreview, fetchItems: []fetchItem{{"PREVIEW", parsePreview}}}
}

func parsePreview(p *parser) fetchAttribute {
	if rest := p.text[p.pos:]; len(rest) > 1 && rest[0] == ' ' && rest[1] == '(' {
		p.space()
		p.list(false, func() {
			if modifier := p.keyword(); modifier != "LAZY" {
				p.fail("unknown PREVIEW modifier %.40q (RFC 8970 §6)", modifier)
			}
		})
	}
	return fetchAttribute{write: func(o *output, m *fetched) {
		o.text("PREVIEW ").string(previewOf(m.Raw(), m.Structure()))
	}}
}

const (
	// maxPreview is in characters (RFC 8970 §3.3).
	maxPreview = 200
	// maxPreviewed is how many octets of a part are read for its preview (RFC 8970 §8).
	maxPreviewed = 256 << 10
)

// previewOf returns a message's preview: the beginning of its first text, without
// what it quotes unless there is nothing else, and "" for a message without text.
func previewOf(raw []byte, message *structure.Part) string {
	part := previewedPart(message)
	if part == nil || !isKnownEncoding(part.Encoding) {
		return ""
	}
	start := *part
	start.Body.End = min(start.Body.End, start.Body.Start+maxPreviewed)
	text := structure.DecodedText(raw, &start)
	p := previewText{own: snippet{left: maxPreview}, quoted: snippet{left: maxPreview - len(">")}, lineStart: true}
	if strings.EqualFold(part.Subtype, "html") {
		readHTML(text, p.add)
	} else {
		for _, r := range text {
			if !p.add(r, false) {
				break
			}
		}
	}
	return p.String()
}

// previewedPart returns the part that a preview shows, nil if there is none: the first
// text, or of alternatives the plain text before the HTML before any other.
func previewedPart(part *structure.Part) *structure.Part {
	if strings.EqualFold(part.Type, "text") {
		return part
	}
	if !part.IsMultipart() {
		return nil
	}
	if strings.EqualFold(part.Subtype, "alternative") {
		return previewedAlternative(part.Parts)
	}
	for _, kid := range part.Parts {
		if found := previewedPart(kid); found != nil {
			return found
		}
	}
	return nil
}

func previewedAlternative(parts []*structure.Part) *structure.Part {
	var html, other *structure.Part
	for _, part := range parts {
		switch {
		case !strings.EqualFold(part.Type, "text"):
		case strings.EqualFold(part.Subtype, "plain"):
			return part
		case strings.EqualFold(part.Subtype, "html"):
			html = part
		default:
			other = part
		}
	}
	return cmp.Or(html, other) // the last of a kind, which is the best (RFC 2046 §5.1.4)
}

func isKnownEncoding(name string) bool {
	return name == "" || slices.ContainsFunc([]string{"7bit", "8bit", "binary", "base64", "quoted-printable"},
		func(known string) bool { return strings.EqualFold(known, name) })
}

// previewText sorts the characters of a text into its own and what it quotes.
type previewText struct {
	own, quoted snippet
	lineStart   bool
	quotedLine  bool // the line began with ">"
}

// add takes the next character, and tells whether more are of use.
func (p *previewText) add(r rune, quoted bool) bool {
	if p.lineStart {
		p.lineStart, p.quotedLine = false, r == '>'
		if p.quotedLine {
			r = ' '
		}
	}
	if p.quotedLine || quoted {
		p.quoted.add(r)
	} else {
		p.own.add(r)
	}
	if r == '\n' {
		p.lineStart = true
		p.own.add(r)
	}
	return p.own.left > 0
}

func (p *previewText) String() string {
	if p.own.text.Len() == 0 && p.quoted.text.Len() > 0 {
		return ">" + p.quoted.text.String()
	}
	return p.own.text.String()
}

// snippet collects characters, with one space for each run of white space.
type snippet struct {
	text  strings.Builder
	left  int // how many characters there is room for
	space bool
}

func (s *snippet) add(r rune) {
	switch r {
	case 0, '\uFEFF':
		return
	case ' ', '\t', '\n', '\v', '\f', '\r':
		s.space = s.text.Len() > 0
		return
	}
	if s.space {
		s.space = false
		if s.left--; s.left > 0 {
			s.text.WriteByte(' ')
		}
	}
	if s.left > 0 {
		s.text.WriteRune(r)
		s.left--
	}
}
