package imapfake

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

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
	r := &partial{count: math.MaxInt64}
	var err error
	if r.origin, err = strconv.ParseInt(origin, 10, 64); err == nil && counted {
		r.count, err = strconv.ParseInt(count, 10, 64)
	}
	if err != nil || r.origin < 0 || r.count <= 0 {
		return nil, errors.New("the URL has no range such as 0.100 after PARTIAL=")
	}
	return r, nil
}

func urlNumber(digits string) (uint32, error) {
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err
}

// authURL is an absolute URL of a message or a section of one that carries who may use it
// (RFC 5092 §6.1).
type authURL struct {
	rump      string // what the token stands for
	owner     string // the user whose mailbox it names
	message   messageURL
	expires   time.Time // zero: never
	access    string    // in lower case, with the "+" that comes before user
	user      string    // that "user+" and "submit+" name
	mechanism string    // in lower case; empty: the URL is not authorized yet
	token     string
}

// parseAuthURL reads a URL such as
// "imap://joe@example.com/INBOX/;UID=20/;SECTION=1.2;URLAUTH=submit+fred", with ":INTERNAL:" and a
// token at its end once it is authorized (RFC 5092 §11, authimapurlfull, authimapurlrump). Any host
// will do: a server under test goes by many names.
func parseAuthURL(text string, partial bool) (u authURL, err error) {
	front, access, ok := cutFold(text, ";URLAUTH=")
	if !ok {
		return u, errors.New("the URL has no URLAUTH (RFC 5092 §6.1)")
	}
	if err := u.parseAccess(access); err != nil {
		return u, err
	}
	u.rump = text
	if _, verifier, authorized := strings.Cut(access, ":"); authorized {
		u.rump = strings.TrimSuffix(text, ":"+verifier)
	}
	front, expires, ok := cutFold(front, ";EXPIRE=")
	if ok {
		if u.expires, err = time.Parse(time.RFC3339, strings.ToUpper(expires)); err != nil {
			return u, errors.New("the URL has no date and time of RFC 3339 after EXPIRE=")
		}
	}
	const scheme = "imap://"
	if len(front) < len(scheme) || !strings.EqualFold(front[:len(scheme)], scheme) {
		return u, errors.New("the URL doesn't begin with imap://")
	}
	server, path, _ := strings.Cut(front[len(scheme):], "/")
	if err := u.parseServer(server); err != nil {
		return u, err
	}
	if u.message, err = parseMessageURL("/"+path, partial); err == nil && u.message.mailbox == "" {
		err = errors.New("the URL names no mailbox")
	}
	return u, err
}

// parseServer reads an iserver, whose user is mandatory here (RFC 4467 §7).
func (u *authURL) parseServer(server string) error {
	at := strings.LastIndexByte(server, '@')
	if at < 0 || at == len(server)-1 {
		return errors.New("the URL has no user and host such as joe@example.com (RFC 4467 §7)")
	}
	user, _, _ := cutFold(server[:at], ";AUTH=")
	var err error
	if u.owner, err = url.PathUnescape(user); err != nil || u.owner == "" {
		return errors.New("the URL has no user before its host (RFC 4467 §7)")
	}
	return nil
}

// parseAccess reads who may use the URL, and what authorizes it.
func (u *authURL) parseAccess(text string) error {
	who, verifier, authorized := strings.Cut(text, ":")
	if authorized {
		mechanism, token, _ := strings.Cut(verifier, ":")
		if mechanism == "" || len(token) < minTokenDigits || strings.Trim(token, "0123456789abcdefABCDEF") != "" {
			return errors.New("the URL has no mechanism and token after its access identifier (RFC 5092 §11)")
		}
		u.mechanism, u.token = strings.ToLower(mechanism), token
	}
	prefix, user, named := strings.Cut(who, "+")
	u.access = strings.ToLower(prefix)
	if named {
		u.access += "+"
	}
	switch u.access {
	case "anonymous", "authuser":
		return nil
	case "user+", "submit+":
		var err error
		if u.user, err = url.PathUnescape(user); err == nil && u.user != "" {
			return nil
		}
	}
	return fmt.Errorf("%.40q is no access identifier (RFC 4467 §3)", who)
}

// minTokenDigits is how many digits a token has at least (RFC 5092 §11, enc-urlauth).
const minTokenDigits = 32

func (u *messageURL) find(box *mailstore.Mailbox) (*fetched, error) {
	st := box.Status()
	if u.uidValidity != 0 && u.uidValidity != st.UIDValidity {
		return nil, fmt.Errorf("the mailbox has UIDVALIDITY %d", st.UIDValidity)
	}
	_, message := st.Messages.Find(u.uid)
	if message == nil {
		return nil, fmt.Errorf("there is no message with UID %d", u.uid)
	}
	return &fetched{Message: message}, nil
}

// octets returns what the URL means of a message.
func (u *messageURL) octets(m *fetched) ([]byte, error) {
	octets, ok := u.section.of(m)
	if !ok {
		return nil, errors.New("the message has no such section")
	}
	return u.section.partial.of(octets), nil
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
