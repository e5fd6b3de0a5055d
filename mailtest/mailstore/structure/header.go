package structure

import (
	"bytes"
	"iter"
	"slices"
)

// Field is a field of a header.
type Field struct {
	// Name is as written, and empty for a line that isn't a field, such as the
	// "From " line of an mbox file. It is shared with the message.
	Name []byte
	// Span is the whole field with its last line break.
	Span Span
	// Value is what follows the colon, folded as it is, without its last line
	// break. Unfold makes it readable.
	Value Span
}

// Is tells whether the field has that name, compared without case. A line that isn't
// a field has no name, whatever is asked for.
func (f *Field) Is(name string) bool { return len(f.Name) > 0 && foldEqual(f.Name, name) }

// Fields returns the fields of a header in order. Lines that aren't fields are
// fields without a name, so that nothing of the header but the blank line at its
// end is left out. Since it ends there, header may also be a whole message.
func Fields(raw []byte, header Span) iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for pos := header.Start; pos < header.End; {
			f := Field{Span: Span{Start: pos}}
			if !f.read(raw[:header.End]) || !yield(f) {
				return
			}
			pos = f.Span.End
		}
	}
}

// FieldAround returns the field of a header that has the octet at offset pos.
func FieldAround(raw []byte, header Span, pos int) Field {
	start := pos
	for start > header.Start {
		start = header.Start + bytes.LastIndexByte(raw[header.Start:start], '\n') + 1
		if raw[start] != ' ' && raw[start] != '\t' || start == header.Start {
			break
		}
		start--
	}
	f := Field{Span: Span{Start: start}}
	f.read(raw[:header.End])
	return f
}

// read reads the field that begins at f.Span.Start, and returns false at a blank line.
func (f *Field) read(raw []byte) bool {
	start := f.Span.Start
	name := start
	for name < len(raw) && classes[raw[name]]&inFieldName != 0 {
		name++
	}
	end := name + lineLen(raw[name:])
	if name == start && isBlank(raw[start:end]) {
		return false
	}
	// Lines that begin with white space continue the field (RFC 5322 §2.2.3).
	for end < len(raw) && (raw[end] == ' ' || raw[end] == '\t') {
		end += lineLen(raw[end:])
	}
	f.Span.End = end
	f.Value.End = end - lineBreakLen(raw[start:end])
	// RFC 5322 §4.5 knows of white space before the colon, but none before the name
	// or in it.
	colon := name
	for colon < f.Value.End && (raw[colon] == ' ' || raw[colon] == '\t') {
		colon++
	}
	if name == start || colon == f.Value.End || raw[colon] != ':' {
		f.Value.Start = f.Value.End
		return true
	}
	f.Name, f.Value.Start = raw[start:name:name], colon+1
	return true
}

// Value returns the unfolded value of the first field of that name, compared
// without case, and whether there is one.
func Value(raw []byte, header Span, name string) (string, bool) {
	for f := range Fields(raw, header) {
		if f.Is(name) {
			return string(Unfold(f.Value.Of(raw))), true
		}
	}
	return "", false
}

// Values returns the unfolded values of all fields of that name, compared without
// case, in order.
func Values(raw []byte, header Span, name string) []string {
	var values []string
	for f := range Fields(raw, header) {
		if f.Is(name) {
			values = append(values, string(Unfold(f.Value.Of(raw))))
		}
	}
	return values
}

// Unfold returns the value of a field on one line: a line break with the white
// space around it becomes one space, as in Dovecot, which is what it means wherever
// folding is allowed (RFC 5322 §3.2.2), and the white space around the value is
// removed. The result holds neither CR nor LF. It is shared with value unless there
// is something to unfold.
func Unfold(value []byte) []byte {
	for len(value) > 0 && isSpace(value[0]) {
		value = value[1:]
	}
	for len(value) > 0 && isSpace(value[len(value)-1]) {
		value = value[:len(value)-1]
	}
	if bytes.IndexByte(value, '\n') < 0 && bytes.IndexByte(value, '\r') < 0 {
		return value
	}
	line := make([]byte, 0, len(value))
	for {
		i := bytes.IndexAny(value, "\r\n")
		if i < 0 {
			return append(line, value...)
		}
		line = append(bytes.TrimRight(append(line, value[:i]...), " \t"), ' ')
		value = bytes.TrimLeft(value[i:], " \t\r\n")
	}
}

// Subset appends to dst the fields that have one of the names, compared without
// case, or with not the fields that don't, as they are in the message and in its
// order, and then the blank line, unless the header ends without one (RFC 3501
// §6.4.5: BODY[HEADER.FIELDS (…)] and BODY[HEADER.FIELDS.NOT (…)]).
func Subset(dst, raw []byte, header Span, names []string, not bool) []byte {
	rest := header.Start
	for f := range Fields(raw, header) {
		listed := slices.ContainsFunc(names, f.Is)
		if listed != not {
			dst = append(dst, f.Span.Of(raw)...)
		}
		rest = f.Span.End
	}
	return append(dst, raw[rest:header.End]...)
}
