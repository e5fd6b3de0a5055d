package imapfake_test

import (
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
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
