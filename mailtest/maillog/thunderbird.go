package maillog

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	thunderbirdIMAP = regexp.MustCompile(`(?:^|[ :])([0-9A-Fa-fx]{5,18}):([^:\s]+):(NA|A|S-.*?):(SendData|CreateNewLineFromSocket|ProcessCurrentURL): ?(.*)$`)
	thunderbirdPOP3 = regexp.MustCompile(`(?:(?:[A-Z]/)?POP3\S* ?|^\S+\[\S+\]: |mailnews\.pop3\S* |\[this=[0-9A-Fa-fx]+\] )(?:\[this=([0-9A-Fa-fx]+)\] )?(?:(SEND|RECV|C|S): ?(.*)|(Logging suppressed for this command).*)$`)
	// thunderbirdLine is any line that the logger began.
	thunderbirdLine = regexp.MustCompile(`^(\d{4}-\d\d-\d\d [\d:.]+ UTC - )?(\[[^\]]*\]|\d+\[\S+\]): `)
)

// thunderbirdSecret is logged in place of what may have a password in it.
const thunderbirdSecret = "Logging suppressed for this command"

// readThunderbird reads the log of Thunderbird's modules IMAP and POP3. Connections are told
// apart by the address of the object that has them.
func readThunderbird(b *builder, lines []line) error {
	key, dir := "", mailwire.Note
	for _, l := range lines {
		if m := thunderbirdIMAP.FindStringSubmatch(l.text); m != nil {
			b.protocol, key = mailwire.IMAP, "imap "+m[1]
			switch m[4] {
			case "SendData":
				dir = mailwire.Client
			case "CreateNewLineFromSocket":
				dir = mailwire.Server
			default:
				dir = mailwire.Note
			}
			b.thunderbird(l.number, key, dir, m[5])
			continue
		}
		if m := thunderbirdPOP3.FindStringSubmatch(l.text); m != nil {
			b.protocol, key, dir = mailwire.POP3, "pop3 "+m[1], mailwire.Server
			if m[2] == "SEND" || m[2] == "C" || m[4] != "" {
				dir = mailwire.Client
			}
			b.thunderbird(l.number, key, dir, m[3]+m[4])
			continue
		}
		// A literal that is sent is logged as one piece, whatever lines it has.
		if dir == mailwire.Client && !thunderbirdLine.MatchString(l.text) && b.inLiteral(key, dir) {
			b.session(key).add(l.number, dir, l.text)
		}
	}
	return nil
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
