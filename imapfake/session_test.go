package imapfake_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// ended reads until the server closes the connection, which must say nothing more.
func (c *client) ended() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
		c.t.Errorf("the connection goes on with %q, %v", rest, err)
	}
}

func TestServeConnServesOneConnection(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	ours, theirs := mailwire.Pipe()
	f.server.ServeConn(theirs)
	c := newClient(t, ours)
	c.wants("* OK [CAPABILITY…")
	c.run("LOGOUT", "* BYE logging out", "T OK LOGOUT completed")
	c.ended()
}

func TestAServerWhoseOptionsMakeNoSenseServesNothing(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]*imapfake.Server{
		"imapfake: no store":                         imapfake.New(nil),
		"imapfake: an option is nil":                 imapfake.New(mailstore.New(), nil),
		"imapfake: at most 0 sessions of an account": imapfake.New(mailstore.New(), imapfake.WithMaxSessions(0)),
	} {
		for _, err := range []error{s.Err(), s.Serve(nil), s.ServeTLS(nil)} {
			if fmt.Sprint(err) != want {
				t.Errorf("error %q, want %q", err, want)
			}
		}
	}
}

func TestCommandsBelongToStates(t *testing.T) {
	t.Parallel()
	const out, in, sel = "not authenticated", "authenticated", "selected"
	f := newBaseFixture(t)
	clients := map[string]*client{out: f.dial(), in: f.login(), sel: f.selected()}
	for _, test := range []struct{ states, commands string }{
		{out, "LOGIN AUTHENTICATE STARTTLS"},
		{in + sel, "SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE LIST LSUB STATUS APPEND NAMESPACE ENABLE IDLE"},
		{sel, "CHECK CLOSE UNSELECT EXPUNGE SEARCH FETCH STORE COPY MOVE"},
		{sel, "UID_SEARCH UID_FETCH UID_STORE UID_COPY UID_MOVE UID_EXPUNGE"},
	} {
		for name := range strings.FieldsSeq(test.commands) {
			name = strings.ReplaceAll(name, "_", " ")
			for state, c := range clients {
				if !strings.Contains(test.states, state) || state == in && test.states == out {
					c.run(name, "T BAD "+name+" is not allowed in the "+state+" state (RFC 3501 6)")
				}
			}
		}
	}
}

func TestLogoutEndsASessionInEveryState(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	for _, c := range []*client{f.dial(), f.login(), f.selected()} {
		c.send("a LOGOUT now", "b LOGOUT", "c NOOP")
		c.wants(`a BAD LOGOUT: unexpected " now" after the arguments (RFC 3501 9)`, "* BYE logging out", "b OK LOGOUT completed")
		c.ended()
	}
}

func TestASilentClientIsLoggedOutAfter30Minutes(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*fixture) *client{
		"not authenticated": (*fixture).dial, "authenticated": (*fixture).login, "selected": (*fixture).selected,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := begin(newBaseFixture(t))
				time.Sleep(30*time.Minute - time.Second)
				c.run("NOOP", "T OK NOOP completed")
				last := time.Now()
				c.wants("* BYE autologout: no command for 30 minutes (RFC 3501 5.4)")
				c.ended()
				if d := time.Since(last); d != 30*time.Minute {
					t.Errorf("ended after %v", d)
				}
			})
		})
	}
}

func TestCloseEndsSessionsWhateverTheyDo(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	for _, doing := range []string{"", "a IDLE\r\n", "a APPEND INBOX {10}\r\n", "a APPEND INBOX {10+}\r\nabc", "a NOO"} {
		c := f.selected()
		io.WriteString(c.conn, doing)
		if strings.HasSuffix(doing, "{10}\r\n") || strings.Contains(doing, "IDLE") {
			c.wants("+…")
		}
	}
	auth := f.dial()
	auth.send("a AUTHENTICATE PLAIN")
	auth.wants("+ ")
	f.server.Close()
	if _, err := auth.r.ReadByte(); err != io.EOF {
		t.Errorf("reading after Close: %v", err)
	}
	if _, err := f.listener.DialContext(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dialling after Close: %v", err)
	}
	if n := f.inbox.Messages().Len(); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestASessionEndsWhenItsMailboxIsDeletedByAnother(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	for _, command := range []string{"NOOP", "FETCH 1 FLAGS", "SEARCH ALL", "EXPUNGE", "STATUS INBOX (MESSAGES)", "CHECK", "STORE 1 FLAGS ()"} {
		c, other := f.login(), f.login()
		other.ok("CREATE box")
		other.ok("APPEND box {4+}\r\na: b")
		c.ok("SELECT box")
		other.ok("DELETE box")
		c.send("a "+command, "b NOOP")
		lines := []string{c.line()}
		if strings.HasPrefix(lines[0], "* STATUS") {
			lines[0] = c.line()
		}
		c.want(command, lines, []string{"* BYE the selected mailbox was deleted, renumbered or restored; connect again"})
		c.ended()
	}
}
