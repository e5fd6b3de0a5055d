package pop3fake_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

func three() []string {
	return []string{"Subject: 1\r\n\r\n", "Subject: 2\r\n\r\ntwo\r\n", "Subject: 3\r\n\r\nthree\r\n"}
}

func TestMarkedMessagesAreNotCountedAndNotListed(t *testing.T) {
	t.Parallel()
	start(t, three()).logIn().run(`
		C: DELE 2
		S: +OK message 2 marked as deleted
		C: STAT
		S: +OK 2 35
		C: LIST
		S: +OK 2 messages (35 octets)
		S: 1 14
		S: 3 21
		S: .
		C: LIST 3
		S: +OK 3 21
		C: UIDL
		S: +OK unique-id listing follows
		S: 1 0000000100000001
		S: 3 0000000300000001
		S: .
		C: LIST 2
		S: -ERR LIST: message 2 is marked as deleted
		C: UIDL 2
		S: -ERR UIDL: message 2 is marked as deleted
		C: RETR 2
		S: -ERR RETR: message 2 is marked as deleted
		C: TOP 2 0
		S: -ERR TOP: message 2 is marked as deleted
		C: DELE 2
		S: -ERR DELE: message 2 is marked as deleted
		C: DELE 1
		S: +OK message 1 marked as deleted
		C: STAT
		S: +OK 1 21
		C: RSET
		S: +OK maildrop has 3 messages (54 octets)
		C: STAT
		S: +OK 3 54
		C: LIST 2
		S: +OK 2 19`)
}

func TestQuitDeletesWhatIsMarkedAndNothingElse(t *testing.T) {
	t.Parallel()
	f := start(t, three())
	f.logIn().run(`
		C: DELE 1
		S: +OK message 1 marked as deleted
		C: RSET
		S: +OK maildrop has 3 messages (54 octets)
		C: DELE 3
		S: +OK message 3 marked as deleted
		C: DELE 2
		S: +OK message 2 marked as deleted
		C: QUIT
		S: +OK bye, 1 message left
		S: CLOSED`)
	if ms := f.inbox().Messages(); ms.Len() != 1 || ms.At(1).UID != 1 {
		t.Errorf("%d messages left", ms.Len())
	}
	f.logIn().run(`
		C: STAT
		S: +OK 1 14`)
}

func TestQuitFreesTheMaildropAfterTheDeletions(t *testing.T) {
	t.Parallel()
	f := start(t, three())
	events := f.store.Subscribe()
	defer events.Close()
	f.logIn().run(`
		C: DELE 2
		S: +OK message 2 marked as deleted
		C: DELE 1
		S: +OK message 1 marked as deleted
		C: QUIT
		S: +OK bye, 1 message left`)
	for _, want := range []string{"maildrop locked 0", "message expunged 1", "message expunged 2", "maildrop unlocked 0"} {
		e, err := events.Next(t.Context())
		if got := fmt.Sprint(e.Kind, " ", e.UID); err != nil || got != want {
			t.Fatalf("event %s, %v; want %s", got, err, want)
		}
	}
}

func TestADroppedConnectionDeletesNothing(t *testing.T) {
	t.Parallel()
	f := start(t, three())
	c := f.logIn()
	c.run(`
		C: DELE 1
		S: +OK message 1 marked as deleted`)
	c.conn.Close()
	f.server.Close()
	if f.left() != 3 {
		t.Errorf("%d messages left, want 3", f.left())
	}
}

func TestASessionIsFrozenFromLoginToQuit(t *testing.T) {
	t.Parallel()
	f := start(t, three())
	c := f.logIn()
	f.deliver("Subject: new\r\n\r\n")
	f.inbox().Expunge([]imap.UID{1, 2})
	c.run(`
		C: STAT
		S: +OK 3 54
		C: LIST
		S: +OK 3 messages (54 octets)
		S: 1 14
		S: 2 19
		S: 3 21
		S: .
		C: UIDL 1
		S: +OK 1 0000000100000001
		C: LIST 4
		S: -ERR LIST: no such message, the maildrop has 3 messages
		C: RETR 1
		S: -ERR RETR: message 1 is gone, another session expunged it
		C: TOP 2 0
		S: -ERR TOP: message 2 is gone, another session expunged it
		C: RETR 3
		S: +OK 21 octets
		S: Subject: 3
		S: 
		S: three
		S: .
		C: DELE 1
		S: +OK message 1 marked as deleted
		C: DELE 3
		S: +OK message 3 marked as deleted
		C: QUIT
		S: +OK bye, 1 message left`)
	f.logIn().run(`
		C: UIDL
		S: +OK unique-id listing follows
		S: 1 0000000400000001
		S: .`)
}

