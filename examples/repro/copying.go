package main

import (
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

// deleting are bugs by which more is deleted over IMAP than the user meant, or less.
func deleting() []bug {
	return []bug{{
		name:      "expunge-takes-all",
		story:     "The server tells of UIDPLUS after login only; the client has asked before, and its EXPUNGE removes what the phone has marked, too.",
		reference: "RFC 3501 §6.2.3, §6.4.3; RFC 4315 §2.1 (Gmail)",
		server:    []mailtest.Option{mailtest.WithIMAP(imapfake.WithAnnouncedAfterLogin(imap.CapUIDPlus), imapfake.WithoutCapabilities(imap.CapIMAP4rev2))},
		play: func(s *scene) {
			s.deliver("delete me", "undo me")
			s.inbox().AddFlags(2, imap.FlagDeleted) // by the phone, whose user may undo it
			s.sync()
		},
		naive: asksCapabilityOnce, careful: loggedIn(asksCapabilityAgain),
		want: kept("INBOX", "undo me"), wrong: "INBOX has []",
	}, {
		name:      "expunge-archives",
		story:     "Deleting takes no more than a label away, and the mail goes on taking up room.",
		reference: "larch#29 (Gmail)",
		server:    []mailtest.Option{mailtest.WithPersonality(personality.Gmail())},
		naive:     inInbox(marksAndExpunges), careful: inInbox(movesToTrash),
		want: func(s *scene) { s.alice.WantGone("hello") }, wrong: "All Mail",
	}}
}

// copying are bugs by which mail comes to be there twice, or can't be found, after COPY
// and APPEND.
func copying() []bug {
	withArchive := func(s *scene) { s.deliver("hello"); s.alice.CreateMailbox("Archive"); s.sync() }
	return []bug{{
		name:      "append-retried",
		story:     "The connection breaks before the answer to APPEND, and the client appends the message again.",
		reference: "RFC 3501 §6.3.11: a message is appended whole or not at all, but the answer may be lost",
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.OnTagged().Command("APPEND").Nth(1).Drop().Close())
			s.sync()
		},
		naive: appendsAgain, careful: looksBeforeAppending,
		want: kept("INBOX", "draft"), wrong: `["draft" "draft"]`,
	}, {
		name:      "copy-half-done",
		story:     "Without MOVE a move is three commands; the connection breaks after the first, and the client begins anew.",
		reference: "RFC 6851 §1",
		server:    []mailtest.Option{mailtest.WithIMAP(imapfake.WithoutCapabilities(imap.CapMove, imap.CapIMAP4rev2))},
		play: func(s *scene) {
			s.srv.IMAP.Inject(mailwire.OnTagged().Command("UID COPY").Nth(1).Drop().Close())
			withArchive(s)
		},
		naive: movesFromScratch, careful: looksBeforeCopying,
		want: all(kept("Archive", "hello"), kept("INBOX")), wrong: `["hello" "hello"]`,
	}, {
		name:      "copyuid-empty",
		story:     "COPYUID has a UIDVALIDITY and no UIDs, and the client crashes on what it doesn't find.",
		reference: "MailKit#555 (Exchange)",
		server:    []mailtest.Option{quirk(personality.EmptyCopyUID())},
		play:      withArchive,
		naive:     inInbox(splitsCopyUID), careful: inInbox(searchesCopy),
		want: shown("hello is archived as 1"), wrong: "crashed: runtime error: index out of range",
	}, {
		name:      "copyuid-untagged",
		story:     "COPYUID comes in an untagged OK, and the copy is thought to have failed.",
		reference: "RFC 4315 §3; net-imap#250 (Exchange 2013)",
		server:    []mailtest.Option{quirk(personality.UntaggedCopyUID())},
		play:      withArchive,
		naive:     inInbox(splitsCopyUID), careful: inInbox(searchesCopy),
		want: shown("hello is archived as 1"), wrong: "copying failed",
	}}
}

func asksCapabilityOnce(a *app) error {
	s, err := a.dial(a.imap)
	if err != nil {
		return err
	}
	caps, err := s.command("CAPABILITY")
	if err != nil {
		return err
	}
	s.command("LOGIN %s %s", a.user, quote(a.password))
	return deletesFirst(s, caps)
}

func asksCapabilityAgain(a *app, s *session) error {
	caps, err := s.command("CAPABILITY")
	if err != nil {
		return err
	}
	return deletesFirst(s, caps)
}

