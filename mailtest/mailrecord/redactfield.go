package mailrecord

import (
	"bytes"
	"encoding/base64"
	"net/mail"
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

var encodedWord = regexp.MustCompile(`=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=`)

// verbatim are header fields that say nothing about anybody.
var verbatim = wordSet(`mime-version date resent-date content-transfer-encoding content-length lines importance
	precedence auto-submitted content-language x-priority x-msmail-priority`)

// field returns a header field with its line breaks, redacted.
func (r *Redactor) field(f *structure.Field, raw []byte) []byte {
	field := f.Span.Of(raw)
	lower := strings.ToLower(string(f.Name))
	switch {
	case lower == "" || strings.Contains(lower, "@"):
		return r.Text(field)
	case verbatim[lower] && !bytes.Contains(field, []byte("@")):
		return field
	case verbatim[lower]:
		return r.structuralText(field)
	}
	name, value := raw[f.Span.Start:f.Value.Start], raw[f.Value.Start:f.Span.End]
	switch lower {
	case "content-type", "content-disposition":
		value = r.parameters(value)
	case "received":
		value = r.received(value)
	case "subject":
		n := len(prefixes.Find(value))
		value = append(bytes.Clone(value[:n]), r.fieldText(value[n:])...)
	default:
		value = r.fieldText(value)
	}
	return append(bytes.Clone(name), value...)
}

// prefixes are those of replies and forwarded mail, by which clients make threads.
var prefixes = regexp.MustCompile(`^(?i:\s*(?:re|fwd?|aw|wg|sv)(?:\[\d+\])?:)+`)

// received leaves the words and the date in Received (RFC 5322 §3.6.7).
func (r *Redactor) received(value []byte) []byte {
	date := value[len(value):]
	if i := bytes.LastIndexByte(value, ';'); i >= 0 {
		if _, err := mail.ParseDate(strings.Join(strings.Fields(string(value[i+1:])), " ")); err == nil && !bytes.Contains(value[i:], []byte("@")) {
			value, date = value[:i], value[i:]
		}
	}
	redacted := r.textBut(value, func(word []byte) bool { return traceWords[strings.ToLower(string(word))] })
	return append(redacted, date...)
}

var traceWords = wordSet(`from by with id for via esmtp esmtps esmtpa esmtpsa smtp lmtp lmtps http https imap unknown`)

// fieldText returns text with its words replaced, also in encoded words (RFC 2047).
func (r *Redactor) fieldText(text []byte) []byte {
	var redacted []byte
	from := 0
	for _, m := range encodedWord.FindAllIndex(text, -1) {
		redacted = append(append(redacted, r.Text(text[from:m[0]])...), r.encodedWord(text[m[0]:m[1]])...)
		from = m[1]
	}
	return append(redacted, r.Text(text[from:])...)
}

func (r *Redactor) encodedWord(word []byte) []byte {
	parts := bytes.Split(word, []byte("?")) // "=", charset, encoding, text, "="
	text := parts[3]
	if bytes.EqualFold(parts[2], []byte("B")) {
		text = r.base64(text)
	} else {
		text = r.encodedOctets(text, '=')
	}
	return bytes.Join([][]byte{parts[0], parts[1], parts[2], text, parts[4]}, []byte("?"))
}

// base64 returns text in base64, with its line breaks, whose decoded words are replaced. What isn't
// base64 is redacted as it stands.
func (r *Redactor) base64(text []byte) []byte {
	var places []int
	for i, octet := range text {
		switch {
		case isSpace(octet):
		case octet == '=' || base64Alphabet(octet):
			places = append(places, i)
		default:
			return r.Text(text)
		}
	}
	// A part of a message can end amid four of them.
	digits := make([]byte, 0, len(places))
	for _, at := range places[:len(places)/4*4] {
		digits = append(digits, text[at])
	}
	decoded, err := base64.StdEncoding.DecodeString(string(digits))
	if err != nil {
		return r.Text(text)
	}
	digits = base64.StdEncoding.AppendEncode(digits[:0], r.decoded(decoded))
	redacted := bytes.Clone(text)
	for i, digit := range digits {
		redacted[places[i]] = digit
	}
	return redacted
}

func base64Alphabet(octet byte) bool {
	return 'a' <= octet && octet <= 'z' || 'A' <= octet && octet <= 'Z' || '0' <= octet && octet <= '9' || octet == '+' || octet == '/'
}

// decoded returns octets that stood for text, or for something else, which then is
// replaced as a whole.
func (r *Redactor) decoded(octets []byte) []byte {
	if isText(octets) {
		return r.Text(octets)
	}
	next := r.stream(octets, 0)
	noise := make([]byte, len(octets))
	for i := range noise {
		noise[i] = byte(next())
	}
	return noise
}

// isText tells whether octets have no control characters but those of text.
func isText(octets []byte) bool {
	for _, octet := range octets {
		if octet < ' ' && octet != '\t' && octet != '\r' && octet != '\n' && octet != 0x1b {
			return false
		}
	}
	return true
}

// encodedOctets returns text in which some octets are written as the mark and two
// hexadecimal digits: quoted-printable and its like.
func (r *Redactor) encodedOctets(text []byte, mark byte) []byte {
	type place struct{ at, width int }
	var (
		places  []place
		decoded []byte
	)
	for i := 0; i < len(text); {
		if octet, ok := hexOctet(text[i:], mark); ok {
			places, decoded = append(places, place{i, 3}), append(decoded, octet)
			i += 3
			continue
		}
		if n := softBreak(text[i:], mark); n > 0 {
			i += n
			continue
		}
		places, decoded = append(places, place{i, 1}), append(decoded, text[i])
		i++
	}
	redacted := bytes.Clone(text)
	for i, octet := range r.Text(decoded) {
		p := places[i]
		switch {
		case octet == decoded[i]:
		case p.width == 1:
			redacted[p.at] = octet
		default:
			digits := "0123456789ABCDEF"
			if bytes.ContainsAny(text[p.at:p.at+3], "abcdef") {
				digits = "0123456789abcdef"
			}
			redacted[p.at+1], redacted[p.at+2] = digits[octet>>4], digits[octet&15]
		}
	}
	return redacted
}

// hexOctet returns the octet that is written at the beginning of text.
func hexOctet(text []byte, mark byte) (octet byte, ok bool) {
	if len(text) < 3 || text[0] != mark {
		return 0, false
	}
	for _, digit := range text[1:3] {
		value := strings.IndexByte("0123456789abcdef", digit|0x20)
		if value < 0 || digit < '0' {
			return 0, false
		}
		octet = octet<<4 | byte(value)
	}
	return octet, true
}

// softBreak returns the length of the soft line break that text begins with (RFC 2045 §6.7).
func softBreak(text []byte, mark byte) int {
	if text[0] != mark {
		return 0
	}
	n := 1
	for n < len(text) && (text[n] == ' ' || text[n] == '\t' || text[n] == '\r') {
		n++
	}
	if n < len(text) && text[n] == '\n' {
		return n + 1
	}
	return 0
}
