package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

// loggingIn are bugs by which a client doesn't get in.
func loggingIn() []bug {
	return []bug{{
		name:      "quote-in-password",
		story:     "The password has a quote and a space, and LOGIN two arguments too many.",
		reference: "RFC 3501 §4.3, §6.2.3",
		naive:     logsInUnquoted, careful: fetchesEach("BODY.PEEK[]"),
		want: saved("hello"), wrong: "BAD",
	}, {
		name:      "xoauth2-in-two-steps",
		story:     "AUTH XOAUTH2 with the token in the same line is a protocol error to the server.",
		reference: "getmail6#256, mpop#11, MailKit#1948, vmime#267 (Microsoft 365)",
		server:    []mailtest.Option{quirk(personality.TwoStepXOAUTH2())},
		play: func(s *scene) {
			s.deliver("hello")
			s.alice.AddToken("token", time.Time{})
			s.sync()
		},
		naive: sendsTokenAtOnce, careful: waitsBeforeToken,
		want: saved("hello"), wrong: "-ERR Protocol error",
	}, {
		name:      "plus-without-space",
		story:     "AUTHENTICATE is answered by + without a space, and the client waits for one with it until the server ends the session.",
		reference: "MailKit#1957 (public-inbox)",
		server:    []mailtest.Option{quirk(personality.BarePlus())},
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.OnQuiet(60 * minute).Close())
			s.deliver("hello")
			s.sync()
		},
		naive: waitsForPlus("+ "), careful: waitsForPlus("+"),
		want: shown("logged in"), wrong: "EOF",
	}}
}

func logsInUnquoted(a *app) error {
	s, err := a.dial(a.imap)
	if err != nil {
		return err
	}
	if _, err := s.command("LOGIN %s %s", a.user, a.password); err != nil {
		return err
	}
	return fetchesEach("BODY.PEEK[]")(a)
}

func (a *app) xoauth2() string {
	return base64.StdEncoding.EncodeToString([]byte("user=" + a.user + "\x01auth=Bearer token\x01\x01"))
}

func sendsTokenAtOnce(a *app) error {
	s, err := a.dial(a.pop3)
	if err != nil {
		return err
	}
	if _, err := s.ask("AUTH XOAUTH2 %s", a.xoauth2()); err != nil {
		return err
	}
	return fetchesRest(a, s)
}

func waitsBeforeToken(a *app) error {
	s, err := a.dial(a.pop3)
	if err != nil {
		return err
	}
	s.PrintfLine("AUTH XOAUTH2")
	if line, err := s.ReadLine(); err != nil || !strings.HasPrefix(line, "+") {
		return fmt.Errorf("AUTH XOAUTH2: %s (%v)", line, err)
	}
	if _, err := s.ask("%s", a.xoauth2()); err != nil {
		return err
	}
	return fetchesRest(a, s)
}

// waitsForPlus sends its password when a line begins so.
func waitsForPlus(begin string) client {
	return func(a *app) error {
		s, err := a.dial(a.imap)
		if err != nil {
			return err
		}
		tag, err := s.send("AUTHENTICATE PLAIN")
		for line := ""; err == nil && !strings.HasPrefix(line, begin); {
			line, err = s.ReadLine()
		}
		if err != nil {
			return err
		}
		s.PrintfLine("%s", base64.StdEncoding.EncodeToString([]byte("\x00"+a.user+"\x00"+a.password)))
		if _, err = s.until(tag); err == nil {
			a.show("logged in")
		}
		return err
	}
}
