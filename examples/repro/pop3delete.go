package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

// deletingOverPOP3 are bugs by which mail is lost, or comes twice, because of how POP3
// deletes.
func deletingOverPOP3() []bug {
	return []bug{{
		name:      "dele-before-saved",
		story:     "The copy is written when the session is over and the mail deleted; the disk is full.",
		reference: "RFC 1939 §6: QUIT removes what was marked",
		play: func(s *scene) {
			s.deliver("hello")
			s.app.diskFull = true
			s.sync()
			s.app.diskFull = false
			s.sync()
		},
		naive: savesAfterQuit, careful: eachOverPOP3(savesBeforeDele),
		want: saved("hello"), wrong: "saved []",
	}, {
		name:      "cut-retr-saved",
		story:     "The connection breaks amid RETR, and what has come so far is taken for the message.",
		reference: "RFC 1939 §3: a message ends in a line with a dot",
		play: func(s *scene) {
			s.srv.POP3.Inject(mailwire.On("RETR").Nth(1).CutAfter(80))
			s.deliver("hello")
			s.sync()
			s.sync()
		},
		naive: eachOverPOP3(savesWhatCame), careful: eachOverPOP3(savesBeforeDele),
		want: all(saved("hello"), savedTail("about hello\r\n")), wrong: "ends in",
	}, {
		name:      "no-quit",
		story:     "The client closes the connection after DELE; nothing is deleted, and the mail comes again.",
		reference: "RFC 1939 §6: without QUIT nothing is removed",
		play:      func(s *scene) { s.deliver("hello"); s.sync(); s.sync() },
		naive:     eachOverPOP3(closesAfterDele), careful: eachOverPOP3(savesBeforeDele),
		want:  all(saved("hello"), behaved(mailtest.FetchedNoBodyTwice())),
		wrong: `saved ["hello" "hello"]`,
	}, {
		name:      "stale-number",
		story:     "Message-numbers are kept from one session to the next, in which they mean other messages.",
		reference: "RFC 1939 §7: numbers are of a session, unique-ids of the maildrop",
		play: func(s *scene) {
			s.deliver("hello", "keep me")
			s.sync()
			s.inbox().Expunge(1) // by the same person's phone
			s.sync()
		},
		naive: deletesByNumber, careful: deletesByUniqueID,
		want: all(shown("hello"), maildrop("keep me")), wrong: "maildrop has []",
	}, {
		name:      "empty-dele-reply",
		story:     "DELE is answered by an empty line; the client leaves without QUIT, as after an error, every time.",
		reference: "MailKit#1634",
		server:    []mailtest.Option{quirk(personality.EmptyDeleReply())},
		play:      func(s *scene) { s.deliver("hello"); s.sync(); s.sync() },
		naive:     eachOverPOP3(savesBeforeDele), careful: eachOverPOP3(takesEmptyForOK),
		want: all(saved("hello"), maildrop()), wrong: `saved ["hello" "hello"]`,
	}, {
		name:      "fetched-is-hidden",
		story:     "Without DELE mail stays, thinks the phone; it has fetched it, and the computer finds nothing.",
		reference: "getmail FAQ; fetchmail FAQ I9 (Gmail)",
		server:    []mailtest.Option{quirk(personality.HidesFetched(), personality.RecentMode())},
		play: func(s *scene) {
			s.deliver("hello")
			s.sync()
			s.app.disk = nil // now it is the computer
			s.sync()
		},
		naive: eachOverPOP3(fetches), careful: fetchesRecent,
		want: saved("hello"), wrong: "saved []",
	}, {
		name:      "maildrop-in-use",
		story:     "Another session has the maildrop, and the client asks its user for a new password.",
		reference: "RFC 2449 §8.1.2; yapople#19",
		play: func(s *scene) {
			s.deliver("hello")
			unlock := s.alice.LockMaildrop()
			s.srv.POP3.Inject(mailwire.On("PASS").Nth(2).Do(func(*mailwire.Hit) { unlock() }))
			s.sync()
		},
		naive: takesErrForPassword, careful: waitsForMaildrop,
		want: all(saved("hello"), shown()), wrong: "wrong password",
	}}
}

