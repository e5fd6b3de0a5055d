package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

// refusals are bugs in what clients make of NO and BAD.
func refusals() []bug {
	return []bug{{
		name:      "throttled",
		story:     "BAD Request is throttled says for how long; the client ends its backup, or knocks again at once.",
		reference: "imapflow (Microsoft 365)",
		server:    []mailtest.Option{quirk(personality.Throttled())},
		play:      deliverTwelve,
		naive:     fetchesEach("BODY.PEEK[]"), careful: eachInInbox(backsOff),
		want: savedWhole, wrong: "Suggested Backoff Time",
	}, {
		name:      "not-connected",
		story:     "LOGIN is OK, SELECT is not; the client takes the mailbox for deleted, and deletes its copies.",
		reference: "node-imap#689, imapsync#411, getmail6#214, imapflow#314 (Microsoft 365)",
		server:    []mailtest.Option{quirk(personality.NotConnected())},
		play: func(s *scene) {
			s.app.save("Subject: hello\r\n\r\n")
			s.sync()
		},
		naive: loggedIn(mirrors), careful: loggedIn(mirrorsWhatExists),
		want: all(saved("hello"), shown("the server has trouble")), wrong: "saved []",
	}, {
		name:      "search-refused",
		story:     "The first search is refused by NO [SERVERBUG], and the client shows an empty mailbox.",
		reference: "RFC 5530 §3; node-imap#737, imapsync#119 (Yahoo)",
		server:    []mailtest.Option{quirk(personality.ServerBug())},
		naive:     inInbox(countsUnseenOnce), careful: inInbox(countsUnseenAgain),
		want: shown("1 unread"), wrong: `shows ["0 unread"]`,
	}, {
		name:      "id-required",
		story:     "SELECT is refused as an unsafe login until the client has said by ID who it is.",
		reference: "himalaya#651, offlineimap#696 (163.com)",
		server:    []mailtest.Option{quirk(personality.IDRequired())},
		naive:     fetchesEach("BODY.PEEK[]"), careful: loggedIn(introducesItself),
		want: saved("hello"), wrong: "Unsafe Login",
	}, {
		name:      "status-empty",
		story:     "The list of STATUS is empty, and the client crashes.",
		reference: "go-imap#659 (163.com)",
		server:    []mailtest.Option{quirk(personality.EmptyStatus())},
		naive:     loggedIn(readsStatus), careful: loggedIn(readsStatusOrSearches),
		want: shown("1 unread"), wrong: "crashed: runtime error",
	}, {
		name:      "session-per-mailbox",
		story:     "A session for each of twenty mailboxes is more than the server has for an account.",
		reference: "imapsync#61 (Gmail)",
		server:    []mailtest.Option{quirk(personality.FifteenSessions())},
		play: func(s *scene) {
			for i := range 20 {
				s.alice.CreateMailbox(fmt.Sprint("box", i)).Deliver(letter("hello"))
			}
			s.sync()
		},
		naive: opensEach, careful: loggedIn(selectsEach),
		want: shown("20 messages"), wrong: "Too many simultaneous connections",
	}}
}

// patiently is a command that waits as long as the server says when it has had enough.
func (s *session) patiently(format string, args ...any) ([]string, error) {
	for {
		told, err := s.command(format, args...)
		_, rest, throttled := strings.Cut(fmt.Sprint(err), "Suggested Backoff Time: ")
		if !throttled {
			return told, err
		}
		ms, _, _ := strings.Cut(rest, " ")
		wait, err := strconv.Atoi(ms)
		if err != nil {
			return told, err
		}
		time.Sleep(time.Duration(wait) * time.Millisecond)
	}
}

func backsOff(a *app, s *session, n int) error {
	told, err := s.patiently("FETCH %d BODY.PEEK[]", n)
	if err != nil {
		return err
	}
	return a.save(strings.Join(bodies(told), ""))
}

func mirrors(a *app, s *session) error {
	_, err := s.command("SELECT INBOX")
	if err != nil {
		a.disk = nil
	}
	return err
}

func mirrorsWhatExists(a *app, s *session) error {
	_, err := s.command("SELECT INBOX")
	if err != nil && strings.Contains(err.Error(), "[NONEXISTENT]") {
		a.disk = nil
	} else if err != nil {
		a.show("the server has trouble")
	}
	return err
}

func countsUnseenOnce(a *app, s *session, _ []string) error {
	told, _ := s.command("UID SEARCH UNSEEN")
	a.show(len(strings.Fields(find(`^\* SEARCH(.*)`, told))), " unread")
	return nil
}

func countsUnseenAgain(a *app, s *session, _ []string) error {
	told, err := s.command("UID SEARCH UNSEEN")
	for try := 0; err != nil && try < 3; try++ {
		if no := refused(""); !errors.As(err, &no) {
			return err
		}
		time.Sleep(minute << try)
		told, err = s.command("UID SEARCH UNSEEN")
	}
	if err != nil {
		return err
	}
	a.show(len(strings.Fields(find(`^\* SEARCH(.*)`, told))), " unread")
	return nil
}

func introducesItself(a *app, s *session) error {
	s.command(`ID ("name" "careful")`)
	if _, err := s.command("SELECT INBOX"); err != nil {
		return err
	}
	told, err := s.command("FETCH 1:* BODY.PEEK[]")
	for _, body := range bodies(told) {
		a.save(body)
	}
	return err
}

func readsStatus(a *app, s *session) error {
	told, err := s.command("STATUS INBOX (UNSEEN)")
	if err != nil {
		return err
	}
	list := told[0][strings.IndexByte(told[0], '(')+1:]
	a.show(strings.TrimSuffix(strings.Fields(list)[1], ")"), " unread")
	return nil
}

func readsStatusOrSearches(a *app, s *session) error {
	told, err := s.command("STATUS INBOX (UNSEEN)")
	unread := find(`UNSEEN (\d+)`, told)
	if unread == "" {
		s.command("EXAMINE INBOX")
		told, err = s.command("SEARCH UNSEEN")
		unread = fmt.Sprint(len(strings.Fields(find(`^\* SEARCH(.*)`, told))))
	}
	a.show(unread, " unread")
	return err
}

func opensEach(a *app) error {
	messages := 0
	for i := range 20 {
		s, err := a.openIMAP()
		if err != nil {
			return err
		}
		told, err := s.command("EXAMINE box%d", i)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(find(`^\* (\d+) EXISTS`, told))
		messages += n
	}
	a.show(messages, " messages")
	return nil
}

func selectsEach(a *app, s *session) error {
	messages := 0
	for i := range 20 {
		told, err := s.command("EXAMINE box%d", i)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(find(`^\* (\d+) EXISTS`, told))
		messages += n
	}
	a.show(messages, " messages")
	return nil
}
