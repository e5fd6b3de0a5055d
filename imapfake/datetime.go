package imapfake

import "time"

// date reads a date, quoted or not (RFC 3501 §9).
func (p *parser) date() time.Time {
	var s string
	if p.peek() == '"' {
		s = p.quoted()
	} else {
		s = p.run("a date", isAtomChar)
	}
	if p.err != nil {
		return time.Time{}
	}
	t, err := time.Parse("_2-Jan-2006", s)
	if err != nil {
		p.fail("%.40q is no date such as 1-Feb-1994 (RFC 3501 §9)", s)
	}
	return t
}

// dateTimeLayout is the form of an INTERNALDATE (RFC 3501 §9, date-time).
const dateTimeLayout = "_2-Jan-2006 15:04:05 -0700"

// dateTime reads a quoted date and time.
func (p *parser) dateTime() time.Time {
	s := p.quoted()
	if p.err != nil {
		return time.Time{}
	}
	t, err := time.Parse(dateTimeLayout, s)
	// time.Parse also takes a fraction of a second, and hours of one digit.
	if err != nil || len(s) != len(dateTimeLayout) || s[11] != ' ' {
		p.fail(`%.40q is no date and time such as " 7-Jul-1996 02:44:25 -0700" (RFC 3501 §9)`, s)
		return time.Time{}
	}
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset))
}
