package personality

import (
	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// Domino is HCL (IBM, Lotus) Domino. Its IMAP is as in MailKit's tests and MailKit#943.
func Domino() Personality {
	const caps = "AUTH=PLAIN LITERAL+ NAMESPACE QUOTA UIDPLUS"
	return Personality{
		Name: "domino", Summary: "HCL Domino",
		IMAP: append(imapServer("Domino IMAP4 Server Release 9.0.1FP9 ready Fri, 14 Dec 2018 08:38:25 +0100", caps, caps),
			imapfake.WithoutCapabilityCode(),
			imapfake.WithNamespaces(imapfake.Namespaces{Separator: `\`, OtherUsers: `Other\`, Shared: `Shared\`})),
		POP3:      pop3Server("IBM Notes POP3 server version Release 9.0.1FP9 ready on localhost/example.", pop3fake.Top, pop3fake.UIDL, pop3fake.User, pop3fake.CAPA),
		Mailboxes: specialMailboxes("Drafts", "Junk", "Sent", "Trash"),
		Quirks:    []Quirk{InboxCase()},
		Rare:      []Quirk{NestedEnvelope()},
	}
}

// NestedEnvelope puts the item ENVELOPE in parentheses of its own.
func NestedEnvelope() Quirk {
	return Quirk{
		Name: "nested-envelope", Text: "the item ENVELOPE of FETCH is in parentheses of its own, as (ENVELOPE (...))",
		Standard: "RFC 3501 §9, msg-att", Reference: "MailKit#943",
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("ENVELOPE", func(_ *mailstore.Message, item string) string { return "(" + item + ")" })},
	}
}
