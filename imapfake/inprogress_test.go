package imapfake_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// slow makes a server take four seconds to look at a message's flags.
func slow() imapfake.Option {
	return imapfake.OverrideSearchKey("FLAGGED", func(_ *mailstore.Message, original bool) bool {
		time.Sleep(4 * time.Second)
		return original
	})
}

func TestALongCommandTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, c := numbered(t, 6, slow())
		f.set(imap.StoreFlagsAdd, imap.FlagFlagged, 3)
		c.ok("NOOP")
		c.run("SEARCH FLAGGED", `* OK [INPROGRESS ("T" 3 6)] still working`,
			"* SEARCH 2", "T OK SEARCH completed")
		// A tag with "]" can't stand in a response code.
		c.send("a]b SORT (ARRIVAL) UTF-8 1:3 FLAGGED")
		c.wants(`* OK [INPROGRESS (NIL 3 6)] still working`, "* SORT 2", "a]b OK SORT completed")
		c.run("SEARCH 1:2 FLAGGED", "* SEARCH 2", "T OK SEARCH completed")
	})
}

func TestAFetchForASlowReaderTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		large := make([]byte, 100<<10)
		for i := range large {
			large[i] = 'x'
		}
		for range 10 {
			f.deliver(string(large))
		}
		c := f.selected()
		c.send("T FETCH 1:* BODY.PEEK[]")
		begin := time.Now()
		time.Sleep(11 * time.Second)
		told := 0
		for _, line := range c.until("T") {
			var done int
			if _, err := fmt.Sscanf(line, `* OK [INPROGRESS ("T" %d 10)] still working`, &done); err == nil {
				told++
				if done < 1 || done > 9 {
					t.Errorf("%s", line)
				}
			}
		}
		if told != 1 || time.Since(begin) != 11*time.Second {
			t.Errorf("told %d times", told)
		}
	})
}

func TestProgressGoesWithItsCapability(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := numbered(t, 6, slow(), imapfake.WithoutCapabilities("INPROGRESS"))
		c.run("SEARCH FLAGGED", "* SEARCH", "T OK SEARCH completed")
	})
}
