package personality

import (
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// Yandex is Yandex Mail.
func Yandex() Personality {
	const caps = "CHILDREN UNSELECT LITERAL+ NAMESPACE BINARY UIDPLUS ENABLE ID AUTH=PLAIN AUTH=XOAUTH2 IDLE MOVE"
	return Personality{
		Name: "yandex", Summary: "Yandex Mail",
		IMAP: append(imapServer("Yandex IMAP4rev1 at localhost ready to talk with 127.0.0.1", caps, caps),
			imapfake.WithID(map[string]string{"name": "Yandex"}), imapfake.WithoutCapabilityCode()),
		POP3: pop3Server("POP Ya! v1.0.0na@localhost", pop3fake.SASL, saslPlain, saslLogin, xoauth2, pop3fake.Top,
			pop3fake.UIDL, pop3fake.User, pop3fake.CAPA),
		Mailboxes: append(specialMailboxes("Drafts", "Spam", "Sent", "Trash"), mailstore.NewMailbox{Name: "Outbox"}),
		Rare:      []Quirk{ByeWithoutAnswer(), NoSectionValue()},
	}
}

// ByeWithoutAnswer ends sessions amid a command.
func ByeWithoutAnswer() Quirk {
	return Quirk{
		Name: "bye-without-answer", Text: "the tenth command of a session is answered by BYE and never by a tagged response",
		Standard: "RFC 3501 §7.1.5: legal", Reference: "MailKit#938",
		IMAP: []imapfake.Option{imapfake.OverrideEveryCommand(func(c *imapfake.Call) error {
			if c.Commands() == 10 {
				c.Bye("Autologout; idle for too long")
				return nil
			}
			return c.Next()
		})},
	}
}

// NoSectionValue sends sections without their octets.
func NoSectionValue() Quirk {
	bare := func(_ *mailstore.Message, item string) string {
		if strings.HasPrefix(item, "BODY[]") {
			return "BODY[]"
		}
		return item
	}
	return Quirk{
		Name: "no-section-value", Text: "BODY[] comes without its value",
		Standard: "RFC 3501 §9, msg-att-static", Reference: "MailKit#1708",
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("BODY", bare), imapfake.OverrideFetchItem("BODY.PEEK", bare)},
	}
}
