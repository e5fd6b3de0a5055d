package mailtest_test

import (
	"fmt"
	"os"
	"strings"
	"testing/fstest"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
)

// list prints a mailbox, a line for each message.
func list(b *mailtest.Mailbox) {
	for _, m := range b.Messages() {
		fmt.Println(b.Name(), m.UID, m.Subject, m.Flags)
	}
}

func ExampleAccount_Deliver() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	alice.Deliver(mailtest.Mail{From: "bob@example.org", Subject: "hello", Text: "hi"})
	alice.Deliver(mailtest.Mail{
		Subject: "Grüße", HTML: "<p>Schöne Grüße</p>",
		Attachments: []mailtest.Attachment{{Filename: "card.pdf", Data: []byte("%PDF-1.7")}},
		Flags:       []imap.Flag{imap.FlagFlagged},
	})
	list(alice.Mailbox("INBOX"))
	// Output:
	// INBOX 1 hello []
	// INBOX 2 Grüße [\Flagged]
}

// DeliverRaw takes a message as it is in a file, and DeliverVerbatim any octets, also such as no
// server should have to store.
func ExampleAccount_DeliverRaw() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	alice.DeliverRaw([]byte("Subject: hello\n\nhi\n"), imap.FlagSeen)
	alice.DeliverVerbatim([]byte("no header, no CRLF"))
	for _, m := range alice.Messages() {
		fmt.Printf("%q\n", m.Raw)
	}
	// Output:
	// "Subject: hello\r\n\r\nhi\r\n"
	// "no header, no CRLF"
}

func ExampleAccount_DeliverFS() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	files := fstest.MapFS{ // or os.DirFS("testdata")
		"1-hello.eml":   {Data: []byte("Subject: hello\n\nhi\n")},
		"2-invoice.eml": {Data: []byte("Subject: invoice\n\n42\n")},
		"README":        {Data: []byte("no mail\n")},
	}
	alice.DeliverFS(files, "*.eml")
	list(alice.Mailbox("INBOX"))
	// Output:
	// INBOX 1 hello []
	// INBOX 2 invoice []
}

func ExampleAccount_LoadMbox() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	const mbox = `From bob@example.org Thu Feb 29 12:30:00 2024
Subject: hello
Status: RO

hi
>From here on it is about cats.

From carol@example.org Fri Mar  1 08:00:00 2024
Subject: invoice

42
`
	alice.LoadMbox(strings.NewReader(mbox)) // or a file
	list(alice.Mailbox("INBOX"))
	fmt.Println(alice.Messages()[0].Text)
	// Output:
	// INBOX 1 hello [\Seen]
	// INBOX 2 invoice []
	// hi
	// From here on it is about cats.
}

func ExampleAccount_LoadMaildir() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	maildir := fstest.MapFS{ // or os.DirFS("testdata/Maildir")
		"cur/1709209800.M1P1.host:2,FS": {Data: []byte("Subject: hello\n\nhi\n")},
		"new/1709209900.M2P1.host":      {Data: []byte("Subject: invoice\n\n42\n")},
	}
	alice.LoadMaildir(maildir)
	list(alice.Mailbox("INBOX"))
	// Output:
	// INBOX 1 hello [\Flagged \Seen]
	// INBOX 2 invoice []
}

// A whole account is written as text, such as Dump gives it. LoadFile takes it from a file, and WantFile
// compares with one.
func ExampleAccount_Load() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	alice.Load(`
-- mailboxes --
INBOX
	7 2024-02-29T12:30:00Z \Seen $todo
"Sent Mail" \Sent
-- INBOX/7 --
Subject: hello

hi
`)
	list(alice.Mailbox("INBOX"))
	fmt.Println(alice.Mailbox("Sent Mail").State().SpecialUse)
	// Output:
	// INBOX 7 hello [\Seen $todo]
	// [\Sent]
}

func ExampleAccount_Dump() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.LoadMbox(strings.NewReader("From bob@example.org Thu Feb 29 12:30:00 2024\nSubject: hello\n\nhi\n"))
	alice.Mailbox("INBOX").AddFlags(1, imap.FlagSeen)

	fmt.Print(alice.Dump())
	// Output:
	// -- mailboxes --
	// INBOX uidvalidity=1 uidnext=2
	// 	1 2024-02-29T12:30:00Z \Seen
	// -- INBOX/1 --
	// Subject: hello
	//
	// hi
}

// What the code under test leaves is compared with a file, which go test -mailtest.update writes.
func ExampleAccount_WantFile() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.LoadFile(os.DirFS("testdata"), "account.txtar")

	alice.WantFile("testdata/account.txtar")
	// Output:
}
