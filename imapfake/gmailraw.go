package imapfake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// parseRawKey reads the search key X-GM-RAW. What Gmail has and this server hasn't is
// refused, not taken for something else.
func parseRawKey(p *parser, q *search) matcher {
	p.space()
	text := q.text(p)
	query, err := parseGmailQuery(text)
	var match matcher
	if err == nil {
		match, err = q.gmailMatcher(query)
	}
	if err != nil && p.err == nil && p.refused == nil {
		p.refused = no(imap.ResponseCodeCannot, fmt.Sprintf("X-GM-RAW %.60q: %v", text, err))
	}
	return match
}

// gmailMatcher returns what a query matches.
func (q *search) gmailMatcher(query gmailQuery) (matcher, error) {
	if query.kind == gmailTerm {
		return q.gmailTerm(query)
	}
	parts := make([]matcher, 0, len(query.parts))
	for _, part := range query.parts {
		match, err := q.gmailMatcher(part)
		if err != nil {
			return nil, err
		}
		parts = append(parts, match)
	}
	switch query.kind {
	case gmailNot:
		return not(parts[0]), nil
	case gmailAny:
		return anyOf(parts), nil
	}
	return allOf(parts), nil
}

func anyOf(keys []matcher) matcher {
	return func(c *candidate) bool {
		return slices.ContainsFunc(keys, func(match matcher) bool { return match(c) })
	}
}

// gmailTerm returns what one term matches.
func (q *search) gmailTerm(t gmailQuery) (matcher, error) {
	switch t.operator {
	case "":
		return inMail(wholeNeedle(t.value)), nil
	case "from", "to", "cc", "bcc":
		value := t.value
		if strings.EqualFold(value, "me") && !t.quoted {
			value = q.account.Name()
		}
		return inField(t.operator, addressText, wholeNeedle(value)), nil
	case "subject":
		return inField("Subject", decodedText, wholeNeedle(t.value)), nil
	case "filename":
		return withFilename(wholeNeedle(t.value)), nil
	case "rfc822msgid":
		return withMessageID(t.value), nil
	case "label", "in", "is", "has":
		return gmailState(t.operator, strings.ToLower(t.value))
	case "larger", "size", "smaller":
		return gmailSize(t.operator, t.value)
	case "before", "older", "after", "newer":
		return gmailDate(t.operator, t.value)
	case "older_than", "newer_than":
		return gmailAge(t.operator, t.value)
	}
	return nil, fmt.Errorf("%s: is not supported", t.operator)
}

// inMail looks for a needle wherever a reader sees text.
func inMail(n *needle) matcher {
	keys := []matcher{inField("Subject", decodedText, n), inBody(n)}
	for _, field := range []string{"From", "To", "Cc", "Bcc"} {
		keys = append(keys, inField(field, addressText, n))
	}
	return anyOf(keys)
}

func withMessageID(id string) matcher {
	id = strings.Trim(id, "<>")
	return func(c *candidate) bool {
		value, ok := structure.Value(c.Raw(), c.Structure().Header, "Message-ID")
		return ok && strings.Trim(strings.TrimSpace(value), "<>") == id
	}
}

func withFilename(n *needle) matcher {
	return withPart(func(p *structure.Part) bool { return n.wholeIn([]byte(p.Filename())) })
}

func withPart(is func(*structure.Part) bool) matcher {
	return func(c *candidate) bool {
		found := false
		c.Structure().Walk(func(_ []int, p *structure.Part) bool {
			found = found || is(p)
			return !found
		})
		return found
	}
}

// gmailState is what a message is, has, or has a label of.
func gmailState(operator, value string) (matcher, error) {
	switch {
	case operator == "has" && value == "attachment":
		return withPart(func(p *structure.Part) bool {
			return strings.EqualFold(p.Disposition, "attachment") || p.Filename() != ""
		}), nil
	case operator == "has" && value == "userlabels":
		return hasUserLabels, nil
	case operator == "has" && value == "nouserlabels":
		return not(hasUserLabels), nil
	case operator == "has":
		return nil, fmt.Errorf("has:%s is not supported", value)
	case value == "read":
		return withFlag(imap.FlagSeen), nil
	case value == "unread":
		return not(withFlag(imap.FlagSeen)), nil
	case value == "starred":
		return withFlag(imap.FlagFlagged), nil
	case operator == "in" && value == "anywhere":
		return allOf(nil), nil
	case operator == "is" && value != "important":
		return nil, fmt.Errorf("is:%s is not supported", value)
	}
	key := labelKey(value)
	return func(c *candidate) bool {
		return slices.ContainsFunc(c.Labels(), func(l mailstore.Label) bool {
			name, system := labelName(l)
			// The names that the search box has differ from those of X-GM-LABELS.
			return labelKey(name) == key || system && (labelKey(name[1:]) == key || labelKey(name[1:]+"s") == key)
		})
	}, nil
}

// labelKey returns a label in the form that the search box has for it.
func labelKey(label string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '/' {
			return '-'
		}
		return r
	}, casemap(label))
}

func hasUserLabels(c *candidate) bool {
	return slices.ContainsFunc(c.Labels(), func(l mailstore.Label) bool {
		_, system := labelName(l)
		return !system && l.Use != imap.MailboxAttrAll
	})
}

// gmailSize compares sizes in octets, or with K or M in 2^10 or 2^20 of them.
func gmailSize(operator, value string) (matcher, error) {
	digits, unit := value, int64(1)
	for suffix, octets := range map[string]int64{"K": 1 << 10, "M": 1 << 20} {
		if number, ok := strings.CutSuffix(strings.ToUpper(value), suffix); ok {
			digits, unit = number, octets
		}
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("%s:%s is no size such as 1000 or 10M", operator, value)
	}
	limit := int64(n) * unit
	if operator == "smaller" {
		return func(c *candidate) bool { return c.Size() < limit }, nil
	}
	return func(c *candidate) bool { return c.Size() > limit }, nil
}

// gmailDate compares the days of internal dates, as the keys BEFORE and SINCE do
// (RFC 3501 §6.4.4), or with a number of seconds since 1970 the moments.
func gmailDate(operator, value string) (matcher, error) {
	before := operator == "before" || operator == "older"
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		limit := time.Unix(seconds, 0)
		return func(c *candidate) bool { return c.InternalDate.Before(limit) == before }, nil
	}
	value = strings.ReplaceAll(value, "-", "/")
	limit, err := time.Parse("2006/1/2", value)
	if err != nil {
		limit, err = time.Parse("1/2/2006", value)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%s is no date such as 2024/02/29", operator, value)
	}
	return func(c *candidate) bool {
		y, m, d := c.InternalDate.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Before(limit) == before
	}, nil
}

// gmailAge compares ages in days, months or years.
func gmailAge(operator, value string) (matcher, error) {
	wrong := fmt.Errorf("%s:%s is no age such as 2d, 3m or 1y", operator, value)
	if value == "" {
		return nil, wrong
	}
	n, err := strconv.ParseUint(value[:len(value)-1], 10, 16)
	if err != nil {
		return nil, wrong
	}
	limit, ago := time.Now(), -int(n)
	switch value[len(value)-1] {
	case 'd':
		limit = limit.AddDate(0, 0, ago)
	case 'm':
		limit = limit.AddDate(0, ago, 0)
	case 'y':
		limit = limit.AddDate(ago, 0, 0)
	default:
		return nil, wrong
	}
	older := operator == "older_than"
	return func(c *candidate) bool { return c.InternalDate.Before(limit) == older }, nil
}
