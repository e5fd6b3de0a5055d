package mailtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// maxMbox is the most octets of an mbox file.
const maxMbox = 1 << 30

// ReadMbox reads an mbox file (RFC 4155) with LF or CRLF, as Dovecot does where
// programs differ.
//
// A message begins with a From_ line: "From ", a sender and a date, at the beginning of
// the file or after an empty line, which isn't part of the message before. "From "
// without anything else, as Thunderbird writes it, is one too; a line of text that merely
// begins with "From " isn't. A Content-Length that leads to another From_ line or to
// the end of the file is believed, and what it covers isn't searched for From_ lines.
//
// One '>' is taken off each line of ">From ", ">>From " and so on: that undoes what
// mboxrd does. mboxo puts the '>' before "From " only, and so a line that already began
// with ">From " loses its own: a reader can't know which of the two wrote the file.
//
// The fields in which mbox keeps what isn't part of the message are taken out of its
// header, as IMAP servers don't show them: Status and X-Status (R is \Seen, A \Answered,
// F \Flagged, D \Deleted, T \Draft), X-Keywords, X-UID, X-IMAPbase, and Content-Length,
// which counts the octets in this file and nowhere else. A first message with X-IMAP is
// the data of a server, and left out.
//
// The internal date is that of the From_ line, in UTC if it has no numeric zone, or else
// that of the Date field. Errors name the line.
func ReadMbox(r io.Reader) ([]Seed, error) {
	if r == nil {
		return nil, errors.New("mailtest: read mbox: there is no reader")
	}
	data, err := io.ReadAll(io.LimitReader(r, maxMbox+1))
	if err != nil {
		return nil, fmt.Errorf("mailtest: read mbox: %w", err)
	}
	if len(data) > maxMbox {
		return nil, fmt.Errorf("mailtest: read mbox: larger than %d octets", maxMbox)
	}
	var seeds []Seed
	rest := data
	for len(rest) > 0 && isEmptyLine(rest[:lineLength(rest)]) {
		rest = rest[lineLength(rest):]
	}
	for first := true; len(rest) > 0; first = false {
		fromLine := rest[:lineLength(rest)]
		date, ok := parseFromLine(fromLine)
		start := len(data) - len(rest)
		if !ok { // only the first can be: a message ends where a From_ line is
			return nil, mboxError(data, start, fmt.Sprintf("%.80q is not a From_ line", fromLine))
		}
		rest = rest[len(fromLine):]
		end, next := mboxMessageEnd(rest)
		if end > maxMessage {
			return nil, mboxError(data, start, fmt.Sprintf("message larger than %d octets", maxMessage))
		}
		seed, internal := mboxSeed(rest[:end])
		if seed.InternalDate = date; date.IsZero() {
			seed.InternalDate = dateField(seed.Raw)
		}
		if !first || !internal {
			seeds = append(seeds, seed)
		}
		rest = rest[next:]
	}
	return seeds, nil
}

func mboxError(data []byte, offset int, what string) error {
	return fmt.Errorf("mailtest: read mbox: line %d: %s", bytes.Count(data[:offset], []byte("\n"))+1, what)
}

// mboxMessageEnd returns the length of the message at the beginning of data, and where
// the next From_ line is.
func mboxMessageEnd(data []byte) (end, next int) {
	at := headerEnd(data)
	if end, next, ok := contentLengthEnd(data, at); ok {
		return end, next
	}
	end = len(data)
	emptyBefore := false
	for at < len(data) {
		line := data[at:][:lineLength(data[at:])]
		if emptyBefore {
			if _, ok := parseFromLine(line); ok {
				return end, at
			}
		}
		if emptyBefore = isEmptyLine(line); emptyBefore {
			end = at
		}
		at += len(line)
	}
	if !emptyBefore {
		end = len(data)
	}
	return end, len(data)
}

