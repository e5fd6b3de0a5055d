package mailtest_test

import (
	"fmt"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/device"
	"example.org/mailfakes/mailtest/mailstore"
)

// POP3 hands the mail to the first device that asks and deletes it: a second one finds nothing.
// In a test of yours t is its *testing.T, here and in the other examples.
func Example() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t) // both servers, one store
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{From: "bob@example.org", Subject: "hello", Text: "hi"})

	laptop := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
	phone := mailtest.NewIMAPDevice(t, alice)
	laptop.Sync()
	phone.Sync()
	laptop.GoOffline()

	fmt.Println("the laptop has", len(laptop.Messages()))
	fmt.Println("the phone shows", len(phone.Messages()))
	laptop.WantOnlyHere("hello")
	// Output:
	// the laptop has 1
	// the phone shows 0
}

// A program has no testing.TB: Start returns errors, and so does the store.
func ExampleStart() {
	fakes, err := mailtest.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fakes.Close()
	alice, err := fakes.Store.AddAccount("alice@example.org", "secret")
	if err != nil {
		fmt.Println(err)
		return
	}
	inbox, err := alice.Mailbox("INBOX")
	if err != nil {
		fmt.Println(err)
		return
	}
	letter := mailstore.NormalizedContent([]byte("Subject: hello\n\nhi\n"))
	if _, err := inbox.Append(mailstore.NewMessage{Content: letter}); err != nil {
		fmt.Println(err)
		return
	}

	laptop := device.NewPOP3(device.Login{Dial: fakes.POP3.Dial, Name: "alice", Password: "secret"}, device.DeleteAfterDownload)
	if err := laptop.Sync(); err != nil {
		fmt.Println(err)
		return
	}
	octets, messages := alice.Usage()
	fmt.Printf("on the laptop: %q\n", laptop.Messages()[0].Subject())
	fmt.Printf("on the server: %d octets in %d messages\n", octets, messages)
	// Output:
	// on the laptop: "hello"
	// on the server: 0 octets in 0 messages
}
