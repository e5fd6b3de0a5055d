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
)

// readMbsync reads what mbsync -Dn prints: not the content of messages.
func readMbsync(b *builder, lines []line) error {
	b.protocol = mailwire.IMAP
	for _, l := range lines {
		if m := mbsyncClient.FindStringSubmatch(l.text); m != nil {
			b.client(l.number, "", m[1])
			if size := b.announced("", mailwire.Client); size > 0 {
				b.elide(l.number, "", mailwire.Client, size)
				b.session("").add(l.number, mailwire.Client, "")
			}
			continue
		}
		text := strings.TrimPrefix(strings.TrimPrefix(l.text, "F: "), "N: ")
		switch {
		case mbsyncConnect.MatchString(l.text):
			b.end("")
		case !mbsyncPending.MatchString(text):
		default:
			size := b.announced("", mailwire.Server)
			if size == 0 && (text[0] == ')' || text[0] == ' ') {
				continue
			}
			b.elide(l.number, "", mailwire.Server, size)
			b.server(l.number, "", text)
		}
	}
	return nil
}
