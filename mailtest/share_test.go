package mailtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore"
)

// dialAs returns an IMAP client that is logged in.
func dialAs(t *testing.T, srv *mailtest.Server, name string) *imapclient.Client {
	t.Helper()
	conn, err := srv.IMAP.Dial()
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(conn, nil)
	t.Cleanup(func() { c.Close() })
	if err := c.Login(name, "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSharedMailboxIsThereForTheOther(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	srv.AddAccount("bob@example.org", "secret")
	team := alice.CreateMailbox("Team")
	team.Deliver(mailtest.Mail{Subject: "plans"})
	team.Share("bob@example.org", "lrs")
	srv.Shared().CreateMailbox("News").Share(mailstore.Anyone, "lr")

	bob := dialAs(t, srv, "bob@example.org")
	list, err := bob.List("", "*", nil).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range list {
		names = append(names, l.Mailbox)
	}
	want := "INBOX, Other Users, Other Users/alice@example.org, Other Users/alice@example.org/Team, Shared Folders, Shared Folders/News"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("bob sees %s, want %s", got, want)
	}
	data, err := bob.Select("Other Users/alice@example.org/Team", nil).Wait()
	if err != nil || data.NumMessages != 1 {
		t.Errorf("SELECT: %+v, %v", data, err)
	}
	if _, err := bob.Expunge().Collect(); err == nil {
		t.Error("bob can expunge")
	}
	team.Unshare("bob@example.org")
	if err := bob.Noop().Wait(); err == nil {
		t.Error("bob can go on")
	}
}

func TestShareRefusesWhatIsNoRight(t *testing.T) {
	t.Parallel()
	a := &author{TB: t}
	a.run(func() {
		srv := mailtest.New(a, mailtest.InMemory())
		srv.AddAccount("alice@example.org", "secret").Mailbox("INBOX").Share("bob@example.org", "look")
	})
	if want := `mailstore: parse rights "look": no such right`; a.fatal != want {
		t.Errorf("the test fails with %q, want %q", a.fatal, want)
	}
}

// A test shares mailboxes by Mailbox.Share, a program by what it does.
func Example_sharing() {
	fakes, err := mailtest.Start(mailtest.InMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fakes.Close()
	alice, _ := fakes.Store.AddAccount("alice@example.org", "secret")
	bob, _ := fakes.Store.AddAccount("bob@example.org", "secret")
	inbox, _ := alice.Mailbox("INBOX")
	inbox.SetACL(bob.Name(), mailstore.RightLookup|mailstore.RightRead)
	for _, entry := range inbox.ACL() {
		fmt.Println(entry.Identifier, entry.Rights)
	}
	// Output:
	// bob@example.org lr
	// alice@example.org lrwstipekxa
}
