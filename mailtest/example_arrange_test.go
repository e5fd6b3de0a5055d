package mailtest_test

import (
	"bufio"
	"fmt"

	"example.org/mailfakes/mailtest"
)

// In a test: srv := mailtest.New(t), and no errors to look at.
func ExampleFakes_Restore() {
	fakes, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fakes.Close()
	alice, _ := fakes.Store.AddAccount("alice@example.org", "secret")
	before := fakes.Snapshot()

	alice.CreateMailbox("Work")
	alice.SetPassword("changed")
	fmt.Println(len(alice.Mailboxes()), alice.Password())

	if err := fakes.Restore(before); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(alice.Mailboxes()), alice.Password())
	// Output:
	// 2 changed
	// 1 secret
}

func ExampleEndpoint_Push() {
	fakes, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fakes.Close()
	conn, err := fakes.IMAP.Dial()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	client := bufio.NewScanner(conn)
	client.Scan() // the greeting

	if err := fakes.IMAP.Push("* OK [ALERT] going down soon\r\n"); err != nil {
		fmt.Println(err)
	}
	if err := fakes.IMAP.Bye("[UNAVAILABLE] maintenance"); err != nil {
		fmt.Println(err)
	}
	for client.Scan() {
		fmt.Println(client.Text())
	}
	// Output:
	// * OK [ALERT] going down soon
	// * BYE [UNAVAILABLE] maintenance
}
