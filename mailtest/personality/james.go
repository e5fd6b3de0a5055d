package personality

import (
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// James is Apache James 3.7, as in its source. Its capabilities are those of james-gatling#133,
// with CONDSTORE, which QRESYNC brings.
func James() Personality {
	const caps = "LITERAL+ SASL-IR AUTH=PLAIN STARTTLS WITHIN UNSELECT UIDPLUS IDLE CHILDREN NAMESPACE CONDSTORE ENABLE QRESYNC ESEARCH " +
		"SEARCHRES MOVE QUOTA ACL I18NLEVEL=1"
	return Personality{
		Name: "james", Summary: "Apache James 3.7",
		IMAP: append(imapServer("JAMES IMAP4rev1 Server localhost is ready.", caps, caps), imapfake.WithoutCapabilityCode(),
			imapfake.WithUnannounced("CONDSTORE"), imapfake.WithNamespaces(imapfake.Namespaces{Separator: ".", OtherUsers: "#user."})),
		POP3: append(pop3Server("POP3 server (JAMES POP3 Server ) ready", pop3fake.Pipelining, pop3fake.STLS, pop3fake.Top, pop3fake.User,
			pop3fake.UIDL, pop3fake.CAPA), pop3fake.WithAnnouncedAfterLogin(pop3fake.Top, pop3fake.UIDL)),
		Mailboxes: append(specialMailboxes("Drafts", "Spam", "Sent", "Trash"), mailstore.NewMailbox{Name: "Outbox"}),
		Quirks:    []Quirk{TimestampOnly()},
		Rare:      []Quirk{LateFetch(), PartialGroups()},
	}
}

// TimestampOnly has a timestamp in the greeting that is good for nothing.
func TimestampOnly() Quirk {
	return Quirk{
		Name: "timestamp-only", Text: "the greeting begins with a timestamp, but there is no APOP",
		Standard: "RFC 1939 §7: a timestamp is how a server tells that it has APOP", Reference: "James CoreCmdHandlerLoader.java, MailKit#395",
		POP3: []pop3fake.Option{
			pop3fake.WithGreeting("<1.1@localhost> POP3 server (JAMES POP3 Server ) ready"), pop3fake.WithoutCapabilities(pop3fake.APOP),
		},
	}
}

// LateFetch sends the data after the tagged OK.
func LateFetch() Quirk {
	return Quirk{
		Name: "late-fetch", Text: "the data of FETCH comes after the tagged OK",
		Standard: "RFC 3501 §2.2.2: the tagged response is the last", Reference: "-",
		IMAP: overriding(func(c *imapfake.Call) error {
			var late []string
			c.Filter(func(r string) []string {
				if strings.HasPrefix(r, "* ") {
					late = append(late, r)
					return nil
				}
				return append([]string{r}, late...)
			})
			return c.Next()
		}, "FETCH", "UID FETCH"),
	}
}

// PartialGroups tells a message's items in several responses.
func PartialGroups() Quirk {
	return Quirk{
		Name: "partial-groups", Text: "each item of FETCH is in a response of its own, of UID FETCH with the UID",
		Standard: "RFC 3501 §7.4.2: legal, but one response is what clients expect", Reference: "-",
		IMAP: overriding(func(c *imapfake.Call) error {
			c.Filter(groups)
			return c.Next()
		}, "FETCH", "UID FETCH"),
	}
}

// groups divides a FETCH response into one for each item, with the UID that it has.
func groups(r string) []string {
	begin, list, ok := strings.Cut(r, " FETCH ")
	items := members(list)
	if !ok || !strings.HasPrefix(begin, "* ") || len(items)%2 != 0 || len(items) < 4 {
		return []string{r}
	}
	uid := ""
	var out []string
	for i := 0; i < len(items); i += 2 {
		if items[i] == "UID" {
			uid = "UID " + items[i+1] + " "
		}
	}
	for i := 0; i < len(items); i += 2 {
		if items[i] != "UID" {
			out = append(out, begin+" FETCH ("+uid+items[i]+" "+items[i+1]+")")
		}
	}
	return out
}
