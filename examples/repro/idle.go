package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

var exists = regexp.MustCompile(`^\* (\d+) EXISTS`)

// idling are bugs of clients that wait for mail.
func idling() []bug {
	return []bug{{
		name:      "idle-not-renewed",
		story:     "IDLE goes on for ever, as the client thinks; after 30 minutes the server logs it out.",
		reference: "RFC 2177 §3: at least every 29 minutes",
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.OnQuiet(30 * minute).Send("* BYE autologout\r\n").Close())
			s.srv.IMAP.Inject(mailwire.On("IDLE").Nth(1).Do(func(*mailwire.Hit) {
				time.AfterFunc(45*minute, func() { s.deliver("news") })
			}))
			s.sync()
			s.alice.Wait(s.alice.UntilArrived("INBOX", "news"))
		},
		naive: inInbox(idlesForEver), careful: inInbox(renewsIdle),
		want: shown("1 messages"), wrong: "shows [], want",
	}, {
		name:      "exists-before-idle",
		story:     "Mail arrives during the first FETCH, whose answer tells so; the client listens from IDLE on.",
		reference: "RFC 3501 §5.2, §7: any response may come at any time",
		play: func(s *scene) {
			s.deliver("hello")
			s.srv.IMAP.Inject(mailwire.On("FETCH").Nth(1).Do(func(*mailwire.Hit) { s.deliver("news") }))
			s.srv.IMAP.Inject(mailwire.OnQuiet(30 * minute).Send("* BYE autologout\r\n").Close())
			s.sync()
		},
		naive: inInbox(listensFromIdleOn), careful: inInbox(listensAlways),
		want: shown("2 messages"), wrong: "shows [], want",
	}, {
		name:      "idle-mode",
		story:     "The server says + entering idle mode where the client looks for + idling.",
		reference: "RFC 2177 §3: any text; py3status#1899 (Courier)",
		server:    []mailtest.Option{quirk(personality.IdleMode())},
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.On("IDLE").Nth(1).Do(func(*mailwire.Hit) { s.deliver("news") }))
			s.sync()
		},
		naive: inInbox(wantsIdling), careful: inInbox(renewsIdle),
		want: shown("1 messages"), wrong: "no IDLE",
	}}
}

// idle waits in IDLE until there is a number of messages other than have, or for a time.
func idle(s *session, have string, atMost time.Duration) (count string, err error) {
	tag, err := s.send("IDLE")
	if err != nil {
		return have, err
	}
	done := time.AfterFunc(atMost, func() { fmt.Fprint(s.nc, "DONE\r\n") })
	defer done.Stop()
	count = have
	for {
		line, err := s.ReadLine()
		if err != nil {
			return count, err
		}
		if m := exists.FindStringSubmatch(line); m != nil && m[1] != have {
			count = m[1]
			if done.Stop() {
				fmt.Fprint(s.nc, "DONE\r\n")
			}
		}
		if strings.HasPrefix(line, tag) {
			return count, nil
		}
	}
}

func idlesForEver(a *app, s *session, _ []string) error {
	count, err := idle(s, "0", 1e6*minute)
	if err == nil {
		a.show(count, " messages")
	}
	return err
}

func renewsIdle(a *app, s *session, _ []string) error {
	for {
		count, err := idle(s, "0", 15*minute)
		if err != nil {
			return err
		}
		if count != "0" {
			a.show(count, " messages")
			return nil
		}
	}
}

func listensFromIdleOn(a *app, s *session, told []string) error {
	have := find(`^\* (\d+) EXISTS`, told)
	if _, err := s.command("FETCH 1:* FLAGS"); err != nil {
		return err
	}
	count, err := idle(s, have, 1e6*minute)
	if err == nil {
		a.show(count, " messages")
	}
	return err
}

func listensAlways(a *app, s *session, told []string) error {
	have := find(`^\* (\d+) EXISTS`, told)
	told, err := s.command("FETCH 1:* FLAGS")
	if err != nil {
		return err
	}
	count := find(`^\* (\d+) EXISTS`, told)
	if count == "" {
		count, err = idle(s, have, 15*minute)
	}
	a.show(count, " messages")
	return err
}

func wantsIdling(a *app, s *session, _ []string) error {
	s.PrintfLine("i1 IDLE")
	line, err := s.ReadLine()
	if err != nil {
		return err
	}
	if line != "+ idling" {
		return fmt.Errorf("no IDLE: %s", line)
	}
	for {
		line, err := s.ReadLine()
		if err != nil {
			return err
		}
		if m := exists.FindStringSubmatch(line); m != nil {
			a.show(m[1], " messages")
			return nil
		}
	}
}
