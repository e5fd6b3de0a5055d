package personality

import (
	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// HMailServer is hMailServer for Windows.
func HMailServer() Personality {
	const caps = "CHILDREN IDLE QUOTA SORT ACL NAMESPACE"
	return Personality{
		Name: "hmailserver", Summary: "hMailServer 5",
		IMAP:   append(imapServer("IMAPrev1", caps, caps), imapfake.WithoutCapabilityCode()),
		POP3:   pop3Server("POP3", pop3fake.User, pop3fake.UIDL, pop3fake.Top, pop3fake.CAPA),
		Quirks: []Quirk{NoDescendingRange()},
	}
}
