package mailtest_test

import (
	"fmt"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/personality"
)

// At Gmail a POP3 client finds a message once, even if it doesn't delete it.
func ExampleWithPersonality() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithPersonality(personality.Gmail()))
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})
	for _, name := range []string{"laptop", "desktop"} {
		d := mailtest.NewPOP3Device(t, alice, mailtest.KeepOnServer)
		d.Sync()
		fmt.Printf("the %s has %d\n", name, len(d.Messages()))
	}
	fmt.Printf("INBOX has %d\n", len(alice.Messages()))
	// Output:
	// the laptop has 1
	// the desktop has 0
	// INBOX has 1
}
