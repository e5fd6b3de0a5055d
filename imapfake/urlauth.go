package imapfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// urlAuth is URLAUTH (RFC 4467). It is on request because every SELECT says so.
func urlAuth() extension {
	return extension{
		cap:       imap.CapURLAuth,
		onRequest: true,
		onSelect: func(s *session, _ mailstore.Status) {
			s.keyResets = s.view.Mailbox().AccessKeyResets()
			s.writeURLMech()
		},
		commands: []command{
			{name: "GENURLAUTH", states: authenticatedUp, grammar: "RFC 4467 §9", parse: parseGenURLAuth},
			{name: "RESETKEY", states: authenticatedUp, grammar: "RFC 4467 §9", parse: parseResetKey},
			{name: "URLFETCH", states: authenticatedUp, grammar: "RFC 4467 §9", parse: parseURLFetch},
		},
	}
}

// urlMechanism is the one that every server has (RFC 4467 §2.4.1).
const urlMechanism = "internal"

// WithSubmissionServers lets sessions of these accounts, which stand for submission servers
// that take messages by BURL (RFC 4468), fetch URLs whose access identifier is "submit+" and any
// user (RFC 4467 §3). Without, nobody can.
func WithSubmissionServers(accounts ...string) Option {
	return func(s *Server) { s.submitters = append(s.submitters, accounts...) }
}

// writeURLMech tells that mailbox access keys are for the mechanism INTERNAL (RFC 4467 §8).
func (s *session) writeURLMech() { s.out.line("* OK [URLMECH INTERNAL] authorization of URLs") }

// tellKeyReset tells that the selected mailbox has another access key (RFC 4467 §7, RESETKEY).
func (s *session) tellKeyReset() {
	if s.view == nil || !s.has(imap.CapURLAuth) {
		return
	}
	if n := s.view.Mailbox().AccessKeyResets(); n != s.keyResets {
		s.keyResets = n
		s.writeURLMech()
	}
}

// parseGenURLAuth reads pairs of a URL and a mechanism (RFC 4467 §9, genurlauth).
func parseGenURLAuth(p *parser, _ *session) action {
	var urls, mechanisms []string
	for first := true; first || p.peek() == ' '; first = false {
		p.space()
		urls = append(urls, p.astring())
		p.space()
		mechanisms = append(mechanisms, p.atom())
	}
	return func(s *session) error {
		authorized := make([]string, len(urls))
		for i, text := range urls {
			var err error
			if authorized[i], err = s.authorizeURL(text, mechanisms[i]); err != nil {
				return bad("GENURLAUTH: " + cited(statusOf(err).Text, "RFC 4467 §7"))
			}
		}
		s.out.text("* GENURLAUTH")
		for _, url := range authorized {
			s.out.byte(' ')
			s.out.string(url)
		}
		s.out.crlf()
		return nil
	}
}

// authorizeURL returns a URL with the token that authorizes it. What §7 wants checked ends in
// BAD if it fails.
func (s *session) authorizeURL(text, mechanism string) (string, error) {
	if !strings.EqualFold(mechanism, urlMechanism) {
		return "", errors.New("INTERNAL is the only mechanism")
	}
	u, err := parseAuthURL(text, s.has(imap.CapURLPartial))
	if err != nil {
		return "", err
	}
	if u.mechanism != "" {
		return "", errors.New("the URL is authorized already")
	}
	if u.expired() {
		return "", errors.New("the URL has expired")
	}
	if owner, err := s.srv.store.Account(u.owner); err != nil || owner != s.account {
		return "", errors.New("the URL is not of this user (RFC 4467 §7)")
	}
	box, err := s.personalMailbox(s.account, u.message.mailbox)
	if err != nil {
		return "", err
	}
	if u.user != "" {
		if _, err := s.srv.store.Account(u.user); err != nil {
			return "", err
		}
	}
	return text + ":" + urlMechanism + ":" + u.sign(box), nil
}

func (u *authURL) expired() bool { return !u.expires.IsZero() && !time.Now().Before(u.expires) }

// sign returns the token that authorizes the URL of a message in the mailbox.
func (u *authURL) sign(box *mailstore.Mailbox) string {
	mac := hmac.New(sha256.New, box.AccessKey())
	mac.Write([]byte(u.rump))
	return hex.EncodeToString(mac.Sum(nil))
}

// authorized returns the message of a URL that this session may use now (RFC 4467 §6).
func (s *session) authorized(text string) (*authURL, *fetched, error) {
	u, err := parseAuthURL(text, s.has(imap.CapURLPartial))
	switch {
	case err != nil:
		return nil, nil, err
	case u.mechanism != urlMechanism:
		return nil, nil, errors.New("the URL is not authorized by INTERNAL")
	case u.expired():
		return nil, nil, errors.New("the URL has expired")
	case !s.mayUse(&u):
		return nil, nil, errors.New("the URL is for others")
	}
	owner, err := s.srv.store.Account(u.owner)
	if err != nil {
		return nil, nil, err
	}
	box, err := s.personalMailbox(owner, u.message.mailbox)
	if err != nil {
		return nil, nil, err
	}
	if !hmac.Equal([]byte(u.sign(box)), []byte(strings.ToLower(u.token))) {
		return nil, nil, errors.New("the URL's token is wrong")
	}
	m, err := u.message.find(box)
	return &u, m, err
}

// mayUse tells whether the URL's access identifier includes this session (RFC 4467 §3).
func (s *session) mayUse(u *authURL) bool {
	isMe := func(name string) bool {
		account, err := s.srv.store.Account(name)
		return err == nil && account == s.account
	}
	switch u.access {
	case "anonymous":
		return true
	case "authuser":
		return !s.anonymous
	case "user+":
		return !s.anonymous && isMe(u.user)
	}
	return !s.anonymous && slices.ContainsFunc(s.srv.submitters, isMe)
}

// parseResetKey reads an optional mailbox, and then mechanisms (RFC 4467 §9, resetkey).
func parseResetKey(p *parser, _ *session) action {
	if !p.accept(' ') {
		return func(s *session) error {
			s.account.ResetAccessKeys()
			return nil
		}
	}
	name := p.mailbox()
	var mechanisms []string
	for p.accept(' ') {
		mechanisms = append(mechanisms, p.atom())
	}
	return func(s *session) error {
		for _, m := range mechanisms {
			if !strings.EqualFold(m, urlMechanism) {
				return no(imap.ResponseCodeCannot, "INTERNAL is the only mechanism")
			}
		}
		box, err := s.personalMailbox(s.account, name)
		if err != nil {
			return err
		}
		box.ResetAccessKey()
		s.code = "URLMECH INTERNAL"
		if s.selectedMailbox() == box {
			s.keyResets = box.AccessKeyResets()
		}
		return nil
	}
}
