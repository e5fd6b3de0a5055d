package personality

import (
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// NetEase163 is NetEase's 163.com and 126.com, on Coremail, as in mailcore2#1113, and since then
// with SASL-IR.
func NetEase163() Personality {
	const caps = "SPECIAL-USE ID LITERAL+ STARTTLS UIDPLUS AUTH=PLAIN SASL-IR"
	return Personality{
		Name: "163", Summary: "163.com and 126.com, which want an ID before SELECT",
		IMAP: append(imapServer("Coremail System IMap Server Ready(163com[mailfakes])", caps, caps),
			imapfake.WithID(map[string]string{"name": "Coremail Imap", "vendor": "Mailtech", "TransID": "mailfakes"}), imapfake.WithoutCapabilityCode()),
		POP3: pop3Server("Welcome to coremail Mail Pop3 Server (163coms[mailfakes])", pop3fake.Top, pop3fake.User, pop3fake.Pipelining,
			pop3fake.UIDL, pop3fake.Lang, pop3fake.UTF8, pop3fake.SASL, saslPlain, pop3fake.STLS, pop3fake.CAPA),
		Mailboxes: append(specialMailboxes("草稿箱", "垃圾邮件", "已发送", "已删除"),
			mailstore.NewMailbox{Name: "广告邮件"}, mailstore.NewMailbox{Name: "订阅邮件"}), // advertising, newsletters
		Quirks: []Quirk{IDRequired(), NoInitialResponse()},
		Rare:   []Quirk{EmptyStatus(), UnescapedQuotes()},
	}
}

// IDRequired refuses SELECT to clients that haven't said who they are.
func IDRequired() Quirk {
	return Quirk{
		Name: "id-required", Text: "SELECT and EXAMINE are answered by NO SELECT Unsafe Login until the client has sent ID",
		Standard: "RFC 2971 §1: must not be required", Reference: "himalaya#651, offlineimap#696",
		IMAP: append(overriding(func(c *imapfake.Call) error {
			if fields, _ := c.ClientID(); len(fields) == 0 {
				return no("", c.Name()+" Unsafe Login. Please contact kefu@188.com for help")
			}
			return c.Next()
		}, "SELECT", "EXAMINE"), imapfake.WithMoreCapabilities("ID")),
	}
}

// NoInitialResponse refuses the initial response of AUTHENTICATE.
func NoInitialResponse() Quirk {
	return Quirk{
		Name: "no-initial-response", Text: "AUTHENTICATE with an initial response is answered by BAD Request not ending with <CR><LF>, though SASL-IR is announced",
		Standard: "RFC 4959 §3", Reference: "himalaya#729",
		IMAP: append(overriding(func(c *imapfake.Call) error {
			if _, _, initial := strings.Cut(c.RawArgs(), " "); initial {
				return bad("Request not ending with <CR><LF>")
			}
			return c.Next()
		}, "AUTHENTICATE"), imapfake.WithMoreCapabilities("SASL-IR")),
	}
}

// EmptyStatus tells nothing in STATUS.
func EmptyStatus() Quirk {
	return Quirk{
		Name: "empty-status", Text: "the list of an untagged STATUS is empty",
		Standard: "RFC 3501 §6.3.10: the items asked for", Reference: "go-imap#659",
		IMAP: rewritingUntagged("STATUS ", func(r string) string {
			return r[:strings.LastIndexByte(r, '(')] + "()"
		}, "STATUS"),
	}
}
