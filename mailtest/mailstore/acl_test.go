package mailstore_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// rights are the rights that letters stand for.
func rights(t *testing.T, letters string) mailstore.Rights {
	t.Helper()
	r, err := mailstore.ParseRights(letters)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func created(t *testing.T, a *mailstore.Account, name string) *mailstore.Mailbox {
	t.Helper()
	b, err := a.CreateMailbox(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRightsAreThoseOfTheAccountAndOfAnyoneTogether(t *testing.T) {
	t.Parallel()
	type entry struct{ identifier, rights string }
	for _, test := range []struct {
		name       string
		entries    []entry
		alice, bob string
	}{
		{"without a list", nil, "lrwstipekxa", ""},
		{"for bob", []entry{{"bob@example.org", "lr"}}, "lrwstipekxa", "lr"},
		{"for bob by his short name", []entry{{"BOB", "lr"}}, "lrwstipekxa", "lr"},
		{"for bob and anyone", []entry{{"bob", "ls"}, {"Anyone", "lr"}}, "lrwstipekxa", "lrs"},
		{"not for bob", []entry{{"anyone", "lrs"}, {"-bob", "s"}}, "lrwstipekxa", "lr"},
		{"not for anyone", []entry{{"bob", "lrs"}, {"-anyone", "s"}}, "lrwtipekxa", "lr"},
		{"of RFC 2086", []entry{{"bob", "cd"}}, "lrwstipekxa", "tekx"},
		{"for the owner too", []entry{{"alice", "rs"}, {"anyone", "i"}}, "lrsia", "i"},
		{"not for the owner", []entry{{"alice", ""}, {"-alice", "lra"}}, "la", ""},
		{"for somebody unknown", []entry{{"carol", "lr"}}, "lrwstipekxa", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, alice, bob := twoAccounts(t)
			box := mailbox(t, alice, "INBOX")
			for _, e := range test.entries {
				if err := box.SetACL(e.identifier, rights(t, e.rights)); err != nil {
					t.Fatal(err)
				}
			}
			if got := box.RightsOf(alice).String(); got != test.alice {
				t.Errorf("alice has %q, want %q", got, test.alice)
			}
			if got := box.RightsOf(bob).String(); got != test.bob {
				t.Errorf("bob has %q, want %q", got, test.bob)
			}
		})
	}
}

func TestAccessControlListHasEachIdentifierOnce(t *testing.T) {
	t.Parallel()
	_, alice, _ := twoAccounts(t)
	box := mailbox(t, alice, "INBOX")
	steps := []struct {
		identifier string
		how        imap.RightModification
		rights     string
		want       string
	}{
		{"bob", imap.RightModificationReplace, "lr", "bob@example.org=lr alice@example.org=lrwstipekxa"},
		{"BOB@example.org", imap.RightModificationAdd, "s", "bob@example.org=lrs alice@example.org=lrwstipekxa"},
		{"-bob", imap.RightModificationAdd, "w", "bob@example.org=lrs -bob@example.org=w alice@example.org=lrwstipekxa"},
		{"anyone", imap.RightModificationReplace, "l", "anyone=l bob@example.org=lrs -bob@example.org=w alice@example.org=lrwstipekxa"},
		{"alice", imap.RightModificationRemove, "xa", "alice@example.org=lrwstipeka anyone=l bob@example.org=lrs -bob@example.org=w"},
		{"anyone", imap.RightModificationRemove, "lx", "alice@example.org=lrwstipeka bob@example.org=lrs -bob@example.org=w"},
	}
	for _, step := range steps {
		if err := box.ChangeACL(step.identifier, step.how, rights(t, step.rights)); err != nil {
			t.Fatal(err)
		}
		if got := entries(box); got != step.want {
			t.Errorf("%s %q: got %s, want %s", step.identifier, step.rights, got, step.want)
		}
	}
	for _, identifier := range []string{"bob", "-bob", "nobody", "alice"} {
		if err := box.DeleteACL(identifier); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := entries(box), "alice@example.org=lrwstipekxa"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func entries(box *mailstore.Mailbox) string {
	var out []string
	for _, e := range box.ACL() {
		out = append(out, e.Identifier+"="+e.Rights.String())
	}
	return strings.Join(out, " ")
}

func TestImpossibleEntriesAreRefused(t *testing.T) {
	t.Parallel()
	_, alice, _ := twoAccounts(t)
	box := mailbox(t, alice, "INBOX")
	for _, identifier := range []string{"", "-", "a\x00b", strings.Repeat("x", 1001)} {
		checkError(t, box.SetACL(identifier, mailstore.RightRead), mailstore.ErrInvalidName, "rights")
	}
	for _, letters := range []string{"z", "L", "lr1", "+l", "l r"} {
		_, err := mailstore.ParseRights(letters)
		checkError(t, err, mailstore.ErrInvalidRights, letters)
	}
	gone := created(t, alice, "gone")
	if err := alice.DeleteMailbox("gone"); err != nil {
		t.Fatal(err)
	}
	checkError(t, gone.SetACL("bob", mailstore.RightRead), mailstore.ErrStale, "gone")
	for i := range 1001 {
		if err := box.SetACL(fmt.Sprint("user", i), mailstore.RightRead); i == 1000 {
			checkError(t, err, mailstore.ErrLimit, "INBOX")
		}
	}
}

func TestNewMailboxesInheritTheListAboveThem(t *testing.T) {
	t.Parallel()
	_, alice, bob := twoAccounts(t)
	team := created(t, alice, "Team")
	if err := team.SetACL("bob", rights(t, "lrk")); err != nil {
		t.Fatal(err)
	}
	if got := alice.RightsAbove("Team/a/b", bob).String(); got != "lrk" {
		t.Errorf("bob has %q above Team/a/b", got)
	}
	if got := alice.RightsAbove("other", bob); got != 0 {
		t.Errorf("bob has %q above other", got)
	}
	deep, err := alice.CreateMailbox("Team/a/b")
	if err != nil {
		t.Fatal(err)
	}
	if err := team.DeleteACL("bob"); err != nil {
		t.Fatal(err)
	}
	if got := deep.RightsOf(bob).String(); got != "lrk" {
		t.Errorf("bob has %q on Team/a/b", got)
	}
	// The list goes along when the mailbox is renamed, and is gone with it.
	if err := alice.RenameMailbox("Team/a/b", "moved"); err != nil {
		t.Fatal(err)
	}
	names := alice.MailboxesFor(bob)
	if diff := gocmp.Diff([]mailstore.MailboxInfo{{Name: "moved"}}, names); diff != "" {
		t.Error(diff)
	}
}

func TestCopyAndMoveBetweenAccountsCountForTheTarget(t *testing.T) {
	t.Parallel()
	_, alice, bob := twoAccounts(t)
	from, to := mailbox(t, alice, "INBOX"), mailbox(t, bob, "INBOX")
	uids := deliver(t, from, 3, `\Seen`, "Work")
	content := from.Messages().At(1).Content
	if _, err := from.Copy([]*mailstore.Message{from.Messages().At(1)}, to); err != nil {
		t.Fatal(err)
	}
	if _, err := from.Move(uids[:1], to); err != nil {
		t.Fatal(err)
	}
	if got := to.Messages(); got.Len() != 2 || got.At(1).Content != content || !got.At(2).HasFlag("Work") || got.At(1).ID != got.At(2).ID {
		t.Errorf("bob has %d messages", got.Len())
	}
	if _, n := alice.Usage(); n != 2 {
		t.Errorf("alice has %d messages, want 2", n)
	}
	bob.SetQuota(mailstore.Quota{Messages: 2})
	_, err := from.Move(uids[1:], to)
	checkError(t, err, mailstore.ErrOverQuota, "bob@example.org")
	_, err = from.Copy([]*mailstore.Message{from.Messages().At(1)}, to)
	checkError(t, err, mailstore.ErrOverQuota, "bob@example.org")
	if from.Messages().Len() != 2 || to.Messages().Len() != 2 {
		t.Error("something was moved or copied all the same")
	}
}

func TestAccountsNeverWaitForEachOther(t *testing.T) {
	t.Parallel()
	_, alice, bob := twoAccounts(t)
	a, b := mailbox(t, alice, "INBOX"), mailbox(t, bob, "INBOX")
	deliver(t, a, 20)
	deliver(t, b, 20)
	var moving sync.WaitGroup
	for _, pair := range [][2]*mailstore.Mailbox{{a, b}, {b, a}} {
		moving.Go(func() {
			for range 200 {
				var uids []imap.UID
				for _, m := range pair[0].Messages().All() {
					uids = append(uids, m.UID)
				}
				if _, err := pair[0].Move(uids[:len(uids)/2], pair[1]); err != nil {
					t.Error(err)
				}
				pair[0].SetACL("anyone", mailstore.RightRead)
				pair[0].RightsOf(pair[1].Account())
			}
		})
	}
	moving.Wait()
	if n := a.Messages().Len() + b.Messages().Len(); n != 40 {
		t.Errorf("%d messages are left of 40", n)
	}
}

func TestSharedMailboxesHaveNoOwner(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	bob, err := s.AddAccount("bob", "")
	if err != nil {
		t.Fatal(err)
	}
	news, err := s.Shared().CreateMailbox("News")
	if err != nil {
		t.Fatal(err)
	}
	if got := news.RightsOf(bob); got != 0 || len(news.ACL()) != 0 {
		t.Errorf("bob has %q, the list is %v", got, news.ACL())
	}
	if err := news.SetACL("anyone", rights(t, "lr")); err != nil {
		t.Fatal(err)
	}
	if got := news.RightsOf(bob).String(); got != "lr" {
		t.Errorf("bob has %q", got)
	}
	_, err = s.Shared().CreateMailbox("inbox")
	checkError(t, err, mailstore.ErrExists, "INBOX")
	_, err = s.Authenticate("", "")
	checkError(t, err, mailstore.ErrAuthentication, "")
	if n := len(s.Accounts()); n != 1 {
		t.Errorf("there are %d accounts", n)
	}
}

func TestIDsDifferBetweenAccounts(t *testing.T) {
	t.Parallel()
	_, alice, bob := twoAccounts(t)
	a, b := mailbox(t, alice, "INBOX"), mailbox(t, bob, "INBOX")
	deliver(t, a, 1)
	deliver(t, b, 1)
	if a.Status().ID == b.Status().ID || a.Messages().At(1).ID == b.Messages().At(1).ID {
		t.Errorf("mailboxes %d and %d, messages %d and %d", a.Status().ID, b.Status().ID, a.Messages().At(1).ID, b.Messages().At(1).ID)
	}
}

func FuzzParseRights(f *testing.F) {
	for _, letters := range []string{"", "lrs", "cd", "lrwstipekxa", "z"} {
		f.Add(letters)
	}
	f.Fuzz(func(t *testing.T, letters string) {
		r, err := mailstore.ParseRights(letters)
		if err != nil {
			return
		}
		if again, err := mailstore.ParseRights(r.String()); err != nil || again != r {
			t.Errorf("%q: %q becomes %q, %v", letters, r, again, err)
		}
	})
}
