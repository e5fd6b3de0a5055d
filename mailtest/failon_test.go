package mailtest_test

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
)

// failsAtEnd runs a test with options and returns how it failed at its end.
func failsAtEnd(t *testing.T, test func(*mailtest.Server, *mailtest.Account), options ...mailtest.Option) []string {
	t.Helper()
	a := &author{TB: t}
	a.run(func() {
		srv := mailtest.New(a, options...)
		test(srv, srv.AddAccount("alice@example.org", "secret"))
	})
	if a.fatal != "" {
		t.Errorf("failed with %s", a.fatal)
	}
	return a.errors
}

func TestNotesFailTheTestWhenAskedFor(t *testing.T) {
	t.Parallel()
	polls := func(_ *mailtest.Server, alice *mailtest.Account) {
		c := alice.IMAPClient(mailtest.OverTLS())
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Status("INBOX", &imap.StatusOptions{NumMessages: true}).Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if got := failsAtEnd(t, polls); got != nil {
		t.Errorf("not asked for: %q", got)
	}
	if got := failsAtEnd(t, polls, mailtest.FailOnNotes()); len(got) != 1 || !strings.Contains(got[0], "STATUS: status-selected: ") {
		t.Errorf("failed with %q", got)
	}
	if got := failsAtEnd(t, polls, mailtest.FailOnNotes("status-selected"), mailtest.InMemory()); got != nil {
		t.Errorf("with an exception: %q", got)
	}
}

func TestAClientThatLeavesWithoutLOGOUTIsNotedInTime(t *testing.T) {
	t.Parallel()
	leaves := func(srv *mailtest.Server, alice *mailtest.Account) {
		nc, err := srv.IMAP.DialTLS()
		if err != nil {
			t.Fatal(err)
		}
		c := imapclient.New(nc, nil)
		if err := c.Login(alice.Name(), alice.Password()).Wait(); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	if got := failsAtEnd(t, leaves, mailtest.FailOnNotes()); len(got) != 1 || !strings.Contains(got[0], "logout") {
		t.Errorf("failed with %q", got)
	}
}

func TestOpenSessionsFailTheTestWhenAskedFor(t *testing.T) {
	t.Parallel()
	leaves := func(srv *mailtest.Server, alice *mailtest.Account) {
		if err := alice.IMAPClient().Logout().Wait(); err != nil {
			t.Error(err)
		}
		nc, err := srv.POP3.Dial()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		if _, err := io.WriteString(nc, "USER alice@example.org\r\n"); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(nc)
		for range 2 { // the greeting and the answer
			if _, err := r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := failsAtEnd(t, leaves); got != nil {
		t.Errorf("not asked for: %q", got)
	}
	want := func(t *testing.T, options ...mailtest.Option) {
		got := failsAtEnd(t, leaves, append(options, mailtest.FailOnOpenSessions())...)
		if len(got) != 1 || !strings.Contains(got[0], "still open: pop3#2, AUTHORIZATION, last command USER alice@example.org -> OK") {
			t.Errorf("failed with %q", got)
		}
	}
	want(t)
	synctest.Test(t, func(t *testing.T) { want(t, mailtest.InMemory()) })
}

func TestWhatAClientNeverReadFailsTheTestWhenAskedFor(t *testing.T) {
	t.Parallel()
	got := failsAtEnd(t, func(srv *mailtest.Server, alice *mailtest.Account) {
		nc, err := srv.POP3.Dial()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(nc, "QUIT\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(nc, make([]byte, 3)); err != nil {
			t.Fatal(err)
		}
		srv.Wait(srv.UntilNoSessions())
		nc.Close()
	}, mailtest.InMemory(), mailtest.FailOnOpenSessions())
	if len(got) != 1 || !strings.Contains(got[0], "octets: pop3#1, AUTHORIZATION, ended: by the client") {
		t.Errorf("failed with %q", got)
	}
}

func TestStartsCloseReturnsWhatOptionsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := mailtest.Start(mailtest.InMemory(), mailtest.FailOnOpenSessions())
		if err != nil {
			t.Fatal(err)
		}
		nc, err := srv.IMAP.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		if _, err := nc.Read(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if err := srv.Close(); err == nil || !strings.Contains(err.Error(), "still open: imap#1, not authenticated, without a command") {
			t.Errorf("closed with %v", err)
		}
	})
}