// savedTail wants the first saved message to end so.
func savedTail(want string) func(*scene) {
	return func(s *scene) {
		if len(s.app.disk) > 0 && !strings.HasSuffix(s.app.disk[0], want) {
			raw := s.app.disk[0]
			s.Errorf("saved a message that ends in %q, not in %q", raw[max(0, len(raw)-len(want)):], want)
		}
	}
}

// savesAfterQuit is one of the oldest bugs of all.
func savesAfterQuit(a *app) error {
	var fetched []string
	err := eachOverPOP3(func(_ *app, s *session, n int) error {
		raw, err := s.retrieve("RETR %d", n)
		if err != nil {
			return err
		}
		fetched = append(fetched, raw)
		_, err = s.ask("DELE %d", n)
		return err
	})(a)
	for _, raw := range fetched {
		if err := a.save(raw); err != nil {
			return err
		}
	}
	return err
}

func fetches(a *app, s *session, n int) error {
	raw, err := s.retrieve("RETR %d", n)
	if err != nil {
		return err
	}
	return a.save(raw)
}

func savesBeforeDele(a *app, s *session, n int) error {
	if err := fetches(a, s, n); err != nil {
		return err
	}
	_, err := s.ask("DELE %d", n)
	return err
}

// savesWhatCame doesn't miss the dot at the end, and remembers what it has saved.
func savesWhatCame(a *app, s *session, n int) error {
	if !a.seen[fmt.Sprint(n)] {
		a.seen[fmt.Sprint(n)] = true
		lines, _ := s.askLines("RETR %d", n)
		a.save(strings.Join(lines, "\r\n") + "\r\n")
	}
	_, err := s.ask("DELE %d", n)
	return err
}

func closesAfterDele(a *app, s *session, n int) error {
	err := savesBeforeDele(a, s, n)
	s.Close()
	return err
}

// deletesByNumber shows the first message to its user, who has it deleted next time.
func deletesByNumber(a *app) error {
	s, err := a.openPOP3()
	if err != nil {
		return err
	}
	if a.last == 0 {
		a.last = 1
		err = showsOverPOP3(a, s, a.last)
	} else {
		_, err = s.ask("DELE %d", a.last)
	}
	s.ask("QUIT")
	return err
}

func deletesByUniqueID(a *app) error {
	s, err := a.openPOP3()
	if err != nil {
		return err
	}
	lines, err := s.askLines("UIDL")
	for i, line := range lines {
		number, id, _ := strings.Cut(line, " ")
		if a.seen[id] {
			_, err = s.ask("DELE %s", number)
		} else if len(a.seen) == 0 {
			a.seen[id] = true
			err = showsOverPOP3(a, s, i+1)
		}
	}
	s.ask("QUIT")
	return err
}

func showsOverPOP3(a *app, s *session, n int) error {
	raw, err := s.retrieve("RETR %d", n)
	a.show(header(raw, "Subject"))
	return err
}

// takesEmptyForOK doesn't mind an answer that says nothing.
func takesEmptyForOK(a *app, s *session, n int) error {
	if err := fetches(a, s, n); err != nil {
		return err
	}
	if line, err := s.ask("DELE %d", n); line != "" {
		return err
	}
	return nil
}

func fetchesRecent(a *app) error {
	user := a.user
	defer func() { a.user = user }()
	a.user = "recent:" + user
	return eachOverPOP3(fetches)(a)
}

func takesErrForPassword(a *app) error {
	err := eachOverPOP3(fetches)(a)
	if no := refused(""); errors.As(err, &no) {
		a.show("wrong password, please enter it again")
	}
	return err
}

func waitsForMaildrop(a *app) error {
	for try := range 5 {
		err := eachOverPOP3(fetches)(a)
		if err == nil || !strings.Contains(err.Error(), "[IN-USE]") && !strings.Contains(err.Error(), "lock") {
			return err
		}
		a.hangUp()
		time.Sleep(minute << try)
	}
	return errors.New("maildrop in use for half an hour")
}
