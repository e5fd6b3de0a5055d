package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

func TestMailboxIDsAreToldBySelectCreateAndStatus(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	c.run("CREATE foo", "T OK [MAILBOXID (F2)] CREATE completed")
	c.run("CREATE bar/", "T OK [MAILBOXID (F3)] CREATE completed")
	c.run("CREATE foo", `T NO [ALREADYEXISTS] create mailbox "foo": already exists`)
	c.run("STATUS foo (mailboxid MESSAGES)", "* STATUS foo (MAILBOXID (F2) MESSAGES 0)", "T OK STATUS completed")
	c.ok("RENAME foo renamed")
	c.run("STATUS renamed (MAILBOXID)", "* STATUS renamed (MAILBOXID (F2))", "T OK STATUS completed")
	for _, command := range []string{"SELECT", "EXAMINE"} {
		if answer := strings.Join(c.ok("%s renamed", command), "\n"); !strings.Contains(answer+"\n", "\n* OK [MAILBOXID (F2)] mailbox id\n") {
			t.Errorf("%s:\n%s", command, answer)
		}
	}
	// RFC 8474 §8.2: renaming INBOX makes a new mailbox.
	c.ok("RENAME INBOX old")
	c.run("STATUS INBOX (MAILBOXID)", "* STATUS INBOX (MAILBOXID (F1))", "T OK STATUS completed")
	c.run("STATUS old (MAILBOXID)", "* STATUS old (MAILBOXID (F4))", "T OK STATUS completed")
	// §4: other UIDs, other mailbox.
	f.mustMailbox("old").Renumber()
	c.run("STATUS old (MAILBOXID)", "* STATUS old (MAILBOXID (F5))", "T OK STATUS completed")
}

func TestEmailIDsStayThroughCopyAndMove(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: 1\r\n\r\n", "a: 1\r\n\r\n")
	c := f.selected()
	c.run("FETCH 1:2 (EMAILID)", "* 1 FETCH (EMAILID (M1))", "* 2 FETCH (EMAILID (M2))", "T OK FETCH completed")
	c.ok("CREATE other")
	c.ok("COPY 2 other")
	c.ok("MOVE 2 other")
	c.ok("SELECT other")
	c.run("UID FETCH 1:2 EMAILID", "* 1 FETCH (UID 1 EMAILID (M2))", "* 2 FETCH (UID 2 EMAILID (M2))", "T OK UID FETCH completed")
	c.run("SEARCH EMAILID M2", "* SEARCH 1 2", "T OK SEARCH completed")
	c.run("UID SEARCH OR EMAILID m2 EMAILID M1", "* SEARCH", "T OK UID SEARCH completed")
	c.run("SEARCH EMAILID "+strings.Repeat("x", 255), "* SEARCH", "T OK SEARCH completed")
	c.run("SEARCH EMAILID "+strings.Repeat("x", 256), "T BAD SEARCH: an object id has at most 255 characters (RFC 8474 7)")
	c.run(`SEARCH EMAILID "M2"`, `T BAD SEARCH: expected an object id, found "\"M2\"" (RFC 3501 9)`)
	c.run("SEARCH EMAILID M.2", `T BAD SEARCH: unexpected ".2" after the arguments (RFC 3501 9)`)
	c.run("SEARCH THREADID", "T BAD SEARCH: expected a space…")
}

func TestThreadIDsBelongToTheFirstMessageOfTheThread(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	messages := []struct{ header, thread string }{
		{"Message-ID: <1@x>\r\n", "a"},
		{"Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n", "a"},
		{"Message-ID: <3@x>\r\nIn-Reply-To: <2@x>\r\nReferences: <1@x>\r\n\t<2@x>\r\n", "a"},
		{"Message-ID: <4@x>\r\n", "b"},
		{"Message-ID: <5@x>\r\nReferences: garbage <\r\nIn-Reply-To: message of Monday (comment) <4@x>\r\n", "b"},
		{"References: <> <\r\n 1@x>\r\n", "a"},
		{"Subject: no id\r\n", "c"},
		{"Subject: no id\r\n", "d"},
		{"Message-ID: no brackets\r\n", "e"},
	}
	for _, m := range messages {
		f.deliver(m.header + "\r\n")
	}
	c := f.selected()
	ids := make(map[string]string) // by thread
	members := make(map[string]string)
	for i, m := range messages {
		seq := string(rune('1' + i))
		line := c.ok("FETCH %s THREADID", seq)[0]
		id, ok := strings.CutPrefix(line, "* "+seq+" FETCH (THREADID (T")
		if !ok || len(id) < 10 {
			t.Fatal(line)
		}
		if ids[m.thread] == "" {
			ids[m.thread] = id
		}
		if ids[m.thread] != id {
			t.Errorf("message %s: %s isn't the thread of %q", seq, line, m.thread)
		}
		members["T"+strings.TrimSuffix(id, "))")] += " " + seq
	}
	if len(members) != 5 {
		t.Errorf("%d threads, want 5: %v", len(members), members)
	}
	for id, numbers := range members {
		c.run("SEARCH THREADID "+id, "* SEARCH"+numbers, "T OK SEARCH completed")
	}
	c.ok("CREATE other")
	c.ok("COPY 7 other")
	c.ok("SELECT other")
	c.run("FETCH 1 THREADID", "* 1 FETCH (THREADID (T"+ids["c"], "T OK FETCH completed")
}

func TestWithoutObjectIDThereAreNoIDs(t *testing.T) {
	t.Parallel()
	c := without(t, imap.CapObjectID)
	c.run("CREATE foo", "T OK CREATE completed")
	c.run("STATUS foo (MAILBOXID)", "T BAD STATUS: unknown STATUS item…")
	c.run("FETCH 1 EMAILID", `T BAD FETCH: unknown FETCH item "EMAILID" (RFC 3501 9)`)
	c.run("FETCH 1 THREADID", `T BAD FETCH: unknown FETCH item "THREADID" (RFC 3501 9)`)
	c.run("SEARCH EMAILID M1", `T BAD SEARCH: unknown search key "EMAILID"…`)
	c.run("SEARCH THREADID T1", `T BAD SEARCH: unknown search key "THREADID"…`)
	if answer := strings.Join(c.ok("SELECT INBOX"), "\n"); strings.Contains(answer, "MAILBOXID") {
		t.Errorf("SELECT:\n%s", answer)
	}
}

func FuzzThreadID(f *testing.F) {
	for _, seed := range []string{"<a@b>", "<> <a @b>", "<a", ">a<", "x <\"<>\"@b>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, references string) {
		x := newFixture(t)
		x.deliver("References: " + references + "\r\n\r\n")
		if id := x.selected().fetchItem("1", "THREADID"); len(id) != len("(T)")+24 {
			t.Errorf("References: %q: %s", references, id)
		}
	})
}
