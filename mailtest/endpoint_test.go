package mailtest_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"

	"example.org/mailfakes/mailtest"
)

// ends checks how the server ends the connection.
func (w *wire) ends(want error) {
	w.t.Helper()
	if rest, err := w.in.ReadString('\n'); !errors.Is(err, want) || rest != "" {
		w.t.Errorf("the connection ends by %q and %v, want %v", rest, err, want)
	}
}

// overBoth runs a test with sockets and without.
func overBoth(t *testing.T, test func(*testing.T, *mailtest.Server)) {
	for name, options := range map[string][]mailtest.Option{"loopback": nil, "memory": {mailtest.InMemory()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := mailtest.New(t, options...)
			srv.AddAccount("alice@example.org", "secret")
			test(t, srv)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOctetsArePushedWhileTheServerWaits(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, srv *mailtest.Server) {
		w := imapSession(t, srv)
		must(t, srv.IMAP.Push("* 42 EXISTS\r\n"))
		w.say("", "* 42 EXISTS")
		w.say("A NOOP", "A OK…")
		w.say("B IDLE", "+ idling")
		must(t, srv.IMAP.Push("* OK [ALERT] going down soon\r\n* 43 EX"))
		must(t, srv.IMAP.Push("ISTS\r\n"))
		w.say("", "* OK [ALERT] going down soon", "* 43 EXISTS")
		w.say("DONE", "B OK…")
	})
}

func TestOctetsAreNeverPushedInsideOfAResponse(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.DeliverVerbatim([]byte(strings.Repeat("x", 4<<20)))
	w := imapSession(t, srv)
	w.selected("SELECT INBOX", "* 1 EXISTS")
	w.say("B FETCH 1 BODY.PEEK[]", "* 1 FETCH (BODY[] {4194304}")
	must(t, srv.IMAP.Push("* 42 EXISTS\r\n")) // the literal waits for its reader: it is too large for the pipe
	literal := make([]byte, 4<<20)
	if _, err := io.ReadFull(w.in, literal); err != nil || strings.Trim(string(literal), "x") != "" {
		t.Errorf("the literal isn't as it was delivered (%v)", err)
	}
	w.say("", ")", "B OK…", "* 42 EXISTS")
}

func TestPushesOfManyAndCommandsDoNotMingle(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, srv *mailtest.Server) {
		w := imapSession(t, srv)
		const pushes = 100
		var pushing sync.WaitGroup
		for range 4 {
			pushing.Go(func() {
				for range pushes {
					if err := srv.IMAP.Push("* 1 pushed\r\n* 2 pushed\r\n"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		w.say(strings.TrimSuffix(strings.Repeat("A NOOP\r\n", pushes), "\r\n"))
		answers, last := map[string]int{}, ""
		for range 4*2*pushes + pushes {
			line, err := w.in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "A OK") {
				line = "A OK"
			}
			if (last == "* 1 pushed") != (line == "* 2 pushed") {
				t.Fatalf("%q after %q", line, last)
			}
			answers[line]++
			last = line
		}
		pushing.Wait()
		if answers["A OK"] != pushes || answers["* 1 pushed"] != 4*pushes {
			t.Error(answers)
		}
	})
}

func TestSessionsAreEndedByByeByNothingOrByReset(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, srv *mailtest.Server) {
		imap := func() *wire { return imapSession(t, srv) }
		w := imap()
		must(t, srv.IMAP.Bye("[UNAVAILABLE] maintenance"))
		w.say("", "* BYE [UNAVAILABLE] maintenance")
		w.ends(io.EOF)

		w = imap()
		must(t, srv.IMAP.Disconnect())
		w.ends(io.EOF)

		w = imap()
		must(t, srv.IMAP.Reset())
		w.ends(syscall.ECONNRESET)

		pop := newWire(t, srv.POP3.Dial)
		pop.say("", "+OK…")
		must(t, srv.POP3.Push("-ERR not asked for\r\n"))
		pop.say("CAPA", "-ERR not asked for", "+OK…")
		must(t, srv.POP3.Reset())
		if _, err := io.ReadAll(pop.in); !errors.Is(err, syscall.ECONNRESET) {
			t.Error("the POP3 session ends by", err)
		}
		if err := srv.POP3.Bye("see you"); err == nil {
			t.Error("POP3 says BYE")
		}
		if err := srv.POP3.Disconnect(); err == nil {
			t.Error("a session was ended that wasn't there")
		}
	})
}

func TestASessionIsChosenByItsNumber(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	srv.AddAccount("alice@example.org", "secret")
	first, second := imapSession(t, srv), imapSession(t, srv)
	must(t, srv.IMAP.Bye("you", 2))
	second.say("", "* BYE you")
	second.ends(io.EOF)
	first.say("A NOOP", "A OK…")
	if err := srv.IMAP.Push("* 1 EXISTS\r\n", 1, 7); err == nil {
		t.Error("session 7 was there")
	}
}

func TestPushesAfterSTARTTLSAreInTLS(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	srv.AddAccount("alice@example.org", "secret")
	w := newWire(t, func() (net.Conn, error) { return srv.IMAP.DialTLS() })
	w.say("", "* OK…")
	must(t, srv.IMAP.Push("* 1 EXISTS\r\n"))
	w.say("A NOOP", "* 1 EXISTS", "A OK…")
}

func TestARestartedServerHasItsAddressAndItsStore(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, srv *mailtest.Server) {
		alice := srv.Account("alice@example.org")
		alice.Deliver(mailtest.Mail{Subject: "one"})
		addresses := [4]string{srv.IMAP.Addr(), srv.POP3.Addr(), srv.IMAP.TLSAddr(), srv.POP3.TLSAddr()}
		w := imapSession(t, srv)
		pop := newWire(t, srv.POP3.Dial)
		pop.say("", "+OK…")

		srv.Restart()
		w.ends(io.EOF)
		pop.ends(io.EOF)
		if got := [4]string{srv.IMAP.Addr(), srv.POP3.Addr(), srv.IMAP.TLSAddr(), srv.POP3.TLSAddr()}; got != addresses {
			t.Errorf("restarted at %v, not at %v", got, addresses)
		}
		imapSession(t, srv).say("A STATUS INBOX (MESSAGES)", "* STATUS INBOX (MESSAGES 1)")
		newWire(t, srv.IMAP.DialTLS).say("", "* OK…")

		srv.IMAP.Stop()
		srv.IMAP.Stop()
		if conn, err := srv.IMAP.Dial(); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("the stopped server took a connection (%v)", err)
			if err == nil {
				conn.Close()
			}
		}
		must(t, srv.IMAP.Start())
		imapSession(t, srv)
	})
}
