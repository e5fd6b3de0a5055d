package mailtest_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

// wire is one connection on which a test speaks the protocol itself.
type wire struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func newWire(t *testing.T, dial func() (net.Conn, error)) *wire {
	t.Helper()
	conn, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &wire{t, conn, bufio.NewReader(conn)}
}

// say sends a line, unless it is empty, and reads as many lines as are wanted. In those,
// "…" stands for anything.
func (w *wire) say(line string, want ...string) {
	w.t.Helper()
	if line != "" {
		fmt.Fprintf(w.conn, "%s\r\n", line)
	}
	for _, pattern := range want {
		got, err := w.in.ReadString('\n')
		if err != nil {
			w.t.Fatalf("%s: want %q: %v", line, pattern, err)
		}
		parts := strings.Split(pattern, "…")
		for i, part := range parts {
			parts[i] = regexp.QuoteMeta(part)
		}
		if got = strings.TrimSuffix(got, "\r\n"); !regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(got) {
			w.t.Fatalf("%s: got %q, want %q", line, got, pattern)
		}
	}
}

// both is an account that holds three messages, and the sessions of either protocol.
type both struct {
	t     *testing.T
	srv   *mailtest.Server
	alice *mailtest.Account
}

func (b *both) inbox() *mailtest.Mailbox { return b.alice.Mailbox("INBOX") }

// pop3 returns a session in the TRANSACTION state.
func (b *both) pop3() *wire {
	b.t.Helper()
	w := newWire(b.t, b.srv.POP3.Dial)
	w.say("", "+OK…")
	w.say("USER alice", "+OK…")
	w.say("PASS secret", "+OK…")
	return w
}

// imap returns a session that has INBOX selected.
func (b *both) imap(enable ...string) *wire {
	b.t.Helper()
	w := newWire(b.t, b.srv.IMAP.Dial)
	w.say("", "* OK…")
	w.say("l LOGIN alice secret", "l OK…")
	for _, c := range enable {
		w.say("e ENABLE "+c, "* ENABLED…", "e OK…")
	}
	fmt.Fprint(w.conn, "s SELECT INBOX\r\n")
	for {
		line, err := w.in.ReadString('\n')
		if err != nil {
			b.t.Fatal(err)
		}
		if strings.HasPrefix(line, "s OK") {
			return w
		}
	}
}

// deleteFirst deletes message 1 over POP3 up to QUIT, without it.
func (b *both) deleteFirst() *wire {
	b.t.Helper()
	w := b.pop3()
	w.say("DELE 1", "+OK…")
	return w
}

func quit(w *wire) {
	w.t.Helper()
	w.say("QUIT", "+OK…")
}