func TestNothingIsDeletedFromAMailboxThatWasRenumbered(t *testing.T) {
	t.Parallel()
	f := start(t, three())
	c := f.logIn()
	c.run(`
		C: DELE 1
		S: +OK message 1 marked as deleted`)
	f.inbox().Renumber()
	c.run(`
		C: RETR 2
		S: -ERR RETR: message 2 is gone, another session expunged it
		C: QUIT
		S: -ERR QUIT: some deleted messages not removed, the mailbox was renumbered or restored meanwhile
		S: CLOSED`)
	if f.left() != 3 {
		t.Errorf("%d messages left, want 3", f.left())
	}
	f.logIn()
}

func TestRetrievingLeavesFlagsAndRecentAlone(t *testing.T) {
	t.Parallel()
	f := start(t, three())
	before := f.inbox().Status()
	c := f.logIn()
	c.send("RETR 1\r\nTOP 2 1\r\nLIST\r\nUIDL\r\nSTAT\r\nQUIT\r\n")
	for range 5 {
		if line := c.line(); line != "+OK 3 54" && line[0] == '+' {
			c.lines()
		}
	}
	f.server.Close()
	after := f.inbox().Status()
	if after.HighestModSeq != before.HighestModSeq || after.Recent != 3 || !sameMessages(before.Messages, after.Messages) {
		t.Errorf("status was %+v, is %+v", before, after)
	}
}

func TestAnEmptyMaildropHasEmptyListings(t *testing.T) {
	t.Parallel()
	start(t, nil).logIn().run(`
		C: STAT
		S: +OK 0 0
		C: LIST
		S: +OK 0 messages (0 octets)
		S: .
		C: UIDL
		S: +OK unique-id listing follows
		S: .
		C: RETR 1
		S: -ERR RETR: no such message, the maildrop has 0 messages
		C: RSET
		S: +OK maildrop has 0 messages (0 octets)
		C: QUIT
		S: +OK bye, 0 messages left`)
}

func TestUniqueIDsStayAndAreNeverUsedAgain(t *testing.T) {
	t.Parallel()
	f := start(t, three())
	uidl := func() []string {
		c := f.logIn()
		c.run(`
			C: UIDL
			S: +OK unique-id listing follows`)
		ids := c.lines()
		c.run(`
			C: QUIT
			S: +OK bye, ` + fmt.Sprint(len(ids)) + ` messages left`)
		for i, line := range ids {
			ids[i] = line[2:]
		}
		return ids
	}
	first := uidl()
	f.inbox().Expunge([]imap.UID{3})
	f.deliver("Subject: 3\r\n\r\nthree\r\n")
	second := uidl()
	if !slices.Equal(second[:2], first[:2]) || slices.Contains(first, second[2]) {
		t.Errorf("unique-ids %q, then %q", first, second)
	}
	f.inbox().Renumber()
	for _, id := range uidl() {
		if slices.Contains(first, id) || slices.Contains(second, id) {
			t.Errorf("unique-id %q was used before", id)
		}
	}
}

func TestListingsOfManyMessagesAreComplete(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	content := mailstore.NewContent([]byte("Subject: same\r\n\r\n"))
	if _, err := f.inbox().Append(slices.Repeat([]mailstore.NewMessage{{Content: content}}, 10_000)...); err != nil {
		t.Fatal(err)
	}
	c := f.logIn()
	c.run(`
		C: LIST
		S: +OK 10000 messages (170000 octets)`)
	for i, line := range c.lines() {
		if want := fmt.Sprintf("%d 17", i+1); line != want {
			t.Fatalf("line %q, want %q", line, want)
		}
	}
	c.run(`
		C: UIDL 10000
		S: +OK 10000 0000271000000001`)
}
