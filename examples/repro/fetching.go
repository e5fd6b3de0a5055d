package main

import (
	"fmt"
	"strconv"
	"strings"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

const meeting = "Subject: meeting\r\nMessage-ID: <m@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"

// fetching are bugs of clients that fetch messages over IMAP.
func fetching() []bug {
	return []bug{{
		name:      "body-sets-seen",
		story:     "A backup fetches BODY[], and all mail has been read.",
		reference: "RFC 3501 §6.4.5: BODY.PEEK",
		naive:     fetchesEach("BODY[]"), careful: fetchesEach("BODY.PEEK[]"),
		want: all(saved("hello"), behaved(mailtest.NeverSetSeen())), wrong: "Seen",
	}, {
		name:      "no-rfc822",
		story:     "RFC822 is answered without a body, and the backup is empty.",
		reference: "imapbackup#50, Beam#27 (iCloud)",
		server:    []mailtest.Option{quirk(personality.NoRFC822())},
		naive:     fetchesEach("RFC822"), careful: fetchesEach("BODY.PEEK[]"),
		want: savedWhole, wrong: "saved 0 octets",
	}, {
		name:      "ok-without-data",
		story:     "FETCH of a meeting request is OK without data; the client crashes, and what comes after is never fetched.",
		reference: "offlineimap#62, MailKit#908 (Exchange)",
		server:    []mailtest.Option{quirk(personality.NothingForMeetings())},
		play: func(s *scene) {
			s.alice.DeliverRaw([]byte(meeting))
			s.deliver("hello")
			s.sync()
		},
		naive: eachInInbox(takesFirstBody), careful: eachInInbox(passesOver),
		want: saved("hello"), wrong: "crashed: runtime error: index out of range",
	}, {
		name:      "fetch-of-another",
		story:     "The flags of another message are told first, and the client takes them for the answer.",
		reference: "RFC 3501 §7.4.2: untagged FETCH comes unasked, too",
		play: func(s *scene) {
			s.deliver("one", "two")
			s.srv.IMAP.Inject(mailwire.OnUntagged().Command("UID FETCH").Nth(1).Before("* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n"))
			s.sync()
		},
		naive: inInbox(takesFirstResponse), careful: inInbox(takesResponseOfUID),
		want: shown("one"), wrong: `shows [""]`,
	}, {
		name:      "size-zero",
		story:     "RFC822.SIZE is 0, and the client passes over what it takes for empty messages.",
		reference: "imapsync#163 (Proton Mail Bridge)",
		server:    []mailtest.Option{quirk(personality.ZeroSize())},
		naive:     inInbox(passesOverEmpty), careful: fetchesEach("BODY.PEEK[]"),
		want: saved("hello"), wrong: "saved []",
	}, {
		name:      "descending-range",
		story:     "The newest first, thinks the client, and asks for 3:1, which the server refuses.",
		reference: "RFC 3501 §9, seq-range: legal; mailcore2#1029 (QQ)",
		server:    []mailtest.Option{quirk(personality.NoDescendingRange())},
		play:      func(s *scene) { s.deliver("one", "two", "three"); s.sync() },
		naive:     inInbox(fetchesDescending), careful: fetchesEach("BODY.PEEK[]"),
		want: saved("one", "two", "three"), wrong: "BAD",
	}, {
		name:      "bye-amid-command",
		story:     "The server says BYE amid a command, and the rest of the mailbox is left out of the backup.",
		reference: "RFC 3501 §7.1.5; MailKit#938 (Yandex)",
		server:    []mailtest.Option{quirk(personality.ByeWithoutAnswer())},
		play:      deliverTwelve,
		naive:     fetchesEach("BODY.PEEK[]"), careful: goesOnAfterBye,
		want: savedWhole, wrong: "saved 7 messages, want 12",
	}}
}

func deliverTwelve(s *scene) {
	for i := range 12 {
		s.deliver(fmt.Sprint("letter ", i+1))
	}
	s.sync()
}

// fetchesEach saves what one item of each message has.
func fetchesEach(item string) client {
	return eachInInbox(func(a *app, s *session, n int) error {
		told, err := s.command("FETCH %d %s", n, item)
		if err != nil {
			return err
		}
		return a.save(strings.Join(bodies(told), ""))
	})
}

func takesFirstBody(a *app, s *session, n int) error {
	told, err := s.command("FETCH %d BODY.PEEK[]", n)
	if err != nil {
		return err
	}
	return a.save(bodies(told)[0])
}

func passesOver(a *app, s *session, n int) error {
	told, err := s.command("FETCH %d BODY.PEEK[]", n)
	if err != nil {
		return err
	}
	if len(bodies(told)) == 0 {
		a.show("message ", n, " can't be fetched")
		return nil
	}
	return a.save(bodies(told)[0])
}

func takesFirstResponse(a *app, s *session, _ []string) error {
	told, err := s.command("UID FETCH 1 (UID " + subjectItem + ")")
	if err != nil {
		return err
	}
	head, _ := literal(told[0])
	a.show(header(head, "Subject"))
	return nil
}

func takesResponseOfUID(a *app, s *session, _ []string) error {
	told, err := s.command("UID FETCH 1 (UID " + subjectItem + ")")
	for _, r := range told {
		if head, ok := literal(r); ok && find(`UID (\d+)`, []string{r}) == "1" {
			a.show(header(head, "Subject"))
		}
	}
	return err
}

func passesOverEmpty(a *app, s *session, _ []string) error {
	told, err := s.command("FETCH 1:* RFC822.SIZE")
	for i, size := range findAll(`RFC822.SIZE (\d+)`, told) {
		if size == "0" {
			continue
		}
		if told, err = s.command("FETCH %d BODY.PEEK[]", i+1); err != nil {
			return err
		}
		a.save(strings.Join(bodies(told), ""))
	}
	return err
}

func fetchesDescending(a *app, s *session, told []string) error {
	told, err := s.command("FETCH %s:1 BODY.PEEK[]", find(`^\* (\d+) EXISTS`, told))
	for _, body := range bodies(told) {
		a.save(body)
	}
	return err
}

// goesOnAfterBye connects again as long as each connection brings something.
func goesOnAfterBye(a *app) error {
	for {
		before := a.last
		err := inInbox(fetchesFromLast)(a)
		if err == nil || a.last == before {
			return err
		}
		a.hangUp()
	}
}

func fetchesFromLast(a *app, s *session, _ []string) error {
	told, err := s.command("UID SEARCH UID %d:*", a.last+1)
	for _, uid := range strings.Fields(find(`^\* SEARCH(.*)`, told)) {
		told, err := s.command("UID FETCH %s BODY.PEEK[]", uid)
		if err != nil {
			return err
		}
		a.save(strings.Join(bodies(told), ""))
		a.last, _ = strconv.Atoi(uid)
	}
	return err
}
