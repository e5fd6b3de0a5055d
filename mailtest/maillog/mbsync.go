package maillog

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	mbsyncClient  = regexp.MustCompile(`^(?:[FN]: )?(?:\(\d+ in progress\) )?>>> (.*)$`)
	mbsyncConnect = regexp.MustCompile(`^(?:[FN]: )?(?:Connecting to |\* Connecting)`)
	mbsyncPending = regexp.MustCompile(`(?i)^(\)| [A-Z]|\* |\+ |\d+ (OK|NO|BAD)\b)`)
	// mbsyncFence stands before and after what -DN prints of a literal.
	mbsyncFence = regexp.MustCompile(`^(?:[FN]: )?(=========|>>>>>>>>>)$`)
)

// readMbsync reads what mbsync -Dn prints, which is not the content of messages, or -DN, which is all.
func readMbsync(b *builder, lines []line) error {
	b.protocol = mailwire.IMAP
	for i, within := 0, false; i < len(lines); i++ {
		l := lines[i]
		if m := mbsyncClient.FindStringSubmatch(l.text); m != nil {
			b.client(l.number, "", m[1])
			if size := b.announced("", mailwire.Client); size > 0 {
				i += b.fenced("", mailwire.Client, lines[i:], size)
				b.session("").add(l.number, mailwire.Client, "")
			}
			continue
		}
		text := strings.TrimPrefix(strings.TrimPrefix(l.text, "F: "), "N: ")
		switch {
		case mbsyncConnect.MatchString(l.text):
			b.end("")
		case !mbsyncPending.MatchString(text):
		case !within && (text[0] == ')' || text[0] == ' '):
		default:
			b.server(l.number, "", text)
			size := b.announced("", mailwire.Server)
			if within = size > 0; within {
				i += b.fenced("", mailwire.Server, lines[i:], size)
			}
		}
	}
	return nil
}

// fenced adds the literal that the first of these lines announces, and returns how many of the
// others are its own: none if there is no fence, and then the log lacks its octets.
func (b *builder) fenced(key string, dir mailwire.Direction, lines []line, size int64) int {
	announced := lines[0].number
	if len(lines) < 2 || !mbsyncFence.MatchString(lines[1].text) {
		b.elide(announced, key, dir, size)
		return 0
	}
	fence := mbsyncFence.FindStringSubmatch(lines[1].text)[1]
	var content []byte
	for i, l := range lines[2:] {
		text, last := strings.CutSuffix(l.text, fence) // a last line without an end has the fence behind it
		if octets := int64(len(content) + len(text)); last && octets == size {
			s := b.session(key)
			s.lines = append(s.lines, raw{number: announced, dir: dir, text: append(content, text...)})
			return 2 + i
		} else if last && octets > size {
			b.elide(announced, key, dir, size) // its lines have other ends, or were wrapped
			return 2 + i
		}
		content = append(content, l.text+"\r\n"...)
	}
	b.elide(announced, key, dir, size)
	return len(lines) - 1
}
