package mailtest_test

import (
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore"
)

func ExampleAccount_CreateMailbox() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	alice.CreateMailbox("Sent", imap.MailboxAttrSent)
	alice.CreateMailbox("Work/2024").Deliver(mailtest.Mail{Subject: "plan"})
	alice.Subscribe("Work/2024")
	for _, mailbox := range alice.State().Mailboxes {
		fmt.Println(mailbox.Name, mailbox.SpecialUse, mailbox.Exists)
	}
	// Output:
	// INBOX [] 0
	// Sent [\Sent] 0
	// Work/2024 [] 1
}

// What another device does to mail. Sessions see it as soon as their protocol lets them.
func ExampleMailbox_AddFlags() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	uid := alice.Deliver(mailtest.Mail{Subject: "hello"})
	inbox := alice.Mailbox("INBOX")

	inbox.SetFlags(uid, imap.FlagFlagged) // and no other
	inbox.AddFlags(uid, imap.FlagSeen)
	inbox.RemoveFlags(uid, imap.FlagFlagged)
	inbox.Copy(alice.CreateMailbox("Archive"), uid)
	inbox.Move(alice.CreateMailbox("Trash"), uid)
	list(inbox)
	list(alice.Mailbox("Archive"))
	list(alice.Mailbox("Trash"))

	alice.Mailbox("Trash").Expunge(1)
	fmt.Println(len(alice.Mailbox("Trash").Messages()), "in the trash")
	// Output:
	// Archive 1 hello [\Seen]
	// Trash 1 hello [\Seen]
	// 0 in the trash
}

// Bob sees a mailbox of Alice's below "Other Users".
func ExampleMailbox_Share() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	bob := srv.AddAccount("bob@example.org", "secret")
	alice.CreateMailbox("Recipes").Share("bob@example.org", "lrs")

	mailboxes, err := bob.IMAPClient().List("", "*", nil).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for _, mailbox := range mailboxes {
		fmt.Println(mailbox.Mailbox)
	}
	// Output:
	// INBOX
	// Other Users
	// Other Users/alice@example.org
	// Other Users/alice@example.org/Recipes
}

func ExampleAccount_LockMaildrop() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	unlock := alice.LockMaildrop() // as if another POP3 client were at it
	dialog(t, srv.POP3, "USER alice", "PASS secret")
	unlock()
	dialog(t, srv.POP3, "USER alice", "PASS secret")
	// Output:
	// -ERR [IN-USE] PASS: the maildrop is locked by another session (RFC 1939 section 4)
	// +OK maildrop locked and ready, 0 messages
}

// Logins fail for each reason that RFC 5530 has a response code for.
func Example_refusedLogins() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")

	alice.RefuseLogins(mailstore.LoginExpired)
	dialog(t, srv.IMAP, `a LOGIN alice secret`)
	alice.RefuseLogins(mailstore.LoginUnavailable)
	dialog(t, srv.IMAP, `a LOGIN alice secret`)
	dialog(t, srv.POP3, "USER alice", "PASS secret")
	// Output:
	// a NO [EXPIRED] the password has expired
	// a NO [UNAVAILABLE] temporarily unavailable
	// -ERR [SYS/TEMP] PASS: temporarily unavailable
}

// An access token of OAuth logs in until it expires: at a time, or when the test says so.
func Example_accessTokens() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.AddToken("vF9dft4qmT", time.Now().Add(time.Hour))

	// user=alice@example.org, auth=Bearer vF9dft4qmT, in base64
	const response = "dXNlcj1hbGljZUBleGFtcGxlLm9yZwFhdXRoPUJlYXJlciB2RjlkZnQ0cW1UAQE="
	dialog(t, srv.POP3, "AUTH XOAUTH2 "+response)
	alice.ExpireToken("vF9dft4qmT")
	dialog(t, srv.POP3, "AUTH XOAUTH2 "+response, "") // an empty line after the reason (RFC 7628 §3.2.3)
	// Output:
	// +OK maildrop locked and ready, 0 messages
	// -ERR [AUTH] AUTH: the access token has expired
}

func ExampleServer_Restore() {
	t := newTest()
	defer t.end()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})

	snapshot := srv.Snapshot()
	for _, device := range []string{"laptop", "desktop"} { // or subtests
		srv.Restore(snapshot)
		pop3 := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
		pop3.Sync()
		fmt.Println(device, len(pop3.Messages()))
	}
	// Output:
	// laptop 1
	// desktop 1
}
