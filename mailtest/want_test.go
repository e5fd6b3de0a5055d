package mailtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
)

func TestWhatEachProtocolShowsCanBeCompared(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{From: "bob@example.org", Subject: "hello", Text: "hi"})
	alice.CreateMailbox("Sent").Deliver(mailtest.Mail{Subject: "sent"})

	if diff := cmp.Diff(alice.OverIMAP()["INBOX"], alice.OverPOP3(), mailtest.IgnoreVolatile()); diff != "" {
		t.Errorf("(-IMAP +POP3):\n%s", diff)
	}
	if n := len(alice.OverIMAP()); n != 2 {
		t.Errorf("IMAP shows %d mailboxes, want 2", n)
	}
	if before := alice.Octets(); before == 0 || before != alice.OverIMAP()["INBOX"][0].Size+alice.OverIMAP()["Sent"][0].Size {
		t.Errorf("the account takes %d octets", before)
	}
}

func TestAssertionsSayWhereMailIs(t *testing.T) {
	t.Parallel()
	tb := &author{TB: t}
	tb.run(func() {
		srv := mailtest.New(tb, mailtest.InMemory())
		alice := srv.AddAccount("alice@example.org", "secret")
		alice.Deliver(mailtest.Mail{Subject: "hello"})
		one := mailtest.NewPOP3Device(tb, alice, mailtest.KeepOnServer)
		two := mailtest.NewPOP3Device(tb, alice, mailtest.DeleteAfterDownload)
		one.Sync()
		alice.WantGone("hello")
		alice.WantOverPOP3("other")
		two.WantOnlyHere("hello")
		two.Sync()
		two.WantOnlyHere("hello")
		one.Delete("hello")
		two.WantOnlyHere("hello")
		two.Delete("hello")
		alice.WantGone("hello")
	})
	want := []string{
		`"hello" isn't gone: it is on the server in INBOX`,
		`"hello" isn't gone: it is on POP3 device 1`,
		`a POP3 client of alice@example.org finds other subjects`,
		`"hello" isn't on POP3 device 2`,
		`"hello" isn't only on POP3 device 2: it is on the server in INBOX`,
		`"hello" isn't only on POP3 device 2: it is on POP3 device 1`,
		`"hello" isn't only on POP3 device 2: it is on POP3 device 1`,
	}
	if len(tb.errors) != len(want) {
		t.Fatalf("errors:\n%s", strings.Join(tb.errors, "\n"))
	}
	for i, w := range want {
		if !strings.Contains(tb.errors[i], w) {
			t.Errorf("error %d: %q, want %q", i+1, tb.errors[i], w)
		}
	}
}

func TestADeviceIsGoneWithItsSubtest(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})
	t.Run("subtest", func(t *testing.T) {
		laptop := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
		laptop.Sync()
		laptop.WantOnlyHere("hello")
	})
	alice.WantGone("hello")
}
