package mailtest_test

import (
	"strings"
	"testing"

	"example.org/mailfakes/mailtest"
)

func TestInAServerFailsTheSubtestThatItIsUsedIn(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "hello"})
	laptop := mailtest.NewPOP3Device(t, alice, mailtest.KeepOnServer)
	laptop.Sync()

	sub := &author{TB: t}
	sub.run(func() {
		again := srv.In(sub).Account("alice@example.org")
		again.WantOverIMAP("INBOX", "other")
		again.WantGone("hello") // it is on the server and on the laptop, which all share
		again.Mailbox("nowhere")
	})
	if len(sub.errors) != 3 || !strings.Contains(sub.errors[2], "POP3 device 1") || !strings.Contains(sub.fatal, "no such mailbox") {
		t.Errorf("errors %q, fatal %q", sub.errors, sub.fatal)
	}
}
