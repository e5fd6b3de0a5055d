package mailtest_test

import (
	"fmt"
	"log"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
)

// A test that wants a client to keep to the advice of the RFCs looks at what was noted.
func ExampleEndpoint_Notes() {
	srv, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	if _, err := srv.Store.AddAccount("alice@example.org", "secret"); err != nil {
		log.Fatal(err)
	}

	conn, err := srv.IMAP.DialTLS()
	if err != nil {
		log.Fatal(err)
	}
	app := imapclient.New(conn, nil)
	defer app.Close()
	if err := app.Login("alice@example.org", "secret").Wait(); err != nil {
		log.Fatal(err)
	}
	if _, err := app.Select("INBOX", nil).Wait(); err != nil {
		log.Fatal(err)
	}
	// Polling like this is what NOOP and IDLE are for.
	if _, err := app.Status("INBOX", &imap.StatusOptions{NumMessages: true}).Wait(); err != nil {
		log.Fatal(err)
	}

	for _, note := range srv.IMAP.Notes() {
		fmt.Println(note.Rule, "-", note.Text, note.RFC)
	}
	// Output:
	// status-selected - STATUS of the selected mailbox RFC 3501 §6.3.10
}
