package personality

import (
	"strconv"
	"strings"
	"time"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// Cyrus is Cyrus IMAP without the alternate namespace, as up to version 2. Its POP3 is as in its pop3d.c.
func Cyrus() Personality {
	return Personality{
		Name: "cyrus", Summary: "Cyrus IMAP 2.4, with the namespaces INBOX. and user.",
		IMAP: imapServer("[CAPABILITY] localhost Cyrus IMAP v2.4.20 server ready",
			"LITERAL+ ID ENABLE STARTTLS AUTH=PLAIN SASL-IR",
			"ACL QUOTA NAMESPACE UIDPLUS UNSELECT CHILDREN MULTIAPPEND BINARY CATENATE CONDSTORE ESEARCH SORT SORT=DISPLAY "+
				"THREAD=ORDEREDSUBJECT THREAD=REFERENCES LIST-EXTENDED WITHIN QRESYNC URLAUTH URLAUTH=BINARY COMPRESS=DEFLATE IDLE"),
		POP3: pop3Server("localhost Cyrus POP3 v2.4.20 server ready", pop3fake.APOP, pop3fake.SASL, saslPlain, pop3fake.STLS, pop3fake.Expire,
			pop3fake.LoginDelay, pop3fake.Top, pop3fake.UIDL, pop3fake.Pipelining, pop3fake.RespCodes, pop3fake.AuthRespCode, pop3fake.User, pop3fake.CAPA),
		Mailboxes: specialMailboxes("Drafts", "Spam", "Sent", "Trash"),
		Quirks:    []Quirk{UserNamespace(), EarlyLogins()},
		Rare:      []Quirk{Unbalanced(), LoginDelay(), ReusedUniqueIDs()},
	}
}

// UserNamespace puts mailboxes below INBOX, and those of others below user.
func UserNamespace() Quirk {
	return Quirk{
		Name: "user-namespace", Text: `mailboxes are below "INBOX.", those of others below "user.", with "." between levels`,
		Standard: "RFC 2342 §5: legal, the client has to ask", Reference: "mail-api#16",
		IMAP: []imapfake.Option{imapfake.WithNamespaces(imapfake.Namespaces{
			Separator: ".", Personal: "INBOX.", OtherUsers: "user.", Shared: "Shared Folders.",
		})},
	}
}

// Unbalanced has the server wait for a parenthesis that never comes.
func Unbalanced() Quirk {
	return Quirk{
		Name: "unbalanced-hangs", Text: `a command with more "(" than ")" is never answered`,
		Standard: "RFC 3501 §2.2.2: BAD", Reference: "mail-api#16",
		IMAP: []imapfake.Option{imapfake.OverrideEveryCommand(func(c *imapfake.Call) error {
			if args := c.RawArgs(); strings.Count(args, "(") <= strings.Count(args, ")") {
				return c.Next()
			}
			// As long as a server waits for anything (RFC 3501 §5.4).
			select {
			case <-c.Context().Done():
			case <-time.After(30 * time.Minute):
			}
			c.HangUp()
			return nil
		})},
	}
}

// LoginDelay has logins that are too frequent refused.
func LoginDelay() Quirk {
	return Quirk{
		Name: "login-delay", Text: "a login less than a minute after the last one is refused by -ERR [LOGIN-DELAY], which CAPA announces",
		Standard: "RFC 2449 §6.5: legal", Reference: "cyrus-imapd#383",
		POP3: []pop3fake.Option{pop3fake.WithLoginDelay(time.Minute), pop3fake.WithMoreCapabilities(pop3fake.LoginDelay, pop3fake.RespCodes)},
	}
}

// ReusedUniqueIDs gives unique-ids again when UIDs are given again.
func ReusedUniqueIDs() Quirk {
	return Quirk{
		Name: "reused-uidl", Text: "a unique-id is the bare UID, which means another message once UIDVALIDITY has changed",
		Standard: "RFC 1939 §7: never reused", Reference: "cyrus-imapd#374",
		POP3: append(rewritingListing(func(c *pop3fake.Call, n uint32, _ string) string {
			return strconv.FormatUint(uint64(n), 10) + " " + strconv.FormatUint(uint64(c.Messages().At(n).UID), 10)
		}, "UIDL"), pop3fake.WithMoreCapabilities(pop3fake.UIDL)),
	}
}
