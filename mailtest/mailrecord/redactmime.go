package mailrecord

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
)

// maxDepth is how deep parts may lie in parts.
const maxDepth = 100

var (
	parameter = regexp.MustCompile(`([;\s])([A-Za-z0-9*_-]+)(\s*=\s*)("(?:[^"\\]|\\.|\\)*"|[^;\s"]*)`)
	mediaType = regexp.MustCompile(`^\s*[\w.+-]+(?:/[\w.+-]+)?\s*$`)
	// delimiter finds the first delimiter of a multipart body whose header isn't there.
	delimiter = regexp.MustCompile(`(?im)^--([^\r\n]*[^\s-])[ \t]*\r?\n(?:content-|mime-|\r?\n)`)
	// quotedPrintable finds what hardly stands anywhere else.
	quotedPrintable = regexp.MustCompile(`=\r?\n|=[0-9A-F]{2}.*=[0-9A-F]{2}`)
	base64Lines     = regexp.MustCompile(`^(?:[A-Za-z0-9+/]{4,76}\r?\n)*[A-Za-z0-9+/]{16,}={0,2}\s*(?:\r?\n|$)[A-Za-z0-9+/=\s]*$`)
)

// revealing are the parameters that may say something about somebody; others stay.
var revealing = wordSet(`name filename boundary start title subject x-apple-part-url x-unix-mode url`)

// parameters returns the value of Content-Type or Content-Disposition.
func (r *Redactor) parameters(value []byte) []byte {
	first := bytes.IndexByte(value, ';')
	if first < 0 {
		first = len(value)
	}
	kind, rest := value[:first], value[first:]
	if !mediaType.Match(kind) {
		kind = r.fieldText(kind)
	}
	redacted := bytes.Clone(kind)
	from := 0
	for _, m := range parameter.FindAllSubmatchIndex(rest, -1) {
		redacted = append(redacted, r.fieldText(rest[from:m[2]])...)
		redacted = append(redacted, rest[m[2]:m[8]]...)
		redacted = append(redacted, r.parameter(string(rest[m[4]:m[5]]), rest[m[8]:m[9]])...)
		from = m[9]
	}
	return append(redacted, r.fieldText(rest[from:])...)
}

// parameter returns a parameter's value.
func (r *Redactor) parameter(name string, value []byte) []byte {
	base, _, extended := strings.Cut(strings.ToLower(name), "*")
	switch {
	case !revealing[base] && !bytes.Contains(value, []byte("@")):
		return value
	case extended && strings.HasSuffix(name, "*"): // RFC 2231 §4
		at := 0
		if i := bytes.IndexByte(value, '\''); i >= 0 {
			if j := bytes.IndexByte(value[i+1:], '\''); j >= 0 {
				at = i + 1 + j + 1
			}
		}
		return append(bytes.Clone(value[:at]), r.encodedOctets(value[at:], '%')...)
	}
	return r.fieldText(value)
}

// Message returns a message, or its header, with addresses, names, text and attachments
// replaced. Its length, line breaks and MIME structure stay, and what was valid base64, quoted-printable or
// an encoded word still is.
func (r *Redactor) Message(text []byte) []byte { return r.entity(text, 0) }

// entity redacts a header with what follows.
func (r *Redactor) entity(text []byte, depth int) []byte {
	var (
		redacted []byte
		h        partHeader
	)
	for len(text) > 0 {
		n := fieldLength(text)
		field := text[:n]
		if isBlank(field) {
			return append(append(redacted, field...), r.body(h, text[n:], depth)...)
		}
		h.take(field)
		redacted = append(redacted, r.field(field)...)
		text = text[n:]
	}
	return redacted
}

// fieldLength returns the length of the field that text begins with, continued lines
// included.
func fieldLength(text []byte) int {
	n := lineLength(text)
	if isBlank(text[:n]) {
		return n
	}
	for n < len(text) && (text[n] == ' ' || text[n] == '\t') {
		n += lineLength(text[n:])
	}
	return n
}

func lineLength(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

func isBlank(line []byte) bool { return len(trimEnd(line)) == 0 }

// partHeader is what a header says about the body.
type partHeader struct{ kind, encoding, boundary string }

func (h *partHeader) take(field []byte) {
	name, value, _ := strings.Cut(string(field), ":")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "content-type":
		kind, parameters, _ := mime.ParseMediaType(strings.Join(strings.Fields(value), " "))
		if kind == "" {
			kind, _, _ = strings.Cut(value, ";")
		}
		h.kind, h.boundary = strings.ToLower(strings.TrimSpace(kind)), parameters["boundary"]
	case "content-transfer-encoding":
		if words := strings.Fields(value); len(words) > 0 {
			h.encoding = strings.ToLower(words[0])
		}
	}
}

// body redacts a body.
func (r *Redactor) body(h partHeader, text []byte, depth int) []byte {
	switch {
	case depth > maxDepth:
		return r.Text(text)
	case strings.HasPrefix(h.kind, "multipart/") && h.boundary != "":
		return r.parts(h.boundary, text, depth)
	case (h.kind == "message/rfc822" || h.kind == "message/global") && h.encoding != "base64" && h.encoding != "quoted-printable":
		return r.entity(text, depth+1)
	case h.encoding == "base64":
		return r.base64(text)
	case h.encoding == "quoted-printable":
		return r.encodedOctets(text, '=')
	}
	return r.Text(text)
}

// parts redacts a multipart body: its delimiters agree with the redacted header because the same
// words are replaced by the same ones.
func (r *Redactor) parts(boundary string, text []byte, depth int) []byte {
	var redacted, part []byte
	inside := false
	flush := func() {
		if inside {
			redacted = append(redacted, r.entity(part, depth+1)...)
		} else {
			redacted = append(redacted, r.Text(part)...)
		}
	}
	start := 0
	for at := 0; at < len(text); {
		n := lineLength(text[at:])
		line := bytes.TrimRight(text[at:at+n], " \t\r\n")
		rest, ok := bytes.CutPrefix(line, []byte("--"+boundary))
		if !ok || len(rest) > 0 && string(rest) != "--" {
			at += n
			continue
		}
		part = text[start:at]
		flush()
		redacted = append(redacted, r.Text(text[at:at+n])...)
		at += n
		start, inside = at, len(rest) == 0
	}
	part = text[start:]
	flush()
	return redacted
}

// headless redacts a body whose header isn't at hand: what it is has to be guessed.
func (r *Redactor) headless(text []byte) []byte {
	switch m := delimiter.FindSubmatch(text); {
	case m != nil:
		return r.parts(string(m[1]), text, 0)
	case base64Lines.Match(text):
		return r.base64(text)
	case quotedPrintable.Match(text):
		return r.encodedOctets(text, '=')
	}
	return r.Text(text)
}
