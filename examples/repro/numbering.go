package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

// numbering are bugs by which a client means one message and names another.
func numbering() []bug {
	return []bug{{
		name:      "uidvalidity-ignored",
		story:     "The mailbox was made anew while the client was away; it deletes, by UID, what its user has never seen.",
		reference: "RFC 3501 §2.3.1.1",
		play: func(s *scene) {
			s.deliver("read me")
			s.sync()
			s.inbox().Expunge(1)
			s.deliver("keep me")
			s.inbox().Renumber() // it is UID 1 now
			s.sync()
		},
		naive: inInbox(deletesByUID), careful: inInbox(deletesWhileValid),
		want: all(shown("read me", "keep me"), kept("INBOX", "keep me")), wrong: "INBOX has []",
	}, {
		name:      "uids-change",
		story:     "UIDs are new in each session, and each session downloads everything once more.",
		reference: "imapsync#163 (Proton Mail Bridge)",
		server:    []mailtest.Option{quirk(personality.UnstableUIDs())},
		play:      func(s *scene) { s.deliver("hello", "bye"); s.sync(); s.sync() },
		naive:     inInbox(fetchesNewUIDs), careful: inInbox(fetchesNewMessageIDs),
		want: saved("hello", "bye"), wrong: `saved ["hello" "bye" "hello" "bye"]`,
	}, {
		name:      "star-is-the-last",
		story:     "UID n:* has at least the last message, also if its UID is below n; it is fetched at each poll.",
		reference: "RFC 3501 §6.4.8",
		play:      func(s *scene) { s.deliver("hello"); s.sync(); s.sync(); s.deliver("bye"); s.sync() },
		naive:     inInbox(fetchesUpToStar), careful: inInbox(looksAtUIDs),
		want: saved("hello", "bye"), wrong: `saved ["hello" "hello" "bye"]`,
	}, {
		name:      "recent-is-for-one",
		story:     `The phone looks first, and \Recent, which the client takes for new, is set in one session only.`,
		reference: "RFC 3501 §2.3.2",
		play: func(s *scene) {
			s.deliver("hello")
			phone := s.alice.IMAPClient()
			if _, err := phone.Select("INBOX", nil).Wait(); err != nil {
				s.Error(err)
			}
			phone.Logout().Wait()
			s.sync()
		},
		naive: inInbox(searchesRecent), careful: inInbox(looksAtUIDs),
		want: saved("hello"), wrong: "saved []",
	}, {
		name:      "expunge-in-loop",
		story:     "A loop from the first sequence number to the last expunges on the way, and every other message is passed over.",
		reference: "RFC 3501 §7.4.1: EXPUNGE decrements the numbers above",
		play:      func(s *scene) { s.deliver("spam", "spam", "letter"); s.sync() },
		naive:     eachInInbox(expungesUpwards), careful: inInbox(expungesByUID),
		want: kept("INBOX", "letter"), wrong: `["spam" "letter"]`,
	}, {
		name:      "noop-in-loop",
		story:     "A NOOP that keeps the connection alive brings an EXPUNGE, and the rest of the loop is off by one.",
		reference: "RFC 3501 §5.5, §7.4.1",
		play: func(s *scene) {
			s.deliver("letter", "spam", "keep me")
			s.srv.IMAP.Inject(mailwire.On("NOOP").Do(func(*mailwire.Hit) { s.inbox().Expunge(1) }))
			s.sync()
		},
		naive: inInbox(marksAfterNoop), careful: inInbox(marksUIDsAfterNoop),
		want: flagged("spam"), wrong: `flagged ["keep me"]`,
	}, {
		name:      "deleted-by-two",
		story:     "The phone expunges a message at the same time; NO [EXPUNGEISSUED] is taken for failure, and nothing is deleted.",
		reference: "RFC 5530 §3; RFC 2180 §4.2",
		play: func(s *scene) {
			s.deliver("one", "two", "three")
			s.srv.IMAP.Inject(mailwire.On("STORE").Do(func(*mailwire.Hit) { s.inbox().Expunge(2) }))
			s.sync()
		},
		naive: inInbox(deletesOrGivesUp), careful: inInbox(deletesWhatIsLeft),
		want: kept("INBOX"), wrong: `["one" "three"]`,
	}}
}