func deletesFirst(s *session, caps []string) error {
	s.command("SELECT INBOX")
	if _, err := s.command(`UID STORE 1 +FLAGS (\Deleted)`); err != nil {
		return err
	}
	expunge := "EXPUNGE"
	if strings.Contains(strings.Join(caps, ""), "UIDPLUS") {
		expunge = "UID EXPUNGE 1"
	}
	_, err := s.command("%s", expunge)
	return err
}

func marksAndExpunges(a *app, s *session, _ []string) error {
	s.command(`STORE 1 +FLAGS (\Deleted)`)
	_, err := s.command("EXPUNGE")
	return err
}

func movesToTrash(a *app, s *session, _ []string) error {
	told, err := s.command(`LIST "" "*" RETURN (SPECIAL-USE)`)
	if err != nil {
		return err
	}
	trash := find(`\\Trash\b.*\) "." (.*)$`, told)
	told, err = s.command("MOVE 1 %s", trash)
	if err != nil {
		return err
	}
	uid := find(`\[COPYUID \d+ \d+ (\d+)\]`, told)
	s.command("SELECT %s", trash)
	s.command(`UID STORE %s +FLAGS (\Deleted)`, uid)
	_, err = s.command("UID EXPUNGE %s", uid)
	return err
}

const draft = "From: alice@example.org\r\nMessage-ID: <draft-1@example.org>\r\nSubject: draft\r\n\r\ntext\r\n"

func appendDraft(s *session) error {
	tag, err := s.send("APPEND INBOX (\\Draft) {%d}", len(draft))
	if err != nil {
		return err
	}
	if line, err := s.ReadLine(); err != nil || !strings.HasPrefix(line, "+") {
		return errors.Join(err, refused(line))
	}
	s.PrintfLine("%s", draft)
	_, err = s.until(tag)
	return err
}

func appendsAgain(a *app) (err error) {
	for range 3 {
		var s *session
		if s, err = a.openIMAP(); err != nil {
			continue
		}
		if err = appendDraft(s); err == nil {
			return nil
		}
	}
	return err
}

func looksBeforeAppending(a *app) (err error) {
	for range 3 {
		var s *session
		if s, _, err = a.openInbox(); err != nil {
			continue
		}
		told, _ := s.command("UID SEARCH HEADER Message-ID <draft-1@example.org>")
		if find(`^\* SEARCH (\d+)`, told) != "" {
			return nil
		}
		if err = appendDraft(s); err == nil {
			return nil
		}
	}
	return err
}

func movesFromScratch(a *app) (err error) {
	for range 3 {
		var s *session
		if s, _, err = a.openInbox(); err != nil {
			continue
		}
		if _, err = s.command("UID COPY 1 Archive"); err == nil {
			return marksAndExpungesUID(s)
		}
	}
	return err
}

func looksBeforeCopying(a *app) (err error) {
	for range 3 {
		var s *session
		if s, err = a.openIMAP(); err != nil {
			continue
		}
		if !has(s, "Archive", "hello") {
			s.command("SELECT INBOX")
			if _, err = s.command("UID COPY 1 Archive"); err != nil {
				continue
			}
		}
		s.command("SELECT INBOX")
		return marksAndExpungesUID(s)
	}
	return err
}

// has tells whether a message is in a mailbox; a real client would know it by its Message-ID.
func has(s *session, mailbox, subject string) bool {
	s.command("EXAMINE %s", mailbox)
	told, _ := s.command("UID SEARCH SUBJECT %s", subject)
	return find(`^\* SEARCH (\d+)`, told) != ""
}

func marksAndExpungesUID(s *session) error {
	s.command(`UID STORE 1 +FLAGS (\Deleted)`)
	_, err := s.command("UID EXPUNGE 1")
	return err
}

func splitsCopyUID(a *app, s *session, _ []string) error {
	told, err := s.command("UID COPY 1 Archive")
	if err != nil {
		return err
	}
	_, code, found := strings.Cut(told[len(told)-1], "[COPYUID ")
	if !found {
		return errors.New("copying failed")
	}
	code, _, _ = strings.Cut(code, "]")
	a.show("hello is archived as ", strings.Fields(code)[2])
	return nil
}

func searchesCopy(a *app, s *session, _ []string) error {
	told, err := s.command("UID COPY 1 Archive")
	if err != nil {
		return err
	}
	uid := find(`\[COPYUID \d+ \d+ (\d+)\]`, told)
	if uid == "" {
		s.command("EXAMINE Archive")
		told, err = s.command("UID SEARCH SUBJECT hello")
		uid = find(`^\* SEARCH (\d+)`, told)
	}
	a.show("hello is archived as ", uid)
	return err
}
