package imapfake

import (
	"errors"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// urlPartial is URL-PARTIAL (RFC 5550 §5.7.1): URLs may end in a range of octets.
func urlPartial() extension {
	return extension{cap: imap.CapURLPartial, needs: []imap.Cap{imap.CapCatenate}}
}

// messageURL is a relative URL of a message or a section of one (RFC 5092 §7).
type messageURL struct {
	mailbox     string // empty: the selected one
	uidValidity uint32 // 0: any
	uid         imap.UID
	section     bodySection
}

// parseMessageURL reads a URL such as "/Drafts;UIDVALIDITY=38/;UID=20/;SECTION=1.2" or
// ";UID=20", and with partial also one that ends in "/;PARTIAL=0.100".
func parseMessageURL(text string, partial bool) (u messageURL, err error) {
	front, rest, ok := cutFold(text, ";UID=")
	if !ok {
		return u, errors.New("the URL names no message by its UID")
	}
	if err := u.parseMailbox(front); err != nil {
		return u, err
	}
	if before, after, ok := cutFold(rest, "/;PARTIAL="); ok && partial {
		rest = before
		if u.section.partial, err = parseURLPartial(after); err != nil {
			return u, err
		}
	}
	uid, section, named := cutFold(rest, "/;SECTION=")
	n, err := urlNumber(uid)
	if u.uid = imap.UID(n); err != nil || n == 0 {
		return u, errors.New("the URL has no number after UID=")
	}
	if named {
		return u, u.parseSection(section)
	}
	return u, nil
}

// parseMailbox reads what stands before the UID.
func (u *messageURL) parseMailbox(front string) error {
	if front == "" {
		return nil
	}
	name, rooted := strings.CutPrefix(front, "/")
	name, ended := strings.CutSuffix(name, "/")
	if !rooted || !ended {
		return errors.New("only a URL relative to this server is taken: /mailbox/;UID=n")
	}
	name, validity, ok := cutFold(name, ";UIDVALIDITY=")
	if ok {
		n, err := urlNumber(validity)
		if err != nil || n == 0 {
			return errors.New("the URL has no number after UIDVALIDITY=")
		}
		u.uidValidity = n
	}
	var err error
	if u.mailbox, err = url.PathUnescape(name); err != nil || u.mailbox == "" {
		return errors.New("the URL has no mailbox name before its UID")
	}
	return nil
}

func (u *messageURL) parseSection(escaped string) error {
	section, err := url.PathUnescape(escaped)
	if err != nil || section == "" {
		return errors.New("the URL has no section after SECTION=")
	}
	partial := u.section.partial
	p := &parser{text: []byte("[" + section + "]")}
	u.section.parse(p)
	p.end()
	u.section.partial = partial
	return p.err
}

// parseURLPartial reads an offset, and optionally how many octets from there on.
func parseURLPartial(text string) (*partial, error) {
	origin, count, counted := strings.Cut(text, ".")
	r := &partial{count: math.MaxUint32}
	var err error
	if r.origin, err = urlNumber(origin); err == nil && counted {
		r.count, err = urlNumber(count)
	}
	if err != nil || r.count == 0 {
		return nil, errors.New("the URL has no range such as 0.100 after PARTIAL=")
	}
	return r, nil
}

func urlNumber(digits string) (uint32, error) {
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err
}

// cutFold is strings.Cut that finds an ASCII separator in any case.
func cutFold(s, sep string) (before, after string, found bool) {
	for i := 0; i+len(sep) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(sep)], sep) {
			return s[:i], s[i+len(sep):], true
		}
	}
	return s, "", false
}

// selectedMailbox returns the selected mailbox, nil if there is none.
func (s *session) selectedMailbox() *mailstore.Mailbox {
	if s.view == nil {
		return nil
	}
	return s.view.Mailbox()
}
