package personality

import "example.org/mailfakes/pop3fake"

// QmailPOP3D is qmail-pop3d behind qmail-popup. Its IMAP here is a plain one.
func QmailPOP3D() Personality {
	return Personality{
		Name: "qmail-pop3d", Summary: "qmail-pop3d: no CAPA, APOP in the greeting",
		IMAP: noIMAP(),
		POP3: pop3Server("", pop3fake.APOP, pop3fake.User, pop3fake.UIDL, pop3fake.Top),
		Rare: []Quirk{CompressedSizes()},
	}
}
