package mailtest_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore"
)

const allMail = "[Gmail]/All Mail"

// What a client calls deleting only takes mail out of the inbox.
func TestWithGmailDeletingFromTheInboxArchives(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithGmail())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "one"})
	alice.Deliver(mailtest.Mail{Subject: "two"})
	alice.CreateMailbox("Work")
	alice.Mailbox("INBOX").Copy(alice.Mailbox("Work"), 1)

	phone := mailtest.NewIMAPDevice(t, alice)
	phone.Sync()
	phone.MarkRead("one")
	phone.Delete("one")
	phone.Delete("two")

	wantMail(t, "the inbox", alice.Messages(), "")
	wantMail(t, "Work", alice.Mailbox("Work").Messages(), "(one)")
	wantMail(t, "all mail", alice.Mailbox(allMail).Messages(), "(one) two")
}

// The same client, at a user's who has chosen otherwise.
func TestWithGmailDeletedMailCanGoToTheTrash(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithGmail())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.SetLabelSettings(mailstore.LabelSettings{Expunged: mailstore.TrashExpunged})
	alice.Deliver(mailtest.Mail{Subject: "one", Flags: []imap.Flag{imap.FlagFlagged}})
	alice.Deliver(mailtest.Mail{Subject: "two"})

	phone := mailtest.NewIMAPDevice(t, alice)
	phone.Sync()
	phone.Delete("one")
	phone.Delete("two")
	wantMail(t, "all mail, while a star is a label, too", alice.Mailbox(allMail).Messages(), "one")
	wantMail(t, "the trash", alice.Mailbox("[Gmail]/Trash").Messages(), "two")
}

// POP3 shows the inbox of an account with labels like any other, and takes mail out of it.
func TestWithGmailPOP3DownloadsTheInbox(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithGmail())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.Deliver(mailtest.Mail{Subject: "one"})
	alice.Mailbox("[Gmail]/Sent Mail").Deliver(mailtest.Mail{Subject: "sent"})

	laptop := mailtest.NewPOP3Device(t, alice, mailtest.DeleteAfterDownload)
	laptop.Sync()
	wantMail(t, "the laptop", laptop.Messages(), "one")
	wantMail(t, "the inbox", alice.Messages(), "")
	wantMail(t, "all mail", alice.Mailbox(allMail).Messages(), "one sent")
}
