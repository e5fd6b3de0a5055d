package personality

import (
	"fmt"
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// assortedIMAP are quirks of IMAP servers that have no personality here.
func assortedIMAP() []Quirk {
	return []Quirk{
		DoubleSpaces(), FloatNumbers(), NilBoundary(), SpaceInFlags(), ZeroUIDValidity(), ShortLiteral(), BarePlus(), EmptyListReturn(),
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

// FloatNumbers sends sizes as floating-point numbers.
func FloatNumbers() Quirk {
	return Quirk{
		Name: "float-numbers", Text: "RFC822.SIZE is a floating-point number such as 9.3736e+06 (mail.ru)",
		Standard: "RFC 3501 §9, number", Reference: "MailKit#1838",
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("RFC822.SIZE", func(m *mailstore.Message, _ string) string {
			return fmt.Sprintf("RFC822.SIZE %.4e", float64(m.Size()))
		})},
	}
}

// SpaceInFlags ends lists of flags in a space.
func SpaceInFlags() Quirk {
	return Quirk{
		Name: "space-in-flags", Text: "a list of flags in FETCH ends in a space (SurgeMail)",
		Standard: "RFC 3501 §9, flag-list", Reference: "MailKit#361",
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("FLAGS", func(_ *mailstore.Message, item string) string {
			return strings.TrimSuffix(item, ")") + " )"
		})},
	}
}

// ZeroUIDValidity has a UIDVALIDITY of 0.
func ZeroUIDValidity() Quirk {
	return Quirk{
		Name: "zero-uidvalidity", Text: "UIDVALIDITY is 0 in the answer to SELECT (SurgeMail)",
		Standard: "RFC 3501 §9, nz-number", Reference: "MailKit#1369",
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
	short := func(_ *mailstore.Message, item string) string {
		section := item[:member(item)]
		var n int
		if _, err := fmt.Sscanf(item[len(section):], " {%d}\r\n", &n); err != nil || n == 0 {
			return item
		}
		return strings.Replace(item, fmt.Sprintf(" {%d}", n), fmt.Sprintf(" {%d}", n-1), 1)
	}
	return Quirk{
		Name: "short-literal", Text: "the size of a body section's literal is one less than its octets (SurgeMail)",
		Standard: "RFC 3501 §4.3", Reference: "MailKit#1369",
		IMAP: []imapfake.Option{imapfake.OverrideFetchItem("BODY", short), imapfake.OverrideFetchItem("BODY.PEEK", short)},
	}
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
