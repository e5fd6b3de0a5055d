package mailscript

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"example.org/mailfakes/mailtest/mailwire"
)

// maxResponse is how many octets of one response are read.
const maxResponse = 64 << 20

// response is one answer of the server, or what is wanted as one.
type response struct {
	text     []symbol // with its CRLFs
	group    int      // the group that it stands in; 0: none
	optional bool     // it may be missing
	pop3     string   // the command that it answers, of POP3
}

// is tells whether a response that is wanted consists of that addition alone.
func (r response) is(addition symbol) bool {
	return len(r.text) > 0 && r.text[0] == addition && (len(r.text) == 1 || r.text[1] == '\r')
}

// imapResponseLength returns how long the first response in text is, with the
// literals in it (RFC 3501 §4.3); 0: it is not all there.
func imapResponseLength(text []symbol) int {
	for end := 0; ; {
		n := slices.Index(text[end:], '\n')
		if n < 0 {
			return 0
		}
		line := text[end : end+n]
		end += n + 1
		for left := literalSize(line); left > 0; end++ {
			if end == len(text) {
				return 0
			}
			left -= text[end].size()
		}
		if literalSize(line) < 0 {
			return end
		}
	}
}

// literalSize returns the size of the literal that a line announces at its end, -1 if
// it doesn't.
func literalSize(line []symbol) int64 {
	n := len(line)
	if n > 0 && line[n-1] == '\r' {
		n--
	}
	// Wildcards stand for no digit, so that the end of the line is all that matters.
	size, _, ok := mailwire.LiteralSize(octets(line[max(0, n-maxAnnouncement):n]))
	if !ok {
		return -1
	}
	return size
}

// maxAnnouncement is the length of the longest announcement that is looked for.
const maxAnnouncement = 32

// framed tells whether text is a number of whole responses.
func framed(text []symbol) bool {
	for len(text) > 0 {
		n := imapResponseLength(text)
		if n == 0 {
			return false
		}
		text = text[n:]
	}
	return true
}

// wantedIMAP splits what a step wants into responses.
func wantedIMAP(text []symbol) (wanted []response, err error) {
	group, groups := 0, 0
	for len(text) > 0 {
		n := imapResponseLength(text)
		if n == 0 {
			return nil, errors.New("the script's responses end within a literal or a line")
		}
		r := response{text: text[:n], group: group}
		text = text[n:]
		switch {
		case r.is(groupOpen):
			groups++
			group = groups
		case r.is(groupClose):
			group = 0
		default:
			if r.text[0] == optional {
				r.optional, r.text = true, r.text[1:]
			}
			wanted = append(wanted, r)
		}
	}
	return wanted, nil
}

func readIMAP(r *bufio.Reader) (response, error) {
	var text []byte
	for {
		start := len(text)
		for {
			line, err := r.ReadSlice('\n')
			text = append(text, line...)
			if err != nil && err != bufio.ErrBufferFull || len(text) > maxResponse {
				return response{text: symbols(text)}, tooLong(len(text), err)
			}
			if err == nil {
				break
			}
		}
		size := literalSize(symbols(text[start : len(text)-1]))
		if size < 0 {
			return response{text: symbols(text)}, nil
		}
		if int64(len(text))+size > maxResponse {
			return response{text: symbols(text)}, tooLong(len(text)+int(size), nil)
		}
		literal := make([]byte, size)
		n, err := io.ReadFull(r, literal)
		if text = append(text, literal[:n]...); err != nil {
			return response{text: symbols(text)}, err
		}
	}
}

func tooLong(n int, err error) error {
	if err == nil || err == bufio.ErrBufferFull {
		return fmt.Errorf("a response of %d octets or more", n)
	}
	return err
}
