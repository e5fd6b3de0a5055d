package personality

import (
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// ProtonBridge is Proton Mail's Bridge, as in mox#66 and the tests of gluon, its IMAP server. It
// has no POP3; here that is a plain one.
func ProtonBridge() Personality {
	return Personality{
		Name: "protonbridge", Summary: "Proton Mail Bridge; no POP3 in reality",
		IMAP: append(imapServer("[CAPABILITY] Proton Mail Bridge 03.25.00 - gluon session ID 1", "AUTH=PLAIN ID IDLE STARTTLS",
			"MOVE UIDPLUS UNSELECT"), imapfake.WithID(map[string]string{"name": "Proton Mail Bridge", "version": "03.25.00"})),
		POP3: noPOP3(),
		Mailboxes: append(specialMailboxes("Drafts", "Spam", "Sent", "Trash"),
			mailstore.NewMailbox{Name: "All Mail", SpecialUse: imap.MailboxAttrAll}, archiveMailbox(),
			mailstore.NewMailbox{Name: "Starred", SpecialUse: imap.MailboxAttrFlagged}, mailstore.NewMailbox{Name: "Folders"}, mailstore.NewMailbox{Name: "Labels"}),
		Rare: []Quirk{BadSpecialUse(), UnstableUIDs(), ZeroSize()},
	}
}

// BadSpecialUse announces SPECIAL-USE and refuses it.
func BadSpecialUse() Quirk {
	return Quirk{
		Name: "bad-special-use", Text: "LIST (SPECIAL-USE) is answered by BAD, though SPECIAL-USE is announced",
		Standard: "RFC 6154 §3", Reference: "MailKit#674",
		IMAP: append(overriding(func(c *imapfake.Call) error {
			if strings.HasPrefix(c.RawArgs(), "(") {
				return bad("expected ASTRING")
			}
			return c.Next()
		}, "LIST"), imapfake.WithMoreCapabilities(imap.CapSpecialUse)),
	}
}

// UnstableUIDs gives new UIDs at each login.
func UnstableUIDs() Quirk {
	return Quirk{
		Name: "unstable-uids", Text: "each login gives INBOX a new UIDVALIDITY and new UIDs, and ends other sessions with it",
		Standard: "RFC 3501 §2.3.1.1: must not change between sessions if that can be helped", Reference: "imapsync#163",
		IMAP: overriding(func(c *imapfake.Call) error {
			err := c.Next()
			if account := c.Account(); err == nil && account != nil {
				if inbox, err := account.Mailbox(mailstore.Inbox); err == nil {
					inbox.Renumber()
				}
			}
			return err
		}, "LOGIN", "AUTHENTICATE"),
	}
}

// ZeroSize has messages of no octets.
func ZeroSize() Quirk {
	return Quirk{
		Name: "zero-size", Text: "RFC822.SIZE is 0", Standard: "RFC 3501 §2.3.4: the octets of the message", Reference: "imapsync#163",
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("RFC822.SIZE", func(*mailstore.Message, string) string { return "RFC822.SIZE 0" })},
	}
}
