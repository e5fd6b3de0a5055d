package maillog

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// Mask stands for a secret in what the client sent, and for a part of it that the log lacks.
const Mask = "***"

// Log is what a log says of the sessions in it.
type Log struct {
	Name     string // for messages, such as the file's
	Format   Format
	Sessions []*Session
	// Notes say what was missing or repaired, in the order of the log's lines.
	Notes []Note
}

// Note is about a line of a log.
type Note struct {
	Line int // from 1
	Text string
}

func (n Note) String() string { return fmt.Sprintf("line %d: %s", n.Line, n.Text) }

// Session is one connection.
type Session struct {
	Protocol mailwire.Protocol
	Steps    []Step
}

// Step is one response; what the client sent up to where it has to wait, or to the end of
// a command; or a note about the connection in the words of mailwire's transcripts: "closed",
// "closed by the client".
type Step struct {
	Line int // where it begins, from 1
	Dir  mailwire.Direction
	// Text has the CRLF at its end. Where the log breaks off for good, it hasn't.
	Text []byte
	Gaps []Gap // by position
}

// Gap is where Text lacks octets that passed.
type Gap struct {
	At     int // in Text
	Octets int64
}

// ReadFile is Read of a file. Of Dovecot's rawlog it reads the other file of the pair as well.
func ReadFile(path string, format Format) (*Log, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("maillog: %w", err)
	}
	var l *Log
	if in, out, ok := rawlogPair(path); ok && (format == Rawlog || format == Detect && isRawlog(splitLines(data))) {
		l, err = readRawlogPair(in, out)
	} else {
		l, err = Read(data, format)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	l.Name = path
	return l, nil
}

// Read reads a log; [Detect] as its format finds out which it is. A log without any session
// is an error.
func Read(data []byte, format Format) (*Log, error) {
	lines := splitLines(data)
	if format == Detect {
		if format = detect(lines); format == Detect {
			return nil, fmt.Errorf("maillog: the log's format isn't recognized; name it, one of %s", strings.Join(formatNames(), ", "))
		}
	}
	f, ok := formats[format]
	if !ok {
		return nil, fmt.Errorf("maillog: unknown format %q; there are %s", format, strings.Join(formatNames(), ", "))
	}
	b := newBuilder()
	if err := f.read(b, lines); err != nil {
		return nil, fmt.Errorf("maillog: read %s log: %w", format, err)
	}
	return b.finish(format)
}

// line is a line of a log without its end.
type line struct {
	number int // from 1
	text   string
}

// splitLines also drops a CR that a terminal has put before the one of the protocol.
func splitLines(data []byte) (lines []line) {
	number := 0
	for text := range bytes.Lines(data) {
		number++
		lines = append(lines, line{number, string(bytes.TrimRight(text, "\r\n"))})
	}
	return unquoted(lines)
}

// unquoted returns lines without what all of them begin with because they were quoted in a letter or
// indented in a report.
func unquoted(lines []line) []line {
	for _, mark := range []string{"> ", ">", " ", "\t"} {
		for all(lines, mark) {
			for i := range lines {
				lines[i].text = strings.TrimPrefix(lines[i].text, mark)
			}
		}
	}
	return lines
}

// all tells whether all lines begin with mark, but for those that a mark alone would make.
func all(lines []line, mark string) bool {
	marked := false
	for _, l := range lines {
		switch {
		case strings.HasPrefix(l.text, mark):
			marked = true
		case l.text != "" && l.text != strings.TrimSpace(mark):
			return false
		}
	}
	return marked
}

// Records returns the log as records of a transcript, without times, to be written in the
// text form that Read reads.
func (l *Log) Records() (records []mailwire.Record) {
	for i, s := range l.Sessions {
		note := mailwire.Record{Session: i + 1, Protocol: s.Protocol, Text: []byte("open")}
		records = append(records, note)
		for _, st := range s.Steps {
			r := note
			r.Dir = st.Dir
			from := 0
			for _, gap := range st.Gaps {
				r.Text, r.Elided = st.Text[from:gap.At], gap.Octets
				records = append(records, r)
				from = gap.At
			}
			r.Text, r.Elided = st.Text[from:], 0
			if len(r.Text) > 0 {
				records = append(records, r)
			}
		}
	}
	return records
}
