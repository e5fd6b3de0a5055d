package mailtest_test

import (
	"bufio"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

// talk sends commands over a connection that was just made, and returns the last answer. Each
// answer has one line.
func talk(t *testing.T, dial func() (conn io.ReadWriteCloser, err error), commands ...string) string {
	t.Helper()
	nc, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	r := bufio.NewReader(nc)
	answer, err := r.ReadString('\n')
	for _, command := range commands {
		if err == nil {
			_, err = io.WriteString(nc, command+"\r\n")
		}
		if err == nil {
			answer, err = r.ReadString('\n')
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// over is a dialer for talk.
func over(e *mailtest.Endpoint) func() (io.ReadWriteCloser, error) {
	return func() (io.ReadWriteCloser, error) { return e.Dial() }
}

func TestAClientThatRenewsIDLEStaysAndOneThatDoesNotIsLoggedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory())
		alice, bob := srv.AddAccount("alice@example.org", "secret"), srv.AddAccount("bob@example.org", "secret")
		if _, err := alice.IMAPClient().Idle(); err != nil {
			t.Fatal(err)
		}
		talk(t, over(srv.IMAP), "a1 LOGIN bob@example.org secret", "a2 IDLE")
		srv.Wait(alice.UntilIdle(), bob.UntilIdle())
		began := time.Now()

		alice.Wait(alice.UntilSent(2, "IDLE")) // renewed by go-imap's client
		if after := time.Since(began); after > 29*time.Minute {
			t.Errorf("renewed after %v (RFC 2177: at least every 29 minutes)", after)
		}
		time.Sleep(2 * time.Hour)
		if s := bob.Sessions()[0]; s.End != mailwire.EndedBySilence || s.Closed.Sub(s.Opened) != 30*time.Minute {
			t.Errorf("bob's session ended %q after %v", s.End, s.Closed.Sub(s.Opened))
		}
		if open := alice.Sessions().Open(); len(open) != 1 || !open[0].Idle {
			t.Errorf("alice's sessions: %v", alice.Sessions())
		}
	})
}

func TestPOP3AutologoutDeletesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory())
		alice := srv.AddAccount("alice@example.org", "secret")
		alice.Deliver(mailtest.Mail{Subject: "hello"})
		if got := talk(t, over(srv.POP3), "USER alice@example.org", "PASS secret", "DELE 1"); !strings.HasPrefix(got, "+OK") {
			t.Fatal(got)
		}
		began := time.Now()
		srv.Wait(srv.UntilNoSessions())
		if took := time.Since(began); took != 10*time.Minute {
			t.Errorf("logged out after %v", took)
		}
		alice.WantOverPOP3("hello")
	})
}

func TestALoginDelayIsOverWhenItHasPassed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithPOP3(pop3fake.WithLoginDelay(15*time.Minute)))
		alice := srv.AddAccount("alice@example.org", "secret")
		device := mailtest.NewPOP3Device(t, alice, mailtest.KeepOnServer)
		device.Sync()
		time.Sleep(14 * time.Minute)
		if got := talk(t, over(srv.POP3), "USER alice@example.org", "PASS secret"); !strings.HasPrefix(got, "-ERR [LOGIN-DELAY]") {
			t.Errorf("after 14 minutes: %q", got)
		}
		time.Sleep(time.Minute)
		device.Sync()
	})
}

func TestATokenExpiresInTheMiddleOfASession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory())
		alice := srv.AddAccount("alice@example.org", "secret")
		alice.AddToken("an hour's", time.Now().Add(time.Hour))
		bearer := base64.StdEncoding.EncodeToString([]byte("user=alice@example.org\x01auth=Bearer an hour's\x01\x01"))
		login := func(tag string) string { return tag + " AUTHENTICATE XOAUTH2 " + bearer }
		began := time.Now()
		// Renewed once, so that the server's autologout isn't what ends it.
		nc, err := srv.IMAP.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		go io.Copy(io.Discard, nc)
		io.WriteString(nc, login("a1")+"\r\na2 IDLE\r\n")
		alice.Wait(alice.UntilIdle())
		time.AfterFunc(29*time.Minute, func() { io.WriteString(nc, "DONE\r\na3 IDLE\r\n") })
		time.AfterFunc(58*time.Minute, func() { io.WriteString(nc, "DONE\r\na4 IDLE\r\n") })
		srv.Wait(srv.UntilNoSessions())
		if took := time.Since(began); took != time.Hour || alice.Sessions()[0].End != mailwire.EndedByServer {
			t.Errorf("ended %q after %v", alice.Sessions()[0].End, took)
		}
		if got := talk(t, over(srv.IMAP), login("b1"), ""); !strings.HasPrefix(got, "b1 NO [EXPIRED]") {
			t.Errorf("another login: %q", got)
		}
	})
}
