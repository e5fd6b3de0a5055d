package structure

import (
	"bytes"
	"iter"
	"slices"
)

// Field is a field of a header.
type Field struct {
	// Name is as written, and "" for a line that isn't a field, such as the
	// "From " line of an mbox file.
	Name string
	// Span is the whole field with its last line break.
	Span Span
	// Value is what follows the colon, folded as it is, without its last line
	// break. Unfold makes it readable.
	Value Span
}

// Fields returns the fields of a header in order. Lines that aren't fields are
// fields without a name, so that nothing of the header but the blank line at its
// end is left out.
func Fields(raw []byte, header Span) iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for name, f := range fields(raw, header) {
			f.Name = intern(name)
			if !yield(f) {
				return
			}
		}
	}
}

// fields is Fields with the names beside, to spare their conversion.
func fields(raw []byte, header Span) iter.Seq2[[]byte, Field] {
	return func(yield func([]byte, Field) bool) {
		for pos := header.Start; pos < header.End; {
			text := raw[pos:header.End]
			n := fieldLen(text)
			if isBlank(text[:n]) {
				return
			}
			name, value := splitField(text[:n])
			if !yield(name, Field{Span: Span{pos, pos + n}, Value: Span{pos + value.Start, pos + value.End}}) {
				return
			}
			pos += n
		}
	}
}

// fieldLen returns the length of the field at the start of text: its first line
// and the lines that continue it (RFC 5322 §2.2.3).
func fieldLen(text []byte) int {
	n := lineLen(text)
	if isBlank(text[:n]) {
		return n
	}
	for n < len(text) && (text[n] == ' ' || text[n] == '\t') {
		n += lineLen(text[n:])
	}
	return n
}

// splitField returns a field's name and where in it its value is. RFC 5322 §4.5
// knows of white space before the colon, but none before the name or in it.
func splitField(field []byte) (name []byte, value Span) {
	end := len(field) - lineBreakLen(field)
	colon := bytes.IndexByte(field, ':')
	n := colon
	for n > 0 && (field[n-1] == ' ' || field[n-1] == '\t') {
		n--
	}
	for i := range n {
		if field[i] <= ' ' {
			n = 0
		}
	}
	if n <= 0 {
		return nil, Span{end, end}
	}
	return field[:n], Span{colon + 1, end}
}

// isNamed tells whether a field's name is the one wanted. A line that isn't a
// field has no name, whatever is wanted.
func isNamed(name []byte, want string) bool { return len(name) > 0 && foldEqual(name, want) }

// Value returns the unfolded value of the first field of that name, compared
// without case, and whether there is one.
func Value(raw []byte, header Span, name string) (string, bool) {
	for n, f := range fields(raw, header) {
		if isNamed(n, name) {
			return Unfold(f.Value.Of(raw)), true
		}
	}
	return "", false
}

// Values returns the unfolded values of all fields of that name, compared without
// case, in order.
func Values(raw []byte, header Span, name string) []string {
	var values []string
	for n, f := range fields(raw, header) {
		if isNamed(n, name) {
			values = append(values, Unfold(f.Value.Of(raw)))
		}
	}
	return values
}

// Unfold returns the value of a field on one line: a line break with the white
// space around it becomes one space, as in Dovecot, which is what it means wherever
// folding is allowed (RFC 5322 §3.2.2), and the white space around the value is
// removed. The result holds neither CR nor LF.
func Unfold(value []byte) string {
	value = bytes.Trim(value, " \t\r\n")
	if !bytes.ContainsAny(value, "\r\n") {
		return string(value)
	}
	line := make([]byte, 0, len(value))
	for {
		i := bytes.IndexAny(value, "\r\n")
		if i < 0 {
			return string(append(line, value...))
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
	for name, f := range fields(raw, header) {
		listed := slices.ContainsFunc(names, func(n string) bool { return isNamed(name, n) })
		if listed != not {
			dst = append(dst, f.Span.Of(raw)...)
		}
		rest = f.Span.End
	}
	return append(dst, raw[rest:header.End]...)
}
