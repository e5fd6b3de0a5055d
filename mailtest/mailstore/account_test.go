package mailstore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// newAccount returns an account with mailboxes of these names beside its INBOX.
func newAccount(t testing.TB, mailboxes ...string) *mailstore.Account {
	t.Helper()
	a, err := mailstore.New().AddAccount("alice", "secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range mailboxes {
		if _, err := a.CreateMailbox(name); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func mailbox(t testing.TB, a *mailstore.Account, name string) *mailstore.Mailbox {
	t.Helper()
	b, err := a.Mailbox(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// deliver appends n messages of 10 octets and returns their UIDs.
func deliver(t testing.TB, b *mailstore.Mailbox, n int, flags ...imap.Flag) []imap.UID {
	t.Helper()
	content := mailstore.NewContent([]byte("A: b\r\n\r\nc\n"[:10]))
	messages := slices.Repeat([]mailstore.NewMessage{{Content: content, Flags: flags}}, n)
	uids, err := b.Append(messages...)
	if err != nil {
		t.Fatal(err)
	}
	return uids
}

// names shows what LIST would: \Noselect names in parentheses, + for those with inferiors.
func names(a *mailstore.Account) string {
	var out []string
	for _, info := range a.Mailboxes() {
		name := info.Name
		if info.HasChildren {
			name += "+"
		}
		if info.NoSelect {
			name = "(" + name + ")"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestMailboxesAreListedInOrderWithTheNamesAboveThem(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "b", "a/x/y", "a b", "inbox/sub", "a")
	if got, want := names(a), "INBOX+ INBOX/sub a+ (a/x+) a/x/y a b b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestInboxIsInAnyCase(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "iNbOx/Sub")
	if b := mailbox(t, a, "inbox"); b.Name() != "INBOX" || b.Account() != a {
		t.Errorf("the mailbox is %q", b.Name())
	}
	if b := mailbox(t, a, "INBOX/Sub"); b.Name() != "INBOX/Sub" {
		t.Errorf("the mailbox is %q", b.Name())
	}
	for _, name := range []string{"inbox", "Inbox/", "inbox/Sub/"} {
		_, err := a.CreateMailbox(name)
		checkError(t, err, mailstore.ErrExists, "INBOX")
	}
	_, err := a.Mailbox("Inboxes")
	checkError(t, err, mailstore.ErrNoMailbox, "Inboxes")
}

func TestMailboxNameIsValid(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "from")
	for _, name := range []string{
		"", "/", "//", "/a", "a//b", "a//", "a\r\nb", "a\x00", "\xff", "a\u007fb",
		"a\u0085b", "a\u2028b", "a\u2029b", // RFC 6855 §3
		strings.Repeat("a", 1001), strings.Repeat("a/", 100) + "a",
	} {
		_, err := a.CreateMailbox(name)
		checkError(t, err, mailstore.ErrInvalidName, "create mailbox")
		checkError(t, a.RenameMailbox("from", name), mailstore.ErrInvalidName, "rename mailbox")
	}
	for _, name := range []string{"a/", strings.Repeat("a", 1000), strings.Repeat("a/", 99) + "a", "*%", `"\`, "Entwürfe"} {
		if _, err := a.CreateMailbox(name); err != nil {
			t.Error(err)
		}
	}
}

func TestAClientCannotMakeMailboxesWithoutEnd(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for i := range 9_999 {
		name := fmt.Sprint(i)
		if _, err := a.CreateMailbox(name); err != nil {
			t.Fatal(err)
		}
	}
	_, err := a.CreateMailbox("one more")
	checkError(t, err, mailstore.ErrLimit, "one more")
	checkError(t, a.RenameMailbox("INBOX", "one more"), mailstore.ErrLimit, "one more")
	if err := a.RenameMailbox("1", "one more"); err != nil {
		t.Error(err)
	}
}

// RFC 3501 §6.3.4.
func TestDeletedMailboxKeepsItsInferiors(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "foo", "foo/bar")
	foo := mailbox(t, a, "foo")
	deliver(t, foo, 3)
	if err := a.DeleteMailbox("foo"); err != nil {
		t.Fatal(err)
	}
	if got, want := names(a), "INBOX (foo+) foo/bar"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if octets, n := a.Usage(); octets != 0 || n != 0 {
		t.Errorf("the account still holds %d octets, %d messages", octets, n)
	}
	_, err := a.Mailbox("foo")
	checkError(t, err, mailstore.ErrNoSelect, "foo")
	checkError(t, a.DeleteMailbox("foo"), mailstore.ErrHasChildren, "foo")
	checkError(t, a.DeleteMailbox("inbox"), mailstore.ErrInbox, "INBOX")
	checkError(t, a.DeleteMailbox("fo"), mailstore.ErrNoMailbox, "fo")
	old := foo.Status()
	again, err := a.CreateMailbox("foo")
	if err != nil {
		t.Fatal(err)
	}
	if st := again.Status(); st.UIDValidity <= old.UIDValidity || st.ID == old.ID || st.Messages.Len() != 0 {
		t.Errorf("a new mailbox of the name has the old identity: %+v", st)
	}
	for _, name := range []string{"foo/bar", "foo"} {
		if err := a.DeleteMailbox(name); err != nil {
			t.Error(err)
		}
	}
	if got := names(a); got != "INBOX" {
		t.Errorf("left: %s", got)
	}
}

// RFC 3501 §6.3.5.
func TestRename(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mailboxes, from, to string
		want                string // names after it
		err                 error
	}{
		"a mailbox":                 {"a", "a", "b", "INBOX b", nil},
		"with inferiors":            {"a a/x a/x/y ab", "a", "b", "INBOX ab b+ b/x+ b/x/y", nil},
		"below a new name":          {"a", "a", "x/y/", "INBOX (x+) x/y", nil},
		"a \\Noselect name":         {"a/x", "a", "b", "INBOX (b+) b/x", nil},
		"onto a \\Noselect name":    {"a b/x", "a", "b", "INBOX b+ b/x", nil},
		"inferiors beside others":   {"a a/y b/x", "a", "b", "INBOX b+ b/x b/y", nil},
		"inferiors onto others":     {"a a/x b/x", "a", "b", "INBOX a+ a/x (b+) b/x", mailstore.ErrExists},
		"onto a mailbox":            {"a b", "a", "b", "INBOX a b", mailstore.ErrExists},
		"onto INBOX":                {"a", "a", "inbox", "INBOX a", mailstore.ErrExists},
		"onto itself":               {"a", "a", "a", "INBOX a", mailstore.ErrExists},
		"\\Noselect onto itself":    {"a/x", "a", "a", "INBOX (a+) a/x", mailstore.ErrExists},
		"into its own inferior":     {"a", "a", "a/b", "INBOX a", mailstore.ErrInvalidName},
		"up to its superior name":   {"a/b a/b/b a/b/b/b", "a/b", "a", "INBOX a+ a/b+ a/b/b", nil},
		"a name that isn't there":   {"a", "b", "c", "INBOX a", mailstore.ErrNoMailbox},
		"inferiors too long":        {"a a/" + strings.Repeat("x", 900), "a", strings.Repeat("b", 200), "", mailstore.ErrInvalidName},
		"INBOX leaves it":           {"INBOX/x", "inbox", "b", "INBOX+ INBOX/x b", nil},
		"INBOX below itself":        {"", "INBOX", "Inbox/old", "INBOX+ INBOX/old", nil},
		"INBOX onto itself":         {"", "INBOX", "inbox", "INBOX", mailstore.ErrExists},
		"an inferior name of INBOX": {"inbox/x", "Inbox/x", "b", "INBOX b", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, strings.Fields(test.mailboxes)...)
			deliver(t, mailbox(t, a, "INBOX"), 1)
			checkError(t, a.RenameMailbox(test.from, test.to), test.err, "rename mailbox")
			if got := names(a); test.want != "" && got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if octets, n := a.Usage(); octets != 10 || n != 1 {
				t.Errorf("usage is %d octets, %d messages", octets, n)
			}
		})
	}
}

func TestRenamedMailboxStaysTheSame(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "a", "a/x")
	x := mailbox(t, a, "a/x")
	deliver(t, x, 2)
	before := x.Status()
	if err := a.RenameMailbox("a", "b"); err != nil {
		t.Fatal(err)
	}
	after := mailbox(t, a, "b/x").Status()
	if after.Name != "b/x" || after.ID != before.ID || after.UIDValidity != before.UIDValidity || after.Messages != before.Messages {
		t.Errorf("%+v, was %+v", after, before)
	}
}

func TestRenamedInboxGivesItsMessagesAway(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	inbox := mailbox(t, a, "INBOX")
	deliver(t, inbox, 40, imap.FlagSeen, "work")
	a.SetQuota(mailstore.Quota{Octets: 1, Messages: 1})
	first := inbox.Messages().At(1)
	if err := a.RenameMailbox("INBOX", "old"); err != nil {
		t.Fatal(err)
	}
	old := mailbox(t, a, "old").Status()
	if n := inbox.Messages().Len(); n != 0 || old.Messages.Len() != 40 || old.Recent != 40 || mailbox(t, a, "INBOX") != inbox {
		t.Errorf("INBOX holds %d messages, the new mailbox %d", n, old.Messages.Len())
	}
	if m := old.Messages.At(1); m.ID != first.ID || !m.HasFlag("work") || !m.InternalDate.Equal(first.InternalDate) {
		t.Errorf("%+v, was %+v", m, first)
	}
	if next := inbox.Status().UIDNext; next != 41 {
		t.Errorf("UIDNEXT of INBOX is %d", next)
	}
}

func TestSubscriptionsOutliveTheirMailbox(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "b", "a/x")
	for _, name := range []string{"b", "b", "a", "inbox"} {
		if err := a.Subscribe(name); err != nil {
			t.Error(err)
		}
	}
	checkError(t, a.Subscribe("c"), mailstore.ErrNoMailbox, "c")
	if err := a.DeleteMailbox("b"); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]string{"INBOX", "a", "b"}, a.Subscriptions()); diff != "" {
		t.Error(diff)
	}
	for _, info := range a.Mailboxes() {
		if info.Subscribed != (info.Name != "a/x") {
			t.Errorf("%s subscribed: %t", info.Name, info.Subscribed)
		}
	}
	a.Unsubscribe("Inbox")
	a.Unsubscribe("nothing")
	if diff := gocmp.Diff([]string{"a", "b"}, a.Subscriptions()); diff != "" {
		t.Error(diff)
	}
}

func TestSpecialUseIsTheMailboxsOwn(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	use := []imap.MailboxAttr{imap.MailboxAttrSent}
	if _, err := a.CreateMailbox("Sent", use...); err != nil {
		t.Fatal(err)
	}
	use[0] = "changed"
	a.Mailboxes()[1].SpecialUse[0] = "changed"
	if got := a.Mailboxes()[1].SpecialUse; !slices.Equal(got, []imap.MailboxAttr{imap.MailboxAttrSent}) {
		t.Errorf("special use is %v", got)
	}
}

func TestMaildropHasOneOwner(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	unlock, err := a.LockMaildrop()
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.LockMaildrop()
	checkError(t, err, mailstore.ErrInUse, "alice")
	unlock()
	if _, err := a.LockMaildrop(); err != nil {
		t.Error(err)
	}
	unlock() // once more: it must not take the lock from its new owner
	_, err = a.LockMaildrop()
	checkError(t, err, mailstore.ErrInUse, "alice")
}
