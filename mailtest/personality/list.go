package personality

import (
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// members returns the members of a parenthesised list as a server sends it, each as it
// stands: atoms, with what they have in brackets, strings, literals and lists. It returns
// nil for anything else.
func members(list string) []string {
	if !strings.HasPrefix(list, "(") || member(list) != len(list) {
		return nil
	}
	var out []string
	for rest := list[1 : len(list)-1]; rest != ""; {
		if rest[0] == ' ' {
			rest = rest[1:]
			continue
		}
		n := member(rest)
		if n == 0 {
			return nil
		}
		out = append(out, rest[:n])
		rest = rest[n:]
	}
	return out
}

// member returns how many octets the member has that text begins with, 0 if there is no
// whole one.
func member(text string) int {
	if text == "" {
		return 0
	}
	switch text[0] {
	case '"':
		return quotedEnd(text)
	case '{':
		return literalEnd(text)
	case '(':
		return listEnd(text)
	}
	end := 0
	for end < len(text) && !strings.ContainsRune(" ()", rune(text[end])) {
		if text[end] == '[' {
			// A section has spaces and parentheses of its own.
			n := strings.IndexByte(text[end:], ']')
			if n < 0 {
				return 0
			}
			end += n
		}
		end++
	}
	return end
}

// listEnd returns where the list ends that text begins with.
func listEnd(text string) int {
	for i := 1; i < len(text); {
		switch text[i] {
		case ')':
			return i + 1
		case ' ':
			i++
			continue
		}
		n := member(text[i:])
		if n == 0 {
			return 0
		}
		i += n
	}
	return 0
}

// quotedEnd returns where the quoted string ends that text begins with.
func quotedEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// literalEnd returns where the literal ends that text begins with.
func literalEnd(text string) int {
	size, rest, ok := strings.Cut(text[1:], "}\r\n")
	n := 0
	for _, c := range size {
		if c < '0' || c > '9' || n > len(text) {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	if !ok || n > len(rest) {
		return 0
	}
	return len(text) - len(rest) + n
}

// bodyPart is a part in a BODY or BODYSTRUCTURE.
type bodyPart struct {
	*structure.Part
	parent *structure.Part // nil: it is the whole message
	kids   []string        // of a multipart, each as it is sent
	fields []string        // what follows them
}

// mapBody returns a BODY or BODYSTRUCTURE as f has changed its parts; those of an
// embedded message stay as they are. What it doesn't understand it returns unchanged.
func mapBody(body string, part, parent *structure.Part, f func(*bodyPart)) string {
	fields := members(body)
	p := &bodyPart{Part: part, parent: parent}
	for len(fields) > 0 && strings.HasPrefix(fields[0], "(") {
		if len(p.kids) == len(part.Parts) {
			return body
		}
		p.kids = append(p.kids, mapBody(fields[0], part.Parts[len(p.kids)], part, f))
		fields = fields[1:]
	}
	if p.fields = fields; len(fields) == 0 {
		return body
	}
	f(p)
	text := strings.Join(p.kids, "")
	if text != "" {
		text += " "
	}
	return "(" + text + strings.Join(p.fields, " ") + ")"
}

// isEmpty tells whether a multipart has no parts: what stands for them is none.
func (p *bodyPart) isEmpty() bool {
	return p.IsMultipart() && len(p.Parts) == 1 && p.Parts[0].Header.Len() == 0 && p.Parts[0].Body.Len() == 0
}
