package mailreplay

import (
	"bytes"
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// padding is what is sent in place of what a log lacks. Clients look at headers, so that
// one that isn't complete is completed, and lines are whole.
type padding struct {
	head   string // comes first
	filler string // is repeated, and cut
	tail   string // comes last
}

// headerItem is a response up to a literal that has a header and no body.
var headerItem = regexp.MustCompile(`(?i)(RFC822\.HEADER|BODY\[[^\]]*(HEADER|MIME)[^\]]*\](<\d+>)?|BODY\[[^\]]*HEADER\.FIELDS[^\]]*\]) ~?\{\d+\}$`)

var (
	bodyLine   = strings.Repeat("x", 70) + "\r\n"
	headerLine = " " + strings.Repeat("x", 69) + "\r\n" // folded (RFC 5322 §2.2.3)
)

// paddingAfter returns what can follow a response so far, in that many octets.
func paddingAfter(p mailwire.Protocol, text []byte, octets int64) padding {
	announcement, content := lastLiteral(p, text)
	inHeader := !bytes.Contains(append([]byte("\r\n"), content...), []byte("\r\n\r\n"))
	atStart := len(content) == 0
	atLine := atStart || bytes.HasSuffix(content, []byte("\r\n"))
	var heads []string
	pad := padding{filler: bodyLine, tail: "\r\n"}
	switch {
	case inHeader && headerItem.Match(announcement):
		pad = padding{filler: headerLine, tail: "\r\n\r\n"}
		if atLine {
			heads = []string{"Subject: padding", "X:"}
		}
	case inHeader && atStart:
		heads = []string{"Subject: padding\r\n\r\n", "X: x\r\n\r\n"}
	case inHeader && atLine:
		heads = []string{"\r\n"}
	case inHeader:
		heads = []string{"\r\n\r\n"}
	}
	for _, head := range heads {
		if int64(len(head)+len(pad.tail)) <= octets {
			pad.head = head
			return pad
		}
	}
	pad.tail = pad.tail[max(0, len(pad.tail)-int(min(octets, 4))):]
	return pad
}

// lastLiteral returns the line that announces the literal that text ends in, and what of it is
// there. In POP3 it is the message after the status.
func lastLiteral(p mailwire.Protocol, text []byte) (announcement, content []byte) {
	if p == mailwire.POP3 {
		announcement, content, _ = bytes.Cut(text, []byte("\r\n"))
		return announcement, content
	}
	for end := len(text); end > 0; {
		at := bytes.LastIndex(text[:end], []byte("\r\n"))
		if at < 0 {
			break
		}
		start := bytes.LastIndexByte(text[:at], '\n') + 1
		if _, _, ok := mailwire.LiteralSize(text[start:at]); ok {
			return text[start:at], text[at+2:]
		}
		end = at
	}
	return nil, text
}

func (pad padding) writeTo(write func([]byte) error, octets int64) error {
	if err := write([]byte(pad.head)); err != nil {
		return err
	}
	left := octets - int64(len(pad.head)+len(pad.tail))
	for left > 0 {
		line := pad.filler
		// The last line ends in the tail.
		if left < int64(2*len(line)) {
			line = line[:1] + strings.Repeat("x", int(left)-1)
		}
		if err := write([]byte(line)); err != nil {
			return err
		}
		left -= int64(len(line))
	}
	return write([]byte(pad.tail))
}
