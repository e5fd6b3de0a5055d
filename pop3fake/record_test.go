package pop3fake_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

func TestTheRecordTellsWhatAClientDid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, three())
		c := f.connect()
		for _, command := range []string{
			"USER alice@example.org", "pass wrong", "USER alice@example.org", "PASS secret", "NONSENSE x",
			"RETR 2", "LIST 9", "LIST 1", "DELE 1", "QUIT",
		} {
			c.send(command + "\r\n")
			if answer := c.line(); command == "RETR 2" && strings.HasPrefix(answer, "+OK") {
				c.lines()
			}
		}
		command := func(name, raw, status string) mailwire.Command {
			return mailwire.Command{Name: name, Raw: raw, Status: status}
		}
		inside := func(c mailwire.Command) mailwire.Command {
			c.Mailbox = "INBOX"
			return c
		}
		refused := command("PASS", "***", "ERR")
		refused.Code = "AUTH"
		retrieved := inside(command("RETR", "2", "OK"))
		retrieved.Bodies, retrieved.UIDValidity = []uint32{2}, f.inbox().Status().UIDValidity
		want := []mailwire.Session{{
			Number: 1, Protocol: mailwire.POP3, Remote: "pop3:1", State: "TRANSACTION", User: "alice@example.org",
			End: mailwire.EndedByClient, Opened: time.Now(), Closed: time.Now(),
			Commands: []mailwire.Command{
				command("USER", "alice@example.org", "OK"), refused,
				command("USER", "alice@example.org", "OK"), inside(command("PASS", "***", "OK")),
				inside(command("NONSENSE", "x", "ERR")), retrieved,
				inside(command("LIST", "9", "ERR")), inside(command("LIST", "1", "OK")),
				inside(command("DELE", "1", "OK")), command("QUIT", "", "OK"),
			},
		}}
		got := f.server.Sessions()
		if octets := got[0].Commands[5].Received; octets != int64(len("RETR 2\r\n")) {
			t.Errorf("RETR: %d octets received", octets)
		}
		var sent int64
		for _, c := range got[0].Commands {
			sent += c.Sent
		}
		if greeting := got[0].Sent - sent; greeting < 10 || greeting > 100 {
			t.Errorf("%d octets sent, %d of them in answer to commands", got[0].Sent, sent)
		}
		if diff := cmp.Diff(want, got,
			cmpopts.IgnoreFields(mailwire.Session{}, "Received", "Sent"),
			cmpopts.IgnoreFields(mailwire.Command{}, "Began", "Duration", "Received", "Sent"),
		); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestNoSecretIsRecorded(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.WithoutCapabilities(pop3fake.User))
	c := f.connect()
	for _, command := range []string{
		"PASS hush", "pass  hush hush", "APOP alice hush", `APOP a"lice hush`, "APOP alice hush hush", "AUTH PLAIN hush", "AUTH NONE hush",
	} {
		c.send(command + "\r\n")
		c.line()
	}
	for _, command := range f.server.Sessions()[0].Commands {
		if strings.Contains(command.Raw, "hush") || command.Status != "ERR" {
			t.Errorf("recorded %v", command)
		}
	}
}

func TestTheRecordTellsHowASessionEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, nil, pop3fake.OverrideCommand("NOOP", func(c *pop3fake.Call) error {
			c.HangUp()
			return nil
		}))
		for _, end := range []func(){
			func() { f.connect().send("QUIT\r\n") },
			func() { f.connect().conn.Close() },
			func() { f.connect(); time.Sleep(11 * time.Minute) },
			func() { f.connect().send(strings.Repeat("?\r\n", 20)) },
			func() { f.connect().send("NOOP\r\n") },
			func() { f.connect() },
		} {
			end()
			synctest.Wait()
		}
		f.server.Close()
		var got []mailwire.SessionEnd
		for _, s := range f.server.Sessions() {
			got = append(got, s.End)
		}
		want := []mailwire.SessionEnd{
			mailwire.EndedByClient, mailwire.EndedByLeaving, mailwire.EndedBySilence,
			mailwire.EndedByServer, mailwire.EndedByClosing, mailwire.EndedByClosing,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