// flagged wants exactly the messages with these subjects to be flagged.
func flagged(want ...string) func(*scene) {
	return func(s *scene) {
		var got []string
		for _, m := range s.alice.Messages() {
			for _, f := range m.Flags {
				if f == imap.FlagFlagged {
					got = append(got, m.Subject)
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			s.Errorf("flagged %q, want %q", got, want)
		}
	}
}

func deletesByUID(a *app, s *session, told []string) error {
	return readThenDelete(a, s, a.seen["uid"], find(`UIDVALIDITY (\d+)`, told))
}

func deletesWhileValid(a *app, s *session, told []string) error {
	validity := find(`UIDVALIDITY (\d+)`, told)
	return readThenDelete(a, s, a.seen["uid"] && strconv.Itoa(a.last) == validity, validity)
}

// readThenDelete shows the message with UID 1 to its user, who has it deleted next time.
func readThenDelete(a *app, s *session, hasRead bool, validity string) error {
	if hasRead {
		s.command(`UID STORE 1 +FLAGS.SILENT (\Deleted)`)
		_, err := s.command("UID EXPUNGE 1")
		return err
	}
	a.last, _ = strconv.Atoi(validity)
	a.seen["uid"] = true
	told, err := s.command("UID FETCH 1 " + subjectItem)
	a.show(header(strings.Join(bodies(told), ""), "Subject"))
	return err
}

func fetchesNewUIDs(a *app, s *session, told []string) error {
	validity := find(`UIDVALIDITY (\d+)`, told)
	told, err := s.command("UID FETCH 1:* (UID BODY.PEEK[])")
	for _, r := range told {
		if id := validity + find(`UID (\d+)`, []string{r}); !a.seen[id] {
			if raw, ok := literal(r); ok {
				a.save(raw)
				a.seen[id] = true
			}
		}
	}
	return err
}

func fetchesNewMessageIDs(a *app, s *session, _ []string) error {
	told, err := s.command("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
	if err != nil {
		return err
	}
	for _, r := range told {
		head, ok := literal(r)
		if id := header(head, "Message-ID"); ok && !a.seen[id] {
			told, err := s.command("UID FETCH %s BODY.PEEK[]", find(`UID (\d+)`, []string{r}))
			if err != nil {
				return err
			}
			a.save(strings.Join(bodies(told), ""))
			a.seen[id] = true
		}
	}
	return nil
}

func fetchesUpToStar(a *app, s *session, _ []string) error {
	told, err := s.command("UID FETCH %d:* (UID BODY.PEEK[])", a.last+1)
	for _, r := range told {
		if raw, ok := literal(r); ok {
			a.save(raw)
			a.last, _ = strconv.Atoi(find(`UID (\d+)`, []string{r}))
		}
	}
	return err
}

func looksAtUIDs(a *app, s *session, _ []string) error {
	told, err := s.command("UID FETCH %d:* (UID BODY.PEEK[])", a.last+1)
	for _, r := range told {
		uid, _ := strconv.Atoi(find(`UID (\d+)`, []string{r}))
		if raw, ok := literal(r); ok && uid > a.last {
			a.save(raw)
			a.last = uid
		}
	}
	return err
}

func searchesRecent(a *app, s *session, _ []string) error {
	told, err := s.command("UID SEARCH RECENT")
	for _, uid := range strings.Fields(find(`^\* SEARCH(.*)`, told)) {
		told, err := s.command("UID FETCH %s BODY.PEEK[]", uid)
		if err != nil {
			return err
		}
		a.save(strings.Join(bodies(told), ""))
	}
	return err
}

const subjectItem = "BODY.PEEK[HEADER.FIELDS (SUBJECT)]"

func expungesUpwards(a *app, s *session, n int) error {
	told, err := s.command("FETCH %d "+subjectItem, n)
	if err != nil || !strings.Contains(strings.Join(told, ""), "spam") {
		return err
	}
	s.command(`STORE %d +FLAGS (\Deleted)`, n)
	_, err = s.command("EXPUNGE")
	return err
}

func expungesByUID(a *app, s *session, _ []string) error {
	told, err := s.command("UID FETCH 1:* (UID " + subjectItem + ")")
	for _, r := range told {
		if strings.Contains(r, "spam") {
			uid := find(`UID (\d+)`, []string{r})
			s.command(`UID STORE %s +FLAGS (\Deleted)`, uid)
			_, err = s.command("UID EXPUNGE %s", uid)
		}
	}
	return err
}

func marksAfterNoop(a *app, s *session, _ []string) error {
	told, err := s.command("FETCH 1:* " + subjectItem)
	for i, r := range bodies(told) {
		if strings.Contains(r, "spam") {
			s.command("NOOP") // its user takes time to think
			_, err = s.command(`STORE %d +FLAGS (\Flagged)`, i+1)
		}
	}
	return err
}

func marksUIDsAfterNoop(a *app, s *session, _ []string) error {
	told, err := s.command("UID FETCH 1:* (UID " + subjectItem + ")")
	for _, r := range told {
		if strings.Contains(r, "spam") {
			s.command("NOOP")
			_, err = s.command(`UID STORE %s +FLAGS (\Flagged)`, find(`UID (\d+)`, []string{r}))
		}
	}
	return err
}

func deletesOrGivesUp(a *app, s *session, _ []string) error {
	if _, err := s.command(`STORE 1:3 +FLAGS (\Deleted)`); err != nil {
		return err
	}
	_, err := s.command("EXPUNGE")
	return err
}

func deletesWhatIsLeft(a *app, s *session, _ []string) error {
	_, err := s.command(`STORE 1:3 +FLAGS (\Deleted)`)
	if err != nil && !strings.Contains(err.Error(), "[EXPUNGEISSUED]") {
		return err
	}
	_, err = s.command("EXPUNGE")
	return err
}
