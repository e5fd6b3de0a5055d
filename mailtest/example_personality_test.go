package mailtest_test

import (
	"fmt"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/device"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/personality"
)

// At Gmail a POP3 client finds a message once, even if it doesn't delete it.
func ExampleWithPersonality() {
	fakes, err := mailtest.Start(mailtest.InMemory(), mailtest.WithPersonality(personality.Gmail()))
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
	for _, name := range []string{"laptop", "desktop"} {
		d := device.NewPOP3(device.Login{Dial: fakes.POP3.Dial, Name: "alice", Password: "secret"}, device.KeepOnServer)
		if err := d.Sync(); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("the %s has %d\n", name, len(d.Messages()))
	}
	fmt.Printf("INBOX has %d\n", inbox.Messages().Len())
	// Output:
	// the laptop has 1
	// the desktop has 0
	// INBOX has 1
}
