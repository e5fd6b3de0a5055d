package mailrecord

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

var (
	parameter = regexp.MustCompile(`([;\s])([A-Za-z0-9*_-]+)(\s*=\s*)("(?:[^"\\]|\\.|\\)*"|[^;\s"]*)`)
	mediaType = regexp.MustCompile("^\\s*[\\w!#$%&'*+.^`{|}~-]+(?:/[\\w!#$%&'*+.^`{|}~-]+)?\\s*$")
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
		kind = r.structuralText(kind)
	}
	redacted := bytes.Clone(kind)
	from := 0
	for _, m := range parameter.FindAllSubmatchIndex(rest, -1) {
		redacted = append(redacted, r.structuralText(rest[from:m[2]])...)
		redacted = append(redacted, rest[m[2]:m[8]]...)
		redacted = append(redacted, r.parameter(string(rest[m[4]:m[5]]), rest[m[8]:m[9]])...)
		from = m[9]
	}
	return append(redacted, r.structuralText(rest[from:])...)
}

// structuralText is Text that leaves the words that describe messages.
func (r *Redactor) structuralText(text []byte) []byte {
	return r.textBut(text, func(word []byte) bool { return structural[strings.ToLower(string(word))] })
}

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
	if base == "boundary" {
		return r.quotedPairs(value)
	}
	return r.fieldText(value)
}

// quotedPairs redacts a quoted string by what it stands for (RFC 5322 §3.2.4).
func (r *Redactor) quotedPairs(value []byte) []byte {
	var (
		places []int
		plain  []byte
	)
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) {
			i++
		}
		places, plain = append(places, i), append(plain, value[i])
	}
	redacted := bytes.Clone(value)
	for i, octet := range r.Text(plain) {
		redacted[places[i]] = octet
	}
	return redacted
}

// Message returns a message, or its header, with addresses, names, text and attachments
// replaced. Its length, line breaks and MIME structure stay, and what was valid base64,
// quoted-printable or an encoded word still is.
func (r *Redactor) Message(raw []byte) []byte {
	redacted := bytes.Clone(raw)
	r.part(redacted, raw, structure.Parse(raw))
	return redacted
}

// part puts what a part becomes into redacted. Delimiters of multiparts agree with the header
// because the same words become the same ones.
func (r *Redactor) part(redacted, raw []byte, p *structure.Part) {
	for f := range structure.Fields(raw, p.Header) {
		copy(redacted[f.Span.Start:], r.field(&f, raw))
	}
	switch {
	case p.Message != nil:
		r.part(redacted, raw, p.Message)
		return
	case len(p.Parts) == 0:
		copy(redacted[p.Body.Start:], r.body(p.Encoding, p.Body.Of(raw)))
		return
	}
	boundary := boundaryOf(p)
	between := p.Body.Start
	for _, child := range p.Parts {
		copy(redacted[between:], r.delimiters(boundary, raw[between:child.Header.Start]))
		r.part(redacted, raw, child)
		between = child.Body.End
	}
	copy(redacted[between:], r.delimiters(boundary, raw[between:p.Body.End]))
}

func boundaryOf(p *structure.Part) []byte {
	for _, param := range p.Params {
		if strings.EqualFold(param.Name, "boundary") {
			return []byte(strings.TrimRight(param.Value, " \t"))
		}
	}
	return nil
}

// delimiters redacts what stands between parts. A delimiter's words end with the boundary,
// whatever comes after it.
func (r *Redactor) delimiters(boundary, text []byte) (redacted []byte) {
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, append([]byte("--"), boundary...))
		if ok {
			redacted = append(append(redacted, "--"...), r.Text(boundary)...)
			line = rest
		}
		redacted = append(redacted, r.Text(line)...)
	}
	return redacted
}

// body redacts what has no parts.
func (r *Redactor) body(encoding string, text []byte) []byte {
	switch strings.ToLower(encoding) {
	case "base64":
		return r.base64(text)
	case "quoted-printable":
		return r.encodedOctets(text, '=')
	}
	return r.Text(text)
}

// headless redacts a body whose header isn't at hand: what it is has to be guessed.
func (r *Redactor) headless(text []byte) []byte {
	switch m := delimiter.FindSubmatch(text); {
	case m != nil:
		header := "Content-Type: multipart/mixed; boundary=" + strconv.Quote(string(m[1])) + "\r\n\r\n"
		return r.Message(append([]byte(header), text...))[len(header):]
	case base64Lines.Match(text):
		return r.base64(text)
	case quotedPrintable.Match(text):
		return r.encodedOctets(text, '=')
	}
	return r.Text(text)
}
