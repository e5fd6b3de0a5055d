package personality

import (
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
	"example.org/mailfakes/pop3fake"
)

// Exchange is Microsoft Exchange on a site of its own, as in node-imap#685.
func Exchange() Personality {
	const caps = "AUTH=PLAIN STARTTLS UIDPLUS MOVE ID CHILDREN IDLE NAMESPACE LITERAL+"
	return Personality{
		Name: "exchange", Summary: "Microsoft Exchange Server",
		IMAP: append(imapServer("The Microsoft Exchange IMAP4 service is ready.", caps, caps), imapfake.WithoutCapabilityCode(),
			imapfake.WithID(map[string]string{"name": "Microsoft.Exchange.Imap4.Imap4Server"})),
		POP3: pop3Server("The Microsoft Exchange POP3 service is ready.", pop3fake.Top, pop3fake.UIDL, pop3fake.SASL, saslPlain,
			pop3fake.User, pop3fake.STLS, pop3fake.CAPA),
		Mailboxes: outlookMailboxes(),
		Quirks:    []Quirk{SpaceAfterStatus()},
		Rare: append(outlookRare(), UntaggedCopyUID(), NamespaceHangsUp(), BareDisposition(), NegativeLines(), CompressedSizes(),
			OtherTopHeader(), OKForContinuation()),
	}
}

// Microsoft365 is Exchange Online, as outlook.office365.com, with the capabilities and mailboxes of
// omamail PR#90, and POP3 as in vmime#267 and Indy#192.
func Microsoft365() Personality {
	const caps = "AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+"
	return Personality{
		Name: "microsoft365", Summary: "Microsoft 365, outlook.office365.com",
		IMAP: append(imapServer("The Microsoft Exchange IMAP4 service is ready. [bWFpbGZha2Vz]", caps, caps),
			imapfake.WithoutCapabilityCode(), imapfake.WithID(map[string]string{"name": "Microsoft.Exchange.Imap4.Imap4Server", "version": "15.20"})),
		POP3: pop3Server("The Microsoft Exchange POP3 service is ready. [bWFpbGZha2Vz]", pop3fake.Top, pop3fake.UIDL,
			pop3fake.SASL, saslPlain, xoauth2, pop3fake.User, pop3fake.STLS, pop3fake.CAPA),
		Mailboxes: append(outlookMailboxes(), archiveMailbox()),
		Quirks:    []Quirk{SpaceAfterStatus(), TwoStepXOAUTH2()},
		Rare:      append(outlookRare(), Throttled(), EmptyDeleReply()),
	}
}

func outlookMailboxes() []mailstore.NewMailbox {
	return specialMailboxes("Drafts", "Junk Email", "Sent Items", "Deleted Items")
}

func outlookRare() []Quirk {
	return []Quirk{NotConnected(), OKWithoutText(), EmptyCopyUID(), NothingForMeetings(), NilForMeetings(), NilBodyStructure()}
}

func no(c imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: c, Text: text}
}

func bad(text string) error { return &imap.Error{Type: imap.StatusResponseTypeBad, Text: text} }

// NotConnected has every command after login fail.
func NotConnected() Quirk {
	return Quirk{
		Name: "not-connected", Text: "after LOGIN OK every command but LOGOUT is answered by BAD User is authenticated but not connected.",
		Standard: "RFC 3501 §6.2.3: OK means authenticated", Reference: "node-imap#689, imapsync#411, getmail6#214, imapflow#314",
		IMAP: []imapfake.Option{imapfake.OverrideEveryCommand(func(c *imapfake.Call) error {
			if c.State() == imapfake.NotAuthenticated || c.Name() == "LOGOUT" {
				return c.Next()
			}
			return bad("User is authenticated but not connected.")
		})},
	}
}

// Throttled has every tenth command of a session fail.
func Throttled() Quirk {
	return Quirk{
		Name: "throttled", Text: "every tenth command of a session is answered by BAD Request is throttled. Suggested Backoff Time: 1000 milliseconds",
		Standard: "RFC 3501 §7.1.3: BAD is for protocol errors", Reference: "imapflow",
		IMAP: []imapfake.Option{imapfake.OverrideEveryCommand(func(c *imapfake.Call) error {
			if c.Commands()%10 == 0 {
				return bad("Request is throttled. Suggested Backoff Time: 1000 milliseconds")
			}
			return c.Next()
		})},
	}
}

// SpaceAfterStatus ends STATUS in a space.
func SpaceAfterStatus() Quirk {
	return Quirk{
		Name: "space-after-status", Text: "an untagged STATUS ends in a space",
		Standard: "RFC 3501 §9, mailbox-data", Reference: "go-imap#540",
		IMAP: rewritingUntagged("STATUS ", func(r string) string { return r + " " }, "STATUS"),
	}
}

