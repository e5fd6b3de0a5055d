package personality

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/pop3fake"
)

// assortedPOP3 are quirks of POP3 servers that have no personality here.
func assortedPOP3() []Quirk {
	return []Quirk{
		NoUIDL(), DuplicateUIDL(), BareLFEnd(), NegativeSTAT(), OneCommandOnly(), LockText(), TOPMarksSeen(), TOPLineLimit(),
		NoByteStuffing(), NoNumber(), ListsDeleted(), DELEFlags(),
	}
}

// NoUIDL is a server without UIDL.
func NoUIDL() Quirk {
	return Quirk{
		Name: "no-uidl", Text: "there is no UIDL", Standard: "RFC 1939 §7: optional", Reference: "getmail, neomutt#1427",
		POP3: []pop3fake.Option{pop3fake.WithoutCapabilities(pop3fake.UIDL)},
	}
}

// DuplicateUIDL gives two messages the same unique-id.
func DuplicateUIDL() Quirk {
	return Quirk{
		Name: "duplicate-uidl", Text: "each message with an even number has the unique-id of the one before it",
		Standard: "RFC 1939 §7: unique", Reference: "getmail, neomutt#1427",
		POP3: append(rewritingListing(func(c *pop3fake.Call, n uint32, id string) string {
			if n%2 == 0 && len(id) > 8 {
				id = fmt.Sprintf("%08x%s", uint32(c.Messages().At(n-1).UID), id[8:])
			}
			return fmt.Sprint(n, " ", id)
		}, "UIDL"), pop3fake.WithMoreCapabilities(pop3fake.UIDL)),
	}
}

// BareLFEnd ends messages by a bare LF.
func BareLFEnd() Quirk {
	return Quirk{
		Name: "bare-lf-end", Text: "RETR ends in a line with a dot and a bare LF",
		Standard: "RFC 1939 §3: CRLF", Reference: "node-pop3 PR#26, node-pop3 PR#27",
		POP3: rewritingPOP3(func(_ *pop3fake.Call, r string) string { return strings.TrimSuffix(r, ".\r\n") + ".\n" }, "RETR"),
	}
}

// NegativeSTAT tells a negative size.
func NegativeSTAT() Quirk {
	return Quirk{
		Name: "negative-stat", Text: "STAT tells a negative number of octets",
		Standard: "RFC 1939 §5: the octets", Reference: "MailKit release notes",
		POP3: rewritingPOP3(func(_ *pop3fake.Call, r string) string {
			i := strings.LastIndexByte(r, ' ')
			return r[:i+1] + "-" + r[i+1:]
		}, "STAT"),
	}
}

// OneCommandOnly forgets commands that are pipelined.
func OneCommandOnly() Quirk {
	return Quirk{
		Name: "one-command-only", Text: "PIPELINING is announced, but of commands that are sent at once only the first is answered",
		Standard: "RFC 2449 §6.6", Reference: "MailKit#174",
		POP3: []pop3fake.Option{
			pop3fake.WithMoreCapabilities(pop3fake.Pipelining, pop3fake.CAPA),
			pop3fake.OverrideEveryCommand(func(c *pop3fake.Call) error {
				if err := c.DropPipelined(); err != nil {
					return err
				}
				return c.Next()
			}),
		},
	}
}

// LockText tells that the maildrop is in use without the response code.
func LockText() Quirk {
	return Quirk{
		Name: "lock-text", Text: "a locked maildrop is told as -ERR maildrop lock busy, without [IN-USE]",
		Standard: "RFC 2449 §8.1.2", Reference: "yapople#19",
		POP3: lockText("PASS", "APOP", "AUTH"),
	}
}

func lockText(commands ...string) []pop3fake.Option {
	options := []pop3fake.Option{pop3fake.WithMoreCapabilities(pop3fake.RespCodes)}
	for _, name := range commands {
		options = append(options, pop3fake.OverrideCommand(name, func(c *pop3fake.Call) error {
			c.Filter(func(r string) string {
				if strings.HasPrefix(r, "-ERR [IN-USE]") {
					return "-ERR maildrop lock busy\r\n"
				}
				return r
			})
			return c.Next()
		}))
	}
	return options
}

// TOPMarksSeen has TOP set \Seen.
func TOPMarksSeen() Quirk {
	return Quirk{
		Name: "top-marks-seen", Text: `TOP sets \Seen`, Standard: "RFC 1939 has no such thing", Reference: "fetchmail pop3.c",
		POP3: append(rewritingPOP3(func(c *pop3fake.Call, r string) string {
			var n uint32
			if _, err := fmt.Sscan(c.Args(), &n); err == nil {
				storeFlag(c, imap.StoreFlagsAdd, imap.FlagSeen, c.Messages().At(n).UID)
			}
			return r
		}, "TOP"), pop3fake.WithMoreCapabilities(pop3fake.Top)),
	}
}

