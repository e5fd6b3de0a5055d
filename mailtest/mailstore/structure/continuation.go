package structure

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
)

// DecodeParams returns parameters with what RFC 2231 has made of their values undone,
// in the way that RFC 9051 §7.5.2 wants it: baz*0 and baz*1 are joined as baz, and foo*0*
// and foo*1*, which hold octets of some charset, as foo* in UTF-8. Params themselves
// stay as they are, and so does what is no such thing, such as a piece without its
// predecessor or of an unknown charset.
func DecodeParams(params []Param) []Param { return assemble(params, decodePieces) }

// JoinParams returns parameters with continued values joined, as RFC 2231 §6 wants it of
// IMAP4: baz*0 and baz*1 as baz, and foo*0* and foo*1 as foo*, whose octets stay encoded.
// Dovecot does the same.
func JoinParams(params []Param) []Param { return assemble(params, joinPieces) }

// assemble returns parameters with the pieces of one made whole by join, which tells of how
// many it made use.
func assemble(params []Param, join func(map[int]piece) (Param, int)) []Param {
	if !hasExtended(params) {
		return params
	}
	pieces := make(map[string]map[int]piece) // by the parameter's name in lower case
	for _, p := range params {
		if c, ok := parsePiece(p); ok {
			name := strings.ToLower(c.name)
			if pieces[name] == nil {
				pieces[name] = make(map[int]piece)
			}
			if _, twice := pieces[name][c.number]; !twice {
				pieces[name][c.number] = c
			}
		}
	}
	var out []Param
	joined := make(map[string]int) // how many pieces
	for _, p := range params {
		c, ok := parsePiece(p)
		if !ok {
			out = append(out, p)
			continue
		}
		name := strings.ToLower(c.name)
		if _, done := joined[name]; !done {
			whole, n := join(pieces[name])
			if joined[name] = n; n > 0 {
				out = append(out, whole)
			}
		}
		if c.number >= joined[name] {
			out = append(out, p)
		}
	}
	return out
}

func hasExtended(params []Param) bool {
	for _, p := range params {
		if strings.Contains(p.Name, "*") {
			return true
		}
	}
	return false
}

// piece is a value, or some of one, of a parameter (RFC 2231 §7).
type piece struct {
	name    string
	number  int
	encoded bool // its octets are percent-encoded
	value   string
}

func parsePiece(p Param) (piece, bool) {
	full, encoded := strings.CutSuffix(p.Name, "*")
	name, digits, numbered := strings.Cut(full, "*")
	if !numbered {
		return piece{name, 0, encoded, p.Value}, encoded
	}
	n, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(n) != digits || n < 0 {
		return piece{}, false
	}
	return piece{name, n, encoded, p.Value}, true
}

// joinPieces returns the parameter that pieces make, if they are all there, and of how
// many of them.
func joinPieces(pieces map[int]piece) (whole Param, n int) {
	whole.Name = pieces[0].name
	for ; ; n++ {
		if _, ok := pieces[n]; !ok {
			break
		}
		if pieces[n].encoded {
			whole.Name = pieces[0].name + "*"
		}
	}
	if n < len(pieces) {
		return Param{}, 0
	}
	var value strings.Builder
	for i := range n {
		text := pieces[i].value
		if whole.Name != pieces[0].name && !pieces[i].encoded {
			text = strings.ReplaceAll(text, "%", "%25")
			if i == 0 {
				text = "''" + text // neither charset nor language are known
			}
		}
		value.WriteString(text)
	}
	whole.Value = value.String()
	return whole, n
}

// decodePieces returns the parameter that pieces make, decoded, and of how many of them.
func decodePieces(pieces map[int]piece) (whole Param, n int) {
	var octets strings.Builder
	var charsetName string
	first := pieces[0]
	encoded := false
	for ; ; n++ {
		c, ok := pieces[n]
		if !ok {
			break
		}
		text := c.value
		if c.encoded && n == 0 {
			name, rest, _ := strings.Cut(text, "'")
			_, content, ok := strings.Cut(rest, "'")
			if !ok {
				return Param{}, 0
			}
			charsetName, text = name, content
		}
		if c.encoded {
			encoded = true
			text = percentDecoded(text)
		}
		octets.WriteString(text)
	}
	value, ok := inUTF8(charsetName, octets.String())
	if !ok {
		return Param{}, 0
	}
	whole = Param{first.name, value}
	if encoded {
		whole.Name += "*"
	}
	return whole, n
}

// percentDecoded undoes %XX (RFC 2231 §7, ext-octet); what isn't that stays.
func percentDecoded(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// inUTF8 converts text from a charset, which RFC 2231 §4 lets be left out.
func inUTF8(name, text string) (string, bool) {
	if name != "" && !strings.EqualFold(name, "utf-8") {
		r, err := charset.Reader(name, strings.NewReader(text))
		if err != nil {
			return "", false
		}
		converted, err := io.ReadAll(r)
		if err != nil {
			return "", false
		}
		text = string(converted)
	}
	return text, utf8.ValidString(text) && !strings.Contains(text, "\x00")
}
