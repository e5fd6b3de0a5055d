package mailtest_test

import (
	"fmt"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/device"
	"example.org/mailfakes/mailtest/mailwire"
)

// A server that goes away and comes back with the same mail at the same address.
func ExampleServer_Restart() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t)
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})
	before := srv.POP3.Addr()

	srv.Restart() // or Stop and Start of one of the two
	dialog(t, srv.POP3, "USER alice", "PASS secret")
	fmt.Println(srv.POP3.Addr() == before)
	// Output:
	// +OK maildrop locked and ready, 1 message
	// true
}

// A POP3 session that is cut off has deleted nothing.
func ExampleEndpoint_Disconnect() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})

	conn, err := srv.POP3.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go fmt.Fprint(conn, "USER alice\r\nPASS secret\r\nDELE 1\r\n")
	alice.Wait(alice.UntilSent(1, "DELE"))
	if err := srv.POP3.Disconnect(); err != nil {
		t.Fatal(err)
	}
	srv.Wait(srv.UntilNoSessions())
	alice.WantOverPOP3("hello")
	// Output:
}

// What the app may do, and what it may not.
func ExampleAccount_WantClients() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	app := alice.IMAPClient() // over a plain connection
	if err := app.Noop().Wait(); err != nil {
		t.Fatal(err)
	}
	alice.WantClients(
		mailtest.AtMost(1, "LOGIN"),
		mailtest.NeverSent(`STORE \Deleted`),
		mailtest.NoPasswordBeforeTLS(),
	)
	// Output:
	// mailtest: imap#1 alice@example.org: T1 LOGIN "alice@example.org" *** -> OK, with a password or token, came without TLS
}

// The device loses its connection after each octet in turn, and has to have the mail in the end.
func ExampleCutEverywhere() {
	t := newTest()
	defer t.end()
	runs := 0
	mailtest.CutEverywhere(t, func(t testing.TB, srv *mailtest.Server) {
		runs++
		alice := srv.AddAccount("alice@example.org", "secret")
		alice.Deliver(mailtest.Mail{Subject: "hello"})
		laptop := device.NewPOP3(device.Login{Dial: srv.POP3.Dial, Name: "alice", Password: "secret"}, device.DeleteAfterDownload)
		if laptop.Sync() != nil {
			laptop.Sync() // it tries once more
		}
		if len(laptop.Messages()) != 1 {
			t.Errorf("the laptop has %d messages", len(laptop.Messages()))
		}
	}, mailtest.CutBetween())
	fmt.Println(runs > 10)
	// Output: true
}

// A rule that never applies tests nothing.
func ExampleFailOnUnfired() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.FailOnUnfired())
	srv.AddAccount("alice@example.org", "secret")
	srv.POP3.Inject(mailwire.On("RETR").Close())
	dialog(t, srv.POP3, "USER alice", "PASS secret", "STAT")
	// Output:
	// +OK 0 0
	// mailtest: pop3: the fault "on RETR close" never fired; it matched 0 times
}

// Two devices flag one message, in every order of their steps: neither undoes what the other did.
func ExampleInterleave() {
	t := newTest()
	defer t.end()
	orders := 0
	mailtest.Interleave(t, func(t testing.TB, srv *mailtest.Server, clients *mailtest.Clients) {
		orders++
		alice := srv.AddAccount("alice@example.org", "secret")
		alice.Deliver(mailtest.Mail{Subject: "hello"})
		for _, flag := range []imap.Flag{imap.FlagSeen, imap.FlagFlagged} {
			clients.Add(string(flag), func(step func()) {
				device := alice.IMAPClient()
				device.Select("INBOX", nil).Wait()
				step()
				device.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{flag}}, nil).Close()
			})
		}
		clients.Run()
		alice.Wait(alice.UntilFlagged("INBOX", "hello", imap.FlagSeen), alice.UntilFlagged("INBOX", "hello", imap.FlagFlagged))
	})
	fmt.Println(orders, "orders")
	// Output: 6 orders
}