// crossProtocol are the rows of the table in the package's documentation: what each
// action does to what the other protocol sees.
var crossProtocol = []struct {
	row     string
	options []pop3fake.Option
	test    func(*both)
}{
	{row: "RETR, policy leave", test: func(b *both) {
		i, p := b.imap(), b.pop3()
		retrieve(p)
		quit(p)
		i.say("a NOOP", "a OK…")
		i.say("b SEARCH SEEN", "* SEARCH", "b OK…")
	}},
	{row: "RETR, policy at once", options: []pop3fake.Option{pop3fake.WithSeen(pop3fake.SeenAtOnce)}, test: func(b *both) {
		i, p := b.imap(), b.pop3()
		retrieve(p)
		i.say("a NOOP", `* 1 FETCH (…FLAGS (\Seen…`, "a OK…")
	}},
	{row: "RETR, policy at the end", options: []pop3fake.Option{pop3fake.WithSeen(pop3fake.SeenAtEnd)}, test: func(b *both) {
		i, p := b.imap(), b.pop3()
		retrieve(p)
		i.say("a NOOP", "a OK…")
		i.say("b IDLE", "+…")
		p.conn.Close() // no QUIT
		i.say("", `* 1 FETCH (…FLAGS (\Seen…`)
	}},
	{row: "DELE before QUIT", test: func(b *both) {
		i := b.imap()
		b.deleteFirst()
		i.say("a NOOP", "a OK…")
		i.say("b FETCH 1 FLAGS", "* 1 FETCH…", "b OK…")
		b.alice.WantOverIMAP("INBOX", "one", "two", "three")
	}},
	{row: "DELE and QUIT", test: func(b *both) {
		i := b.imap()
		quit(b.deleteFirst())
		i.say("a NOOP", "* 1 EXPUNGE", "* 2 RECENT", "a OK…")
		b.alice.WantGone("one")
	}},
	{row: "RSET", test: func(b *both) {
		p := b.deleteFirst()
		p.say("RSET", "+OK…")
		quit(p)
		b.alice.WantOverIMAP("INBOX", "one", "two", "three")
	}},
	{row: "connection drops after DELE", test: func(b *both) {
		p := b.deleteFirst()
		p.conn.Close()
		b.untilUnlocked()
		b.alice.WantOverPOP3("one", "two", "three")
		b.alice.WantOverIMAP("INBOX", "one", "two", "three")
	}},
	{row: "IMAP expunge during POP3", test: func(b *both) {
		p, i := b.pop3(), b.imap()
		i.say(`a STORE 1 +FLAGS.SILENT (\Deleted)`, "a OK…")
		i.say("b EXPUNGE", "* 1 EXPUNGE", "* 2 RECENT", "b OK…")
		p.say("STAT", "+OK 3 …")
		p.say("UIDL 1", "+OK 1 00000001…")
		p.say("RETR 1", "-ERR…")
		p.say("RETR 2", "+OK…")
	}},
	{row: "IMAP move during POP3", test: func(b *both) {
		b.alice.CreateMailbox("Archive")
		p, i := b.pop3(), b.imap()
		i.say("a MOVE 1 Archive", "* OK [COPYUID…", "* 1 EXPUNGE", "* 2 RECENT", "a OK…")
		p.say("RETR 1", "-ERR…")
		p.say("DELE 1", "+OK…")
		quit(p)
		b.alice.WantOverIMAP("Archive", "one")
	}},
	{row: "IMAP flag during POP3", test: func(b *both) {
		p, i := b.pop3(), b.imap()
		i.say(`a STORE 1 +FLAGS.SILENT (\Deleted \Seen)`, "a OK…")
		p.say("STAT", "+OK 3 …")
		p.say("RETR 1", "+OK…")
	}},
	{row: "IMAP APPEND during POP3", test: func(b *both) {
		p, i := b.pop3(), b.imap()
		i.say("a APPEND INBOX {16+}\r\nSubject: four\r\n\r", "* 4 EXISTS", "…", "a OK…")
		p.say("STAT", "+OK 3 …")
		p.say("RETR 4", "-ERR…")
		quit(p)
		b.alice.WantOverPOP3("one", "two", "three", "four")
	}},
	{row: "IMAP RENAME INBOX during POP3", test: func(b *both) {
		p, i := b.deleteFirst(), b.imap()
		i.say("a RENAME INBOX Old", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 0 RECENT", "a OK…")
		p.say("STAT", "+OK 2 …")
		p.say("RETR 2", "-ERR…")
		quit(p)
		b.alice.WantOverIMAP("Old", "one", "two", "three")
		b.alice.WantOverPOP3()
	}},
	{row: "new UIDVALIDITY during POP3", test: func(b *both) {
		before := b.uniqueIDs()
		p := b.deleteFirst()
		b.inbox().Renumber()
		p.say("RETR 2", "-ERR…")
		p.say("QUIT", "-ERR…")
		b.alice.WantOverPOP3("one", "two", "three")
		for i, id := range b.uniqueIDs() {
			if slices.Contains(before, id) {
				b.t.Errorf("message %d has a unique-id of before: %s", i+1, id)
			}
		}
	}},
	{row: "POP3 QUIT during IDLE", test: func(b *both) {
		i := b.imap()
		i.say("a IDLE", "+…")
		quit(b.deleteFirst())
		i.say("", "* 1 EXPUNGE", "* 2 RECENT")
	}},
	{row: "POP3 QUIT before FETCH", test: func(b *both) {
		i := b.imap()
		quit(b.deleteFirst())
		i.say("a FETCH 1:3 UID", "* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)", "* 3 FETCH (UID 3)", "a OK…")
		i.say("b NOOP", "* 1 EXPUNGE", "* 2 RECENT", "b OK…")
	}},
	{row: "POP3 QUIT with QRESYNC", test: func(b *both) {
		i := b.imap("QRESYNC")
		quit(b.deleteFirst())
		i.say("a NOOP", "* VANISHED 1", "* 2 RECENT", "a OK…")
	}},
	{row: "two POP3 devices", test: func(b *both) {
		keeping := mailtest.NewPOP3Device(b.t, b.alice, mailtest.KeepOnServer)
		deleting := mailtest.NewPOP3Device(b.t, b.alice, mailtest.DeleteAfterDownload)
		deleting.Sync()
		deleting.WantOnlyHere("one")
		keeping.Sync()
		if n := len(keeping.Messages()); n != 0 {
			b.t.Errorf("the second device has %d messages", n)
		}
		b.alice.WantOverIMAP("INBOX")
	}},
	{row: "POP3 login during POP3", test: func(b *both) {
		p := b.pop3()
		other := newWire(b.t, b.srv.POP3.Dial)
		other.say("", "+OK…")
		other.say("USER alice", "+OK…")
		other.say("PASS secret", "-ERR [IN-USE]…")
		quit(p)
		other.say("USER alice", "+OK…")
		other.say("PASS secret", "+OK…")
	}},
	{row: "POP3 login during IMAP", test: func(b *both) {
		b.imap().say("a IDLE", "+…")
		b.pop3()
	}},
	{row: "quota freed by POP3", test: func(b *both) {
		b.alice.SetQuota(mailstore.Quota{Messages: 3})
		i := b.imap()
		i.say("a APPEND INBOX {13+}\r\nSubject: 4\r\n\r", "a NO [OVERQUOTA]…")
		quit(b.deleteFirst())
		i.say("b APPEND INBOX {13+}\r\nSubject: 4\r\n\r", "…", "…", "…", "b OK…")
	}},
	{row: "COPY, MOVE back, re-delivery", test: func(b *both) {
		archive := b.alice.CreateMailbox("Archive")
		ids := b.uniqueIDs()
		if again := b.uniqueIDs(); !slices.Equal(ids, again) {
			b.t.Errorf("unique-ids %q, in the next session %q", ids, again)
		}
		b.inbox().Copy(b.inbox(), 1)
		b.inbox().Move(archive, 2)
		archive.Move(b.inbox(), 1)
		b.alice.Deliver(mailtest.Mail{Subject: "three"})
		b.alice.Deliver(mailtest.Mail{Subject: "three"})
		now := b.uniqueIDs()
		if !slices.Equal(now[:2], []string{ids[0], ids[2]}) {
			b.t.Errorf("messages that stayed have other unique-ids: %q, before %q", now, ids)
		}
		slices.Sort(now)
		if len(slices.Compact(slices.Clone(now))) != 6 || slices.Contains(now, ids[1]) {
			b.t.Errorf("a unique-id is given twice: %q, before %q", now, ids)
		}
	}},
}

// retrieve reads message 1 over POP3.
func retrieve(p *wire) {
	p.t.Helper()
	p.say("RETR 1", "+OK…")
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			p.t.Fatal(err)
		}
		if line == ".\r\n" {
			return
		}
	}
}

