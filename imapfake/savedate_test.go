package imapfake_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
)

// savedOn returns a client that has selected INBOX, with three messages that were received
// on someDay but saved on days in turn from the first day of 2000 on, at noon.
func savedOn(t *testing.T) (*fixture, *client) {
	f := newFixture(t)
	for day := range 3 {
		y, m, d := time.Date(2000, 1, 1+day, 0, 0, 0, 0, time.UTC).Date()
		time.Sleep(time.Until(time.Date(y, m, d, 12, 0, 0, 0, time.Local)))
		f.deliver("a: b\r\n\r\n")
	}
	return f, f.selected()
}

func TestSaveDateIsWhenAMessageCameToItsMailbox(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, c := savedOn(t)
		defer f.server.Close()
		saved := time.Now().Format(`"_2-Jan-2006 15:04:05 -0700"`)
		c.run("FETCH 3 (INTERNALDATE SAVEDATE)",
			`* 3 FETCH (INTERNALDATE "29-Feb-2024 12:30:00 +0100" SAVEDATE `+saved+")", "T OK FETCH completed")
		time.Sleep(time.Minute)
		copied := time.Now().Format(`"_2-Jan-2006 15:04:05 -0700"`)
		c.ok("CREATE other")
		c.ok("COPY 3 other")
		c.ok("STORE 3 +FLAGS (x)")
		c.run("FETCH 3 SAVEDATE", "* 3 FETCH (SAVEDATE "+saved+")", "T OK FETCH completed")
		f.inbox.Renumber()
		c = f.selected()
		c.run("FETCH 3 SAVEDATE", "* 3 FETCH (SAVEDATE "+saved+")", "T OK FETCH completed")
		c.ok("SELECT other")
		c.run("FETCH 1 (SAVEDATE INTERNALDATE)",
			"* 1 FETCH (SAVEDATE "+copied+` INTERNALDATE "29-Feb-2024 12:30:00 +0100")`, "T OK FETCH completed")
	})
}

func TestSearchBySaveDate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, c := savedOn(t)
		defer f.server.Close()
		for key, want := range map[string]string{
			"SAVEDBEFORE 1-Jan-2000": "", "SAVEDBEFORE 2-Jan-2000": " 1", "SAVEDBEFORE 4-Jan-2000": " 1 2 3",
			"SAVEDON 2-Jan-2000": " 2", "SAVEDON 4-Jan-2000": "",
			"SAVEDSINCE 1-Jan-2000": " 1 2 3", "SAVEDSINCE 2-Jan-2000": " 2 3", "SAVEDSINCE 4-Jan-2000": "",
			"NOT savedon \"2-jan-2000\"": " 1 3", "SAVEDATESUPPORTED": " 1 2 3", "NOT SAVEDATESUPPORTED": "",
			"ON 29-Feb-2024": " 1 2 3",
		} {
			c.run("SEARCH "+key, "* SEARCH"+want, "T OK SEARCH completed")
		}
		c.run("SEARCH SAVEDON", "T BAD SEARCH: expected a space…")
		c.run("SEARCH SAVEDON 2000-01-01", "T BAD SEARCH:…")
		c.run("SEARCH SAVEDATESUPPORTED 1-Jan-2000", "T BAD SEARCH:…")
	})
}

func TestWithoutSaveDateItIsUnknown(t *testing.T) {
	t.Parallel()
	c := without(t, imap.CapSaveDate)
	c.run("FETCH 1 SAVEDATE", `T BAD FETCH: unknown FETCH item "SAVEDATE" (RFC 3501 9)`)
	for _, key := range []string{"SAVEDBEFORE 1-Jan-2000", "SAVEDON 1-Jan-2000", "SAVEDSINCE 1-Jan-2000", "SAVEDATESUPPORTED"} {
		c.run("SEARCH "+key, "T BAD SEARCH: unknown search key…")
	}
}
