package mailwire

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// An edit changes a response or command. Whether it is one of IMAP or a line of POP3 is
// told, because only the former has strings and literals.
type edit func(text []byte, imap bool) []byte

func stringsAsLiterals(text []byte, imap bool) []byte {
	return rewrite(text, imap, func(out []byte, s stretch) []byte {
		if s.kind != quotedString {
			return append(out, text[s.from:s.to]...)
		}
		value := unquoted(text[s.from:s.to])
		out = append(strconv.AppendInt(append(out, '{'), int64(len(value)), 10), "}\r\n"...)
		return append(out, value...)
	})
}

func literalsAsStrings(text []byte, imap bool) []byte {
	return rewrite(text, imap, func(out []byte, s stretch) []byte {
		octets := text[s.from:s.to]
		switch {
		case s.kind == literalOctets:
			out = append(out, quotedSpecials.Replace(string(octets))...)
			return append(out, '"')
		case s.kind != announcedLiteral:
			return append(out, octets...)
		case bytes.HasPrefix(octets, []byte("{0")):
			return append(out, `""`...) // there are no octets to end it
		}
		return append(out, '"')
	})
}

func extraSpace(text []byte, imap bool) []byte { return spaces(text, imap, "  ") }
func noSpace(text []byte, imap bool) []byte    { return spaces(text, imap, "") }

func spaces(text []byte, imap bool, with string) []byte {
	return rewrite(text, imap, func(out []byte, s stretch) []byte {
		if s.kind != plainText {
			return append(out, text[s.from:s.to]...)
		}
		return append(out, bytes.ReplaceAll(text[s.from:s.to], []byte(" "), []byte(with))...)
	})
}

// rewrite puts a text together again from what f makes of its stretches.
func rewrite(text []byte, imap bool, f func(out []byte, s stretch) []byte) []byte {
	if !imap {
		return f(nil, stretch{plainText, 0, len(text)})
	}
	var out []byte
	for _, s := range stretches(text) {
		out = f(out, s)
	}
	return out
}

func bareLF(text []byte, _ bool) []byte { return bytes.ReplaceAll(text, crlf, []byte("\n")) }

func trailingSpace(text []byte, _ bool) []byte {
	if line, ok := bytes.CutSuffix(text, crlf); ok {
		return append(bytes.Clone(line), " \r\n"...)
	}
	return append(bytes.Clone(text), ' ')
}

func extraCRLF(text []byte, _ bool) []byte { return append(bytes.Clone(text), crlf...) }

func noCRLF(text []byte, _ bool) []byte { return bytes.TrimSuffix(text, crlf) }

var digits = regexp.MustCompile(`[0-9]+`)

// changeNumber changes the number of that name in a text; see [Rule.Set].
func changeNumber(text []byte, imap bool, name string, change func(int) int) []byte {
	from, to := findNumber(text, imap, name)
	if from == to {
		return text
	}
	n, err := strconv.Atoi(string(text[from:to]))
	if err != nil {
		return text
	}
	out := strconv.AppendInt(bytes.Clone(text[:from]), int64(change(n)), 10)
	return append(out, text[to:]...)
}

func findNumber(text []byte, imap bool, name string) (from, to int) {
	all := []stretch{{plainText, 0, len(text)}}
	if imap {
		all = stretches(text)
	}
	nth := 0
	if n, err := strconv.Atoi(strings.TrimPrefix(name, "#")); err == nil && name[0] == '#' {
		nth = n
	}
	word := regexp.MustCompile(`(?i)(?:^|[\s(\[])` + regexp.QuoteMeta(name) + `(?:$|[\s)\]])`)
	for _, s := range all {
		part := text[s.from:s.to]
		switch {
		case s.kind == announcedLiteral && name == "{}":
			at := digits.FindIndex(part)
			return s.from + at[0], s.from + at[1]
		case s.kind != plainText:
		case nth > 0:
			found := digits.FindAllIndex(part, nth)
			if len(found) == nth {
				return s.from + found[nth-1][0], s.from + found[nth-1][1]
			}
			nth -= len(found)
		default:
			if at := word.FindIndex(part); at != nil {
				from, to = numberBeside(part, at)
				return s.from + from, s.from + to
			}
		}
	}
	return 0, 0
}

var (
	numberAfter  = regexp.MustCompile(`^[ (\])]*([0-9]+)`)
	numberBefore = regexp.MustCompile(`([0-9]+) *$`)
)

// numberBeside returns where a number is right after what is at, or else right before.
func numberBeside(part []byte, at []int) (from, to int) {
	end := at[1]
	if end > at[0] && strings.ContainsRune(" )]", rune(part[end-1])) {
		end--
	}
	if m := numberAfter.FindSubmatchIndex(part[end:]); m != nil {
		return end + m[2], end + m[3]
	}
	if m := numberBefore.FindSubmatchIndex(part[:at[0]]); m != nil {
		return m[2], m[3]
	}
	return 0, 0
}
