package maillog

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	muttLine      = regexp.MustCompile(`^\[[-\d]+ [\d:]+\](?:<\w>)? ?(?:mutt_socket_\w+\(\) )?(\d+)([<>]) ?(.*)$`)
	muttAny       = regexp.MustCompile(`^\[[-\d]+ [\d:]+\]`)
	muttConnected = regexp.MustCompile(`Connected to \S+ on fd=(\d+)`)
	muttGrew      = regexp.MustCompile(`imap_cmd_step(?:\(\))?:? grew buffer to`)
	muttReading   = regexp.MustCompile(`imap_read_literal(?:\(\))?:? reading (\d+) bytes`)
	muttMessage   = regexp.MustCompile(`imap_read_literal\(\) (.*)$`)
)

// readMutt reads the debug file of Mutt and NeoMutt. Connections are told apart by their file
// descriptor.
func readMutt(b *builder, lines []line) error {
	key, grew := "", false
	dir := mailwire.Note // of a line without a heading
	literal := int64(0)  // octets of one that are still to come
	for _, l := range lines {
		m := muttLine.FindStringSubmatch(l.text)
		switch {
		case m != nil:
			b.muttLeft(l.number, key, literal)
			key, literal = m[1], 0
			dir = mailwire.Server
			if m[2] == ">" {
				dir = mailwire.Client
				b.client(l.number, key, m[3])
			} else if !grew || !b.extend(key, dir, m[3]) {
				b.server(l.number, key, m[3])
			}
			grew = false
		case muttConnected.MatchString(l.text):
			b.end(muttConnected.FindStringSubmatch(l.text)[1])
		case muttGrew.MatchString(l.text):
			r := b.last(key, mailwire.Server)
			grew = r != nil && key != ""
		case muttReading.MatchString(l.text):
			literal = number(muttReading.FindStringSubmatch(l.text)[1])
			dir = mailwire.Server
		case muttMessage.MatchString(l.text) && literal > 0:
			if text := muttMessage.FindStringSubmatch(l.text)[1]; text != "" {
				literal = b.muttLiteral(l.number, key, text, literal)
			}
		case muttAny.MatchString(l.text):
			if dir == mailwire.Client {
				dir = mailwire.Note
			}
		case dir == mailwire.Client:
			// Several lines are sent, and logged, at once.
			if isIMAPCommand(strings.TrimSpace(l.text)) || b.inLiteral(key, dir) {
				b.client(l.number, key, l.text)
			}
		case dir == mailwire.Server && literal > 0:
			literal = b.muttLiteral(l.number, key, l.text, literal)
		}
	}
	return nil
}

// muttLiteral adds a line of a literal and returns how much of it is left.
func (b *builder) muttLiteral(number int, key, text string, left int64) int64 {
	b.session(key).add(number, mailwire.Server, text)
	return max(0, left-int64(len(text)+2))
}

// muttLeft says that the rest of a literal isn't in the log. Mutt keeps a CR at its end back, and logs
// none of a literal at low levels.
func (b *builder) muttLeft(number int, key string, left int64) {
	b.elide(number, key, mailwire.Server, left)
}
