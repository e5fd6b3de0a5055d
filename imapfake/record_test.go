package imapfake_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
)

// wantSessions compares the record of sessions, but for times, octets and texts.
func (f *fixture) wantSessions(want ...mailwire.Session) {
	f.t.Helper()
	if diff := cmp.Diff(want, f.server.Sessions(),
		cmpopts.IgnoreFields(mailwire.Session{}, "Remote", "Opened", "Closed", "Received", "Sent", "Unread"),
		cmpopts.IgnoreFields(mailwire.Command{}, "Began", "Duration", "Received", "Sent", "UIDValidity"),
	); diff != "" {
		f.t.Errorf("sessions (-want +got):\n%s", diff)
	}
}

func TestTheRecordTellsWhatAClientDid(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	f.deliver("a: b\r\n\r\n1", "a: b\r\n\r\n2")
	c := f.dial()
	c.send(`a0 ID ("Name" "app")`)
	c.until("a0")
	c.send(`a1 LOGIN "alice@example.org" {6+}`, "secret")
	c.until("a1")
	c.send("a2 SELECT inbox")
	c.until("a2")
	c.send("a3 fetch 1:* (FLAGS BODY.PEEK[])")
	c.until("a3")
	c.send("a4 UID FETCH 1 (BODY[HEADER] BODY[]<0.5>)")
	c.until("a4")
	c.send("a5 NONSENSE x")
	c.until("a5")
	c.send("a6 STATUS nowhere (MESSAGES)")
	c.until("a6")
	want := mailwire.Session{
		Number: 1, Protocol: mailwire.IMAP, State: "selected", User: "alice@example.org", Mailbox: "INBOX",
		ClientID: map[string]string{"name": "app"},
		Commands: []mailwire.Command{
			{Tag: "a0", Name: "ID", Raw: `("Name" "app")`, Status: "OK"},
			{Tag: "a1", Name: "LOGIN", Raw: `"alice@example.org" ***`, Status: "OK"},
			{Tag: "a2", Name: "SELECT", Raw: "inbox", Status: "OK", Code: "READ-WRITE", Mailbox: "INBOX"},
			{Tag: "a3", Name: "FETCH", Raw: "1:* (FLAGS BODY.PEEK[])", Status: "OK", Mailbox: "INBOX", Bodies: []uint32{1, 2}},
			{Tag: "a4", Name: "UID FETCH", Raw: "1 (BODY[HEADER] BODY[]<0.5>)", Status: "OK", Mailbox: "INBOX"},
			{Tag: "a5", Name: "NONSENSE", Raw: "x", Status: "BAD", Mailbox: "INBOX"},
			{Tag: "a6", Name: "STATUS", Raw: "nowhere (MESSAGES)", Status: "NO", Code: "NONEXISTENT", Mailbox: "INBOX"},
		},
	}
	got := f.server.Sessions()[0]
	want.Commands[1].Code = got.Commands[1].Code // the capabilities
	if !strings.HasPrefix(want.Commands[1].Code, "CAPABILITY IMAP4rev1 ") {
		t.Errorf("code of LOGIN: %q", want.Commands[1].Code)
	}
	f.wantSessions(want)
	c.send("a7 LOGOUT")
	c.until("a7")
	want.State, want.Mailbox, want.End = "authenticated", "", mailwire.EndedByClient
	want.Commands = append(want.Commands, mailwire.Command{Tag: "a7", Name: "LOGOUT", Status: "OK"})
	f.wantSessions(want)
}

func TestTheRecordCountsOctetsPerCommand(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	c.send("a1 NOOP\r\na2 CHECK\r\na3 CREATE {3+}\r\nbox\r\na4 NOOP")
	answer := "a1 OK NOOP completed\r\na2 BAD "
	c.until("a4")
	got := f.server.Sessions()[0].Commands[1:]
	octets := func(c mailwire.Command) [2]int64 { return [2]int64{c.Received, c.Sent} }
	if got := octets(got[0]); got != [2]int64{9, 22} {
		t.Errorf("NOOP: %d octets", got)
	}
	if got := octets(got[1]); got[0] != 10 || got[1] < int64(len(answer)-22) {
		t.Errorf("CHECK: %d octets", got)
	}
	if got := octets(got[2]); got != [2]int64{21, int64(len("a3 OK CREATE completed\r\n"))} {
		t.Errorf("CREATE: %d octets", got)
	}
}

