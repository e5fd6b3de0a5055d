package pop3fake

import (
	"bytes"
	"slices"
)

// What of a message goes over the wire
//
// A multi-line response consists of lines that end in CRLF (RFC 1939 §3). Content
// that was stored otherwise is sent as those lines that it means:
//
//   - a bare LF is sent as CRLF, since RFC 1939 §11 takes it for the server's local
//     convention of ending a line; so does Dovecot;
//   - a last line without an end gets a CRLF, for else the final "." wouldn't be in
//     a line of its own; empty content has no line, and gets none;
//   - a CR that no LF follows ends no line, and is sent as it is; so does Dovecot;
//   - each line that begins with "." gets another one in front (byte-stuffing).
//
// Every LF on the wire thus has its CR before and a stuffed line behind it. A client
// that takes a bare LF for the end of a line sees the same lines as one that doesn't,
// and neither can mistake content for the end of the response.
//
// The size of a message, in STAT, LIST and RETR alike, is the number of octets that
// the client has after removing the byte-stuffing (RFC 1939 §11). It counts the
// CRs and the final CRLF that were added. In the latter this differs from Dovecot,
// whose clients receive two octets more than were announced.

// transmission is what becomes of content on the wire.
type transmission struct {
	size int64 // octets before byte-stuffing
	dots int   // that byte-stuffing adds
}

func transmitted(content []byte) transmission {
	t := transmission{size: int64(len(content))}
	for line := range bytes.Lines(content) {
		if line[0] == '.' {
			t.dots++
		}
		t.size += int64(len("\r\n") - lineBreak(line))
	}
	return t
}

// changes tells whether content doesn't go over the wire as it is.
func (t transmission) changes(content []byte) bool {
	return t.size+int64(t.dots) != int64(len(content))
}

// dotStuffed appends content to out as it goes over the wire.
func (t transmission) dotStuffed(out, content []byte) []byte {
	left := int(t.size) + t.dots - len(content) // octets that are to be added to lines
	out = slices.Grow(out, len(content)+left)
	end := ""
	if !bytes.HasSuffix(content, []byte("\n")) {
		end = "\r\n"
		left -= len(end)
	}
	at, kept := 0, 0 // where the line begins; what is before kept is in out
	for line := range bytes.Lines(content) {
		if left == 0 {
			break
		}
		if line[0] == '.' {
			out = append(append(out, content[kept:at]...), '.')
			kept = at
			left--
		}
		at += len(line)
		if lineBreak(line) == len("\n") {
			out = append(append(out, content[kept:at-1]...), "\r\n"...)
			kept = at
			left--
		}
	}
	return append(append(out, content[kept:]...), end...)
}

// lineBreak returns the length of the CRLF or LF that line ends in, 0 if it ends in
// neither.
func lineBreak(line []byte) int {
	n := len(line)
	switch {
	case line[n-1] != '\n':
		return 0
	case n > 1 && line[n-2] == '\r':
		return 2
	}
	return 1
}
