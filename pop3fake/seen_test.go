package pop3fake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/pop3fake"
)

// seen returns the UIDs of the messages that have \Seen.
func (f *fixture) seen() (uids []imap.UID) {
	f.t.Helper()
	for _, m := range f.inbox().Messages().All() {
		if m.HasFlag(imap.FlagSeen) {
			uids = append(uids, m.UID)
		}
	}
	return uids
}

func TestWhenRETRSetsSeenIsAPolicy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		options        []pop3fake.Option
		during, atLast int
	}{
		{"never, unless told otherwise", nil, 0, 0},
		{"at once", []pop3fake.Option{pop3fake.WithSeen(pop3fake.SeenAtOnce)}, 1, 1},
		{"at the end", []pop3fake.Option{pop3fake.WithSeen(pop3fake.SeenAtEnd)}, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, three(), test.options...)
			c := f.logIn()
			c.run("C: TOP 1 0\nS: +OK top of message follows")
			c.readResponse()
			c.run("C: RETR 2\nS: +OK 19 octets")
			c.readResponse()
			c.run("C: NOOP\nS: +OK nothing done")
			if n := len(f.seen()); n != test.during {
				t.Errorf("%d messages are \\Seen after RETR, want %d", n, test.during)
			}
			c.conn.Close() // in the middle of the session
			f.server.Close()
			if n := len(f.seen()); n != test.atLast {
				t.Errorf("%d messages are \\Seen after the session, want %d", n, test.atLast)
			}
		})
	}
}
