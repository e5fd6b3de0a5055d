package personality

import (
	"fmt"
	"strconv"
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// assortedIMAP are quirks of IMAP servers that have no personality here.
func assortedIMAP() []Quirk {
	return []Quirk{
		DoubleSpaces(), FloatNumbers(), NilBoundary(), SpaceInFlags(), ZeroUIDValidity(), ShortLiteral(), LongLiteral(), BarePlus(), EmptyListReturn(),
	}
}

// DoubleSpaces has two spaces where one belongs.
func DoubleSpaces() Quirk {
	return Quirk{
		Name: "double-spaces", Text: "an untagged LIST has two spaces after its attributes (DavMail)",
		Standard: "RFC 3501 §9: one", Reference: "cpython#117152",
		IMAP: rewritingUntagged("LIST (", func(r string) string { return strings.Replace(r, ") ", ")  ", 1) }, "LIST"),
	}
}

// FloatNumbers sends the sizes of parts as floating-point numbers.
func FloatNumbers() Quirk {
	return Quirk{
		Name: "float-numbers", Text: "the octets of a part in BODYSTRUCTURE are a floating-point number such as 9.3736e+06 (mail.ru, of large parts)",
		Standard: "RFC 3501 §9, body-fld-octets: a number", Reference: "MailKit#1838",
		IMAP: overridingStructure(func(p *bodyPart) {
			if p.IsMultipart() || len(p.fields) < 7 {
				return
			}
			if octets, err := strconv.ParseFloat(p.fields[6], 64); err == nil {
				p.fields[6] = strconv.FormatFloat(octets, 'e', 4, 64)
			}
		}),
	}
}

// SpaceInFlags ends lists of flags in a space.
func SpaceInFlags() Quirk {
	return Quirk{
		Name: "space-in-flags", Text: "a list of flags in FETCH, FLAGS and PERMANENTFLAGS ends in a space (SurgeMail, iCloud)",
		Standard: "RFC 3501 §9, flag-list", Reference: "async-imap#123, swift-nio-imap#480",
		IMAP: append(rewriting(func(r string) string {
			if strings.HasPrefix(r, "* FLAGS (") || strings.HasPrefix(r, "* OK [PERMANENTFLAGS (") {
				return strings.Replace(r, ")", " )", 1)
			}
			return r
		}, "SELECT", "EXAMINE"), imapfake.OverrideFetchItem("FLAGS", func(_ *mailstore.Message, item string) string {
			return strings.TrimSuffix(item, ")") + " )"
		})),
	}
}

// ZeroUIDValidity has a UIDVALIDITY of 0.
func ZeroUIDValidity() Quirk {
	return Quirk{
		Name: "zero-uidvalidity", Text: "UIDVALIDITY is 0 in the answer to SELECT (SmarterMail)",
		Standard: "RFC 3501 §9, nz-number", Reference: "MailKit#150",
		IMAP: rewritingUntagged("OK [UIDVALIDITY ", func(r string) string {
			_, after, _ := strings.Cut(r, "]")
			return "* OK [UIDVALIDITY 0]" + after
		}, "SELECT", "EXAMINE"),
	}
}

// BarePlus asks for more without a space.
func BarePlus() Quirk {
	return Quirk{
		Name: "bare-plus", Text: "an empty challenge of AUTHENTICATE is + without a space (public-inbox)",
		Standard: "RFC 3501 §9, continue-req", Reference: "MailKit#1957",
		IMAP: rewriting(func(r string) string {
			if r == "+ " {
				return "+"
			}
			return r
		}, "AUTHENTICATE"),
	}
}

// NilBoundary has no boundary in BODYSTRUCTURE.
func NilBoundary() Quirk {
	return Quirk{
		Name: "nil-boundary", Text: "the boundary of a multipart is NIL in BODYSTRUCTURE (mail.ru)",
		Standard: "RFC 3501 §9, body-fld-param: a string", Reference: "MailKit#1840",
		IMAP: overridingStructure(func(p *bodyPart) {
			if !p.IsMultipart() || len(p.fields) < 2 {
				return
			}
			params := members(p.fields[1])
			for i := 0; i+1 < len(params); i += 2 {
				if strings.EqualFold(params[i], `"boundary"`) {
					params[i+1] = "NIL"
					p.fields[1] = "(" + strings.Join(params, " ") + ")"
				}
			}
		}),
	}
}

// ShortLiteral announces literals that are too short.
func ShortLiteral() Quirk {
	return Quirk{
		Name: "short-literal", Text: "the size of a body section's literal is one less than its octets (Domino)",
		Standard: "RFC 3501 §4.3", Reference: "MailKit#954",
		IMAP: literalSize(-1),
	}
}

// LongLiteral announces literals that are too long.
func LongLiteral() Quirk {
	return Quirk{
		Name: "long-literal", Text: "the size of a body section's literal is 1,000 more than its octets, for which a client waits",
		Standard: "RFC 3501 §4.3", Reference: "MailKit#361",
		IMAP: literalSize(1000),
	}
}

// literalSize adds to the size of each body section's literal.
func literalSize(more int) []imapfake.Option {
	wrong := func(_ *mailstore.Message, item string) string {
		section := item[:member(item)]
		var n int
		if _, err := fmt.Sscanf(item[len(section):], " {%d}\r\n", &n); err != nil || n+more < 0 {
			return item
		}
		return strings.Replace(item, fmt.Sprintf(" {%d}", n), fmt.Sprintf(" {%d}", n+more), 1)
	}
	return []imapfake.Option{imapfake.OverrideFetchItem("BODY", wrong), imapfake.OverrideFetchItem("BODY.PEEK", wrong)}
}

// EmptyListReturn finds nothing if LIST has return options.
func EmptyListReturn() Quirk {
	return Quirk{
		Name: "empty-list-return", Text: "LIST with RETURN is OK but lists nothing (strato.de)",
		Standard: "RFC 5258 §3", Reference: "MailKit#1957",
		IMAP: append(overriding(func(c *imapfake.Call) error {
			if strings.Contains(strings.ToUpper(c.RawArgs()), " RETURN (") {
				return nil
			}
			return c.Next()
		}, "LIST"), imapfake.WithMoreCapabilities("LIST-EXTENDED")),
	}
}
