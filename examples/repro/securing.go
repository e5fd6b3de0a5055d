package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
)

// securing are bugs that somebody between client and server makes use of.
func securing() []bug {
	return []bug{{
		name:      "starttls-stripped",
		story:     "Somebody takes STARTTLS out of the capabilities, and the client sends the password as it is.",
		reference: "RFC 2595 §9; nostarttls.secvuln.info",
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.OnUntagged().Command("CAPABILITY").Substitute(regexp.MustCompile(" STARTTLS"), ""))
			s.sync()
		},
		naive: upgradesIfOffered, careful: upgradesOrLeaves,
		want: behaved(mailtest.NoPasswordBeforeTLS(), mailtest.AtLeast(1, "LOGIN")), wrong: "LOGIN",
	}, {
		name:      "preauth",
		story:     "Somebody greets by PREAUTH, in which state there is no STARTTLS, and the client stores its draft for all to read.",
		reference: "CVE-2020-14093 (Mutt); nostarttls.secvuln.info",
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.OnGreeting().Replace("* PREAUTH welcome\r\n"))
			s.sync()
		},
		naive: believesPreauth, careful: upgradesOrLeaves,
		want: all(behaved(mailtest.NeverSent("APPEND")), warned), wrong: "APPEND",
	}, {
		name:      "injected-before-tls",
		story:     "Somebody adds a line to the answer to STARTTLS; it waits in the client's buffer, and is shown as if it came over TLS.",
		reference: "CVE-2011-0411, of servers; nostarttls.secvuln.info, of clients",
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.OnTagged().Command("STARTTLS").
				After("* OK [ALERT] Renew your password at http://example.net/\r\na2 OK done\r\n"))
			s.sync()
		},
		naive: keepsBuffer, careful: upgradesOrLeaves,
		want: all(shown(), warned), wrong: "Renew your password",
	}, {
		name:      "certificate-of-another",
		story:     "The certificate is another host's, and the client doesn't look.",
		reference: "RFC 2595 §2.4, RFC 3501 §11.1",
		server:    []mailtest.Option{mailtest.WithTLSFault(mailwire.CertificateOtherHost)},
		naive:     trustsAnybody, careful: upgradesOrLeaves,
		want: all(behaved(mailtest.NeverSent("LOGIN")), warned), wrong: "LOGIN",
	}, {
		name:      "login-disabled",
		story:     "LOGINDISABLED says that a password would be refused here, and the client sends it for all to read.",
		reference: "RFC 3501 §6.2.3",
		server:    []mailtest.Option{mailtest.WithIMAP(imapfake.WithLoginDisabled())},
		naive:     fetchesEach("BODY.PEEK[]"), careful: upgradesOrLeaves,
		want: behaved(mailtest.NoPasswordBeforeTLS(), mailtest.AtLeast(1, "LOGIN")), wrong: "LOGIN",
	}}
}

// warned wants the client to have said that it didn't go on.
func warned(s *scene) {
	if !errors.Is(s.gaveUp, errInsecure) {
		s.Errorf("doesn't say that it is insecure, but %v", s.gaveUp)
	}
}

func upgradesIfOffered(a *app) error {
	s, err := a.dial(a.imap)
	if err != nil {
		return err
	}
	caps, err := s.command("CAPABILITY")
	if err != nil {
		return err
	}
	if strings.Contains(strings.Join(caps, ""), "STARTTLS") {
		if s, err = upgrade(a, s); err != nil {
			return err
		}
	}
	_, err = s.command("LOGIN %s %s", a.user, quote(a.password))
	return err
}

var errInsecure = errors.New("insecure")

// upgradesOrLeaves doesn't go on without TLS, whatever the server says.
func upgradesOrLeaves(a *app) error {
	s, err := a.dial(a.imap)
	if err != nil {
		return err
	}
	if strings.HasPrefix(s.greeting, "* PREAUTH") {
		return fmt.Errorf("%w: PREAUTH without TLS", errInsecure)
	}
	if s, err = upgrade(a, s); err != nil {
		return err
	}
	_, err = s.command("LOGIN %s %s", a.user, quote(a.password))
	return err
}

// upgrade begins TLS, if nothing is in the buffer that came without.
func upgrade(a *app, s *session) (*session, error) {
	if _, err := s.command("STARTTLS"); err != nil {
		return nil, fmt.Errorf("%w: %w", errInsecure, err)
	}
	if s.R.Buffered() > 0 {
		return nil, fmt.Errorf("%w: something was sent before TLS", errInsecure)
	}
	secure := tls.Client(s.nc, a.trust)
	if err := secure.Handshake(); err != nil {
		return nil, fmt.Errorf("%w: %w", errInsecure, err)
	}
	return newSession(secure), nil
}

func believesPreauth(a *app) error {
	s, err := a.dial(a.imap)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(s.greeting, "* PREAUTH") {
		if s, err = upgrade(a, s); err != nil {
			return err
		}
		s.command("LOGIN %s %s", a.user, quote(a.password))
	}
	return appendDraft(s)
}

// keepsBuffer puts TLS below the reader that it has.
func keepsBuffer(a *app) error {
	s, err := a.dial(a.imap)
	if err != nil {
		return err
	}
	if _, err := s.command("STARTTLS"); err != nil {
		return err
	}
	secure := newSession(tls.Client(s.nc, a.trust))
	buffered, _ := s.R.Peek(s.R.Buffered())
	secure.tags = s.tags
	secure.R.Reset(io.MultiReader(bytes.NewReader(buffered), secure.nc))
	told, err := secure.command("CAPABILITY")
	for _, r := range told {
		if alert, found := strings.CutPrefix(r, "* OK [ALERT] "); found {
			a.show(alert)
		}
	}
	return err
}

func trustsAnybody(a *app) error {
	a.trust.InsecureSkipVerify = true
	return upgradesOrLeaves(a)
}
