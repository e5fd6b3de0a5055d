package mailtest_test

import (
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
)

func ExampleAccount_Messages() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{From: "bob@example.org", Subject: "hello", Text: "hi"})

	alice.Mailbox("INBOX").AddFlags(1, imap.FlagSeen) // what the code under test would do

	want := []mailtest.Message{{
		From: "bob@example.org", Subject: "hello", Text: "hi", Flags: []imap.Flag{imap.FlagSeen},
	}}
	if diff := cmp.Diff(want, alice.Messages(), mailtest.IgnoreVolatile()); diff != "" {
		t.Errorf("INBOX (-want +got):\n%s", diff)
	}
	// Output:
}

// Nothing may have changed: the states before and after are compared.
func ExampleAccount_State() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})

	before := alice.State()
	laptop := mailtest.NewPOP3Device(t, alice, mailtest.KeepOnServer)
	laptop.Sync()
	fmt.Println(len(laptop.Messages()), cmp.Equal(before, alice.State(), mailtest.MailLines()))
	// Output: 1 true
}

// What each protocol shows. POP3 has nothing but INBOX, and no flags.
func ExampleAccount_OverPOP3() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello", Flags: []imap.Flag{imap.FlagSeen}})
	alice.CreateMailbox("Work").Deliver(mailtest.Mail{Subject: "plan"})

	for _, m := range alice.OverPOP3() {
		fmt.Println("POP3", m.Subject, m.Flags)
	}
	for _, name := range []string{"INBOX", "Work"} {
		for _, m := range alice.OverIMAP()[name] {
			fmt.Println("IMAP", name, m.Subject, m.Flags)
		}
	}
	// Output:
	// POP3 hello []
	// IMAP INBOX hello [\Seen]
	// IMAP Work plan []
}

// Assertions in one line. Those that don't hold fail the test and say what is there.
func ExampleAccount_WantOverPOP3() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})
	alice.CreateMailbox("Trash").Deliver(mailtest.Mail{Subject: "spam"})

	alice.WantOverPOP3("hello")
	alice.WantOverIMAP("Trash", "spam")
	alice.WantGone("spam")
	// Output:
	// mailtest: "spam" isn't gone: it is on the server in Trash
}

func ExamplePOP3Device_WantOnlyHere() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})

	laptop := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
	laptop.Sync()
	laptop.WantOnlyHere("hello") // if the laptop is lost, so is the mail
	fmt.Println(alice.Octets(), "octets on the server")
	// Output: 0 octets on the server
}

// What is done on one device that uses IMAP shows on the other.
func ExampleNewIMAPDevice() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})
	phone, tablet := mailtest.NewIMAPDevice(t, alice), mailtest.NewIMAPDevice(t, alice)

	phone.Sync()
	phone.MarkRead("hello")
	tablet.Sync()
	fmt.Println("the tablet shows", tablet.Messages()[0].Flags)
	tablet.GoOffline()
	fmt.Println("and offline", len(tablet.Messages()))
	// Output:
	// the tablet shows [\Seen]
	// and offline 0
}

// What is done on a device that uses POP3 stays there.
func ExampleNewPOP3Device() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})

	laptop := mailtest.NewPOP3Device(t, alice, mailtest.KeepOnServer)
	laptop.Sync()
	laptop.MarkRead("hello")
	laptop.GoOffline()
	fmt.Println("the laptop shows", laptop.Messages()[0].Flags)
	fmt.Println("the server has", alice.Messages()[0].Flags)
	// Output:
	// the laptop shows [\Seen]
	// the server has []
}

func ExampleParseMessage() {
	m := mailtest.ParseMessage([]byte("From: bob@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nhi\r\n"))
	fmt.Printf("%s from %s: %s\n", m.Subject, m.From, m.Text)
	// Output: Grüße from bob@example.org: hi
}
