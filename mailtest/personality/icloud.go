package personality

import (
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// ICloud is Apple's iCloud Mail, as in MailKit's tests and nextcloud/mail#3401. It has no POP3;
// here that is a plain one.
func ICloud() Personality {
	return Personality{
		Name: "icloud", Summary: "iCloud Mail, imap.mail.me.com; no POP3 in reality",
		IMAP: append(imapServer("[CAPABILITY] (mailfakes)", "SASL-IR AUTH=PLAIN AUTH=XOAUTH2",
			"CONDSTORE ENABLE QRESYNC QUOTA NAMESPACE UIDPLUS CHILDREN BINARY UNSELECT SORT CATENATE URLAUTH LANGUAGE ESEARCH ESORT "+
				"THREAD=ORDEREDSUBJECT THREAD=REFERENCES CONTEXT=SEARCH CONTEXT=SORT WITHIN SEARCHRES METADATA ID MULTISEARCH IDLE LIST-STATUS LIST-EXTENDED"),
			imapfake.WithoutCapabilityCode(), imapfake.WithUnannounced("LIST-EXTENDED")),
		POP3:      noPOP3(),
		Mailboxes: append(specialMailboxes("Drafts", "Junk", "Sent Messages", "Deleted Messages"), archiveMailbox()),
		Quirks:    []Quirk{NoRFC822(), SilentEnable()},
		Rare:      []Quirk{UnescapedQuotes()},
	}
}

// NoRFC822 sends nothing for the item RFC822.
func NoRFC822() Quirk {
	return Quirk{
		Name: "no-rfc822", Text: "FETCH of RFC822 is OK but has no body; BODY[] has",
		Standard: "RFC 3501 §6.4.5: equal to BODY[]", Reference: "imapbackup#50, Beam#27",
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("RFC822", func(*mailstore.Message, string) string { return "" })},
	}
}

// SilentEnable answers ENABLE without ENABLED.
func SilentEnable() Quirk {
	return Quirk{
		Name: "silent-enable", Text: "ENABLE takes effect without an untagged ENABLED",
		Standard: "RFC 5161 §3.1: tells what was enabled", Reference: "MailKit#1871",
		IMAP: append(overriding(func(c *imapfake.Call) error {
			c.Filter(func(r string) []string {
				if strings.HasPrefix(r, "* ENABLED") {
					return nil
				}
				return []string{r}
			})
			return c.Next()
		}, "ENABLE"), imapfake.WithMoreCapabilities("ENABLE")),
	}
}

// UnescapedQuotes sends the quotes in an ENVELOPE as they are.
func UnescapedQuotes() Quirk {
	return Quirk{
		Name: "unescaped-quotes", Text: "a quote within a string of ENVELOPE, BODY or BODYSTRUCTURE, such as in a Message-ID, isn't escaped",
		Standard: "RFC 3501 §9, quoted", Reference: "mailcore2#1967, go-imap#659",
		IMAP: append(overridingBody(func(_ *mailstore.Message, body string) string { return unescape(body) }),
			imapfake.OverrideFetchItem("ENVELOPE", func(_ *mailstore.Message, item string) string { return unescape(item) })),
	}
}

func unescape(list string) string { return strings.ReplaceAll(list, `\"`, `"`) }
