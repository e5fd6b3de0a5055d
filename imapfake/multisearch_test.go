package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// archives returns a fixture whose mailboxes hold: INBOX UIDs 2 and 3; Work 1 and 2; Work/a
// 1 to 3; Work/a/b 1; Empty nothing. The first of each is seen.
func archives(t *testing.T) (*fixture, *client) {
	t.Helper()
	f, _ := numbered(t, 2)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 2)
	for _, m := range []struct {
		name  string
		count int
	}{{"Work", 2}, {"Work/a", 3}, {"Work/a/b", 1}, {"Empty", 0}} {
		box, err := f.alice.CreateMailbox(m.name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.count {
			flags := []imap.Flag{imap.FlagSeen}[:max(0, 1-i)]
			if _, err := box.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte(hello)), Flags: flags}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return f, f.login()
}

func TestESearchSearchesTheMailboxesThatAreNamed(t *testing.T) {
	t.Parallel()
	f, c := archives(t)
	if err := f.alice.Subscribe("Work/a"); err != nil {
		t.Fatal(err)
	}
	inbox, work, a, b := `* ESEARCH (TAG "T" MAILBOX INBOX UIDVALIDITY 1) UID ALL 2:3`, `* ESEARCH (TAG "T" MAILBOX Work UIDVALIDITY 2) UID ALL 1:2`,
		`* ESEARCH (TAG "T" MAILBOX Work/a UIDVALIDITY 3) UID ALL 1:3`, `* ESEARCH (TAG "T" MAILBOX Work/a/b UIDVALIDITY 4) UID ALL 1`
	for source, want := range map[string][]string{
		"inboxes": {inbox}, "personal": {inbox, work, a, b}, "subscribed": {a}, "mailboxes work": nil,
		"mailboxes (Work INBOX None Empty)": {work, inbox}, "subtree Work": {work, a, b}, "subtree-one (Work)": {work, a}, "subtree Work/a": {a, b},
		"inboxes mailboxes inbox": {inbox},
	} {
		c.run("ESEARCH IN ("+source+") ALL", append(want, "T OK ESEARCH completed")...)
	}
	c.run("ESEARCH IN (personal) RETURN (COUNT MIN PARTIAL 1:1) CHARSET UTF-8 UNSEEN",
		`* ESEARCH (TAG "T" MAILBOX INBOX UIDVALIDITY 1) UID MIN 3 PARTIAL (1:1 3) COUNT 1`,
		`* ESEARCH (TAG "T" MAILBOX Work UIDVALIDITY 2) UID MIN 2 PARTIAL (1:1 2) COUNT 1`,
		`* ESEARCH (TAG "T" MAILBOX Work/a UIDVALIDITY 3) UID MIN 2 PARTIAL (1:1 2) COUNT 2`, "T OK ESEARCH completed")
	// Sequence numbers and "*" are each mailbox's own.
	c.run("ESEARCH IN (personal) 3:9", `* ESEARCH (TAG "T" MAILBOX Work/a UIDVALIDITY 3) UID ALL 3`, "T OK ESEARCH completed")
	c.run("ESEARCH IN (inboxes subtree Work/a) *", `* ESEARCH (TAG "T" MAILBOX INBOX UIDVALIDITY 1) UID ALL 3`,
		`* ESEARCH (TAG "T" MAILBOX Work/a UIDVALIDITY 3) UID ALL 3`, `* ESEARCH (TAG "T" MAILBOX Work/a/b UIDVALIDITY 4) UID ALL 1`, "T OK ESEARCH completed")
	for _, arguments := range []string{
		"", " ALL", " IN (selected) ALL", " IN () ALL", " IN (selected-delayed) ALL", " IN (personal (x y)) ALL", " IN (mailboxes) ALL", " IN (mailboxes ()) ALL",
		" IN personal ALL", " IN (personal)", " IN (personal) FOO", " RETURN (ALL) IN (personal) ALL", " IN (personal) RETURN (SAVE) ALL", " IN (personal) RETURN (UPDATE) ALL",
	} {
		c.run("ESEARCH"+arguments, "T BAD ESEARCH: …")
	}
	c.run("ESEARCH IN (personal) CHARSET x-none ALL", "T NO [BADCHARSET] …")
}

func TestESearchSearchesTheSelectedMailboxAsItIsKnown(t *testing.T) {
	t.Parallel()
	f, c := archives(t)
	c.ok("SELECT INBOX")
	c.run("ESEARCH UNSEEN", `* ESEARCH (TAG "T" MAILBOX INBOX UIDVALIDITY 1) UID ALL 3`, "T OK ESEARCH completed")
	c.run("ESEARCH IN (selected) RETURN (SAVE COUNT) 2", `* ESEARCH (TAG "T" MAILBOX INBOX UIDVALIDITY 1) UID COUNT 1`, "T OK ESEARCH completed")
	c.run("SEARCH $", "* SEARCH 2", "T OK SEARCH completed")
	c.run("ESEARCH RETURN (SAVE) 2", "T OK ESEARCH completed")
	// What was saved is of the selected mailbox.
	c.run("ESEARCH IN (personal) $", `* ESEARCH (TAG "T" MAILBOX INBOX UIDVALIDITY 1) UID ALL 3`, "T OK ESEARCH completed")
	c.run("ESEARCH DRAFT", "T OK ESEARCH completed")
	c.send("B1 ESEARCH IN (personal) RETURN (UPDATE COUNT) DRAFT")
	c.wants("B1 OK ESEARCH completed")
	f.set(imap.StoreFlagsAdd, imap.FlagDraft, 3)
	c.run("NOOP", `* 2 FETCH (UID 3 FLAGS (\Draft))`, `* ESEARCH (TAG "B1") UID ADDTO (0 3)`, "T OK NOOP completed")
	// An ESEARCH of others leaves what is selected alone.
	c.run("ESEARCH IN (mailboxes Empty) ALL", "T OK ESEARCH completed")
	c.ok("FETCH 1 UID")
}
