package mailstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// annotate sets annotations given as entry and value by turns.
func annotate(t *testing.T, a *mailstore.Account, mailbox string, pairs ...string) {
	t.Helper()
	changes := make(map[string]*string)
	for i := 0; i < len(pairs); i += 2 {
		changes[pairs[i]] = &pairs[i+1]
	}
	if err := a.SetMetadata(mailbox, changes); err != nil {
		t.Fatal(err)
	}
}

func wantMetadata(t *testing.T, a *mailstore.Account, mailbox string, want map[string]string) {
	t.Helper()
	got, err := a.Metadata(mailbox)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata of %q (-want +got):\n%s", mailbox, diff)
	}
}

func TestAnnotationsAreSetReplacedAndRemoved(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	wantMetadata(t, a, "INBOX", map[string]string{})
	annotate(t, a, "inbox", "/Shared/Comment", "ours", "/private/comment", "")
	wantMetadata(t, a, "INBOX", map[string]string{"/shared/comment": "ours", "/private/comment": ""})
	if err := a.SetMetadata("INBOX", map[string]*string{"/SHARED/COMMENT": nil, "/private/comment": new("mine")}); err != nil {
		t.Fatal(err)
	}
	wantMetadata(t, a, "INBOX", map[string]string{"/private/comment": "mine"})

	got, _ := a.Metadata("INBOX")
	got["/private/comment"] = "not mine"
	wantMetadata(t, a, "INBOX", map[string]string{"/private/comment": "mine"})
}

func TestServerAnnotationsAreSharedBetweenAccountsUnlessPrivate(t *testing.T) {
	t.Parallel()
	store := mailstore.New()
	alice, _ := store.AddAccount("alice", "a")
	bob, _ := store.AddAccount("bob", "b")
	annotate(t, alice, "", "/shared/comment", "hello", "/private/vendor/x/y", "z")
	wantMetadata(t, alice, "", map[string]string{"/shared/comment": "hello", "/private/vendor/x/y": "z"})
	wantMetadata(t, bob, "", map[string]string{"/shared/comment": "hello"})
	wantMetadata(t, bob, "INBOX", map[string]string{})
}

func TestAnnotationsFollowTheirMailbox(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for _, name := range []string{"a/b/c", "x/y"} {
		if _, err := a.CreateMailbox(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"INBOX", "a", "a/b", "a/b/c", "x"} {
		annotate(t, a, name, "/shared/comment", "was "+name)
	}
	step := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	was := func(name string) map[string]string { return map[string]string{"/shared/comment": "was " + name} }
	gone := func(name string) {
		t.Helper()
		if _, err := a.Metadata(name); !errors.Is(err, mailstore.ErrNoMailbox) {
			t.Errorf("metadata of %q: error %v, want %v", name, err, mailstore.ErrNoMailbox)
		}
	}

	step(a.RenameMailbox("a/b", "q/r"))
	wantMetadata(t, a, "q/r", was("a/b"))
	wantMetadata(t, a, "q/r/c", was("a/b/c"))
	gone("a")
	_, err := a.CreateMailbox("a")
	step(err)
	wantMetadata(t, a, "a", map[string]string{}) // the \Noselect name ended with its last inferior

	_, err = a.CreateMailbox("x")
	step(err)
	wantMetadata(t, a, "x", was("x"))
	step(a.DeleteMailbox("x")) // which leaves it \Noselect
	wantMetadata(t, a, "x", map[string]string{})
	annotate(t, a, "x", "/shared/comment", "again")
	step(a.DeleteMailbox("x/y"))
	_, err = a.CreateMailbox("x")
	step(err)
	wantMetadata(t, a, "x", map[string]string{})

	step(a.RenameMailbox("INBOX", "old"))
	wantMetadata(t, a, "INBOX", was("INBOX"))
	wantMetadata(t, a, "old", was("INBOX"))
	annotate(t, a, "old", "/shared/comment", "mine alone")
	wantMetadata(t, a, "INBOX", was("INBOX"))
}

func TestAnnotationsThatCannotBeSetChangeNothing(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	annotate(t, a, "INBOX", "/shared/comment", "kept")
	annotate(t, a, "", "/shared/comment", "kept")
	many := make(map[string]*string)
	for i := range mailstore.MaxMetadataEntries {
		many[fmt.Sprint("/shared/n", i)] = new("")
	}
	for _, test := range []struct {
		mailbox string
		changes map[string]*string
		want    error
	}{
		{"nope", map[string]*string{"/shared/comment": nil}, mailstore.ErrNoMailbox},
		{"INBOX", many, mailstore.ErrMetadataCount},
		{"", many, mailstore.ErrMetadataCount},
		{"INBOX", map[string]*string{"/shared/x": new(strings.Repeat("x", mailstore.MaxMetadataOctets+1))}, mailstore.ErrMetadataSize},
		{"INBOX", map[string]*string{"/shared": nil}, mailstore.ErrInvalidEntry},
		{"INBOX", map[string]*string{"/shared/vendor/x": nil}, mailstore.ErrInvalidEntry},
		{"INBOX", map[string]*string{"": nil}, mailstore.ErrInvalidEntry},
		{"INBOX", map[string]*string{"x": nil}, mailstore.ErrInvalidEntry},
	} {
		changes := map[string]*string{"/shared/comment": new("changed"), "/private/x": new("new")}
		for entry, value := range test.changes {
			changes[entry] = value
		}
		if err := a.SetMetadata(test.mailbox, changes); !errors.Is(err, test.want) {
			t.Errorf("%q: error %v, want %v", test.mailbox, err, test.want)
		}
	}
	for _, mailbox := range []string{"INBOX", ""} {
		wantMetadata(t, a, mailbox, map[string]string{"/shared/comment": "kept"})
	}
	if err := a.SetMetadata("INBOX", map[string]*string{"/shared/x": new(strings.Repeat("x", mailstore.MaxMetadataOctets))}); err != nil {
		t.Error(err)
	}
}

func TestEntryNamesHaveTheFormOfRFC5464(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"/shared": true, "/private": true, "/Shared/Comment": true, "/private/vendor/x": true, "/shared/a b": true,
		"": false, "/": false, "shared/x": false, "/shared/": false, "/shared//x": false, "/shared/x/": false,
		"/sharedx": false, "/other/x": false, "/shared/*": false, "/shared/%": false, "/shared/\x00": false,
		"/shared/\x7f": false, "/shared/é": false, "/private/": false,
	} {
		if got := mailstore.ValidEntry(name); got != want {
			t.Errorf("ValidEntry(%q) = %v", name, got)
		}
	}
}

func TestAChangeOfAnnotationsIsAnEvent(t *testing.T) {
	t.Parallel()
	store := mailstore.New()
	a, _ := store.AddAccount("alice", "a")
	feed := store.Subscribe()
	defer feed.Close()
	annotate(t, a, "inbox", "/shared/comment", "x")
	annotate(t, a, "", "/shared/comment", "x")
	for _, want := range []mailstore.Event{
		{Kind: mailstore.MetadataChanged, Account: "alice", Mailbox: "INBOX"},
		{Kind: mailstore.MetadataChanged, Account: "alice"},
	} {
		got, err := feed.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
	}
}
