package mailwire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The package's documentation describes the text form.

var (
	crlf      = []byte("\r\n")
	asterisks = []byte("***")

	elisionOpening = []byte(`\{`)
	elisionClosing = []byte(` octets}`)
)

// String returns the transcript's text form.
func (t *Transcript) String() string {
	var b strings.Builder
	_, _ = t.WriteTo(&b) // a Builder doesn't fail
	return b.String()
}

// WriteTo writes the transcript's text form to w and returns how many octets
// it wrote.
func (t *Transcript) WriteTo(w io.Writer) (int64, error) {
	kept, dropped, start := t.snapshot()
	var (
		written int64
		text    []byte
	)
	if dropped > 0 {
		text = fmt.Appendf(text, "# %d earlier octets were dropped\n", dropped)
	}
	flush := func() error {
		n, err := w.Write(text)
		written += int64(n)
		text = text[:0]
		return err
	}
	for _, r := range kept {
		if text = r.Append(text, start); len(text) < blockLimit {
			continue
		}
		if err := flush(); err != nil {
			return written, err
		}
	}
	return written, flush()
}

// Append appends the record's text form to dst: a line, or several if the
// record's text has several. Times are given as seconds since start, which is
// the zero time for records of ParseTranscript.
func (r Record) Append(dst []byte, start time.Time) []byte {
	for line := range r.lines() {
		dst = line.appendLine(dst, start)
	}
	return dst
}

// lines yields a record for each line of r's text, and one for what it elides.
func (r Record) lines() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		if r.Dir == Note {
			r.Elided = 0
			yield(r)
			return
		}
		rest, elided := r.Text, r.Elided
		r.Elided = 0
		for len(rest) > 0 || elided == 0 {
			n := lineLength(rest)
			r.Text, rest = rest[:n:n], rest[n:]
			if !yield(r) {
				return
			}
			if len(rest) == 0 {
				break
			}
		}
		if elided > 0 {
			r.Text, r.Elided = nil, elided
			yield(r)
		}
	}
}

// lineLength returns the length of text's first line with its CRLF.
func lineLength(text []byte) int {
	for end := 0; ; {
		i := bytes.IndexByte(text[end:], '\n')
		if i < 0 {
			return len(text)
		}
		if end += i + 1; end > 1 && text[end-2] == '\r' {
			return end
		}
	}
}

// appendLine appends the text form of a record that lines yielded.
func (r Record) appendLine(dst []byte, start time.Time) []byte {
	micros := max(0, r.Time.Sub(start).Microseconds())
	dst = fmt.Appendf(dst, "%d.%06d ", micros/1e6, micros%1e6)
	dst = appendToken(dst, string(r.Protocol))
	dst = append(dst, '#')
	dst = strconv.AppendInt(dst, int64(r.Session), 10)
	dst = append(dst, ' ')
	dst = append(dst, r.Dir.String()...)
	if r.Elided > 0 {
		dst = append(append(dst, ' '), elisionOpening...)
		dst = strconv.AppendInt(dst, r.Elided, 10)
		dst = append(dst, elisionClosing...)
		return append(dst, '\n')
	}
	text, complete := r.Text, true
	if r.Dir != Note {
		text, complete = bytes.CutSuffix(r.Text, crlf)
	}
	if len(text) > 0 || !complete {
		dst = append(dst, ' ')
	}
	dst = Escape(dst, text)
	if !complete {
		dst = append(dst, '\\')
	} else if bytes.HasSuffix(text, []byte(" ")) {
		// Editors drop a space at the end of a line, and servers exist that send one.
		dst = append(dst[:len(dst)-1], `\x20`...)
	}
	return append(dst, '\n')
}

const hexDigits = "0123456789abcdef"

// Escape appends text to dst as a line of a transcript has it: all that isn't printable
// UTF-8 is escaped. [Unescape] is the way back.
func Escape(dst, text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '\\' && !(len(text) > 1 && standsAlone(text[1])):
			dst = append(dst, `\\`...)
		case unicode.IsPrint(r) && (r != utf8.RuneError || size > 1):
			dst = append(dst, text[:size]...)
		default:
			for _, octet := range text[:size] {
				dst = append(dst, '\\', 'x', hexDigits[octet>>4], hexDigits[octet&15])
			}
		}
		text = text[size:]
	}
	return dst
}

// standsAlone tells whether a backslash before octet is written as it is: IMAP's
// \Seen and \* stay readable.
func standsAlone(octet byte) bool {
	return octet != 'x' && ('a' <= octet && octet <= 'z' || 'A' <= octet && octet <= 'Z') || octet == '*'
}

// appendToken appends a protocol's name such that it ends at the next '#'.
func appendToken(dst []byte, token string) []byte {
	for _, octet := range []byte(token) {
		switch {
		case '0' <= octet && octet <= '9', 'a' <= octet && octet <= 'z', 'A' <= octet && octet <= 'Z', octet == '-':
			dst = append(dst, octet)
		default:
			dst = append(dst, '\\', 'x', hexDigits[octet>>4], hexDigits[octet&15])
		}
	}
	return dst
}

