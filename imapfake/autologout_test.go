package imapfake_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

func TestHowLongAClientMayBeSilentIsAnOption(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, imapfake.WithAutologout(90*time.Second))
		c, idle := f.selected(), f.selected()
		idle.send("T IDLE")
		idle.wants("+ idling")
		time.Sleep(89 * time.Second)
		c.ok("NOOP")
		time.Sleep(89 * time.Second)
		idle.wantsEnd("* BYE autologout: no command for 1m30s (RFC 3501 5.4)\r\n")
		c.ok("NOOP")
	})
}

func TestWithoutAutologoutAClientMayBeSilentForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newFixture(t, imapfake.WithAutologout(0)).selected()
		time.Sleep(1000 * time.Hour)
		c.ok("NOOP")
	})
	want := "imapfake: autologout after -1s"
	if err := imapfake.New(mailstore.New(), imapfake.WithAutologout(-time.Second)).Err(); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// An answer may take as long as it wants, but a client that reads nothing of it must not keep
// its session for ever.
func TestAClientThatStopsReadingIsHungUpOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.deliver(strings.Repeat("0123456789abcde\n", 64<<10))
		slow, stuck := f.selected(), f.selected()
		for _, c := range []*client{slow, stuck} {
			c.send("T FETCH 1 (BODY.PEEK[])")
		}
		for range 4 {
			time.Sleep(29 * time.Minute)
			if _, err := io.CopyN(io.Discard, slow.r, 256<<10); err != nil {
				t.Fatal(err)
			}
		}
		slow.until("T")
		octets, err := io.Copy(io.Discard, stuck.r)
		if want := int64(256 << 10); octets != want || err != nil {
			t.Errorf("the client that read nothing gets %d octets, %v; want the %d that were under way", octets, err, want)
		}
		for _, session := range f.server.Sessions() {
			if session.Number == 2 && (session.End != mailwire.EndedBySilence || session.Closed.Sub(session.Opened) != imapfake.DefaultAutologout) {
				t.Errorf("the session ended by %s after %v", session.End, session.Closed.Sub(session.Opened))
			}
		}
	})
}
