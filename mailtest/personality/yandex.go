package personality

import (
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// Yandex is Yandex Mail. Its IMAP is as in MailKit's tests.
func Yandex() Personality {
	// SPECIAL-USE isn't announced, but LIST has its attributes.
	const caps = "CHILDREN UNSELECT LITERAL+ NAMESPACE UIDPLUS ENABLE ID AUTH=PLAIN AUTH=XOAUTH2 IDLE MOVE SPECIAL-USE"
	return Personality{
		Name: "yandex", Summary: "Yandex Mail",
		IMAP: append(imapServer("Yandex IMAP4rev1 at localhost:993 ready to talk with 127.0.0.1:50580, 2024-Feb-13 08:17:42, mailfakes", caps, caps),
			imapfake.WithID(map[string]string{"name": "Yandex"}), imapfake.WithNamespaces(imapfake.Namespaces{Separator: "|"}),
			imapfake.WithUnannounced("SPECIAL-USE")),
		POP3: pop3Server("POP Ya! na@1 mailfakes", pop3fake.SASL, saslPlain, saslLogin, xoauth2, pop3fake.Top,
			pop3fake.UIDL, pop3fake.User, pop3fake.CAPA),
		Mailboxes: append(specialMailboxes("Drafts", "Spam", "Sent", "Trash"), mailstore.NewMailbox{Name: "Drafts/template"}, mailstore.NewMailbox{Name: "Outbox"}),
		Quirks:    []Quirk{UntaggedCapability()},
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
		if section := item[:member(item)]; strings.HasPrefix(section, "BODY[") {
			return section + " "
		}
		return item
	}
	return Quirk{
		Name: "no-section-value", Text: "a body section has a space and no value after its name, as BODY[] )",
		Standard: "RFC 3501 §9, msg-att-static", Reference: "MailKit#1708",
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("BODY", bare), imapfake.OverrideFetchItem("BODY.PEEK", bare)},
	}
}
