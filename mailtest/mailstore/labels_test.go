package mailstore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// labelsShown returns what each mailbox has that isn't empty: texts with their flags.
func labelsShown(t *testing.T, a *mailstore.Account) map[string]string {
	t.Helper()
	shown := make(map[string]string)
	for _, info := range a.Mailboxes() {
		if info.NoSelect {
			continue
		}
		b, err := a.Mailbox(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range b.Messages().All() {
			all = append(all, fmt.Sprintf("%s%v", m.Raw(), m.Flags))
		}
		if len(all) > 0 {
			shown[info.Name] = strings.Join(all, " ")
		}
	}
	return shown
}

func mailboxes(t *testing.T, a *mailstore.Account, names ...string) (boxes []*mailstore.Mailbox) {
	t.Helper()
	for _, name := range names {
		b, err := a.Mailbox(name)
		if err != nil {
			b, err = a.CreateMailbox(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		boxes = append(boxes, b)
	}
	return boxes
}

func put(t *testing.T, b *mailstore.Mailbox, text string, flags ...imap.Flag) *mailstore.Message {
	t.Helper()
	uids, err := b.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte(text)), Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	_, m := b.Messages().Find(uids[0])
	return m
}

func copyTo(t *testing.T, m *mailstore.Message, from *mailstore.Mailbox, to ...*mailstore.Mailbox) {
	t.Helper()
	for _, b := range to {
		if _, err := from.Copy([]*mailstore.Message{m}, b); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUseLabelsMakesOneMessageOfCopies(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	bin, err := a.CreateMailbox("Papierkorb", imap.MailboxAttrTrash)
	if err != nil {
		t.Fatal(err)
	}
	boxes := mailboxes(t, a, "INBOX", "Work")
	inbox, work := boxes[0], boxes[1]
	one := put(t, inbox, "one", "$Todo")
	copyTo(t, one, inbox, inbox, work, bin)
	if _, err := work.Store([]imap.UID{1}, imap.StoreFlagsSet, []imap.Flag{imap.FlagFlagged, imap.FlagDeleted, "$todo"}); err != nil {
		t.Fatal(err)
	}
	copyTo(t, put(t, bin, "rubbish", imap.FlagFlagged), bin, bin)
	a.UseLabels()
	want := map[string]string{
		"INBOX": "one[\\Flagged $Todo]", "Work": "one[\\Flagged \\Deleted $Todo]", "[Gmail]/All Mail": "one[\\Flagged $Todo]",
		"[Gmail]/Starred": "one[\\Flagged $Todo]", "Papierkorb": "rubbish[\\Flagged]",
	}
	if diff := cmp.Diff(want, labelsShown(t, a)); diff != "" {
		t.Errorf("mailboxes (-want +got):\n%s", diff)
	}
	if octets, n := a.Usage(); octets != int64(len("one"+"rubbish")) || n != 2 {
		t.Errorf("usage is %d octets, %d messages", octets, n)
	}
	if _, err := a.Mailbox("[Gmail]/Trash"); !errors.Is(err, mailstore.ErrNoMailbox) {
		t.Errorf("a second trash: %v", err)
	}
}

// A message that was read before the account had labels is still the one that it was.
func TestCopyingAMessageTakenBeforeUseLabelsAddsALabel(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	boxes := mailboxes(t, a, "INBOX", "Work")
	m := put(t, boxes[0], "one")
	a.UseLabels()
	copyTo(t, m, boxes[0], boxes[1])
	if _, n := a.Usage(); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestMailboxesThatLabelsNeedStay(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.UseLabels()
	for _, err := range []error{
		a.DeleteMailbox("[Gmail]/All Mail"), a.RenameMailbox("[Gmail]/Trash", "Bin"), a.RenameMailbox("[Gmail]", "Google"),
	} {
		if !errors.Is(err, mailstore.ErrSystemMailbox) {
			t.Errorf("error %v", err)
		}
	}
}

func TestALabelCostsNoQuota(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.UseLabels()
	boxes := mailboxes(t, a, "INBOX", "Work")
	m := put(t, boxes[0], "one")
	a.SetQuota(mailstore.Quota{Octets: 3, Messages: 1})
	copyTo(t, m, boxes[0], boxes[1])
	if _, err := boxes[1].Append(mailstore.NewMessage{}); !errors.Is(err, mailstore.ErrOverQuota) {
		t.Errorf("one more message: %v", err)
	}
	boxes[0].Expunge([]imap.UID{1})
	boxes[1].Expunge([]imap.UID{1})
	if octets, n := a.Usage(); octets != 3 || n != 1 {
		t.Errorf("archived, the usage is %d octets, %d messages", octets, n)
	}
}

func TestAReplacedMessageLosesAllItsLabels(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.UseLabels()
	boxes := mailboxes(t, a, "[Gmail]/Drafts", "Work")
	copyTo(t, put(t, boxes[0], "draft"), boxes[0], boxes[1])
	view, _, err := boxes[0].Open(false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := view.Replace(1, boxes[0], mailstore.NewMessage{Content: mailstore.NewContent([]byte("better"))}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"[Gmail]/Drafts": "better[]", "[Gmail]/All Mail": "better[]"}
	if diff := cmp.Diff(want, labelsShown(t, a)); diff != "" {
		t.Errorf("mailboxes (-want +got):\n%s", diff)
	}
}

// A client that asks what has changed finds out that a label has come or gone.
func TestALabelChangesTheModificationSequence(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.UseLabels()
	boxes := mailboxes(t, a, "INBOX", "Work", "[Gmail]/All Mail")
	inbox, work, all := boxes[0], boxes[1], boxes[2]
	m := put(t, inbox, "one")
	put(t, inbox, "two")
	changed := func(change func()) {
		t.Helper()
		before := all.Status().HighestModSeq
		change()
		var uids []imap.UID
		for _, m := range all.Messages().ChangedSince(before) {
			uids = append(uids, m.UID)
		}
		if !slices.Equal(uids, []imap.UID{1}) {
			t.Errorf("all mail has changed in %v", uids)
		}
	}
	changed(func() { copyTo(t, m, inbox, work) })
	changed(func() { work.Expunge([]imap.UID{1}) })
	changed(func() {
		if _, err := inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLabelsOfAnAccountWithoutThemAreNone(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	inbox := mailboxes(t, a, "INBOX")[0]
	if labels := put(t, inbox, "one").Labels(); labels != nil {
		t.Errorf("labels %v", labels)
	}
	view, _, err := inbox.Open(false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := view.StoreLabels([]imap.UID{1}, imap.StoreFlagsAdd, []string{"x"}, 1<<62); !errors.Is(err, mailstore.ErrNoLabels) {
		t.Errorf("error %v", err)
	}
}
