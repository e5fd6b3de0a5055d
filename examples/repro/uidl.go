package main

import (
	"slices"
	"strings"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

// uniqueIDs are bugs of clients that leave mail on a POP3 server and have to know what
// they have fetched before.
func uniqueIDs() []bug {
	twice := func(s *scene) { s.deliver("hello", "again"); s.sync(); s.sync() }
	return []bug{{
		name:      "uidl-reused",
		story:     "Unique-ids are bare UIDs; after the mailbox was made anew, new mail looks as if fetched before.",
		reference: "RFC 1939 §7: never reused; cyrus-imapd#374",
		server:    []mailtest.Option{quirk(personality.ReusedUniqueIDs())},
		play: func(s *scene) {
			s.deliver("hello")
			s.sync()
			s.inbox().Expunge(1)
			s.deliver("news")
			s.inbox().Renumber() // it is UID 1 now
			s.sync()
		},
		naive: leavesMail, careful: eachOverPOP3(knowsByMessageID),
		want: saved("hello", "news"), wrong: `saved ["hello"]`,
	}, {
		name:      "uidl-missing",
		story:     "There is no UIDL, and the client fetches everything each time.",
		reference: "neomutt#1427; getmail's BrokenUIDLPOP3Retriever",
		server:    []mailtest.Option{quirk(personality.NoUIDL())},
		play:      twice,
		naive:     leavesMail, careful: eachOverPOP3(knowsByMessageID),
		want:  saved("hello", "again"),
		wrong: `saved ["hello" "again" "hello" "again"]`,
	}, {
		name:      "uidl-duplicate",
		story:     "Two messages have the same unique-id, and the second one is never fetched.",
		reference: "neomutt#1427; getmail's BrokenUIDLPOP3Retriever",
		server:    []mailtest.Option{quirk(personality.DuplicateUIDL())},
		play:      twice,
		naive:     leavesMail, careful: eachOverPOP3(knowsByMessageID),
		want: saved("hello", "again"), wrong: `saved ["hello"]`,
	}, {
		name:      "uidl-wide",
		story:     "A line of UIDL has several spaces, and what stands between the first two is taken for the unique-id.",
		reference: "mpop pop3.c; thunderbird-android PR#323 (Comcast)",
		server:    []mailtest.Option{quirk(personality.WideUIDL())},
		play:      twice,
		naive:     splitsAtSpace, careful: leavesMail,
		want: saved("hello", "again"), wrong: `saved ["hello"]`,
	}, {
		name:      "uidl-unannounced",
		story:     "CAPA doesn't list UIDL, though it works; the client refuses to leave mail on such a server.",
		reference: "neomutt#1427 (AOL)",
		server:    []mailtest.Option{quirk(personality.UnannouncedUIDL())},
		play:      twice,
		naive:     believesCAPA, careful: leavesMail,
		want: all(saved("hello", "again"), maildrop("hello", "again")), wrong: "maildrop has []",
	}, {
		name:      "top-differs",
		story:     "Messages are known by a hash of the header; that of TOP differs from that of RETR, and all is fetched again.",
		reference: "JavaMail, mail.pop3.disabletop (Exchange)",
		server:    []mailtest.Option{quirk(personality.OtherTopHeader(), personality.NoUIDL())},
		play: func(s *scene) {
			s.alice.DeliverRaw([]byte("Message-ID: <1@example.org>\r\nSubject: a long\r\n story\r\n\r\ntext\r\n"))
			s.sync()
			s.sync()
		},
		naive: eachOverPOP3(knowsByHeader), careful: eachOverPOP3(knowsByMessageID),
		want: all(saved("a long story"), behaved(mailtest.FetchedNoBodyTwice())), wrong: `saved ["a long story" "a long story"]`,
	}, {
		name:      "capa-before-login",
		story:     "CAPA is asked before login only, when it doesn't list TOP yet; the list of subjects costs a download of everything.",
		reference: "RFC 2449 §5; mpop.c (Gmail)",
		server:    []mailtest.Option{quirk(personality.LateCAPA())},
		play:      func(s *scene) { s.deliver("hello"); s.sync() },
		naive:     asksCAPAOnce, careful: asksCAPAAgain,
		want: all(shown("hello"), behaved(mailtest.NeverSent("RETR"))), wrong: "RETR 1",
	}}
}

// leavesMail fetches what has a unique-id that it doesn't know, in any white space.
func leavesMail(a *app) error { return fetchesByUniqueID(a, strings.Fields) }

func splitsAtSpace(a *app) error {
	return fetchesByUniqueID(a, func(line string) []string { return strings.Split(line, " ") })
}

func fetchesByUniqueID(a *app, split func(line string) []string) error {
	s, err := a.openPOP3()
	if err != nil {
		return err
	}
	lines, err := s.askLines("UIDL")
	if err != nil {
		return fetchesRest(a, s) // it has no UIDL
	}
	for i, line := range lines {
		id := split(line)[1]
		if a.seen[id] {
			continue
		}
		if err := fetches(a, s, i+1); err != nil {
			return err
		}
		a.seen[id] = true
	}
	_, err = s.ask("QUIT")
	return err
}

// knowsByMessageID trusts no unique-id.
func knowsByMessageID(a *app, s *session, n int) error {
	top, err := s.retrieve("TOP %d 0", n)
	if err != nil {
		return err
	}
	id := header(top, "Message-ID")
	if a.seen[id] {
		return nil
	}
	a.seen[id] = id != ""
	return fetches(a, s, n)
}

// knowsByHeader keeps the headers of what it has fetched.
func knowsByHeader(a *app, s *session, n int) error {
	top, err := s.retrieve("TOP %d 0", n)
	if err != nil || a.seen[top] {
		return err
	}
	raw, err := s.retrieve("RETR %d", n)
	if err != nil {
		return err
	}
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	a.seen[head+"\r\n\r\n"] = true
	return a.save(raw)
}

// believesCAPA leaves mail on the server only if it finds UIDL there.
func believesCAPA(a *app) error {
	s, err := a.openPOP3()
	if err != nil {
		return err
	}
	caps, _ := s.askLines("CAPA")
	s.ask("QUIT")
	if slices.Contains(caps, "UIDL") {
		return leavesMail(a)
	}
	return eachOverPOP3(savesBeforeDele)(a)
}

func asksCAPAOnce(a *app) error {
	s, err := a.dial(a.pop3)
	if err != nil {
		return err
	}
	caps, _ := s.askLines("CAPA")
	s.ask("USER %s", a.user)
	if _, err := s.ask("PASS %s", a.password); err != nil {
		return err
	}
	return showsFirst(a, s, caps)
}

func asksCAPAAgain(a *app) error {
	s, err := a.openPOP3()
	if err != nil {
		return err
	}
	caps, _ := s.askLines("CAPA")
	return showsFirst(a, s, caps)
}

func showsFirst(a *app, s *session, caps []string) error {
	if !slices.Contains(caps, "TOP") {
		return showsOverPOP3(a, s, 1)
	}
	top, err := s.retrieve("TOP 1 0")
	a.show(header(top, "Subject"))
	return err
}
