package imapfake

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailwire"
)

// output collects a session's responses. The connection's first error stays, so
// that only what sends a lot has to look at it.
type output struct {
	conn *mailwire.Conn // nil: what is written stays in buf
	buf  []byte
	err  error // of the connection; nothing more is sent
	utf8 bool  // mailbox names and quoted strings go out in UTF-8
	// decodedParams: of MIME parameters, what RFC 2231 made of their values is undone.
	decodedParams bool
	// failed is why the command in progress can't give all that it was asked for.
	failed error

	filters   []func(string) []string // of the command in progress
	start     int                     // in buf, of the response that they will get
	panicking error                   // what a function of the test's author has come to
}

// maxBuffered is how many octets wait before they are handed to the connection.
const maxBuffered = 32 << 10

func (o *output) text(s string) *output {
	o.buf = append(o.buf, s...)
	return o
}

func (o *output) byte(c byte) *output {
	o.buf = append(o.buf, c)
	return o
}

func (o *output) number(n uint64) *output {
	o.buf = strconv.AppendUint(o.buf, n, 10)
	return o
}

func (o *output) crlf() {
	if o.filters == nil {
		o.buf = append(o.buf, '\r', '\n')
	} else {
		o.filter()
	}
	if len(o.buf) >= maxBuffered {
		o.hand()
	}
}

// line writes one whole line.
func (o *output) line(s string) { o.text(s).crlf() }

// hand gives what was collected to the connection, which sends it when it sees fit.
func (o *output) hand() {
	if o.conn == nil {
		return
	}
	if o.err == nil && len(o.buf) > 0 {
		_, o.err = o.conn.Write(o.buf)
	}
	o.buf, o.start = o.buf[:0], 0
}

func (o *output) flush() error {
	o.hand()
	if o.err == nil {
		o.err = o.conn.Flush()
	}
	return o.err
}

// literal writes octets as a literal (RFC 3501 §4.3).
func (o *output) literal(octets []byte) {
	o.byte('{').number(uint64(len(octets))).text("}\r\n")
	if o.filters != nil || o.conn == nil {
		o.buf = append(o.buf, octets...)
		return
	}
	o.hand()
	if o.err == nil {
		o.err = o.conn.WriteLiteral(octets)
	}
}

// string writes s quoted, or as a literal if a quoted string can't hold it.
func (o *output) string(s string) {
	if !quote(o, s) {
		o.literal([]byte(s))
	}
}

// octets is string for octets.
func (o *output) octets(s []byte) {
	if !quote(o, s) {
		o.literal(s)
	}
}

// maxQuoted is the longest string that isn't written as a literal.
const maxQuoted = 4096

// quote writes s quoted, and nothing if a quoted string can't hold it (RFC 3501 §9;
// RFC 6855 §3).
func quote[T string | []byte](o *output, s T) bool {
	if len(s) > maxQuoted {
		return false
	}
	buf := append(o.buf, '"')
	written, valid := 0, false // how much of s is in buf; whether it was seen to be UTF-8
	for i := range len(s) {
		c := s[i]
		if isPlain[c] {
			continue
		}
		switch {
		case c == '"' || c == '\\':
			buf = append(append(buf, s[written:i]...), '\\')
			written = i
		case c < utf8.RuneSelf: // CR, LF, NUL or DEL
			return false
		case !valid:
			if valid = o.utf8 && utf8.ValidString(string(s)); !valid {
				return false
			}
		}
	}
	o.buf = append(append(buf, s[written:]...), '"')
	return true
}

// isPlain tells which octets stand in a quoted string as they are.
var isPlain = func() (plain [256]bool) {
	for c := 1; c < 0x7f; c++ {
		plain[c] = !strings.ContainsRune("\"\\\r\n", rune(c))
	}
	return plain
}()

// nstring writes s as a string, or NIL if it is empty.
func (o *output) nstring(s string) {
	if s == "" {
		o.text("NIL")
		return
	}
	o.string(s)
}

// noctets is nstring for octets.
func (o *output) noctets(s []byte) {
	if len(s) == 0 {
		o.text("NIL")
		return
	}
	o.octets(s)
}

// mailbox writes a mailbox name (RFC 3501 §5.1.3).
func (o *output) mailbox(name string) *output {
	if !o.utf8 {
		name = encodeUTF7(name)
	}
	return o.astring(name)
}

// astring writes s as an atom, or as a string if an atom can't hold it.
func (o *output) astring(s string) *output {
	if s == "" || strings.EqualFold(s, "NIL") || strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e || !isAStringChar(byte(r)) }) {
		o.string(s)
		return o
	}
	return o.text(s)
}

// flags writes a parenthesised list of flags.
func (o *output) flags(flags []imap.Flag, recent bool) *output {
	o.byte('(')
	for i, f := range flags {
		if i > 0 {
			o.byte(' ')
		}
		o.text(string(f))
	}
	if recent {
		if len(flags) > 0 {
			o.byte(' ')
		}
		o.text(`\Recent`)
	}
	return o.byte(')')
}

// dateTime writes an INTERNALDATE (RFC 3501 §9, date-time).
func (o *output) dateTime(t time.Time) {
	o.byte('"')
	o.buf = t.AppendFormat(o.buf, dateTimeLayout)
	o.byte('"')
}

// uidSet appends UIDs in the order given, runs of ascending ones as ranges.
func appendUIDSet(b []byte, uids []imap.UID) []byte {
	for i := 0; i < len(uids); {
		j := i
		for j+1 < len(uids) && uids[j+1] == uids[j]+1 {
			j++
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(uids[i]), 10)
		if j > i {
			b = strconv.AppendUint(append(b, ':'), uint64(uids[j]), 10)
		}
		i = j + 1
	}
	return b
}
