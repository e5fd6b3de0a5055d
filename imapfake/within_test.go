package imapfake_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestSearchByAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		defer f.server.Close()
		now := time.Now()
		for _, age := range []time.Duration{100 * time.Second, 99*time.Second - 1, 0, -time.Hour} {
			m := mailstore.NewMessage{InternalDate: now.Add(-age).In(someDay.Location())}
			if _, err := f.inbox.Append(m); err != nil {
				t.Fatal(err)
			}
		}
		c := f.selected()
		for key, want := range map[string]string{
			"OLDER 1": " 1 2", "OLDER 99": " 1 2", "OLDER 100": " 1", "OLDER 101": "", "OLDER 4294967295": "",
			"YOUNGER 1": " 3 4", "YOUNGER 98": " 3 4", "YOUNGER 99": " 2 3 4", "younger 100": " 1 2 3 4",
			"NOT OLDER 100": " 2 3 4", "YOUNGER 4294967295": " 1 2 3 4",
		} {
			c.run("SEARCH "+key, "* SEARCH"+want, "T OK SEARCH completed")
		}
		time.Sleep(time.Second)
		c.run("SEARCH OLDER 101", "* SEARCH 1", "T OK SEARCH completed")
		c.run("SEARCH OLDER 0", "T BAD SEARCH: 0 is no interval (RFC 5032 3, nz-number)")
		c.run("SEARCH YOUNGER 4294967296", "T BAD SEARCH: number 4294967296 is above 4294967295 (RFC 3501 9)")
		c.run("SEARCH YOUNGER", "T BAD SEARCH: expected a space…")
		c.run("SEARCH YOUNGER x", `T BAD SEARCH: expected a number, found "x" (RFC 3501 9)`)
	})
}

func TestWithoutWithinItIsUnknown(t *testing.T) {
	t.Parallel()
	c := without(t, imap.CapWithin)
	c.run("SEARCH OLDER 1", `T BAD SEARCH: unknown search key "OLDER"…`)
	c.run("SEARCH YOUNGER 1", `T BAD SEARCH: unknown search key "YOUNGER"…`)
}
