package mailhtml

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/mailfakes/mailtest/mailwire"
)

// parsedLine is a line with its text form in columns.
type parsedLine struct {
	mailwire.Line
	seconds, source, text string
}

func parse(line mailwire.Line) parsedLine {
	form := strings.TrimSuffix(string(line.Append(nil, time.Time{})), "\n")
	columns := append(strings.SplitN(form, " ", 4), "")
	return parsedLine{line, columns[0], columns[1], columns[3]}
}

func (l parsedLine) kind() string {
	switch l.Dir {
	case mailwire.Client:
		return "client"
	case mailwire.Server:
		return "server"
	}
	return "note"
}

var (
	login   = regexp.MustCompile(`(?i)^(?:[^ ]+ LOGIN|USER|APOP) "?([^" ]+)`)
	refusal = regexp.MustCompile(`^(?:-ERR|[^ ]+ (?:NO|BAD) )`)
	trouble = regexp.MustCompile(`^(?:fault|TLS failed|write:|read:|refused:|dropped)`)
)

// mark tells what is special about a line.
func (l parsedLine) mark() string {
	switch {
	case l.Dir == mailwire.Server && refusal.MatchString(l.text):
		return "refusal"
	case l.Dir == mailwire.Note && trouble.MatchString(l.text):
		return "fault"
	case l.Dir == mailwire.Note && strings.HasPrefix(l.text, "note "):
		return "manners"
	}
	return ""
}

const (
	// longLine is how many octets a line has at least to be folded up.
	longLine = 360
	// longLineHead is how many of it are shown then.
	longLineHead = 240
)

func split(text string) (head, rest string) {
	if len(text) < longLine {
		return text, ""
	}
	n := longLineHead
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n], text[n:]
}

// literal is a literal of IMAP's or a message of POP3's.
type literal struct {
	Lines  []string
	Octets int64

	header [][]byte // as far as it is seen
	body   bool     // after the empty line
}

func (l *literal) add(line parsedLine) {
	text := line.text
	if line.Elided == 0 && !bytes.HasSuffix(line.Text, []byte("\r\n")) {
		text = strings.TrimSuffix(text, `\`) // that the last line has no end is no news
	}
	l.Lines = append(l.Lines, text)
	l.Octets += int64(len(line.Text)) + line.Elided
	l.body = l.body || string(line.Text) == "\r\n"
	if !l.body {
		l.header = append(l.header, line.Text)
	}
}

// Text is the literal as the page shows it.
func (l *literal) Text() string { return strings.Join(l.Lines, "\n") }

// Short tells that it isn't worth folding up.
func (l *literal) Short() bool { return len(l.Lines) == 1 && len(l.Lines[0]) <= 120 }

// Subject is that of the mail in it, if it has one.
func (l *literal) Subject() string {
	var subject []byte
	for _, line := range l.header {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case subject != nil && len(line) > 0 && (line[0] == ' ' || line[0] == '\t'):
			subject = append(subject, line...)
		case subject != nil:
			return decoded(subject)
		case len(line) >= 8 && bytes.EqualFold(line[:8], []byte("subject:")):
			subject = append([]byte{}, bytes.TrimSpace(line[8:])...)
		}
	}
	return decoded(subject)
}

func decoded(subject []byte) string {
	text := strings.ToValidUTF8(string(subject), "\uFFFD")
	if plain, err := new(mime.WordDecoder).DecodeHeader(text); err == nil {
		return plain
	}
	return text
}
