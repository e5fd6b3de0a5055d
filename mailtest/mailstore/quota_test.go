package mailstore_test

import (
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestQuotaCountsMailboxes(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "a", "b")
	if used := a.QuotaUsage(); used != (mailstore.Quota{Mailboxes: 3}) {
		t.Errorf("usage is %+v", used)
	}
	a.SetQuota(mailstore.Quota{Mailboxes: 3})
	_, err := a.CreateMailbox("c")
	checkError(t, err, mailstore.ErrOverQuota, "alice")
	checkError(t, a.RenameMailbox("INBOX", "c"), mailstore.ErrOverQuota, "alice")
	for _, err := range []error{a.RenameMailbox("a", "c"), a.DeleteMailbox("b"), a.RenameMailbox("INBOX", "b")} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestANegativeQuotaLetsNothingIn(t *testing.T) {
	t.Parallel()
	for _, q := range []mailstore.Quota{{Octets: -1}, {Messages: -1}} {
		a := newAccount(t)
		a.SetQuota(q)
		_, err := mailbox(t, a, "INBOX").Append(message(1))
		checkError(t, err, mailstore.ErrOverQuota, "alice")
	}
	a := newAccount(t)
	a.SetQuota(mailstore.Quota{Mailboxes: -1})
	_, err := a.CreateMailbox("a")
	checkError(t, err, mailstore.ErrOverQuota, "alice")
}

func TestWhatIsOverItsQuotaIsNoHindranceToTheRest(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	deliver(t, mailbox(t, a, "INBOX"), 2)
	a.SetQuota(mailstore.Quota{Octets: 1, Messages: 1, Mailboxes: 2})
	if _, err := a.CreateMailbox("a"); err != nil {
		t.Error(err)
	}
}
