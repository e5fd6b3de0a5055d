package structure

import (
	"bytes"
	"io"
	"mime"
	"strings"

	"github.com/emersion/go-message/charset"
)

// DecodeHeader returns an unfolded value with its encoded words (RFC 2047) decoded,
// of any charset that go-message knows. Words that can't be decoded stay as they are.
func DecodeHeader(value string) string {
	if !strings.Contains(value, "=?") {
		return value
	}
	return string(AppendDecoded(nil, []byte(value)))
}

// AppendDecoded appends to dst what DecodeHeader returns.
func AppendDecoded(dst, value []byte) []byte {
	decoder := mime.WordDecoder{CharsetReader: charsetReader}
	afterWord := false
	for {
		before, word, after := cutEncodedWord(value)
		if word == nil {
			return append(dst, value...)
		}
		text, err := decoder.Decode(string(word))
		// RFC 2047 §6.2: white space between encoded words isn't displayed.
		if !(afterWord && err == nil && len(bytes.Trim(before, " \t\r\n")) == 0) {
			dst = append(dst, before...)
		}
		if err == nil {
			dst = append(dst, text...)
		} else {
			dst = append(dst, word...)
		}
		value, afterWord = after, err == nil
	}
}

// charsetReader knows the charsets of encoded words.
func charsetReader(name string, r io.Reader) (io.Reader, error) {
	name, _, _ = strings.Cut(name, "*") // RFC 2231 §5: a language may follow.
	return charset.Reader(name, r)
}

// cutEncodedWord cuts value around the first "=?charset?encoding?text?=" in it. word
// is nil if there is none.
func cutEncodedWord(value []byte) (before, word, after []byte) {
	for from := 0; ; {
		start := bytes.Index(value[from:], []byte("=?"))
		if start < 0 {
			return value, nil, nil
		}
		start += from
		from = start + len("=?")
		name := bytes.IndexAny(value[from:], "? \t\r\n")
		if name < 0 || value[from+name] != '?' {
			continue
		}
		text := from + name + len("?Q?")
		if text > len(value) || value[text-1] != '?' {
			continue
		}
		end := bytes.Index(value[text:], []byte("?="))
		if end < 0 {
			return value, nil, nil
		}
		end += text + len("?=")
		return value[:start], value[start:end], value[end:]
	}
}

// DecodedText returns the body of a part of type text as UTF-8, with its
// Content-Transfer-Encoding and charset undone, and "" for any other part. Text in
// an encoding or charset that is unknown is taken as it is; octets that then
// aren't UTF-8 become U+FFFD.
func DecodedText(raw []byte, p *Part) string {
	if !foldEqual(p.Type, "text") {
		return ""
	}
	text := p.Body.Of(raw)
	switch {
	case foldEqual(p.Encoding, "base64"):
		text = decodeBase64(text)
	case foldEqual(p.Encoding, "quoted-printable"):
		text = decodeQuotedPrintable(text)
	}
	name, _ := paramValue(p.Params, "charset")
	if !foldEqual(name, "us-ascii") && !foldEqual(name, "utf-8") {
		if r, err := charset.Reader(name, bytes.NewReader(text)); err == nil {
			if decoded, err := io.ReadAll(r); err == nil {
				text = decoded
			}
		}
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// decodeBase64 decodes as RFC 2045 §6.8 wants, which ignores what isn't of the
// alphabet. It reads on after padding, for encoded pieces put one after another.
func decodeBase64(text []byte) []byte {
	out := make([]byte, 0, len(text)/4*3+3)
	bits, n := uint32(0), 0
	for _, c := range text {
		if c == '=' {
			n = 0
			continue
		}
		v, ok := base64Value(c)
		if !ok {
			continue
		}
		bits = bits<<6 | uint32(v)
		if n += 6; n >= 8 {
			n -= 8
			out = append(out, byte(bits>>n))
		}
	}
	return out
}

func base64Value(c byte) (byte, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26, true
	case '0' <= c && c <= '9':
		return c - '0' + 52, true
	case c == '+':
		return 62, true
	case c == '/':
		return 63, true
	}
	return 0, false
}

// decodeQuotedPrintable decodes as RFC 2045 §6.7 wants, and leaves an "=" that isn't
// part of the encoding as it is.
func decodeQuotedPrintable(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		line := text[:lineLen(text)]
		text = text[len(line):]
		lineBreak := line[len(line)-lineBreakLen(line):]
		// Rule 3: white space at the end of a line was added in transport.
		line = bytes.TrimRight(line[:len(line)-len(lineBreak)], " \t")
		soft := bytes.HasSuffix(line, []byte("="))
		if soft {
			line = line[:len(line)-1]
		}
		for i := 0; i < len(line); i++ {
			if c, ok := hexOctet(line[i:]); ok {
				out = append(out, c)
				i += 2
			} else {
				out = append(out, line[i])
			}
		}
		if !soft {
			out = append(out, lineBreak...)
		}
	}
	return out
}

// hexOctet returns the octet that an "=XX" at the start of text stands for.
func hexOctet(text []byte) (byte, bool) {
	if len(text) < 3 || text[0] != '=' {
		return 0, false
	}
	high, ok1 := hexDigit(text[1])
	low, ok2 := hexDigit(text[2])
	return high<<4 | low, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= lower(c) && lower(c) <= 'f':
		return lower(c) - 'a' + 10, true
	}
	return 0, false
}