// copies are the commands that are answered by COPYUID.
var copies = [...]string{"COPY", "UID COPY", "MOVE", "UID MOVE"}

// OKWithoutText sends tagged OKs without a text.
func OKWithoutText() Quirk {
	return Quirk{
		Name: "ok-without-text", Text: "a tagged OK has no text after the space",
		Standard: "RFC 3501 §9, resp-text: a text", Reference: "offlineimap PR#623",
		IMAP: []imapfake.Option{imapfake.OverrideEveryCommand(func(c *imapfake.Call) error {
			c.Filter(func(r string) []string {
				if begin := c.Tag() + " OK "; strings.HasPrefix(r, begin) && !strings.HasPrefix(r, begin+"[") {
					r = begin
				}
				return []string{r}
			})
			return c.Next()
		})},
	}
}

// EmptyCopyUID sends COPYUID without UIDs.
func EmptyCopyUID() Quirk {
	return Quirk{
		Name: "empty-copyuid", Text: "COPYUID has its UIDVALIDITY and two spaces, as [COPYUID 14  ]",
		Standard: "RFC 4315 §4, resp-code-copy: two sets of UIDs", Reference: "MailKit#555",
		IMAP: rewritingTagged(func(tag, r string) []string {
			if before, ids, after, ok := code(r, "OK", "COPYUID"); ok {
				validity, _, _ := strings.Cut(ids, " ")
				r = before + "[COPYUID " + validity + "  ] " + after
			}
			return []string{tag + " " + r}
		}, copies[:]...),
	}
}

// UntaggedCopyUID sends COPYUID in an untagged response.
func UntaggedCopyUID() Quirk {
	return Quirk{
		Name: "untagged-copyuid", Text: "COPYUID is in an untagged OK, and missing in the tagged one (Exchange 2013)",
		Standard: "RFC 4315 §3: in the tagged OK of COPY", Reference: "net-imap#250",
		IMAP: rewritingTagged(func(tag, r string) []string {
			if before, ids, after, ok := code(r, "OK", "COPYUID"); ok {
				return []string{"* OK [COPYUID " + ids + "] ", tag + " " + before + after}
			}
			return []string{tag + " " + r}
		}, copies[:]...),
	}
}

// NothingForMeetings leaves the content of meeting requests out.
func NothingForMeetings() Quirk {
	return meetings("nothing-for-meetings", "FETCH of a body section of a message with text/calendar is OK but has no data",
		"offlineimap#62, MailKit#908", func(string) string { return "" })
}

// NilForMeetings sends NIL for the content of meeting requests.
func NilForMeetings() Quirk {
	return meetings("nil-for-meetings", "FETCH of a body section of a message with text/calendar has NIL",
		"MailKit#1615", func(section string) string { return section + " NIL" })
}

func meetings(name, text, reference string, answer func(section string) string) Quirk {
	override := func(m *mailstore.Message, item string) string {
		if !strings.HasPrefix(item, "BODY[") || !isMeeting(m.Structure()) {
			return item
		}
		return answer(item[:member(item)])
	}
	return Quirk{
		Name: name, Text: text, Standard: "RFC 3501 §6.4.5: the octets of the section", Reference: reference,
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("BODY", override), imapfake.OverrideFetchItem("BODY.PEEK", override)},
	}
}

func isMeeting(p *structure.Part) bool {
	if strings.EqualFold(p.Type, "text") && strings.EqualFold(p.Subtype, "calendar") {
		return true
	}
	for _, kid := range p.Parts {
		if isMeeting(kid) {
			return true
		}
	}
	return false
}

// NamespaceHangsUp has NAMESPACE end the connection.
func NamespaceHangsUp() Quirk {
	return Quirk{
		Name: "namespace-hangs-up", Text: "NAMESPACE drops the connection (Exchange 2003)",
		Standard: "RFC 2342 §5", Reference: "MailKit#1512",
		IMAP: append(overriding(func(c *imapfake.Call) error { c.HangUp(); return nil }, "NAMESPACE"),
			imapfake.WithMoreCapabilities(imap.CapNamespace)),
	}
}

// NilBodyStructure sends a BODYSTRUCTURE of NILs.
func NilBodyStructure() Quirk {
	return Quirk{
		Name: "nil-bodystructure", Text: "every field of BODYSTRUCTURE is NIL",
		Standard: "RFC 3501 §9, body", Reference: "MailKit#1446",
		IMAP: overridingBody(func(_ *mailstore.Message, body string) string {
			return "(" + strings.TrimPrefix(strings.Repeat(" NIL", max(7, len(members(body)))), " ") + ")"
		}),
	}
}

