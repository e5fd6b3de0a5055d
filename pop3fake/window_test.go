package pop3fake_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

func TestAFetchedMessageIsHiddenOnceTheSessionHasQuit(t *testing.T) {
	t.Parallel()
	f := start(t, three(), pop3fake.WithFetchedHidden())
	dropped := f.logIn()
	dropped.run("C: RETR 1\nS: +OK 14 octets\nS: Subject: 1\nS: \nS: .")
	dropped.conn.Close()
	f.logInAgain().run(`
		C: RETR 1
		S: +OK 14 octets
		S: Subject: 1
		S: 
		S: .
		C: TOP 2 0
		S: +OK top of message follows
		S: Subject: 2
		S: 
		S: .
		C: DELE 3
		S: +OK message 3 marked as deleted
		C: QUIT
		S: +OK bye, 2 messages left`)
	f.logIn().run(`
		C: UIDL
		S: +OK unique-id listing follows
		S: 1 0000000200000001
		S: .`)
	if n := f.left(); n != 2 {
		t.Errorf("%d messages on the server, want 2", n)
	}
	defer func() {
		f.server.ForgetLogins()
		if listed, err := f.server.Maildrop(f.alice); err != nil || len(listed) != 2 {
			t.Errorf("once that is forgotten, Maildrop lists %d messages, %v; want 2", len(listed), err)
		}
	}()
	listed, err := f.server.Maildrop(f.alice)
	if err != nil || len(listed) != 1 {
		t.Errorf("Maildrop lists %d messages, %v; want 1", len(listed), err)
	}
}

func TestRecentModeShowsWhatWasFetchedButNotWhatIsOld(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.WithFetchedHidden(), pop3fake.WithRecentMode(30))
	for subject, days := range map[string]int{"old": 31, "new": 29} {
		content := mailstore.NewContent([]byte("Subject: " + subject + "\r\n\r\n"))
		if _, err := f.inbox().Append(mailstore.NewMessage{Content: content, InternalDate: time.Now().AddDate(0, 0, -days)}); err != nil {
			t.Fatal(err)
		}
	}
	f.logIn().run("C: STAT\nS: +OK 2 32\nC: QUIT\nS: +OK bye, 2 messages left")
	for range 2 {
		f.logInAgain("recent:alice@example.org").run(`
			C: RETR 1
			S: +OK 16 octets
			S: Subject: new
			S: 
			S: .
			C: QUIT
			S: +OK bye, 1 message left`)
	}
	f.logIn().run("C: STAT\nS: +OK 1 16")
	ordinary := start(t, nil).connect()
	ordinary.run("C: USER recent:alice@example.org\nS: +OK send PASS\nC: PASS secret\nS: -ERR [AUTH] PASS: wrong name or password")
}

func TestALoginFindsTheOldestMessagesOnly(t *testing.T) {
	t.Parallel()
	f := start(t, three(), pop3fake.WithOldestOnly(2))
	f.logIn().run(`
		C: STAT
		S: +OK 2 33
		C: DELE 1
		S: +OK message 1 marked as deleted
		C: RETR 3
		S: -ERR RETR: no such message, the maildrop has 2 messages
		C: QUIT
		S: +OK bye, 1 message left`)
	f.logIn().run(`
		C: UIDL
		S: +OK unique-id listing follows
		S: 1 0000000200000001
		S: 2 0000000300000001
		S: .`)
}

func TestAllMailHasSentMessagesButNoSpamNoTrashAndNoDrafts(t *testing.T) {
	t.Parallel()
	f := start(t, []string{"Subject: in\r\n\r\n"}, pop3fake.WithAllMail())
	f.logIn().run("C: STAT\nS: +OK 1 15\nC: QUIT\nS: +OK bye, 1 message left")
	f.alice.UseLabels()
	for _, use := range []imap.MailboxAttr{imap.MailboxAttrSent, imap.MailboxAttrJunk, imap.MailboxAttrTrash} {
		f.append(use, string(use))
	}
	f.append(imap.MailboxAttrDrafts, "draft", imap.FlagDraft)
	f.logIn().run(`
		C: STAT
		S: +OK 2 33
		C: RETR 2
		S: +OK 18 octets
		S: Subject: \Sent
		S: 
		S: .`)
}