// uniqueIDs returns what UIDL lists in a session of its own.
func (b *both) uniqueIDs() (ids []string) {
	b.t.Helper()
	p := b.pop3()
	p.say("UIDL", "+OK…")
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			b.t.Fatal(err)
		}
		if line == ".\r\n" {
			break
		}
		_, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		ids = append(ids, id)
	}
	quit(p)
	return ids
}

// untilUnlocked waits until no POP3 session has the maildrop.
func (b *both) untilUnlocked() {
	b.t.Helper()
	feed := b.srv.Store.Subscribe()
	defer feed.Close()
	for {
		unlock, err := b.alice.Account.LockMaildrop()
		if err == nil {
			unlock()
			return
		}
		if _, err := feed.Next(b.t.Context()); err != nil {
			b.t.Fatal(err)
		}
	}
}

func TestWhatOneProtocolDoesToTheOther(t *testing.T) {
	t.Parallel()
	for _, row := range crossProtocol {
		t.Run(row.row, func(t *testing.T) {
			t.Parallel()
			srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithPOP3(row.options...))
			b := &both{t, srv, srv.AddAccount("alice@example.org", "secret")}
			for _, subject := range []string{"one", "two", "three"} {
				b.alice.Deliver(mailtest.Mail{Subject: subject})
			}
			row.test(b)
		})
	}
}

// Every row of the table in the documentation has its test, and the other way round.
func TestTheTableOfBothProtocolsIsTheOneThatIsTested(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var documented, tested []string
	for _, match := range regexp.MustCompile(`(?m)^//\t([^|\n]+?) +\| `).FindAllStringSubmatch(string(doc), -1) {
		documented = append(documented, match[1])
	}
	for _, row := range crossProtocol {
		tested = append(tested, row.row)
	}
	if !slices.Equal(documented, tested) {
		t.Errorf("documented:\n%q\ntested:\n%q", documented, tested)
	}
}
