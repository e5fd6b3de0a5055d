package mailtest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore"
)

const archived = `-- mailboxes --
INBOX uidvalidity=7 uidnext=12
	3 2024-01-02T15:04:05Z \Seen $Forwarded
	10 2024-01-03T15:04:05+01:00 base64
"Sent Mail" uidvalidity=2 uidnext=1 subscribed \Sent
Work/Old uidvalidity=9 uidnext=2
	1 2024-01-02T15:04:05Z
-- INBOX/3 --
From: bob@example.org
Subject: hello

hi
-- INBOX/10 --
Tm8gQ1JMRg==
-- Work/Old/1 --
Subject: Grüße

`

func load(t testing.TB, archive string) *mailstore.Account {
	t.Helper()
	account, err := mailstore.New().AddAccount("alice@example.org", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := mailtest.Load(account, []byte(archive)); err != nil {
		t.Fatal(err)
	}
	return account
}

func TestDumpWritesWhatLoadReads(t *testing.T) {
	t.Parallel()
	account := load(t, archived)
	if diff := cmp.Diff(archived, string(mailtest.Dump(account))); diff != "" {
		t.Errorf("(-loaded +dumped):\n%s", diff)
	}
	inbox, err := account.Mailbox("INBOX")
	if err != nil {
		t.Fatal(err)
	}
	_, m := inbox.Messages().Find(3)
	if m == nil || string(m.Raw()) != "From: bob@example.org\r\nSubject: hello\r\n\r\nhi\r\n" || !m.HasFlag(imap.FlagSeen) ||
		!m.InternalDate.Equal(time.Date(2024, 1, 2, 15, 4, 5, 0, time.UTC)) {
		t.Errorf("message 3 is %+v", m)
	}
	uids, err := inbox.Append(mailstore.NewMessage{})
	if err != nil || uids[0] != 12 {
		t.Errorf("the next message has UID %d, %v, want 12", uids, err)
	}
}

func TestAPersonMayLeaveOutWhatFollows(t *testing.T) {
	t.Parallel()
	account := load(t, "seeds\n-- mailboxes --\n# comment\nINBOX\n\t1\n\t2 \\Flagged\n\nArchive\n-- INBOX/1 --\nSubject: a\n\n-- INBOX/2 --\nno header")
	want := "-- mailboxes --\nINBOX uidvalidity=1 uidnext=3\n\t1 DATE\n\t2 DATE \\Flagged\nArchive uidvalidity=2 uidnext=1\n-- INBOX/1 --\nSubject: a\n\n-- INBOX/2 --\nno header\n"
	inbox, err := account.Mailbox("INBOX")
	if err != nil {
		t.Fatal(err)
	}
	date := inbox.Messages().At(1).InternalDate.Format(time.RFC3339)
	if diff := cmp.Diff(want, strings.ReplaceAll(string(mailtest.Dump(account)), date, "DATE")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestArchivesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for archive, want := range map[string]string{
		"":                                                       `no file "mailboxes"`,
		"-- mailboxes --\n\t1\n":                                 `mailboxes:1: a message before the first mailbox`,
		"-- mailboxes --\nINBOX\n\tx\n":                          `mailboxes:2: "x" is no UID`,
		"-- mailboxes --\nINBOX\n\t0\n":                          `mailboxes:2: "0" is no UID`,
		"-- mailboxes --\nINBOX\n\t1\n":                          `mailboxes:2: no file "INBOX/1"`,
		"-- mailboxes --\nINBOX x=1\n":                           `mailboxes:1: "x=1" of mailbox "INBOX": want uidvalidity=N`,
		"-- mailboxes --\nINBOX uidnext=y\n":                     `mailboxes:1: "uidnext=y" of mailbox "INBOX": strconv`,
		"-- mailboxes --\n\"INBOX\n":                             `mailboxes:1: mailbox name "INBOX: invalid syntax`,
		"-- mailboxes --\nINBOX\n-- other --\n":                  `file "other" is of no message that "mailboxes" lists`,
		"-- mailboxes --\nINBOX\n\t1 base64\n-- INBOX/1 --\n!\n": `mailboxes:2: file "INBOX/1": illegal base64`,
		"-- mailboxes --\nINBOX\n\t2\n\t1\n-- INBOX/1 --\n-- INBOX/2 --\n":                           `reinstate mailbox "INBOX": UID 1 isn't above 2`,
		"-- mailboxes --\nINBOX\n\t1 bad(flag\n-- INBOX/1 --\n":                                      `invalid flag`,
		"-- mailboxes --\nINBOX\nINBOX\n\t1\n-- INBOX/1 --\n-- INBOX/1 --\n":                         `file "INBOX/1" is there twice`,
		"-- mailboxes --\nA\n\t1\nA\n\t2\n-- A/1 --\n-- A/2 --\n":                                    `reinstate mailbox "A": already exists`,
		"-- mailboxes --\nINBOX uidvalidity=0 uidnext=0\n\t1 2024-01-02T15:04:05Z\n-- INBOX/1 --\nx": "",
	} {
		account, err := mailstore.New().AddAccount("alice@example.org", "secret")
		if err != nil {
			t.Fatal(err)
		}
		err = mailtest.Load(account, []byte(archive))
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", archive, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "mailtest: load: ") {
			t.Errorf("%q: error %v, want %s", archive, err, want)
		}
	}
}

// FuzzArchive keeps any octets and any name through Dump and Load, and loads any text
// without harm.
func FuzzArchive(f *testing.F) {
	f.Add("INBOX", []byte("Subject: x\r\n\r\nhi\r\n"), archived)
	f.Add("a b", []byte("-- x --\r\n"), "-- mailboxes --\n")
	f.Add("#", []byte("0"), "")
	f.Add("\"q\"", []byte("\xff\n"), "")
	f.Add("tab\tbed", []byte(""), "-- mailboxes --\nINBOX\n\t1 base64\n-- INBOX/1 --\n")
	f.Fuzz(func(t *testing.T, name string, raw []byte, archive string) {
		store := mailstore.New()
		account, err := store.AddAccount("alice", "secret")
		if err != nil {
			t.Fatal(err)
		}
		box, err := account.Mailbox("INBOX")
		if other, createErr := account.CreateMailbox(name); createErr == nil {
			box, err = other, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := box.Append(mailstore.NewMessage{Content: mailstore.NewContent(raw), InternalDate: time.Unix(1e9, 0)}); err != nil {
			t.Fatal(err)
		}
		dump := mailtest.Dump(account)
		again := load(t, string(dump))
		if diff := cmp.Diff(string(dump), string(mailtest.Dump(again))); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
		same, err := again.Mailbox(box.Name())
		if err != nil {
			t.Fatal(err)
		}
		if got := same.Messages().At(1).Raw(); !bytes.Equal(got, raw) {
			t.Errorf("%q became %q", raw, got)
		}
		other, err := store.AddAccount("bob", "secret")
		if err != nil {
			t.Fatal(err)
		}
		_ = mailtest.Load(other, []byte(archive))
	})
}
