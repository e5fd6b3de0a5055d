package mailtest_test

import (
	"testing"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/device"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestALoginPolicyIsTheSameInBothProtocols(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.WithLoginPolicy(mailstore.LoginPolicy{AnyPassword: true, CreateAccounts: true}))
	overPOP3 := device.NewPOP3(device.Login{Dial: srv.POP3.Dial, Name: "new@example.org", Password: "one"}, device.KeepOnServer)
	if err := overPOP3.Sync(); err != nil {
		t.Fatal(err)
	}
	srv.Account("new@example.org").Deliver(mailtest.Mail{Subject: "hello"})
	overIMAP := device.NewIMAP(device.Login{Dial: srv.IMAP.Dial, Name: "new@example.org", Password: "two"})
	defer overIMAP.Close()
	if err := overIMAP.Sync(); err != nil {
		t.Fatal(err)
	}
	if n := len(overIMAP.Messages()); n != 1 {
		t.Errorf("%d messages over IMAP, want 1", n)
	}
}
