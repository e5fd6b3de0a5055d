package maillog

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// pop3 makes units of a POP3 session: lines of the client, and responses, of which those
// to some commands have several lines (RFC 1939 §3).
func (f *framer) pop3() (units []unit) {
	var (
		pending   []string // commands without an answer
		challenge bool     // the client's next line answers one (RFC 5034 §4)
		sizes     = make(map[string]int64)
		lines     = f.session.lines
	)
	for i := 0; i < len(lines); i++ {
		r := lines[i]
		if r.dir == mailwire.Note {
			continue
		}
		u := unit{Step{Line: r.number, Dir: r.dir}, i}
		u.add(r)
		text := string(trimEnd(r.text))
		switch {
		case r.dir == mailwire.Client:
			if !challenge {
				pending = append(pending, text)
			}
			challenge = false
		case strings.HasPrefix(text, "+ ") || text == "+":
			challenge = true
		default:
			command := ""
			if len(pending) > 0 {
				command, pending = pending[0], pending[1:]
			}
			learnSize(sizes, command, text)
			if mailwire.IsPOP3Multiline(command) && strings.HasPrefix(text, "+OK") {
				i = f.multiline(&u, i, sizeOf(sizes, command, text))
			}
		}
		units = append(units, u)
	}
	return units
}

// multiline moves the lines after a status to u, and returns the index of the last one. Where
// the log doesn't have them, size octets are missing.
func (f *framer) multiline(u *unit, at int, size int64) int {
	lines := f.session.lines
	end, asked := at+1, false
	for ; end < len(lines) && lines[end].dir != mailwire.Note; end++ {
		r := lines[end]
		switch {
		case r.dir == mailwire.Client:
			asked = true
			continue
		case string(r.text) == ".\r\n":
			return f.moveLines(u, at, end)
		case asked && isStatus(r.text) && !f.session.exact:
			return f.missing(u, at, size)
		}
	}
	if f.session.exact {
		return f.moveLines(u, at, end-1)
	}
	return f.missing(u, at, size)
}

// moveLines moves the server's lines up to end to u; what the client sent in between comes after.
func (f *framer) moveLines(u *unit, at, end int) int {
	lines := f.session.lines
	var sent, heard []raw
	for _, r := range lines[at+1 : end+1] {
		if r.dir == mailwire.Client {
			sent = append(sent, r)
			continue
		}
		u.add(r)
		heard = append(heard, r)
	}
	copy(lines[at+1:], append(heard, sent...))
	return at + len(heard)
}

// missing ends a response of several lines that aren't all in the log.
func (f *framer) missing(u *unit, at int, size int64) int {
	lines := f.session.lines
	end := at
	for end+1 < len(lines) && lines[end+1].dir == mailwire.Server && !isStatus(lines[end+1].text) {
		end++
	}
	have := int64(0)
	for _, r := range lines[at+1 : end+1] {
		u.add(r)
		have += int64(len(r.text)) + r.elided
	}
	if size > have {
		u.gap(size - have)
	} else {
		f.notef(u.Line, "the log lacks the end of the response")
	}
	u.Text = append(u.Text, ".\r\n"...)
	return end
}

func isStatus(text []byte) bool {
	return bytes.HasPrefix(text, []byte("+OK")) || bytes.HasPrefix(text, []byte("-ERR"))
}

var (
	octetsWord = regexp.MustCompile(`^\+OK\D*(\d+) octets`)
	listed     = regexp.MustCompile(`^\+OK (\d+) (\d+)`)
)

// learnSize remembers the size that LIST tells of a message.
func learnSize(sizes map[string]int64, command, status string) {
	if m := listed.FindStringSubmatch(status); m != nil && strings.HasPrefix(strings.ToUpper(command), "LIST ") {
		sizes[m[1]], _ = strconv.ParseInt(m[2], 10, 64)
	}
}

// sizeOf returns how many octets the answer to RETR has, as far as the log says so.
func sizeOf(sizes map[string]int64, command, status string) int64 {
	name, number, _ := strings.Cut(command, " ")
	if !strings.EqualFold(name, "RETR") {
		return 0
	}
	if m := octetsWord.FindStringSubmatch(status); m != nil {
		size, _ := strconv.ParseInt(m[1], 10, 64)
		return size
	}
	return sizes[number]
}
