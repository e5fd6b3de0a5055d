package mailstore_test

import (
	"errors"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestNewAccountsBeginWithTheMailboxesThatAreSet(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	before, err := s.AddAccount("before@example.org", "")
	if err != nil {
		t.Fatal(err)
	}
	sent := mailstore.NewMailbox{Name: "Folders/Sent", SpecialUse: imap.MailboxAttrSent}
	if err := s.SetNewMailboxes(sent, mailstore.NewMailbox{Name: "Notes"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetNewMailboxes(sent, sent); !errors.Is(err, mailstore.ErrExists) {
		t.Errorf("a mailbox twice: %v", err)
	}
	after, err := s.AddAccount("after@example.org", "")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(before.Mailboxes()); n != 1 {
		t.Errorf("an account from before has %d mailboxes", n)
	}
	if diff := cmp.Diff([]string{"Folders/Sent", "Notes"}, after.Subscriptions()); diff != "" {
		t.Error(diff)
	}
	if info, _ := after.MailboxInfo("Folders/Sent"); len(info.SpecialUse) != 1 || info.SpecialUse[0] != imap.MailboxAttrSent {
		t.Errorf("special use %v", info.SpecialUse)
	}
}

func TestLabelsTakeTheMailboxesThatAccountsBeginWith(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	s.UseLabels()
	if err := s.SetNewMailboxes(mailstore.NewMailbox{Name: "[Gmail]/Corbeille", SpecialUse: imap.MailboxAttrTrash}); err != nil {
		t.Fatal(err)
	}
	a, err := s.AddAccount("alice@example.org", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := a.LabelMailbox(imap.MailboxAttrTrash); got != "[Gmail]/Corbeille" {
		t.Errorf("the trash is %q", got)
	}
}