// ParseTranscript reads the text form of a transcript. Empty lines and those
// that begin with "#" are skipped. Lines may be indented, as in the log of a
// test, and may end in CRLF. An error names the line.
func ParseTranscript(r io.Reader) ([]Record, error) {
	var records []Record
	input := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := input.ReadBytes('\n')
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		line = bytes.TrimLeft(line, " \t")
		if len(line) > 0 && line[0] != '#' {
			record, err := parseLine(line)
			if err != nil {
				return nil, fmt.Errorf("mailwire: transcript line %d: %w", number, err)
			}
			records = append(records, record)
		}
		switch {
		case err == io.EOF:
			return records, nil
		case err != nil:
			return nil, fmt.Errorf("mailwire: transcript line %d: %w", number, err)
		}
	}
}

func parseLine(line []byte) (r Record, err error) {
	seconds, rest, _ := bytes.Cut(line, []byte(" "))
	source, rest, _ := bytes.Cut(rest, []byte(" "))
	mark, text, _ := bytes.Cut(rest, []byte(" "))

	offset, err := parseSeconds(string(seconds))
	if err != nil {
		return r, err
	}
	r.Time = time.Time{}.Add(offset)
	if r.Protocol, r.Session, err = parseSource(source); err != nil {
		return r, err
	}
	switch string(mark) {
	case "C:":
		r.Dir = Client
	case "S:":
		r.Dir = Server
	case "--":
		r.Dir = Note
	default:
		return r, fmt.Errorf("direction %q is none of C:, S: and --", mark)
	}
	if r.Dir != Note && bytes.HasPrefix(text, elisionOpening) {
		r.Elided, err = parseElision(text)
		return r, err
	}
	unescaped, complete, err := Unescape(text)
	switch {
	case err != nil:
		return r, err
	case r.Dir == Note && !complete:
		return r, errors.New("a note ends in a lone backslash")
	case r.Dir != Note && complete:
		unescaped = append(unescaped, crlf...)
	}
	r.Text = unescaped
	return r, nil
}

// parseSeconds parses seconds with up to six decimals.
func parseSeconds(s string) (time.Duration, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	seconds, err := strconv.ParseUint(whole, 10, 63)
	if err != nil || seconds >= math.MaxInt64/uint64(time.Second) || len(fraction) > 6 {
		return 0, fmt.Errorf("invalid time %q", s)
	}
	micros, err := strconv.ParseUint((fraction + "000000")[:6], 10, 63)
	if err != nil {
		return 0, fmt.Errorf("invalid time %q", s)
	}
	return time.Duration(seconds)*time.Second + time.Duration(micros)*time.Microsecond, nil
}

// parseSource parses a protocol and session, such as imap#1.
func parseSource(source []byte) (Protocol, int, error) {
	name, number, _ := bytes.Cut(source, []byte("#"))
	protocol, complete, err := Unescape(name)
	if err != nil || !complete {
		return "", 0, fmt.Errorf("invalid session %q", source)
	}
	session, err := strconv.ParseUint(string(number), 10, strconv.IntSize-1)
	if err != nil || session == 0 {
		return "", 0, fmt.Errorf("invalid session %q", source)
	}
	return Protocol(protocol), int(session), nil
}

func parseElision(text []byte) (int64, error) {
	digits, ok := bytes.CutSuffix(text[len(elisionOpening):], elisionClosing)
	octets, err := strconv.ParseUint(string(digits), 10, 63)
	if !ok || err != nil || octets == 0 {
		return 0, fmt.Errorf("invalid elision %q", text)
	}
	return int64(octets), nil
}

// Unescape returns the octets that a line's text stands for, without the CRLF
// at its end. A lone backslash at the end makes the text incomplete: no CRLF
// followed.
func Unescape(text []byte) (unescaped []byte, complete bool, err error) {
	for {
		plain, escaped, found := bytes.Cut(text, []byte(`\`))
		unescaped = append(unescaped, plain...)
		switch {
		case !found:
			return unescaped, true, nil
		case len(escaped) == 0:
			return unescaped, false, nil
		case escaped[0] == '\\':
			unescaped = append(unescaped, '\\')
			text = escaped[1:]
			continue
		case standsAlone(escaped[0]):
			unescaped = append(unescaped, '\\', escaped[0])
			text = escaped[1:]
			continue
		case escaped[0] != 'x' || len(escaped) < 3:
			return nil, false, fmt.Errorf("invalid escape in %q", text)
		}
		octet, err := strconv.ParseUint(string(escaped[1:3]), 16, 8)
		if err != nil {
			return nil, false, fmt.Errorf("invalid escape in %q", text)
		}
		unescaped = append(unescaped, byte(octet))
		text = escaped[3:]
	}
}
