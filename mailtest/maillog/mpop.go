package maillog

import (
	"regexp"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	mpopLine    = regexp.MustCompile(`^(<--|-->)(?: (.*))?$`)
	mpopStatus  = regexp.MustCompile(`^<-- (\+OK|-ERR)`) // msmtp's log looks alike but for these
	mpopAccount = regexp.MustCompile(`^using account `)
)

// readMpop reads what mpop -d prints: all that is said, between its settings and its own messages.
func readMpop(b *builder, lines []line) error {
	b.protocol = mailwire.POP3
	for _, l := range lines {
		m := mpopLine.FindStringSubmatch(l.text)
		switch {
		case mpopAccount.MatchString(l.text):
			b.end("")
		case m == nil:
		case m[1] == "-->":
			b.client(l.number, "", m[2])
		default:
			b.server(l.number, "", m[2])
		}
	}
	return nil
}
