package personality

import (
	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// Domino is HCL (IBM, Lotus) Domino.
func Domino() Personality {
	const caps = "AUTH=PLAIN STARTTLS LITERAL+ NAMESPACE QUOTA UIDPLUS"
	return Personality{
		Name: "domino", Summary: "HCL Domino",
		IMAP:      append(imapServer("Domino IMAP4 Server Release 9.0.1 ready", caps, caps), imapfake.WithoutCapabilityCode()),
		POP3:      pop3Server("Lotus Notes POP3 server version Release 9.0.1 ready", pop3fake.Top, pop3fake.UIDL, pop3fake.User, pop3fake.CAPA),
		Mailboxes: specialMailboxes("Drafts", "Junk", "Sent", "Trash"),
		Rare:      []Quirk{NestedEnvelope()},
	}
}

// NestedEnvelope puts ENVELOPE in parentheses once more.
func NestedEnvelope() Quirk {
	return Quirk{
		Name: "nested-envelope", Text: "ENVELOPE is in a second pair of parentheses",
		Standard: "RFC 3501 §9, envelope", Reference: "MailKit#943",
		IMAP: envelope(func(e string) string { return "(" + e + ")" }),
	}
}
