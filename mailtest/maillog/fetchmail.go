package maillog

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// fetchmailLine may stand behind other output of fetchmail's.
var (
	fetchmailLine    = regexp.MustCompile(`fetchmail: (IMAP|POP3)([<>]) ?(.*)$`)
	fetchmailConnect = regexp.MustCompile(`^(fetchmail: )?Trying to connect to `)
)

// fetchmailPiece is how many octets of a POP3 listing's line fetchmail reads at once; each is
// logged as a line.
const fetchmailPiece = 63

// readFetchmail reads what fetchmail -vv prints: neither headers nor bodies.
func readFetchmail(b *builder, lines []line) error {
	listing := false
	for _, l := range lines {
		if fetchmailConnect.MatchString(l.text) {
			b.end("")
			continue
		}
		m := fetchmailLine.FindStringSubmatch(l.text)
		if m == nil {
			continue
		}
		b.protocol = mailwire.Protocol(strings.ToLower(m[1]))
		text := m[3]
		if m[2] == ">" {
			b.client(l.number, "", text)
			listing = b.protocol == mailwire.POP3 && mailwire.IsPOP3Multiline(text)
			continue
		}
		if size := b.announced("", mailwire.Server); size > 0 {
			b.elide(l.number, "", mailwire.Server, size)
		}
		if r := b.last("", mailwire.Server); listing && r != nil && len(trimEnd(r.text))%fetchmailPiece == 0 && !isStatus(r.text) && text != "." {
			b.extend("", mailwire.Server, text)
			continue
		}
		b.server(l.number, "", text)
	}
	return nil
}
