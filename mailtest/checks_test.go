package mailtest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
)

// said is a session with commands that were given as lines, "+" before those that came over TLS.
func said(lines ...string) mailtest.Session {
	s := mailtest.Session{Number: 3, Protocol: mailwire.IMAP, User: "alice@example.org"}
	for _, line := range lines {
		line, overTLS := strings.CutPrefix(line, "+")
		head, raw, _ := strings.Cut(strings.Replace(line, "UID ", "UID_", 1), " ")
		c := mailtest.Command{Tag: "a", Name: strings.Replace(head, "_", " ", 1), Raw: raw, Status: "OK", TLS: overTLS}
		if head == "EXAMINE" {
			c.Code = "READ-ONLY"
		}
		s.Commands = append(s.Commands, c)
	}
	return s
}

func TestAChecksErrorNamesSessionAndCommand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		check   mailtest.Check
		session mailtest.Session
		want    string // in the error; empty: there is none
	}{
		"never, and it wasn't":      {mailtest.NeverSent("EXPUNGE"), said("UID EXPUNGE 1", "NOOP"), ""},
		"never, but it was":         {mailtest.NeverSent("expunge"), said("NOOP", "EXPUNGE"), "imap#3 alice@example.org: a EXPUNGE -> OK"},
		"never with arguments":      {mailtest.NeverSent(`UID STORE +FLAGS \deleted`), said(`UID STORE 1 +FLAGS.SILENT (\Seen \Deleted)`), "UID STORE 1"},
		"never with others":         {mailtest.NeverSent(`UID STORE \Deleted +FLAGS`), said(`UID STORE 1 +FLAGS (\Deleted)`), ""},
		"at most, enough":           {mailtest.AtMost(2, "NOOP"), said("NOOP", "NOOP", "CHECK"), ""},
		"at most, too many":         {mailtest.AtMost(2, "NOOP"), said("NOOP", "NOOP", "NOOP last"), "a NOOP last -> OK, of which 2"},
		"at most of all":            {mailtest.AtMost(2, ""), said("NOOP", "CHECK"), "a CHECK -> OK"},
		"at least":                  {mailtest.AtLeast(2, "NOOP"), said("NOOP", "NOOP"), ""},
		"at least, too few":         {mailtest.AtLeast(2, "NOOP"), said("NOOP"), `"NOOP": sent 1 time in 2 sessions, want 2 or more`},
		"before":                    {mailtest.SentBefore("ID", "LOGIN"), said("ID NIL", "LOGIN alice ***"), ""},
		"before, but after":         {mailtest.SentBefore("ID", "LOGIN"), said("LOGIN alice ***", "ID NIL"), `a LOGIN alice *** -> OK, with no "ID" before`},
		"before, neither":           {mailtest.SentBefore("ID", "LOGIN"), said("NOOP"), ""},
		"password after TLS":        {mailtest.NoPasswordBeforeTLS(), said("CAPABILITY", "+LOGIN alice ***"), ""},
		"password before TLS":       {mailtest.NoPasswordBeforeTLS(), said("LOGIN alice ***"), "without TLS"},
		"PASS before TLS":           {mailtest.NoPasswordBeforeTLS(), said("PASS ***"), "PASS ***"},
		"token before TLS":          {mailtest.NoPasswordBeforeTLS(), said("AUTHENTICATE oauthbearer ***"), "oauthbearer"},
		"digest before TLS":         {mailtest.NoPasswordBeforeTLS(), said("AUTHENTICATE SCRAM-SHA-256 ***", "AUTHENTICATE"), ""},
		"UID forms":                 {mailtest.OnlyUIDCommands(), said("UID FETCH 1 FLAGS", "UID SEARCH ALL", "EXPUNGE"), ""},
		"a sequence number":         {mailtest.OnlyUIDCommands(), said("UID FETCH 1 FLAGS", "COPY 1 Trash"), "COPY 1 Trash"},
		"peeking":                   {mailtest.NeverSetSeen(), said("SELECT INBOX", "FETCH 1 (FLAGS BODY BODY.PEEK[] RFC822.HEADER BINARY.SIZE[1])", `STORE 1 -FLAGS (\Seen)`, `STORE 1 FLAGS (\Flagged)`), ""},
		"peeking by EXAMINE":        {mailtest.NeverSetSeen(), said("EXAMINE INBOX", "FETCH 1 BODY[]"), ""},
		"no peeking":                {mailtest.NeverSetSeen(), said("EXAMINE INBOX", "SELECT INBOX", "UID FETCH 1 (UID body[TEXT])"), "BODY[TEXT]"},
		"no peeking, old":           {mailtest.NeverSetSeen(), said("FETCH 1 RFC822"), "RFC822"},
		"a field of that name":      {mailtest.NeverSetSeen(), said("FETCH 1 BODY.PEEK[HEADER.FIELDS (RFC822)]"), ""},
		`\Seen is set`:              {mailtest.NeverSetSeen(), said(`UID STORE 1 +FLAGS.SILENT \seen`), `\Seen`},
		"an own check":              {func(mailtest.Sessions) error { return errors.New("own") }, said(), "own"},
		"a record with a gap in it": {mailtest.NeverSent("NOOP"), mailtest.Session{Number: 3, Protocol: mailwire.IMAP, Forgotten: 9}, "imap#3: 9 commands forgotten"},
	} {
		err := mailtest.Sessions{said("CAPABILITY"), test.session}.Check(test.check)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.Contains(strings.ToUpper(err.Error()), strings.ToUpper(test.want))):
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestABodyFetchedTwiceIsFoundInBothProtocols(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "one"})
	alice.Deliver(mailtest.Mail{Subject: "two"})
	fetch := func(uid imap.UID) {
		c := alice.IMAPClient()
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		whole := &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true}}}
		if err := c.Fetch(imap.UIDSetNum(uid), whole).Close(); err != nil {
			t.Fatal(err)
		}
	}
	fetch(1)
	fetch(2)
	alice.WantClients(mailtest.FetchedNoBodyTwice(), mailtest.OnlyUIDCommands(), mailtest.NeverSetSeen())
	mailtest.NewPOP3Device(t, alice, mailtest.KeepOnServer).Sync()
	err := alice.Sessions().Check(mailtest.FetchedNoBodyTwice())
	if err == nil || !strings.Contains(err.Error(), "RETR 1 -> OK, which had the message with UID 1 in INBOX sent again after imap#1") {
		t.Errorf("by POP3 after IMAP: %v", err)
	}
	if err := srv.IMAP.Sessions().Check(mailtest.FetchedNoBodyTwice()); err != nil {
		t.Errorf("IMAP alone: %v", err)
	}
	alice.Mailbox("INBOX").Renumber() // the same UIDs are other messages now
	for _, m := range alice.Messages() {
		fetch(m.UID)
	}
	if err := srv.IMAP.Sessions().Check(mailtest.FetchedNoBodyTwice()); err != nil {
		t.Errorf("after renumbering: %v", err)
	}
}

func TestWantClientsFailsTheTestAtItsLine(t *testing.T) {
	t.Parallel()
	a := &author{TB: t}
	a.run(func() {
		srv := mailtest.New(a, mailtest.InMemory())
		alice, bob := srv.AddAccount("alice@example.org", "secret"), srv.AddAccount("bob@example.org", "secret")
		alice.IMAPClient()
		bob.WantClients(mailtest.NeverSent("LOGIN"))
		if a.failed {
			t.Errorf("bob's clients failed: %q", a.errors)
		}
		srv.WantClients(mailtest.NeverSent("LOGIN"), mailtest.NoPasswordBeforeTLS())
	})
	if len(a.errors) != 1 || strings.Count(a.errors[0], "imap#1 alice@example.org") != 2 {
		t.Errorf("errors %q", a.errors)
	}
}

func TestACheckThatIsNilIsAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	if err := (mailtest.Sessions{}).Check(mailtest.NeverSetSeen(), nil); err == nil || err.Error() != "mailtest: check 2 is nil" {
		t.Error(err)
	}
}
