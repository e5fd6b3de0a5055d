package device_test

import (
	"fmt"
	"log"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/device"
)

// A laptop downloads over POP3 and deletes; a phone that uses IMAP then shows nothing.
func Example() {
	fakes, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer fakes.Close()
	alice, err := fakes.Store.AddAccount("alice@example.org", "secret")
	if err != nil {
		log.Fatal(err)
	}
	inbox, err := alice.Mailbox("INBOX")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := mailtest.Put(inbox, []mailtest.Seed{{Raw: []byte("Subject: hello\n\nhi\n")}}); err != nil {
		log.Fatal(err)
	}

	laptop := device.NewPOP3(device.Login{Dial: fakes.POP3.Dial, Name: "alice", Password: "secret"}, device.DeleteAfterDownload)
	phone := device.NewIMAP(device.Login{Dial: fakes.IMAP.Dial, Name: "alice", Password: "secret"})
	defer phone.Close()
	for _, sync := range []func() error{laptop.Sync, phone.Sync} {
		if err := sync(); err != nil {
			log.Fatal(err)
		}
	}
	laptop.GoOffline()
	fmt.Println("the laptop has", len(laptop.Messages()), "and the phone shows", len(phone.Messages()))
	fmt.Println(laptop.Sync())
	// Output:
	// the laptop has 1 and the phone shows 0
	// device: sync over POP3: the device is offline
}
