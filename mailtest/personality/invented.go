package personality

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/pop3fake"
)

// Minimal has RFC 3501 and RFC 1939 and nothing that they call optional: of IMAP's
// capabilities only STARTTLS and AUTH=PLAIN, which RFC 3501 demands, and no POP3 but USER, PASS and
// what RFC 1939 §4 to §6 have. There is no UIDL, and no CAPA.
func Minimal() Personality {
	return Personality{
		Name: "minimal", Summary: "invented: RFC 3501 and RFC 1939 with no option at all",
		IMAP: noIMAP(),
		POP3: pop3Server("POP3 server ready", pop3fake.User),
	}
}

// Strictest has all that the fakes have, and puts up with nothing: what a SHOULD advises
// against is refused where a server may do that, and limits are small.
func Strictest() Personality {
	return Personality{
		Name: "strictest", Summary: "invented: nothing that a SHOULD advises against, small limits, no password without TLS",
		IMAP: []imapfake.Option{
			imapfake.WithMaxCommand(8192), // RFC 7162 §4: at least
			imapfake.WithMaxSessions(3), imapfake.WithAppendLimit(1 << 20), imapfake.WithoutCapabilities(imap.CapLiteralPlus),
		},
		POP3:   []pop3fake.Option{pop3fake.WithAutologout(pop3fake.DefaultAutologout)},
		Quirks: []Quirk{NeedsTLS(), RefusesShouldNots()},
	}
}

// Everything has every capability that the fakes have, those on request, too; but no LITERAL-
// beside LITERAL+ (RFC 7888 §5), and no LOGINDISABLED, which takes something away.
func Everything() Personality {
	caps := slices.DeleteFunc(imapfake.Capabilities(), func(c imap.Cap) bool {
		return c == imap.CapLiteralMinus || c == imap.CapLoginDisabled
	})
	return Personality{
		Name: "everything", Summary: "invented: every capability, Gmail's labels included",
		IMAP:   []imapfake.Option{imapfake.WithMoreCapabilities(caps...)},
		POP3:   []pop3fake.Option{pop3fake.WithMoreCapabilities(append(pop3fake.Capabilities(), pop3fake.Last, pop3fake.XTND)...)},
		Labels: true,
	}
}

// NeedsTLS refuses passwords and tokens that aren't protected.
func NeedsTLS() Quirk {
	return Quirk{
		Name: "needs-tls", Text: "a password or token without TLS is refused, LOGINDISABLED announced",
		Standard: "RFC 3501 §11.2, RFC 2595 §2.3: legal", Reference: "-",
		IMAP: []imapfake.Option{imapfake.WithLoginDisabled(), imapfake.WithMoreCapabilities(imap.CapStartTLS)},
		POP3: []pop3fake.Option{pop3fake.WithoutPlaintextLogin(), pop3fake.WithMoreCapabilities(pop3fake.STLS)},
	}
}

// RefusesShouldNots refuses what clients should not do.
func RefusesShouldNots() Quirk {
	refuse := func(name string, when func(*imapfake.Call) bool, failure error) imapfake.Option {
		return imapfake.OverrideCommand(name, func(c *imapfake.Call) error {
			if when(c) {
				return failure
			}
			return c.Next()
		})
	}
	selected := func(c *imapfake.Call) bool { return c.Mailbox() != nil }
	theSelected := func(c *imapfake.Call) bool {
		return selected(c) && strings.EqualFold(c.Args().Mailbox(), c.Mailbox().Name())
	}
	return Quirk{
		Name: "refuses-should-nots", Text: `STATUS and DELETE of the selected mailbox, LIST "" "*" and ENABLE in the selected state are refused`,
		Standard: "RFC 3501 §6.3.10, RFC 2683 §3.4.12 and §3.2.1.1, RFC 5161 §3.1: a client should not", Reference: "-",
		IMAP: []imapfake.Option{
			refuse("STATUS", theSelected, no("CANNOT", "STATUS should not be used on the selected mailbox (RFC 3501 6.3.10)")),
			refuse("DELETE", theSelected, no("CANNOT", "the mailbox is selected (RFC 2683 3.4.12)")),
			refuse("LIST", func(c *imapfake.Call) bool { return c.RawArgs() == `"" "*"` || c.RawArgs() == `"" *` },
				no("CANNOT", "ask for one level at a time (RFC 2683 3.2.1.1)")),
			refuse("ENABLE", selected, bad("ENABLE comes before a mailbox is selected (RFC 5161 3.1)")),
		},
	}
}
