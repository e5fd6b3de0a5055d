package mailwire

import (
	"bytes"
	"strconv"
)

// literalAtEnd tells of the literal that a line, with its line break, announces at its
// end (RFC 3501 §4.3; RFC 7888): its size, and whether the sender waits for "+" before.
func literalAtEnd(line []byte) (size int64, sync, ok bool) {
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	if len(line) < 3 || line[len(line)-1] != '}' {
		return 0, false, false
	}
	open := bytes.LastIndexByte(line, '{')
	if open < 0 {
		return 0, false, false
	}
	digits, plus := bytes.CutSuffix(line[open+1:len(line)-1], []byte("+"))
	n, err := strconv.ParseUint(string(digits), 10, 63)
	return int64(n), !plus, err == nil
}

// literalInCommand is literalAtEnd where a command can have a literal: after a space or a
// parenthesis.
func literalInCommand(line []byte) (size int64, sync, ok bool) {
	size, sync, ok = literalAtEnd(line)
	if !ok {
		return 0, false, false
	}
	before := bytes.TrimSuffix(line[:bytes.LastIndexByte(line, '{')], []byte("~"))
	return size, sync, len(before) == 0 || before[len(before)-1] == ' ' || before[len(before)-1] == '('
}

// textLength returns how long the first response or command in text is, with its
// literals; 0: it is not all there.
func textLength(text []byte) int {
	for end := 0; ; {
		n := bytes.IndexByte(text[end:], '\n')
		if n < 0 {
			return 0
		}
		line := text[end : end+n+1]
		end += n + 1
		size, _, ok := literalAtEnd(line)
		if !ok {
			return end
		}
		if size > int64(len(text)-end) {
			return 0
		}
		end += int(size)
	}
}

// stretch is a part of a text: what it is, and where.
type stretch struct {
	kind     stretchKind
	from, to int
}

type stretchKind uint8

const (
	plainText        stretchKind = iota
	quotedString                 // with its quotes
	announcedLiteral             // {n}CRLF
	literalOctets
)

// stretches divides a text of IMAP into its strings and what is between them.
func stretches(text []byte) []stretch {
	var all []stretch
	add := func(kind stretchKind, from, to int) {
		if from < to {
			all = append(all, stretch{kind, from, to})
		}
	}
	plain := 0
	for i := 0; i < len(text); {
		switch text[i] {
		case '"':
			end := quotedEnd(text, i)
			if end < 0 {
				i++
				continue
			}
			add(plainText, plain, i)
			add(quotedString, i, end)
			i, plain = end, end
		case '{':
			n := bytes.IndexByte(text[i:], '\n')
			size, _, ok := int64(0), false, false
			if n >= 0 {
				size, _, ok = literalAtEnd(text[i : i+n+1])
			}
			if !ok || size > int64(len(text)-i-n-1) || bytes.LastIndexByte(text[i:i+n], '{') != 0 {
				i++
				continue
			}
			add(plainText, plain, i)
			add(announcedLiteral, i, i+n+1)
			add(literalOctets, i+n+1, i+n+1+int(size))
			i += n + 1 + int(size)
			plain = i
		default:
			i++
		}
	}
	add(plainText, plain, len(text))
	return all
}

// quotedEnd returns where the quoted string ends that begins at i, -1 if it isn't one.
func quotedEnd(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		case '\r', '\n':
			return -1
		}
	}
	return -1
}

// firstString returns the first astring of a command's arguments.
func firstString(args []byte) string {
	args = bytes.TrimLeft(args, " ")
	all := stretches(args)
	switch {
	case len(all) == 0:
		return ""
	case all[0].kind == quotedString:
		return string(unquoted(args[:all[0].to]))
	case all[0].kind == plainText:
		if end := bytes.IndexAny(args, " \r\n"); end >= 0 {
			args = args[:end]
		}
		return string(args)
	case len(all) > 1 && all[1].kind == literalOctets:
		return string(args[all[1].from:all[1].to])
	}
	return ""
}

// unquoted returns what a quoted string, with its quotes, says.
func unquoted(quoted []byte) []byte {
	var value []byte
	for i := 1; i < len(quoted)-1; i++ {
		if quoted[i] == '\\' && i < len(quoted)-2 {
			i++
		}
		value = append(value, quoted[i])
	}
	return value
}
