package maillog

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	curlClient    = regexp.MustCompile(`^> (\S+ [A-Z]+|[A-Z]{3,4}\b)`)
	curlServer    = regexp.MustCompile(`^< (\* |\+|-ERR|\S+ (OK|NO|BAD))`)
	curlConnected = regexp.MustCompile(`(?:^|[\s\d])\* (?:Connected to \S+ \(|Established connection to )`)
	// curlTold is what curl says itself, also behind its progress meter.
	curlTold = regexp.MustCompile(`^[*{}] |\* +Trying |^\s*% Total|^\s+Dload|--:--|^\d+ +\d+ +\d`)
)

func isCurl(lines []line) bool {
	return anyLine(curlClient)(lines) && anyLine(curlServer)(lines)
}

// readCurl reads what curl -v prints. A message goes to the standard output, and thus may stand
// anywhere in a log: it is put where it was announced if the log has but one.
func readCurl(b *builder, lines []line) error {
	var (
		output []line
		holes  []hole
	)
	for _, l := range lines {
		text := l.text[strings.LastIndexByte(l.text, '\r')+1:] // the progress meter's
		switch {
		case strings.HasPrefix(text, "> "):
			b.client(l.number, "", text[2:])
		case strings.HasPrefix(text, "< "):
			if size := b.announced("", mailwire.Server); size > 0 {
				holes = append(holes, b.hole(l.number, size))
			}
			b.server(l.number, "", text[2:])
		case curlConnected.MatchString(text):
			b.end("")
		case !curlTold.MatchString(text):
			output = append(output, line{l.number, text})
		}
	}
	if len(holes) == 1 {
		holes[0].fill(output)
	} else if s := b.current[""]; s != nil && len(holes) == 0 && guessProtocol(s.lines) == mailwire.POP3 {
		s.fillRetrieved(output)
	}
	return nil
}

// hole is where a log lacks a literal.
type hole struct {
	session *rawSession
	at      int // of the line that says so
}

// hole adds a line that says that this many octets of the server are missing.
func (b *builder) hole(number int, octets int64) hole {
	b.elide(number, "", mailwire.Server, octets)
	s := b.session("")
	return hole{s, len(s.lines) - 1}
}

// fill puts output into the hole if it has the right size.
func (h hole) fill(output []line) {
	var text []byte
	for _, l := range output {
		text = append(text, l.text+"\r\n"...)
	}
	if r := &h.session.lines[h.at]; len(output) > 0 && int64(len(text)) == r.elided {
		*r = raw{number: output[0].number, dir: mailwire.Server, text: text}
	}
}

// fillRetrieved puts output behind the status of RETR, if that is the last thing in the session
// or QUIT follows.
func (s *rawSession) fillRetrieved(output []line) {
	asked := -1
	for i, r := range s.lines {
		if r.dir == mailwire.Client && strings.HasPrefix(strings.ToUpper(string(r.text)), "RETR ") {
			if asked >= 0 {
				return
			}
			asked = i
		}
	}
	if asked < 0 || len(output) == 0 || asked+1 == len(s.lines) || !strings.HasPrefix(string(s.lines[asked+1].text), "+OK") {
		return
	}
	var filled []raw
	for _, l := range output {
		text := l.text
		if strings.HasPrefix(text, ".") {
			text = "." + text // curl has taken the dot off (RFC 1939 §3)
		}
		filled = append(filled, raw{number: l.number, dir: mailwire.Server, text: []byte(text + "\r\n")})
	}
	filled = append(filled, raw{number: output[len(output)-1].number, dir: mailwire.Server, text: []byte(".\r\n")})
	rest := s.lines[asked+2:]
	s.lines = append(append(s.lines[:asked+2:asked+2], filled...), rest...)
}
