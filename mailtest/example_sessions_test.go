package mailtest_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
)

// readAll is code under test: it fetches all mail of INBOX.
func readAll(srv *mailtest.Fakes) error {
	conn, err := srv.IMAP.DialTLS()
	if err != nil {
		return err
	}
	app := imapclient.New(conn, nil)
	defer app.Close()
	if err := app.Login("alice@example.org", "secret").Wait(); err != nil {
		return err
	}
	if _, err := app.Select("INBOX", nil).Wait(); err != nil {
		return err
	}
	whole := &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}
	if err := app.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, whole).Close(); err != nil {
		return err
	}
	return app.Logout().Wait()
}

// withMail starts servers with a message for alice.
func withMail() *mailtest.Fakes {
	srv, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	alice, err := srv.Store.AddAccount("alice@example.org", "secret")
	if err != nil {
		log.Fatal(err)
	}
	inbox, err := alice.Mailbox("INBOX")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := mailtest.Put(inbox, []mailtest.Seed{{Raw: []byte("Subject: hello\r\n\r\nhi\r\n")}}); err != nil {
		log.Fatal(err)
	}
	return srv
}

// What a client did is checked in one line for each rule. With a [mailtest.Server] the same is
// srv.WantClients(…) or alice.WantClients(…), which fails the test.
func ExampleSessions_Check() {
	srv := withMail()
	defer srv.Close()
	if err := readAll(srv); err != nil {
		log.Fatal(err)
	}

	err := srv.IMAP.Sessions().Check(
		mailtest.NoPasswordBeforeTLS(),
		mailtest.FetchedNoBodyTwice(),
		mailtest.AtMost(1, "LOGIN"),
		mailtest.NeverSetSeen(),
	)
	fmt.Println(err)
	// Output:
	// mailtest: imap#1 alice@example.org: T3 FETCH 1:* (BODY[]) -> OK, which sets \Seen
}

// The record of a session is plain values, which a test can read at any time.
func ExampleEndpoint_Sessions() {
	srv := withMail()
	defer srv.Close()
	if err := readAll(srv); err != nil {
		log.Fatal(err)
	}

	for _, session := range srv.IMAP.Sessions() {
		fmt.Println(session.User, session.TLS, "ended", session.End)
		for _, c := range session.Commands {
			if c.Name == "FETCH" {
				fmt.Println(c.Name, c.Args(), c.Status, "UIDs", c.Bodies)
			}
		}
	}
	// Output:
	// alice@example.org TLS 1.3 ended by the client
	// FETCH [1:* (BODY[])] OK UIDs [1]
}

// A condition of one's own is a function that is called when something has changed. In a test, srv.Wait
// takes no context, and alice.UntilArrived and the like are ready conditions.
func ExampleFakes_Wait() {
	srv := withMail()
	defer srv.Close()
	go readAll(srv)

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := srv.Wait(ctx, mailtest.Condition{
		What: "a client that has logged out",
		Met: func() (bool, string) {
			sessions := srv.Sessions()
			return len(sessions) > 0 && len(sessions.Open()) == 0, fmt.Sprintf("%d sessions", len(sessions))
		},
	})
	fmt.Println(err)
	// Output:
	// <nil>
}
