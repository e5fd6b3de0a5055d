package personality

import (
	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// Dovecot is Dovecot as distributions ship it.
func Dovecot() Personality {
	return Personality{
		Name: "dovecot", Summary: "Dovecot 2.3 with its default settings",
		IMAP: append(imapServer("[CAPABILITY] Dovecot ready.",
			"SASL-IR ID ENABLE IDLE LITERAL+ STARTTLS AUTH=PLAIN",
			"SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN "+
				"NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS "+
				"BINARY MOVE PREVIEW STATUS=SIZE SAVEDATE COMPRESS=DEFLATE SPECIAL-USE"),
			imapfake.WithID(map[string]string{"name": "Dovecot"})),
		POP3: append(pop3Server("Dovecot ready.", pop3fake.CAPA, pop3fake.Top, pop3fake.UIDL, pop3fake.RespCodes, pop3fake.Pipelining,
			pop3fake.AuthRespCode, pop3fake.STLS, pop3fake.User, pop3fake.SASL, saslPlain), pop3fake.WithSeen(pop3fake.SeenAtEnd)),
		Mailboxes: specialMailboxes("Drafts", "Junk", "Sent", "Trash"),
		Quirks:    []Quirk{ConnectionLimit(), EarlyLogins(), CAPAInCAPA()},
		Rare:      []Quirk{EmptyMultipart()},
	}
}

// ConnectionLimit refuses an account's eleventh session.
func ConnectionLimit() Quirk {
	const text = "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)"
	return Quirk{
		Name: "connection-limit", Text: "the 11th session of an account is refused by " + text,
		Standard: "RFC 5530 §3: [LIMIT]", Reference: "node-imap#606",
		IMAP: tooManySessions(10, text),
	}
}

// EarlyLogins leaves the ways to log in out of CAPA after login.
func EarlyLogins() Quirk {
	return Quirk{
		Name: "early-logins", Text: "CAPA lists USER and SASL before login only",
		Standard: "RFC 2449 §5: what is there before login is listed in both states", Reference: "Dovecot pop3-capability.h, Cyrus pop3d.c",
		POP3: forgetting(pop3fake.User, pop3fake.SASL),
	}
}

// CAPAInCAPA has CAPA list itself.
func CAPAInCAPA() Quirk {
	return Quirk{
		Name: "capa-in-capa", Text: "CAPA lists CAPA",
		Standard: "RFC 2449 §5: no capability, who has the list knows of it", Reference: "Dovecot pop3-capability.h",
		POP3: append(listingMore("CAPA"), pop3fake.WithMoreCapabilities(pop3fake.CAPA)),
	}
}

// EmptyMultipart sends a multipart without parts as one that has NIL.
func EmptyMultipart() Quirk {
	return Quirk{
		Name: "empty-multipart", Text: `BODYSTRUCTURE of a multipart without parts is (NIL "alternative" ...)`,
		Standard: "RFC 3501 §9, body-type-mpart: at least one part", Reference: "MailKit#1393",
		IMAP: overridingStructure(func(p *bodyPart) {
			if p.isEmpty() {
				p.kids = []string{"NIL"}
			}
		}),
	}
}
