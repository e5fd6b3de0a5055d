package imapfake_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
)

func TestIdlePushesChangesAtOnce(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	f.deliver("a: 1\r\n\r\n", "a: 2\r\n\r\n")
	c, other := f.selected(), f.selected()
	f.deliver("a: 3\r\n\r\n")
	c.send("a IDLE")
	c.wants("+ idling", "* 3 EXISTS", "* 3 RECENT")
	f.deliver("a: 4\r\n\r\n")
	c.wants("* 4 EXISTS", "* 4 RECENT")
	other.ok(`STORE 1 +FLAGS (\Deleted $Work)`)
	c.wants(
		`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)`,
		`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work \*)] flags that can be changed`,
		`* 1 FETCH (UID 1 FLAGS (\Deleted $Work \Recent))`)
	other.ok("EXPUNGE")
	c.wants("* 1 EXPUNGE", "* 3 RECENT")
	c.send("done")
	c.wants("a OK IDLE completed")
	c.run("NOOP", "T OK NOOP completed")
}

func TestIdleEndsAtAnyLine(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	for _, c := range []*client{f.login(), f.selected()} {
		for line, want := range map[string]string{
			"DONE": "a OK IDLE completed", "Done": "a OK IDLE completed",
			"b NOOP": "a BAD IDLE is ended by DONE (RFC 2177 3)", "": "a BAD IDLE…", "DONE ": "a BAD IDLE…",
			strings.Repeat("x", 70_000): "a BAD line over 65536 octets (RFC 7162 4)",
		} {
			c.send("a IDLE", line, "c NOOP")
			c.wants("+ idling", want, "c OK NOOP completed")
		}
		c.send("a IDLE now", "c NOOP")
		c.wants(`a BAD IDLE: unexpected " now" after the arguments (RFC 2177 4)`, "c OK NOOP completed")
	}
}

func TestIdleIsLoggedOutAfter30Minutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newBaseFixture(t)
		c := f.selected()
		time.Sleep(29 * time.Minute)
		begin := time.Now()
		c.send("a IDLE")
		c.wants("+ idling")
		time.Sleep(29 * time.Minute)
		f.deliver("a: 1\r\n\r\n") // what the server sends doesn't count
		c.wants("* 1 EXISTS", "* 1 RECENT", "* BYE autologout: no command for 30 minutes (RFC 3501 5.4)")
		c.ended()
		if d := time.Since(begin); d != 30*time.Minute {
			t.Errorf("ended after %v", d)
		}
	})
}

func TestIdleEndsWithItsMailbox(t *testing.T) {
	t.Parallel()
	const bye = "* BYE the selected mailbox was deleted, renumbered or restored; connect again"
	f := newBaseFixture(t)
	other := f.login()
	for range 50 { // the server's two goroutines race for the end
		c := f.login()
		other.ok("CREATE box")
		c.ok("SELECT box")
		c.send("a IDLE")
		c.wants("+ idling")
		other.ok("DELETE box")
		c.wants(bye)
		c.ended()
	}
	c := f.selected()
	c.send("a IDLE")
	c.wants("+ idling")
	f.inbox.Renumber()
	c.wants(bye)
	c.ended()

	// Gone before IDLE began.
	c = f.selected()
	f.inbox.Renumber()
	c.send("a IDLE", "DONE")
	c.wants("+ idling", bye)
	c.ended()
}

func TestIdleEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newBaseFixture(t)
		c := f.selected()
		c.send("a IDLE")
		c.wants("+ idling")
		c.conn.Close()
		synctest.Wait()
		begin := time.Now()
		f.deliver("a: 1\r\n\r\n")
		f.server.Close()
		if d := time.Since(begin); d != 0 {
			t.Errorf("the session lived on for %v", d)
		}
	})
}

func TestIdleTellsEverythingUnderLoad(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.selected()
	c.send("a IDLE")
	c.wants("+ idling")
	const n = 200
	for i := range n {
		f.deliver("a: b\r\n\r\n")
		f.inbox.Store([]imap.UID{imap.UID(i + 1)}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagFlagged})
		if i%2 == 0 {
			f.inbox.Expunge([]imap.UID{imap.UID(i + 1)})
		}
	}
	c.send("DONE")
	exists := 0
	for _, line := range c.until("a") {
		switch {
		case strings.HasSuffix(line, " EXPUNGE"):
			exists--
		case strings.HasSuffix(line, " EXISTS"):
			if _, err := fmt.Sscanf(line, "* %d EXISTS", &exists); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
	}
	if exists != n/2 {
		t.Errorf("the client counts %d messages", exists)
	}
	for _, line := range c.ok("NOOP") {
		t.Errorf("then came %s", line)
	}
}
