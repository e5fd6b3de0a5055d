package personality

import (
	"fmt"
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// Courier is Courier-IMAP. It presents itself as in MailKit's tests and its pop3dcapa.c.
func Courier() Personality {
	const caps = "UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE STARTTLS AUTH=PLAIN ACL"
	return Personality{
		Name: "courier", Summary: "Courier-IMAP, whose mailboxes are all below INBOX",
		IMAP:      append(imapServer("[CAPABILITY] Courier-IMAP ready.", caps, caps), imapfake.WithoutCapabilityCode()),
		POP3:      pop3Server("Hello there.", pop3fake.STLS, pop3fake.Top, pop3fake.User, pop3fake.Pipelining, pop3fake.UIDL, pop3fake.CAPA),
		Mailboxes: specialMailboxes("Drafts", "Junk", "Sent", "Trash"),
		Quirks:    []Quirk{InboxPrefix(), SixteenKB(), IdleMode(), UnenforcedDelay()},
		Rare:      []Quirk{FetchZero(), UnstableStatus()},
	}
}

// InboxPrefix puts every mailbox below INBOX.
func InboxPrefix() Quirk {
	return Quirk{
		Name: "inbox-prefix", Text: `all mailboxes are below "INBOX.", with "." between levels`,
		Standard: "RFC 2342 §5: legal, the client has to ask", Reference: "MailKit#428",
		IMAP: []imapfake.Option{imapfake.WithNamespaces(imapfake.Namespaces{
			Separator: ".", Personal: "INBOX.", OtherUsers: "#shared.", Shared: "shared.",
		})},
	}
}

// SixteenKB limits the length of commands.
func SixteenKB() Quirk {
	return Quirk{
		Name: "16k-commands", Text: "a command of more than 16,384 octets, literals not counted, is refused by BAD",
		Standard: "RFC 7162 §4: legal", Reference: "MailKit#428",
		IMAP: []imapfake.Option{imapfake.WithMaxCommand(16384)},
	}
}

// IdleMode says another word when IDLE begins.
func IdleMode() Quirk {
	return Quirk{
		Name: "idle-mode", Text: "IDLE is answered by + entering idle mode",
		Standard: "RFC 2177 §3: legal, any text", Reference: "py3status#1899",
		IMAP: rewriting(func(r string) string {
			if strings.HasPrefix(r, "+ ") {
				return "+ entering idle mode"
			}
			return r
		}, "IDLE"),
	}
}

// UnenforcedDelay lists a delay in CAPA that there isn't.
func UnenforcedDelay() Quirk {
	return Quirk{
		Name: "unenforced-delay", Text: "CAPA lists LOGIN-DELAY 10, but logins are not delayed",
		Standard: "RFC 2449 §6.5", Reference: "Courier pop3dcapa.c",
		POP3: append(listingMore("LOGIN-DELAY 10"), pop3fake.WithMoreCapabilities(pop3fake.CAPA)),
	}
}

// FetchZero sends message number 0.
func FetchZero() Quirk {
	return Quirk{
		Name: "fetch-zero", Text: "UID FETCH is answered by * 0 FETCH",
		Standard: "RFC 3501 §9, nz-number", Reference: "MailKit#428",
		IMAP: rewriting(func(r string) string {
			var n int
			if _, err := fmt.Sscanf(r, "* %d FETCH", &n); err == nil {
				return strings.Replace(r, fmt.Sprint("* ", n), "* 0", 1)
			}
			return r
		}, "UID FETCH"),
	}
}

// UnstableStatus has STATUS tell another UIDVALIDITY than SELECT.
func UnstableStatus() Quirk {
	return Quirk{
		Name: "unstable-status", Text: "STATUS tells another UIDVALIDITY than SELECT, which is the one that counts",
		Standard: "RFC 3501 §6.3.10: the mailbox's", Reference: "MailKit#428",
		IMAP: []imapfake.Option{imapfake.OverrideStatusItem("UIDVALIDITY", func(st mailstore.Status, _ string) string {
			return fmt.Sprint(st.UIDValidity ^ 1<<30)
		})},
	}
}
