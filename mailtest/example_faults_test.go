package mailtest_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
)

// A POP3 server whose maildrop is in use the first time that a client logs in.
func ExampleEndpoint_Inject() {
	srv, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	if _, err := srv.Store.AddAccount("alice@example.org", "secret"); err != nil {
		log.Fatal(err)
	}
	fault := srv.POP3.Inject(mailwire.On("PASS").Nth(1).Answer("-ERR [IN-USE] maildrop is locked"))

	conn, err := srv.POP3.Dial()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(conn, "USER alice@example.org\r\nPASS secret\r\nUSER alice@example.org\r\nPASS secret\r\nQUIT\r\n")
	answers, err := io.ReadAll(conn)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(answers)), "\r\n")[1:] {
		fmt.Println(line)
	}
	fmt.Println(fault.Rule(), "fired", fault.Fired(), "time")
	// Output:
	// +OK send PASS
	// -ERR [IN-USE] maildrop is locked
	// +OK send PASS
	// +OK maildrop locked and ready, 0 messages
	// +OK bye, 0 messages left
	// on PASS nth 1 answer "-ERR [IN-USE] maildrop is locked" fired 1 time
}

// Two clients race to make a mailbox: the tablet is held just before the server would do
// it, so that the phone comes first every time.
func ExampleEndpoint_Hold() {
	srv, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	if _, err := srv.Store.AddAccount("alice@example.org", "secret"); err != nil {
		log.Fatal(err)
	}
	held := srv.IMAP.Hold("CREATE")

	tablet, err := srv.IMAP.Dial()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(tablet, "a LOGIN alice@example.org secret\r\nb CREATE Plans\r\nc LOGOUT\r\n")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := held.Wait(ctx); err != nil {
		log.Fatal(err)
	}
	alice, err := srv.Store.Account("alice@example.org")
	if err != nil {
		log.Fatal(err)
	}
	_, err = alice.CreateMailbox("Plans") // by the other client, which is faster
	fmt.Println("the phone:", err)

	held.Release()
	answers, err := io.ReadAll(tablet)
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(string(answers)) {
		if strings.HasPrefix(line, "b ") {
			fmt.Println("the tablet:", strings.TrimSpace(line))
		}
	}
	// Output:
	// the phone: <nil>
	// the tablet: b NO [ALREADYEXISTS] create mailbox "Plans": already exists
}
