//go:build linux

package imapfake_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailscript/scripttest"
	"example.org/mailfakes/mailtest/mailwire"
)

var dovecotSequences = flag.Uint64("sequences", 100, "how many random sessions to have with Dovecot")

// What is asked of the fake in TestRandomSessions holds for a real server too.
func TestRandomSessionsHoldForDovecot(t *testing.T) {
	t.Parallel()
	dovecot := scripttest.StartDovecot(t, "", mailwire.IMAP)
	t.Run("all", func(t *testing.T) {
		runSequences(t, *dovecotSequences, func(s *sequence) func() *client {
			s.user = fmt.Sprintf("r%04d@example.org", s.seed)
			return func() *client {
				conn, err := dovecot.Dial(s.t.Context(), mailwire.IMAP)
				if err != nil {
					s.t.Fatal(err)
				}
				s.t.Cleanup(func() { conn.Close() })
				c := newClient(s.t, conn)
				if greeting := c.line(); !strings.HasPrefix(greeting, "* OK ") {
					s.t.Fatalf("greeting %q", greeting)
				}
				return c
			}
		})
	})
}
