package personality

import (
	"strconv"
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// QQ is QQ Mail, also that of companies. Its IMAP greets as in enough_mail#159.
func QQ() Personality {
	return Personality{
		Name: "qq", Summary: "QQ Mail, imap.qq.com",
		IMAP: append(imapServer("[CAPABILITY] QQMail XMIMAP4Server ready",
			"ID AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2 NAMESPACE", "MOVE IDLE CHILDREN UIDPLUS"), imapfake.WithoutCapabilityCode()),
		POP3: pop3Server("XMail POP3 Server v1.0 Service Ready(XMail v1.0)", pop3fake.Top, pop3fake.User, pop3fake.UIDL,
			pop3fake.SASL, saslPlain, saslLogin, xoauth2, pop3fake.CAPA),
		Mailboxes: specialMailboxes("Drafts", "Junk", "Sent Messages", "Deleted Messages"),
		Quirks:    []Quirk{SpaceAfterCapability(), NoDescendingRange()},
	}
}

// SpaceAfterCapability ends CAPABILITY in a space.
func SpaceAfterCapability() Quirk {
	return Quirk{
		Name: "space-after-capability", Text: "an untagged CAPABILITY ends in a space",
		Standard: "RFC 3501 §9, capability-data", Reference: "mailcore2#1029",
		IMAP: rewritingUntagged("CAPABILITY", func(r string) string { return r + " " }, "CAPABILITY"),
	}
}

// NoDescendingRange refuses ranges such as 4:2.
func NoDescendingRange() Quirk {
	return Quirk{
		Name: "no-descending-range", Text: "a set with a descending range, such as 4:2, is answered by BAD",
		Standard: "RFC 3501 §9, seq-range: 4:2 is 2:4", Reference: "mailcore2#1029",
		IMAP: overriding(func(c *imapfake.Call) error {
			set, _, _ := strings.Cut(c.RawArgs(), " ")
			if descends(set) {
				return bad(c.Name() + " invalid sequence set")
			}
			return c.Next()
		}, setCommands[:]...),
	}
}

// setCommands are the commands whose first argument is a set of messages.
var setCommands = [...]string{"FETCH", "UID FETCH", "STORE", "UID STORE", "COPY", "UID COPY", "MOVE", "UID MOVE"}

// descends tells whether a set has a range of numbers that descends.
func descends(set string) bool {
	for r := range strings.SplitSeq(set, ",") {
		first, last, _ := strings.Cut(r, ":")
		from, err := strconv.ParseUint(first, 10, 32)
		to, err2 := strconv.ParseUint(last, 10, 32)
		if err == nil && err2 == nil && from > to {
			return true
		}
	}
	return false
}
