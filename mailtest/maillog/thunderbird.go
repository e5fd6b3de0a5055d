package maillog

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	thunderbirdIMAP = regexp.MustCompile(`(?:^|[ :])([0-9A-Fa-fx]{5,18}):([^:\s]+):(?:NA|A|S-.*?):(\w+): ?(.*)$`)
	thunderbirdPOP3 = regexp.MustCompile(`(?:(?:[A-Z]/)?POP3\S* ?|^\S+\[\S+\]: |\[this=[0-9A-Fa-fx]+\] )(?:\[this=([0-9A-Fa-fx]+)\] )?(?:(SEND|RECV): ?(.*)|(Logging suppressed for this command).*)$`)
	// thunderbirdLine is any line that the logger began.
	thunderbirdLine = regexp.MustCompile(`^(?:\d{4}-\d\d-\d\d [\d:.]+ UTC - )?(\[[^\]]*\]|\d+\[\S+\]): (.*)$`)
)

// thunderbirdSecret is logged in place of what may have a password in it.
const thunderbirdSecret = "Logging suppressed"

// thunderbirdPiece is how many octets of what passes are logged at once, or fewer, if they have
// an end of a line: then the last of those ends the piece. The next piece has nothing before it
// but the module's name.
const thunderbirdPiece = 400

// thunderbirdEntry is a line of what was logged as one, in however many pieces and lines.
type thunderbirdEntry struct {
	number int
	key    string // of the session
	dir    mailwire.Direction
	thread string // that logged it
	text   string
	piece  int  // where in text the last piece begins
	ended  bool // a line has ended in that piece
}

// readThunderbird reads the log of Thunderbird's modules IMAP and POP3, and what its error
// console has of POP3. IMAP's connections are told apart by the address of the object that has
// them, those in the console by their number.
func readThunderbird(b *builder, lines []line) error {
	var e thunderbirdEntry
	console := thunderbirdConsole{b: b, partial: make(map[string]string)}
	for _, l := range lines {
		if console.read(l) {
			continue
		}
		thread, text, piece := "", l.text, false // thread "": not begun by the logger
		if m := thunderbirdLine.FindStringSubmatch(l.text); m != nil {
			thread = m[1]
			text, piece = strings.CutPrefix(m[2], "I/IMAP ")
		}
		if m := thunderbirdIMAP.FindStringSubmatch(l.text); m != nil {
			b.thunderbirdEntry(e)
			e = thunderbirdEntry{number: l.number, key: "imap " + m[1], thread: thread, text: m[4]}
			switch m[3] {
			case "SendData":
				e.dir = mailwire.Client
			case "CreateNewLineFromSocket":
				e.dir = mailwire.Server
			default:
				e.dir = mailwire.Note
			}
		} else if m := thunderbirdPOP3.FindStringSubmatch(l.text); m != nil {
			b.thunderbirdEntry(e)
			e = thunderbirdEntry{number: l.number, key: "pop3 " + m[1], dir: mailwire.Server, text: m[3] + m[4]}
			if m[2] == "SEND" || m[4] != "" {
				e.dir = mailwire.Client
			}
		} else if piece && thread == e.thread && e.broken() {
			e.piece = len(e.text)
			e.text += text
		} else if (piece && thread == e.thread || thread == "") && b.literalGoesOn(e) {
			b.thunderbirdEntry(e)
			e.number, e.text, e.piece, e.ended = l.number, text, 0, !piece
		}
	}
	b.thunderbirdEntry(e)
	console.end()
	return nil
}

// broken tells whether the line goes on in the next piece: the last one had no end of a line, of
// whose CRLF it may have the CR.
func (e *thunderbirdEntry) broken() bool {
	return !e.ended && len(e.text)-e.piece >= thunderbirdPiece-1
}

// literalGoesOn tells whether the next line belongs to the entry, as one of a literal that the
// client sends.
func (b *builder) literalGoesOn(e thunderbirdEntry) bool {
	s := b.current[e.key]
	return s != nil && e.dir == mailwire.Client && s.literal[e.dir] > int64(len(e.text)+len("\r\n"))
}

func (b *builder) thunderbirdEntry(e thunderbirdEntry) {
	if e.dir == mailwire.Note {
		return
	}
	b.protocol = mailwire.IMAP
	if strings.HasPrefix(e.key, "pop3") {
		b.protocol = mailwire.POP3
	}
	b.thunderbird(e.number, e.key, e.dir, e.text)
}

// thunderbird adds a line; where Thunderbird logs no secret there is one.
func (b *builder) thunderbird(number int, key string, dir mailwire.Direction, text string) {
	switch {
	case dir == mailwire.Client && strings.HasPrefix(text, thunderbirdSecret):
		b.client(number, key, b.secretCommand(key))
	case dir == mailwire.Client:
		b.client(number, key, text)
	case dir == mailwire.Server && !strings.HasPrefix(text, "(null)"):
		b.server(number, key, text)
	}
}

// secretCommand returns what was most likely sent: the answer to a challenge, or a password.
func (b *builder) secretCommand(key string) string {
	s := b.session(key)
	if r := b.last(key, mailwire.Server); r != nil && strings.HasPrefix(string(r.text), "+ ") || r != nil && string(r.text) == "+\r\n" {
		return Mask
	}
	if s.protocol == mailwire.POP3 {
		return "PASS " + Mask
	}
	return unknownTag + " LOGIN " + Mask + " " + Mask
}

// unknownTag is a tag that the log doesn't tell: the next tagged response of a command that
// isn't in the log has it.
const unknownTag = "?"
