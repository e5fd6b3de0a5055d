package personality

import (
	"fmt"
	"strings"

	"example.org/mailfakes/pop3fake"
)

// Comcast is the POP3 of Comcast, Maillennium. Its IMAP here is a plain one.
func Comcast() Personality {
	return Personality{
		Name: "comcast", Summary: "Comcast's Maillennium POP3",
		IMAP:   noIMAP(),
		POP3:   pop3Server("Maillennium POP3/PROXY server #1", pop3fake.Top, pop3fake.User, pop3fake.UIDL, pop3fake.CAPA),
		Quirks: []Quirk{TruncatedTOP(), WideUIDL()},
	}
}

// TruncatedTOP cuts what TOP sends off.
func TruncatedTOP() Quirk {
	const limit = 64 << 10
	return Quirk{
		Name: "truncated-top", Text: "TOP sends the first 64 KB only",
		Standard: "RFC 1939 §7: the lines asked for", Reference: "fetchmail pop3.c",
		POP3: rewritingPOP3(func(_ *pop3fake.Call, r string) string {
			if len(r) <= limit {
				return r
			}
			return r[:strings.LastIndex(r[:limit], "\n")+1] + ".\r\n"
		}, "TOP"),
	}
}

// WideUIDL has several spaces in UIDL.
func WideUIDL() Quirk {
	return Quirk{
		Name: "wide-uidl", Text: "a line of UIDL has three spaces in place of one",
		Standard: "RFC 1939 §7: a single space", Reference: "mpop pop3.c, thunderbird-android PR#323",
		POP3: append(rewritingListing(func(_ *pop3fake.Call, n uint32, id string) string { return fmt.Sprint(n, "   ", id) }, "UIDL"),
			pop3fake.WithMoreCapabilities(pop3fake.UIDL)),
	}
}