// BareDisposition sends dispositions as strings.
func BareDisposition() Quirk {
	return Quirk{
		Name: "bare-disposition", Text: `the disposition in BODYSTRUCTURE is "inline" in place of ("inline" NIL)`,
		Standard: "RFC 3501 §9, body-fld-dsp", Reference: "MailKit#919, MailKit#1415",
		IMAP: overridingStructure(func(p *bodyPart) {
			for i, field := range p.fields {
				if strings.EqualFold(field, `("inline" NIL)`) {
					p.fields[i] = `"inline"`
				}
			}
		}),
	}
}

// NegativeLines sends -1 for the lines of texts.
func NegativeLines() Quirk {
	return Quirk{
		Name: "negative-lines", Text: "a text has -1 lines in BODYSTRUCTURE",
		Standard: "RFC 3501 §9, body-fld-lines: a number", Reference: "go-imap#534",
		IMAP: overridingStructure(func(p *bodyPart) {
			if strings.EqualFold(p.Type, "text") && len(p.fields) > 7 {
				p.fields[7] = "-1"
			}
		}),
	}
}

// TwoStepXOAUTH2 has XOAUTH2 take no initial response.
func TwoStepXOAUTH2() Quirk {
	const text = "Protocol error. Connection is closed. 10"
	return Quirk{
		Name: "two-step-xoauth2", Text: "AUTH XOAUTH2 with an initial response, as any line of more than 255 octets, is answered by -ERR " + text,
		Standard: "RFC 5034 §4: an initial response is legal", Reference: "getmail6#256, mpop#11, MailKit#1948, vmime#267",
		POP3: []pop3fake.Option{
			pop3fake.WithProtocolError(text),
			pop3fake.OverrideCommand("AUTH", func(c *pop3fake.Call) error {
				if mechanism, _, initial := strings.Cut(c.Args(), " "); initial && strings.EqualFold(mechanism, "XOAUTH2") {
					c.Answer("-ERR " + text)
					c.HangUp()
					return nil
				}
				return c.Next()
			}),
		},
	}
}

// EmptyDeleReply answers DELE by an empty line.
func EmptyDeleReply() Quirk {
	return Quirk{
		Name: "empty-dele-reply", Text: "DELE is carried out and answered by an empty line",
		Standard: "RFC 1939 §3: +OK or -ERR", Reference: "MailKit#1634",
		POP3: rewritingPOP3(func(*pop3fake.Call, string) string { return "\r\n" }, "DELE"),
	}
}

// CompressedSizes has LIST count a line end as one octet.
func CompressedSizes() Quirk {
	return Quirk{
		Name: "lf-sizes", Text: "LIST counts a line end as one octet",
		Standard: "RFC 1939 §11: two", Reference: "aenetmail#150",
		POP3: rewritingListing(func(c *pop3fake.Call, n uint32, _ string) string {
			return fmt.Sprint(n, " ", c.Octets(n)-int64(lineEnds(c.Messages().At(n).Raw())))
		}, "LIST"),
	}
}

// lineEnds counts the line ends of a message as it is transmitted.
func lineEnds(raw []byte) int {
	n := strings.Count(string(raw), "\n")
	if len(raw) > 0 && raw[len(raw)-1] != '\n' {
		n++
	}
	return n
}

// OtherTopHeader has TOP send another header than RETR.
func OtherTopHeader() Quirk {
	return Quirk{
		Name: "other-top-header", Text: "TOP's header differs from RETR's: its fields are unfolded",
		Standard: "RFC 1939 §7: the headers of the message", Reference: "JavaMail mail.pop3.disabletop",
		POP3: rewritingPOP3(func(_ *pop3fake.Call, r string) string {
			header, body, separated := strings.Cut(r, "\r\n\r\n")
			header = strings.NewReplacer("\r\n ", " ", "\r\n\t", " ").Replace(header)
			if !separated { // the message ends with its header, and the response with it
				return header
			}
			return header + "\r\n\r\n" + body
		}, "TOP"),
	}
}

// OKForContinuation sends challenges with "+OK".
func OKForContinuation() Quirk {
	return Quirk{
		Name: "ok-for-continuation", Text: `a challenge of AUTH begins with "+OK" in place of "+"`,
		Standard: "RFC 5034 §4", Reference: "MailKit#391",
		POP3: rewritingPOP3(func(_ *pop3fake.Call, r string) string {
			if challenge, ok := strings.CutPrefix(r, "+ "); ok {
				return strings.TrimSuffix("+OK "+strings.TrimSuffix(challenge, "\r\n"), " ") + "\r\n"
			}
			return r
		}, "AUTH"),
	}
}
