package personality

import (
	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// Zoho is Zoho Mail. Its IMAP is as in MailKit's tests.
func Zoho() Personality {
	const caps = "UNSELECT CHILDREN NAMESPACE IDLE MOVE ID AUTH=PLAIN SASL-IR UIDPLUS ESEARCH LIST-EXTENDED LIST-STATUS WITHIN LITERAL- " +
		"APPENDLIMIT CONDSTORE"
	return Personality{
		Name: "zoho", Summary: "Zoho Mail",
		IMAP: append(imapServer("localhost IMAP4 Server (Zoho Mail IMAP4rev1 Server version 1.0)", caps, caps), imapfake.WithAppendLimit(26214400)),
		POP3: pop3Server("POP3 Server Ready", pop3fake.Top, pop3fake.User, pop3fake.UIDL, pop3fake.SASL, saslPlain, pop3fake.CAPA),
		Mailboxes: append(specialMailboxes("Drafts", "Spam", "Sent", "Trash"),
			mailstore.NewMailbox{Name: "Templates"}, mailstore.NewMailbox{Name: "Notification"}, mailstore.NewMailbox{Name: "Newsletter"}),
		Quirks: []Quirk{UntaggedCapability()},
		Rare:   []Quirk{NegativeModSeq()},
	}
}

// NegativeModSeq sends a modification sequence that is none.
func NegativeModSeq() Quirk {
	return Quirk{
		Name: "negative-modseq", Text: "the item MODSEQ of FETCH is (-1)",
		Standard: "RFC 7162 §7, mod-sequence-value: a positive number", Reference: "MailKit's tests",
		IMAP: []imapfake.Option{
			imapfake.WithMoreCapabilities("CONDSTORE"),
			imapfake.OverrideFetchItem("MODSEQ", func(*mailstore.Message, string) string { return "MODSEQ (-1)" }),
		},
	}
}
