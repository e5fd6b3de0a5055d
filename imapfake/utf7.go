package imapfake

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var errNotUTF7 = errors.New("not modified UTF-7 (RFC 3501 §5.1.3)")

// utf7Encoding is base64 with "," for "/" and no padding (RFC 3501 §5.1.3).
func utf7Encoding() *base64.Encoding {
	return base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding).Strict()
}

// encodeUTF7 returns a mailbox name in modified UTF-7 (RFC 3501 §5.1.3).
func encodeUTF7(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r == '&' || !isUTF7Direct(r) }) {
		return name
	}
	var b strings.Builder
	for name != "" {
		r, size := utf8.DecodeRuneInString(name)
		if isUTF7Direct(r) {
			b.WriteRune(r)
			if r == '&' {
				b.WriteByte('-')
			}
			name = name[size:]
			continue
		}
		end := strings.IndexFunc(name, isUTF7Direct)
		if end < 0 {
			end = len(name)
		}
		b.WriteByte('&')
		b.WriteString(encodeUTF16(name[:end]))
		b.WriteByte('-')
		name = name[end:]
	}
	return b.String()
}

func isUTF7Direct(r rune) bool { return r >= ' ' && r <= '~' }

func encodeUTF16(s string) string {
	var octets []byte
	for _, u := range utf16.Encode([]rune(s)) {
		octets = append(octets, byte(u>>8), byte(u))
	}
	return utf7Encoding().EncodeToString(octets)
}

// decodeUTF7 returns the mailbox name that wire stands for. There is one right way
// to write a name, and any other is an error.
func decodeUTF7(wire string) (string, error) {
	if !strings.ContainsFunc(wire, func(r rune) bool { return r == '&' || !isUTF7Direct(r) }) {
		return wire, nil
	}
	var b strings.Builder
	for rest := wire; rest != ""; {
		if rest[0] != '&' {
			if rest[0] < ' ' || rest[0] > '~' {
				return "", errNotUTF7
			}
			b.WriteByte(rest[0])
			rest = rest[1:]
			continue
		}
		coded, after, ok := strings.Cut(rest[1:], "-")
		if !ok {
			return "", errNotUTF7
		}
		rest = after
		if coded == "" {
			b.WriteByte('&')
			continue
		}
		if err := decodeUTF16(&b, coded); err != nil {
			return "", err
		}
	}
	// What was shifted needlessly, or split in two, encodes differently.
	if name := b.String(); encodeUTF7(name) == wire {
		return name, nil
	}
	return "", errNotUTF7
}

func decodeUTF16(b *strings.Builder, coded string) error {
	octets, err := utf7Encoding().DecodeString(coded)
	if err != nil || len(octets)%2 != 0 {
		return errNotUTF7
	}
	units := make([]uint16, len(octets)/2)
	for i := range units {
		units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
	}
	for _, r := range utf16.Decode(units) {
		b.WriteRune(r)
	}
	return nil
}
