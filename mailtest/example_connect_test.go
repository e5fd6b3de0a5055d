package mailtest_test

import (
	"fmt"

	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
)

// Code under test that takes an address gets that of the server.
func ExampleNew() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t)
	srv.AddAccount("alice@example.org", "secret")

	app, err := imapclient.DialStartTLS(srv.IMAP.Addr(), &imapclient.Options{TLSConfig: srv.TLSConfig()})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	fmt.Println(app.Login("alice@example.org", "secret").Wait())
	// Output: <nil>
}

// An account is found by its name, in capitals or not, and by what stands before the "@".
func ExampleServer_AddAccount() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	srv.AddAccount("alice@example.org", "secret").CreateMailbox("Work")

	for _, mailbox := range srv.Account("Alice").Mailboxes() {
		fmt.Println(mailbox.Name)
	}
	// Output:
	// INBOX
	// Work
}

// Without sockets, code under test is given a function that connects. A test that does so can run in
// a bubble of testing/synctest: examples/noclock and examples/newmail do.
func ExampleInMemory() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})

	conn, err := srv.IMAP.Dial() // or DialTLS
	if err != nil {
		t.Fatal(err)
	}
	app := imapclient.New(conn, nil)
	defer app.Close()
	if err := app.Login("alice@example.org", "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	inbox, err := app.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(inbox.NumMessages, "message")
	// Output: 1 message
}

// A client that is logged in, to be another device beside the code under test.
func ExampleAccount_IMAPClient() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	phone := alice.IMAPClient(mailtest.OverTLS())
	if err := phone.Create("Recipes", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	alice.Mailbox("Recipes").Deliver(mailtest.Mail{Subject: "soup"})
	alice.WantOverIMAP("Recipes", "soup")
	alice.WantClients(mailtest.NoPasswordBeforeTLS())
	// Output:
}

// The app is started, and the test goes on as soon as it listens.
func ExampleAccount_Wait() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	go func() { // the code under test
		app := alice.IMAPClient()
		app.Select("INBOX", nil).Wait()
		app.Idle()
	}()

	alice.Wait(alice.UntilIdle())
	alice.Deliver(mailtest.Mail{Subject: "hello"})
	alice.Wait(alice.UntilArrived("INBOX", "hello"))
	fmt.Println(srv.IMAP.Sessions().Open()[0].Mailbox)
	// Output: INBOX
}
