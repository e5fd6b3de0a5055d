package pop3fake_test

import (
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/pop3fake"
)

func TestMessagesExpireWhenTheirDaysAreOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, []string{"Subject: old\r\n\r\n"}, pop3fake.WithExpire(7))
		time.Sleep(24 * time.Hour)
		f.deliver("Subject: new\r\n\r\n")
		time.Sleep(6 * 24 * time.Hour)
		f.logIn().run(`
			C: STAT
			S: +OK 2 32
			C: QUIT
			S: +OK bye, 2 messages left`)
		time.Sleep(time.Second)
		c := f.logIn()
		c.run(`
			C: LIST
			S: +OK 1 message (16 octets)
			S: 1 16
			S: .
			C: UIDL 1
			S: +OK 1 0000000200000001`)
		if caps := c.capabilities(); !contains(caps, "EXPIRE 7") {
			t.Errorf("capabilities %q", caps)
		}
	})
}

func TestWithExpire0QuitDeletesWhatWasRetrieved(t *testing.T) {
	t.Parallel()
	f := start(t, three(), pop3fake.WithExpire(0))
	c := f.logIn()
	c.run("C: RETR 2\nS: +OK 19 octets")
	c.readResponse()
	c.run("C: TOP 1 0\nS: +OK top of message follows")
	c.readResponse()
	c.run("C: QUIT\nS: +OK bye, 2 messages left\nS: CLOSED")
	f.logIn().run(`
		C: UIDL
		S: +OK unique-id listing follows
		S: 1 0000000100000001
		S: 2 0000000300000001
		S: .`)
}

func TestWithExpire0ADroppedConnectionDeletesNothing(t *testing.T) {
	t.Parallel()
	f := start(t, three(), pop3fake.WithExpire(0))
	c := f.logIn()
	c.run("C: RETR 2\nS: +OK 19 octets")
	c.readResponse()
	c.conn.Close()
	f.server.Close()
	if f.left() != 3 {
		t.Errorf("%d messages left, want 3", f.left())
	}
}
