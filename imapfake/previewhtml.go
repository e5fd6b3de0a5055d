package imapfake

import (
	"html"
	"strings"
	"unicode/utf8"
)

// readHTML calls add for each character of the text in an HTML document, until it
// returns false. A tag counts as a space; the text in a blockquote is quoted, that of
// scripts and style sheets isn't text. It takes any input, in one pass.
func readHTML(doc string, add func(r rune, quoted bool) bool) {
	h := htmlReader{rest: doc, add: add, more: true}
	for h.more && h.rest != "" {
		switch h.rest[0] {
		case '<':
			h.markup()
		case '&':
			h.entity()
		default:
			h.character()
		}
	}
}

type htmlReader struct {
	rest  string
	add   func(r rune, quoted bool) bool
	more  bool // add wants more
	quote int  // how many blockquotes are open
}

func (h *htmlReader) emit(r rune) { h.more = h.more && h.add(r, h.quote > 0) }

func (h *htmlReader) text(s string) {
	for _, r := range s {
		h.emit(r)
	}
}

func (h *htmlReader) character() {
	r, size := utf8.DecodeRuneInString(h.rest)
	h.rest = h.rest[size:]
	h.emit(r)
}

// markup reads what begins with "<".
func (h *htmlReader) markup() {
	const comment, section = "<!--", "<![CDATA["
	switch {
	case strings.HasPrefix(h.rest, comment):
		h.skipComment(h.rest[len(comment):])
	case strings.HasPrefix(h.rest, section):
		text, rest, _ := strings.Cut(h.rest[len(section):], "]]>")
		h.rest = rest
		h.text(text)
	default:
		h.tag()
	}
}

// skipComment skips up to "--", perhaps white space, and ">", as SGML has it.
func (h *htmlReader) skipComment(rest string) {
	for {
		i := strings.Index(rest, "--")
		if i < 0 {
			h.rest = ""
			return
		}
		rest = rest[i+1:]
		if end, closed := strings.CutPrefix(strings.TrimLeft(rest[1:], " \t\r\n"), ">"); closed {
			h.rest = end
			return
		}
	}
}

func (h *htmlReader) tag() {
	name := h.takeTag()
	switch name {
	case "blockquote":
		h.quote++
	case "/blockquote":
		h.quote = max(0, h.quote-1)
	case "script", "style":
		h.skipElement(name)
	}
	h.emit(' ')
}

// takeTag reads a tag and returns its name in lower case, with the slash of an end
// tag. A ">" within a quoted attribute doesn't end the tag.
func (h *htmlReader) takeTag() string {
	end, quote := 1, byte(0)
	for ; end < len(h.rest) && (quote != 0 || h.rest[end] != '>'); end++ {
		switch c := h.rest[end]; {
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
	}
	tag := h.rest[1:end]
	h.rest = h.rest[min(end+1, len(h.rest)):]
	if i := strings.IndexAny(tag, " \t\r\n"); i >= 0 {
		tag = tag[:i]
	}
	return strings.ToLower(tag)
}

// skipElement skips an element's content, up to its end tag.
func (h *htmlReader) skipElement(name string) {
	end := "</" + name
	for {
		i := strings.Index(h.rest, "</")
		if i < 0 {
			h.rest = ""
			return
		}
		h.rest = h.rest[i:]
		if len(h.rest) >= len(end) && strings.EqualFold(h.rest[:len(end)], end) {
			return
		}
		h.rest = h.rest[1:]
	}
}

// maxEntity is longer than any name of a character reference.
const maxEntity = 40

// entity reads a character reference; one that is unknown stands for nothing, and an
// "&" that begins none is left out.
func (h *htmlReader) entity() {
	name := h.rest[1:min(len(h.rest), 1+maxEntity)]
	length := strings.IndexFunc(name, func(r rune) bool { return r != '#' && (r > 'z' || !isAlphanumeric(byte(r))) })
	if length < 0 || name[length] != ';' {
		h.rest = h.rest[1:]
		return
	}
	reference := h.rest[:1+length+1]
	h.rest = h.rest[len(reference):]
	if text := html.UnescapeString(reference); text != reference && !strings.ContainsRune(text, utf8.RuneError) {
		h.text(text)
	}
}
