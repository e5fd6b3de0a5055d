package mailtest_test

import (
	"fmt"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/device"
	"example.org/mailfakes/mailtest/mailstore"
)

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

func ExampleParseMessage() {
	m := mailtest.ParseMessage([]byte("From: bob@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nhi\r\n"))
	fmt.Printf("%s from %s: %s\n", m.Subject, m.From, m.Text)
	// Output: Grüße from bob@example.org: hi
}
