package personality

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// Yahoo is Yahoo Mail. Its mailboxes are those of owncloud-archive/mail#1333, with the name that
// "Bulk Mail" has now.
func Yahoo() Personality {
	const caps = "SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER ID MOVE NAMESPACE UIDPLUS LITERAL+ CHILDREN UNSELECT OBJECTID " +
		"IDLE ENABLE UIDONLY LIST-EXTENDED LIST-STATUS SPECIAL-USE PARTIAL"
	return Personality{
		Name: "yahoo", Summary: "Yahoo Mail",
		IMAP: append(imapServer("[CAPABILITY] IMAP4rev1 Hello", caps, "APPENDLIMIT ESEARCH"),
			imapfake.WithAppendLimit(41697280), imapfake.WithUnannounced(imap.CapESearch), imapfake.WithoutCapabilityCode()),
		POP3: pop3Server("Hello from jpop-0.1", pop3fake.User, pop3fake.Top, pop3fake.UIDL, pop3fake.Pipelining,
			pop3fake.RespCodes, pop3fake.Expire, pop3fake.SASL, saslPlain, xoauth2, pop3fake.CAPA),
		Mailboxes: append(specialMailboxes("Draft", "Bulk", "Sent", "Trash"), archiveMailbox()),
		Quirks:    []Quirk{InboxCase(), SpaceAfterSearch(), ShortCommands(), ClientBug()},
		Rare:      []Quirk{ServerBug(), Unavailable(), NoIdle()},
	}
}

// AOL is AOL Mail, which also serves Verizon's users, on the servers of Yahoo.
func AOL() Personality {
	p := Yahoo()
	p.Name, p.Summary = "aol", "AOL Mail and Verizon, on the servers of Yahoo"
	return p.With(UnannouncedUIDL())
}

// InboxCase lists INBOX in another case.
func InboxCase() Quirk {
	return Quirk{
		Name: "inbox-case", Text: `LIST and LSUB have "Inbox" in place of INBOX`,
		Standard: "RFC 3501 §5.1: legal, INBOX means the same in any case", Reference: "MailKit#242",
		IMAP: rewriting(func(r string) string {
			if begin, ok := strings.CutSuffix(r, " INBOX"); ok && (strings.HasPrefix(r, "* LIST ") || strings.HasPrefix(r, "* LSUB ")) {
				return begin + ` "Inbox"`
			}
			return r
		}, "LIST", "LSUB"),
	}
}

// SpaceAfterSearch ends SEARCH in a space.
func SpaceAfterSearch() Quirk {
	return Quirk{
		Name: "space-after-search", Text: "an untagged SEARCH ends in a space",
		Standard: "RFC 3501 §9, mailbox-data", Reference: "imap_tools#97",
		IMAP: rewritingUntagged("SEARCH", func(r string) string { return r + " " }, "SEARCH", "UID SEARCH"),
	}
}

// ShortCommands refuses long commands.
func ShortCommands() Quirk {
	return Quirk{
		Name: "short-commands", Text: "a command of more than 1,000 octets, literals not counted, is refused by BAD",
		Standard: "RFC 7162 §4: at least 8,192 octets", Reference: "mailcore2#1274",
		IMAP: []imapfake.Option{imapfake.WithMaxCommand(1000)},
	}
}

// ClientBug has a word for what a client may not ask.
func ClientBug() Quirk {
	return Quirk{
		Name: "clientbug-modseq", Text: "MODSEQ is answered by BAD [CLIENTBUG]",
		Standard: "RFC 5530 §3: CLIENTBUG comes with OK or NO", Reference: "imapsync#119, MailKit#221",
		IMAP: overriding(func(c *imapfake.Call) error {
			if strings.Contains(strings.ToUpper(c.RawArgs()), "MODSEQ") {
				return &imap.Error{Type: imap.StatusResponseTypeBad, Code: "CLIENTBUG", Text: c.Name() + " Command arguments invalid"}
			}
			return c.Next()
		}, "FETCH", "UID FETCH", "SEARCH", "UID SEARCH", "STATUS"),
	}
}

// ServerBug refuses the first search of a session.
func ServerBug() Quirk {
	return Quirk{
		Name: "serverbug-search", Text: "the first UID SEARCH of a session is answered by NO [SERVERBUG]",
		Standard: "RFC 5530 §3: legal", Reference: "node-imap#737, imapsync#119",
		IMAP: firstFails("UID SEARCH", no("SERVERBUG", "UID SEARCH Server error - Please try again later")),
	}
}

// Unavailable refuses the first fetch of a session.
func Unavailable() Quirk {
	return Quirk{
		Name: "unavailable-fetch", Text: "the first UID FETCH of a session is answered by NO [UNAVAILABLE]",
		Standard: "RFC 5530 §3: legal", Reference: "node-imap#737, imapsync#119",
		IMAP: firstFails("UID FETCH", no("UNAVAILABLE", "UID FETCH Server error - Please try again later")),
	}
}

// firstFails has the first command of a name in a session fail.
func firstFails(name string, failure error) []imapfake.Option {
	type failed struct{ command string }
	return overriding(func(c *imapfake.Call) error {
		if c.Value(failed{name}) == nil {
			c.SetValue(failed{name}, true)
			return failure
		}
		return c.Next()
	}, name)
}

// NoIdle is a server without IDLE.
func NoIdle() Quirk {
	return Quirk{
		Name: "no-idle", Text: "there is no IDLE", Standard: "RFC 2177: optional", Reference: "mailcore2#1274",
		IMAP: []imapfake.Option{imapfake.WithoutCapabilities(imap.CapIdle)},
	}
}

// UnannouncedUIDL leaves UIDL out of CAPA.
func UnannouncedUIDL() Quirk {
	return Quirk{
		Name: "unannounced-uidl", Text: "UIDL works, but CAPA doesn't list it",
		Standard: "RFC 2449 §6.8", Reference: "neomutt#1427",
		POP3: []pop3fake.Option{pop3fake.WithUnannounced(pop3fake.UIDL)},
	}
}
