package personality

import (
	"fmt"
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// HMailServer is hMailServer for Windows, as in its source and in MailKit#371.
func HMailServer() Personality {
	const caps = "CHILDREN IDLE QUOTA SORT ACL STARTTLS NAMESPACE"
	return Personality{
		Name: "hmailserver", Summary: "hMailServer 5",
		IMAP: append(imapServer("IMAPrev1", caps, caps), imapfake.WithoutCapabilityCode(),
			imapfake.WithNamespaces(imapfake.Namespaces{Separator: ".", Shared: "#Public."})),
		POP3:   pop3Server("POP3", pop3fake.User, pop3fake.UIDL, pop3fake.Top, pop3fake.STLS, pop3fake.CAPA),
		Quirks: []Quirk{EmptyDescendingRange()},
		Rare:   []Quirk{ReusedUniqueIDs()},
	}
}

// EmptyDescendingRange finds nothing by ranges such as 4:2.
func EmptyDescendingRange() Quirk {
	return Quirk{
		Name: "empty-descending-range", Text: "a set that is a descending range, such as 4:2, or 9:* where there are fewer, is OK but finds nothing",
		Standard: "RFC 3501 §9, seq-range: 4:2 is 2:4, and 9:* has the last message", Reference: "MailKit#459, hMailServer IMAPCommandRangeAction.cpp",
		IMAP: overriding(func(c *imapfake.Call) error {
			set, _, _ := strings.Cut(c.RawArgs(), " ")
			if from, ok := strings.CutSuffix(set, ":*"); ok {
				set = from + ":" + lastNumber(c)
			}
			if !strings.Contains(set, ",") && descends(set) {
				return nil
			}
			return c.Next()
		}, setCommands[:]...),
	}
}

// lastNumber returns what "*" stands for in a command's set.
func lastNumber(c *imapfake.Call) string {
	messages := c.Messages()
	if n := messages.Len(); n > 0 && strings.HasPrefix(c.Name(), "UID ") {
		return fmt.Sprint(messages.At(uint32(n)).UID)
	}
	return fmt.Sprint(messages.Len())
}