func TestWhatDELEMeansIsAChoice(t *testing.T) {
	t.Parallel()
	const trash = "Trash"
	for name, tt := range map[string]struct {
		deletion       pop3fake.Deletion
		mailbox        string // where the message is afterwards
		labelled, home string // the same in an account with labels, of whose mailboxes INBOX is home
	}{
		"keep":    {pop3fake.DeleteKeeps, "INBOX", "INBOX", ""},
		"archive": {pop3fake.DeleteArchives, "Archive", "[Gmail]/All Mail", ""},
		"trash":   {pop3fake.DeleteTrashes, trash, "[Gmail]/Trash", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, three()[:1], pop3fake.WithDeletion(tt.deletion), pop3fake.WithAllMail())
			quit := func() {
				f.logInAgain().run("C: DELE 1\nS: +OK message 1 marked as deleted\nC: QUIT\nS: +OK bye, 0 messages left")
			}
			quit()
			f.wantOnlyIn(tt.mailbox)
			g := start(t, three()[:1], pop3fake.WithDeletion(tt.deletion), pop3fake.WithAllMail())
			g.alice.UseLabels()
			f = g
			quit()
			g.wantOnlyIn(tt.labelled)
		})
	}
}

// logInAgain is logIn for a maildrop that an earlier session may just be about to give back.
func (f *fixture) logInAgain(name ...string) *client {
	f.t.Helper()
	unlocked := f.store.Subscribe()
	defer unlocked.Close()
	for {
		if unlock, err := f.alice.LockMaildrop(); err == nil {
			unlock()
			break
		}
		if _, err := unlocked.Next(f.t.Context()); err != nil {
			f.t.Fatal(err)
		}
	}
	if name == nil {
		return f.logIn()
	}
	c := f.connect()
	c.run("C: USER " + name[0] + "\nS: +OK send PASS\nC: PASS secret")
	c.line()
	return c
}

// append puts a message in the mailbox with a special use.
func (f *fixture) append(use imap.MailboxAttr, subject string, flags ...imap.Flag) {
	f.t.Helper()
	box, err := f.alice.Mailbox(f.alice.LabelMailbox(use))
	if err == nil {
		_, err = box.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte("Subject: " + subject + "\r\n\r\n")), Flags: flags})
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// wantOnlyIn fails unless the only message is in the mailbox, and beside it in that of all
// mail at most.
func (f *fixture) wantOnlyIn(name string) {
	f.t.Helper()
	for _, info := range f.alice.Mailboxes() {
		if box, err := f.alice.Mailbox(info.Name); err == nil {
			n := box.Messages().Len()
			if info.Name == name && n != 1 || info.Name != name && info.Name != f.alice.LabelMailbox(imap.MailboxAttrAll) && n != 0 {
				f.t.Errorf("%d messages in %s, the one should be in %s", n, info.Name, name)
			}
		}
	}
}

func TestALongLineCanEndTheSession(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.WithProtocolError("Protocol error. Connection is closed. 10"))
	f.connect().run("C: USER " + strings.Repeat("x", 300) + "\nS: -ERR Protocol error. Connection is closed. 10\nS: CLOSED")
}

func TestAGreetingMayBeTheTimestampAlone(t *testing.T) {
	t.Parallel()
	if got := start(t, nil, pop3fake.WithGreeting("")).dial().line(); !strings.HasPrefix(got, "+OK <") {
		t.Errorf("greeting %q", got)
	}
}

func TestRecentModeIsThereForSASLToo(t *testing.T) {
	t.Parallel()
	f := start(t, three(), pop3fake.WithFetchedHidden(), pop3fake.WithRecentMode(30))
	f.logIn().run("C: DELE 1\nS: +OK message 1 marked as deleted\nC: RSET\nS: +OK maildrop has 3 messages (54 octets)\n" +
		"C: RETR 1\nS: +OK 14 octets\nS: Subject: 1\nS: \nS: .\nC: QUIT\nS: +OK bye, 3 messages left")
	f.alice.AddToken("token", time.Now().Add(time.Hour))
	for mechanism, response := range map[string]string{
		"PLAIN":   "\x00recent:alice@example.org\x00secret",
		"XOAUTH2": "user=recent:alice@example.org\x01auth=Bearer token\x01\x01",
	} {
		c := f.connect()
		c.run("C: AUTH " + mechanism + " " + base64.StdEncoding.EncodeToString([]byte(response)) +
			"\nS: +OK maildrop locked and ready, 3 messages\nC: QUIT\nS: +OK bye, 3 messages left")
	}
	f.logIn().run("C: STAT\nS: +OK 2 40")
}

func TestWhatHasExpiredIsNotInAllMailEither(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, three(), pop3fake.WithAllMail(), pop3fake.WithExpire(1))
		f.alice.UseLabels()
		f.logIn().run("C: STAT\nS: +OK 3 54\nC: QUIT\nS: +OK bye, 3 messages left")
		time.Sleep(25 * time.Hour)
		f.logIn().run("C: STAT\nS: +OK 0 0")
	})
}
