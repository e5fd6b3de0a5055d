package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"

	"golang.org/x/text/encoding/ianaindex"
)

// inCharset returns text in a charset, UTF-8 if empty, and the charset's name.
func inCharset(charset, text string) (name, octets string, err error) {
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		return "utf-8", text, nil
	}
	enc, err := ianaindex.MIME.Encoding(charset)
	if err != nil || enc == nil {
		return "", "", errors.New("unknown charset")
	}
	// RFC 2046 §4.1.1: a line break is CRLF in every charset that text can be in.
	if crlf, err := enc.NewEncoder().String("\r\n"); err != nil || crlf != "\r\n" {
		return "", "", errors.New("not a charset for text in messages")
	}
	octets, err = enc.NewEncoder().String(text)
	return charset, octets, err
}

// encodedAs returns octets, whose lines end in CRLF, in a transfer encoding, or in the one that
// suits them.
func encodedAs(encoding, octets string) (name string, body []byte, err error) {
	switch strings.ToLower(encoding) {
	case "":
		name, body = encodedBody(octets)
		return name, body, nil
	case "base64":
		return "base64", base64Lines([]byte(octets)), nil
	case "quoted-printable":
		return "quoted-printable", quotedPrintable(octets), nil
	case "7bit", "8bit":
		switch name, body, err = identityEncoded([]byte(octets)); {
		case err != nil:
			return "", nil, fmt.Errorf("encoding %s: %w", encoding, err)
		case name == "8bit" && !strings.EqualFold(encoding, "8bit"):
			return "", nil, errors.New("encoding 7bit: octets that aren't ASCII")
		}
		return strings.ToLower(encoding), body, nil
	}
	return "", nil, fmt.Errorf("unknown transfer encoding %q", encoding)
}

// encodedBody returns text that has CRLF in the transfer encoding that suits it: none,
// or the shorter one of the two.
func encodedBody(text string) (encoding string, body []byte) {
	if isASCII(text) && !hasLongLine(text) {
		return "7bit", []byte(text)
	}
	quoted := quotedPrintable(text)
	if encoded := base64Lines([]byte(text)); len(encoded) < len(quoted) {
		return "base64", encoded
	}
	return "quoted-printable", quoted
}

func quotedPrintable(text string) []byte {
	var quoted bytes.Buffer
	w := quotedprintable.NewWriter(&quoted)
	// Neither call fails: the buffer takes everything.
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return quoted.Bytes()
}

// identityEncoded returns a message's octets with CRLF, and what kind they are.
func identityEncoded(data []byte) (encoding string, body []byte, err error) {
	text := withCRLF(string(data))
	switch {
	case strings.ContainsRune(text, 0):
		return "", nil, errors.New("NUL in a message")
	case hasLongLine(text):
		return "", nil, fmt.Errorf("line longer than %d octets in a message", maxLine)
	case !isASCII(text):
		return "8bit", []byte(text), nil
	}
	return "7bit", []byte(text), nil
}

// base64Lines encodes data in lines as long as they may be (RFC 2045 §6.8).
func base64Lines(data []byte) []byte {
	const octets = 57 // of data in a line of 76 characters
	out := make([]byte, 0, (len(data)/octets+1)*(76+2))
	for chunk := range slices.Chunk(data, octets) {
		out = base64.StdEncoding.AppendEncode(out, chunk)
		out = append(out, "\r\n"...)
	}
	return out
}

// withCRLF returns text with every line end, LF, CR or CRLF, made CRLF.
func withCRLF(text string) string {
	return strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n").Replace(text)
}

func hasLongLine(text string) bool {
	for line := range strings.Lines(text) {
		if len(strings.TrimSuffix(line, "\r\n")) > maxLine {
			return true
		}
	}
	return false
}