func TestAPasswordIsInNoRecord(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithCommand(imapfake.Command{
		Name: "XLOGIN", Capability: "XLOGIN", States: imapfake.AnyState, Run: func(c *imapfake.Call) error {
			c.Hide(c.Args().Atom())
			return nil
		},
	}))
	c := f.dial()
	for _, command := range []string{
		"LOGIN alice hush", `LOGIN "alice" "hush" extra`, "LOGIN alice {4+}\r\nhush", "login  alice hush",
		"AUTHENTICATE PLAIN hush", "AUTHENTICATE PLAIN hush hush", "XLOGIN hush",
	} {
		c.send("T " + command)
		c.until("T")
	}
	for _, command := range f.server.Sessions()[0].Commands {
		if strings.Contains(command.Raw, "hush") || command.Status == "" {
			t.Errorf("recorded %v", command)
		}
	}
}

func TestALargeLiteralIsRecordedByItsAnnouncement(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	c.send("a1 APPEND INBOX (\\Seen) {5000+}\r\n" + strings.Repeat("x", 5000))
	c.until("a1")
	got := f.server.Sessions()[0].Commands[1]
	if got.Raw != `INBOX (\Seen) {5000+}` || got.Received != 5035 {
		t.Errorf("%q with %d octets", got.Raw, got.Received)
	}
}

func TestTheRecordTellsTLSAndWhatCameBefore(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.dial()
	c.run("NOOP", "T OK NOOP completed")
	c.startTLS()
	c.run("NOOP", "T OK NOOP completed")
	got := f.server.Sessions()[0]
	if got.TLS != "TLS 1.3" || len(got.Commands) != 3 || got.Commands[1].TLS || !got.Commands[2].TLS {
		t.Errorf("TLS %q, commands %v", got.TLS, got.Commands)
	}
}

func TestTheRecordTellsHowASessionEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newBaseFixture(t, imapfake.WithCommand(imapfake.Command{
			Name: "XHANGUP", Capability: "XHANGUP", States: imapfake.AnyState, Run: func(c *imapfake.Call) error {
				c.HangUp()
				return nil
			},
		}))
		trash, err := f.alice.CreateMailbox("Trash")
		if err != nil {
			t.Fatal(err)
		}
		ends := []func(){
			func() { f.dial().ok("LOGOUT") },
			func() { f.dial().conn.Close() },
			func() { f.dial(); time.Sleep(31 * time.Minute) },
			func() { f.dial().send("T XHANGUP") },
			func() {
				c := f.login()
				c.ok("SELECT Trash")
				if err := f.alice.DeleteMailbox(trash.Name()); err != nil {
					t.Error(err)
				}
				c.send("T NOOP")
			},
			func() {
				c := f.login()
				c.send("T IDLE")
				c.line()
				if s := f.server.Sessions(); !s[len(s)-1].Idle {
					t.Error("not recorded as idle")
				}
				c.conn.Close()
			},
			func() { f.dial() },
		}
		for _, end := range ends {
			end()
			synctest.Wait()
		}
		f.server.Close()
		var got []mailwire.SessionEnd
		for _, s := range f.server.Sessions() {
			got = append(got, s.End)
			if s.Closed.IsZero() || s.Idle {
				t.Errorf("%v: closed %v, idle %v", &s, s.Closed, s.Idle)
			}
		}
		want := []mailwire.SessionEnd{
			mailwire.EndedByClient, mailwire.EndedByLeaving, mailwire.EndedBySilence, mailwire.EndedByClosing,
			mailwire.EndedByServer, mailwire.EndedByLeaving, mailwire.EndedByClosing,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestARecordGoesOnAfterUNAUTHENTICATE(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	c.ok("UNAUTHENTICATE")
	c.ok("NOOP")
	got := f.server.Sessions()
	if len(got) != 1 || len(got[0].Commands) != 3 || got[0].State != "not authenticated" || got[0].User != "alice@example.org" {
		t.Errorf("sessions %+v", got)
	}
}