// TOPLineLimit refuses TOP with a high number of lines.
func TOPLineLimit() Quirk {
	return Quirk{
		Name: "top-line-limit", Text: "TOP of 99999999 lines or more is refused",
		Standard: "RFC 1939 §7: any number", Reference: "fetchmail pop3.c",
		POP3: []pop3fake.Option{
			pop3fake.WithMoreCapabilities(pop3fake.Top),
			pop3fake.OverrideCommand("TOP", func(c *pop3fake.Call) error {
				var n, lines uint64
				if _, err := fmt.Sscan(c.Args(), &n, &lines); err == nil && lines >= 99999999 {
					return pop3fake.Refuse("invalid number of lines")
				}
				return c.Next()
			}),
		},
	}
}

// NoByteStuffing sends lines that begin with a dot as they are.
func NoByteStuffing() Quirk {
	return Quirk{
		Name: "no-byte-stuffing", Text: "a line of a message that begins with a dot is sent as it is (Mailpit)",
		Standard: "RFC 1939 §3: with another dot", Reference: "mailpit#299, mailpit#311, mailpit#312",
		POP3: rewritingPOP3(func(_ *pop3fake.Call, r string) string { return strings.ReplaceAll(r, "\r\n..", "\r\n.") }, "RETR", "TOP"),
	}
}

// NoNumber leaves the message-number out of the answer to LIST and UIDL of one message.
func NoNumber() Quirk {
	bare := func(c *pop3fake.Call, r string) string {
		if c.Args() == "" {
			return r
		}
		_, value, _ := strings.Cut(strings.TrimPrefix(r, "+OK "), " ")
		return "+OK " + value
	}
	return Quirk{
		Name: "no-number", Text: "LIST and UIDL of one message are answered without its number (Twisted)",
		Standard: "RFC 1939 §5, §7: with it", Reference: "twisted#9104, twisted#10542",
		POP3: append(rewritingPOP3(bare, "LIST", "UIDL"), pop3fake.WithMoreCapabilities(pop3fake.UIDL)),
	}
}

// ListsDeleted has LIST and UIDL go on listing messages that are marked by DELE.
func ListsDeleted() Quirk {
	listing := func(name string, describe func(c *pop3fake.Call, n uint32) string) []pop3fake.Option {
		return rewritingPOP3(func(c *pop3fake.Call, r string) string {
			if c.Args() != "" {
				return r
			}
			lines := strings.SplitAfter(r, "\r\n")
			for n := range c.Messages().All() {
				// What is before message n is complete by now.
				if i := int(n); !strings.HasPrefix(lines[i], fmt.Sprint(n, " ")) {
					lines = slices.Insert(lines, i, fmt.Sprint(n, " ", describe(c, n), "\r\n"))
				}
			}
			return strings.Join(lines, "")
		}, name)
	}
	options := listing("LIST", func(*pop3fake.Call, uint32) string { return "0" })
	options = append(options, listing("UIDL", (*pop3fake.Call).UniqueID)...)
	return Quirk{
		Name: "lists-deleted", Text: "LIST and UIDL list messages that are marked by DELE, too, LIST with 0 octets (Twisted)",
		Standard: "RFC 1939 §5, §7: not listed", Reference: "twisted#9094",
		POP3: append(options, pop3fake.WithMoreCapabilities(pop3fake.UIDL)),
	}
}

// DELEFlags marks messages by a flag that outlives the session.
func DELEFlags() Quirk {
	return Quirk{
		Name: "dele-flags", Text: `DELE sets \Deleted, which IMAP sees at once and a dropped connection leaves; QUIT deletes all that has it (GreenMail)`,
		Standard: "RFC 1939 §6: without QUIT nothing is removed", Reference: "GreenMail DeleCommand.java, GreenMail QuitCommand.java",
		POP3: slices.Concat(
			rewritingPOP3(func(c *pop3fake.Call, r string) string {
				var n uint32
				if _, err := fmt.Sscan(c.Args(), &n); err == nil {
					storeFlag(c, imap.StoreFlagsAdd, imap.FlagDeleted, c.Messages().At(n).UID)
				}
				return r
			}, "DELE"),
			rewritingPOP3(func(c *pop3fake.Call, r string) string {
				storeFlag(c, imap.StoreFlagsDel, imap.FlagDeleted, flaggedDeleted(c)...)
				return r
			}, "RSET"),
			[]pop3fake.Option{pop3fake.OverrideCommand("QUIT", func(c *pop3fake.Call) error {
				if uids := flaggedDeleted(c); len(uids) > 0 && c.Args() == "" {
					c.Mailbox().Expunge(uids)
				}
				return c.Next()
			})},
		),
	}
}

// flaggedDeleted returns what is \Deleted in the client's maildrop.
func flaggedDeleted(c *pop3fake.Call) (uids []imap.UID) {
	if box := c.Mailbox(); box != nil {
		for _, m := range box.Messages().All() {
			if m.HasFlag(imap.FlagDeleted) {
				uids = append(uids, m.UID)
			}
		}
	}
	return uids
}

// storeFlag sets or removes a flag of messages in the client's maildrop.
func storeFlag(c *pop3fake.Call, op imap.StoreFlagsOp, flag imap.Flag, uids ...imap.UID) {
	if box := c.Mailbox(); box != nil && len(uids) > 0 {
		_, _ = box.Store(uids, op, []imap.Flag{flag})
	}
}