// contentLengthEnd does the same by the Content-Length of the header that is headerLen
// octets long, if the length makes sense.
func contentLengthEnd(data []byte, headerLen int) (end, next int, ok bool) {
	length := -1
	for name, field := range headerFields(data[:headerLen]) {
		if strings.EqualFold(name, "Content-Length") {
			if n, err := strconv.Atoi(fieldValue(field)); err == nil {
				length = n
			}
		}
	}
	body := headerLen + lineLength(data[headerLen:])
	if length < 0 || length > len(data)-body {
		return 0, 0, false
	}
	end = body + length
	after := data[end:]
	next = end + lineLength(after)
	if len(after) == 0 || isEmptyLine(after) {
		return end, next, true
	}
	_, ok = parseFromLine(data[next:][:lineLength(data[next:])])
	return end, next, ok && isEmptyLine(data[end:next])
}

// mboxSeed returns the message without the mbox's own fields and without quoting, and
// whether it is the data of a server.
func mboxSeed(data []byte) (seed Seed, internal bool) {
	headerLen := headerEnd(data)
	raw := make([]byte, 0, len(data))
	for name, field := range headerFields(data[:headerLen]) {
		value := fieldValue(field)
		switch strings.ToLower(name) {
		case "status":
			seed.addFlags(value, "R", imap.FlagSeen)
		case "x-status":
			seed.addFlags(value, "AFDT", imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft)
		case "x-keywords":
			for keyword := range strings.FieldsSeq(value) {
				seed.addFlag(imap.Flag(keyword))
			}
		case "x-imap":
			internal = true
		case "x-uid", "x-imapbase", "content-length":
		default:
			raw = append(raw, unquoted(field)...)
		}
	}
	for line := range bytes.Lines(data[headerLen:]) {
		raw = append(raw, unquoted(line)...)
	}
	seed.Raw = raw
	return seed, internal
}

// unquoted returns the line without the '>' that mboxrd puts before it.
func unquoted(line []byte) []byte {
	if line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
		return line[1:]
	}
	return line
}

// addFlags adds those flags whose letters, in the same place of letters, are in value.
func (s *Seed) addFlags(value, letters string, flags ...imap.Flag) {
	for i, flag := range flags {
		if strings.IndexByte(value, letters[i]) >= 0 {
			s.addFlag(flag)
		}
	}
}

func (s *Seed) addFlag(flag imap.Flag) {
	if !slices.Contains(s.Flags, flag) {
		s.Flags = append(s.Flags, flag)
	}
}

// parseFromLine tells whether the line is a From_ line, and returns its date, zero if it
// has nothing at all after "From ". The date is found wherever it is, as some programs
// put names with spaces before it, or "remote from host" after it.
func parseFromLine(line []byte) (date time.Time, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("From "))
	if !ok {
		return time.Time{}, false
	}
	words := strings.Fields(string(rest))
	for i := range words {
		if date, ok := parseAsctime(words[i:]); ok {
			return date, true
		}
	}
	return time.Time{}, len(words) == 0
}

// parseAsctime returns the time that words begin with, in one of these forms, each with
// or without seconds; zones by name mean nothing sure and are passed over.
//
//	Thu Nov  9 22:33:52 2001 [+0300]
//	Thu Nov  9 22:33:52 +0300 2001
//	Thu, 9 Nov 2001 22:33:52 [+0300]
func parseAsctime(words []string) (date time.Time, ok bool) {
	if len(words) < 5 {
		return time.Time{}, false
	}
	weekday, inOrder := strings.CutSuffix(words[0], ",")
	if _, err := time.Parse("Mon", weekday); err != nil {
		return time.Time{}, false
	}
	month, day, clock, year, zone := words[1], words[2], words[3], words[4], "+0000"
	if inOrder {
		month, day, clock, year = words[2], words[1], words[4], words[3]
	}
	if len(words) > 5 {
		if len(year) != 4 || strings.Trim(year, "0123456789") != "" {
			year, zone = words[5], year
		} else {
			zone = words[5]
		}
	}
	if _, err := time.Parse("-0700", zone); err != nil {
		zone = "+0000"
	}
	if strings.Count(clock, ":") == 1 {
		clock += ":00"
	}
	date, err := time.Parse("Jan 2 15:04:05 2006 -0700", strings.Join([]string{month, day, clock, year, zone}, " "))
	return date, err == nil
}
