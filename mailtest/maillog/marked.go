package maillog

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	// markedLine is a line of the client or the server, behind what loggers put before it.
	markedLine = regexp.MustCompile(`^\s*(?:(?:\S*\d\S*|\[[^\]]*\]|[-|]|[A-Z]+:?|IMAP|POP3)\s+){0,6}?(C|S|[Cc]lient|[Ss]erver|CLIENT|SERVER): ?(.*)$`)
	// mailKitConnected is how MailKit's ProtocolLogger begins a session.
	mailKitConnected = regexp.MustCompile(`^(?:\S+ )?Connected to (imap|pop|pop3)s?://`)
)

// readMarked reads lines with C: and S: before them. A line without a mark goes on with the
// one before it, as part of a literal or because the line was wrapped.
func readMarked(b *builder, lines []line) error {
	var last string
	dir := mailwire.Note
	for _, l := range lines {
		if m := mailKitConnected.FindStringSubmatch(l.text); m != nil {
			b.end("")
			b.protocol = mailwire.IMAP
			if strings.HasPrefix(m[1], "pop") {
				b.protocol = mailwire.POP3
			}
			dir = mailwire.Note
			continue
		}
		if m := markedLine.FindStringSubmatch(l.text); m != nil {
			dir, last = mailwire.Server, m[2]
			if strings.EqualFold(m[1][:1], "c") {
				dir = mailwire.Client
				b.client(l.number, "", last)
			} else {
				b.server(l.number, "", last)
			}
			continue
		}
		b.unmarked(l, dir)
	}
	return nil
}

// unmarked adds a line that has no mark.
func (b *builder) unmarked(l line, dir mailwire.Direction) {
	text := strings.TrimSpace(l.text)
	switch {
	case dir == mailwire.Note:
	case b.inLiteral("", dir):
		b.session("").add(l.number, dir, l.text)
	case text != "" && !strings.HasPrefix(text, "#"):
		b.extend("", dir, " "+text)
	}
}
