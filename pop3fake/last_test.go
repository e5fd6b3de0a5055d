package pop3fake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/pop3fake"
)

func TestLASTTellsTheHighestMessageThatWasAccessed(t *testing.T) {
	t.Parallel()
	f := start(t, three(), pop3fake.WithMoreCapabilities(pop3fake.Last), pop3fake.WithSeen(pop3fake.SeenAtEnd))
	c := f.logIn()
	c.run("C: LAST\nS: +OK 0\nC: DELE 1\nS: +OK message 1 marked as deleted\nC: LAST\nS: +OK 1\nC: RETR 2\nS: +OK 19 octets")
	c.readResponse()
	c.run("C: LAST\nS: +OK 2\nC: TOP 3 0\nS: +OK top of message follows")
	c.readResponse()
	c.run("C: LAST\nS: +OK 2\nC: RSET\nS: +OK maildrop has 3 messages (54 octets)\nC: LAST\nS: +OK 0")
	c.run("C: QUIT\nS: +OK bye, 3 messages left\nS: CLOSED")
	f.logIn().run("C: LAST\nS: +OK 2")
}

func TestLASTIsUnknownUnlessAskedFor(t *testing.T) {
	t.Parallel()
	f := start(t, three())
	if _, err := f.inbox().Store([]imap.UID{2}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}); err != nil {
		t.Fatal(err)
	}
	f.logIn().run("C: LAST\nS: -ERR unknown command \"LAST\"")
}
