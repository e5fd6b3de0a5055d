package imapsync_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/examples/imapsync"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/mailtest/personality"
)

// work is a copy of alice's mailbox Work, which has messages with these subjects.
type work struct {
	*imapsync.Copy
	*mailtest.Mailbox
	srv *mailtest.Server
}

func newWork(t *testing.T, subjects []string, options ...mailtest.Option) *work {
	t.Helper()
	srv := mailtest.New(t, append(options, mailtest.InMemory())...)
	alice := srv.AddAccount("alice@example.org", "secret")
	w := &work{Mailbox: alice.CreateMailbox("Work"), srv: srv}
	w.Copy = &imapsync.Copy{Dial: srv.IMAP.Dial, User: "alice@example.org", Password: "secret", Mailbox: "Work"}
	for _, s := range subjects {
		w.Deliver(mailtest.Mail{Subject: s, Text: "hi"})
	}
	w.sync(t)
	return w
}

func (w *work) sync(t *testing.T) {
	t.Helper()
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
}

// want fails the test unless the copy has exactly the messages with these subjects.
func (w *work) want(t *testing.T, subjects ...string) {
	t.Helper()
	var got []string
	for _, raw := range w.Copy.Messages() {
		got = append(got, mailtest.ParseMessage(raw).Subject)
	}
	if diff := cmp.Diff(subjects, got); diff != "" {
		t.Errorf("the copy (-want +got):\n%s", diff)
	}
}

func TestTheCopyFollowsTheMailbox(t *testing.T) {
	t.Parallel()
	w := newWork(t, []string{"plan", "draft", "minutes"})
	w.want(t, "plan", "draft", "minutes")

	w.Expunge(2)
	w.Deliver(mailtest.Mail{Subject: "invoice"})
	w.sync(t)
	w.want(t, "plan", "minutes", "invoice")
	w.srv.WantClients(mailtest.FetchedNoBodyTwice(), mailtest.NeverSetSeen(), mailtest.OnlyUIDCommands())
}

// The index of the server is lost: the messages are there, each with the UID of another.
func TestMessagesWithTheUIDsOfOthersAreNotMixedUp(t *testing.T) {
	t.Parallel()
	w := newWork(t, []string{"plan", "draft", "minutes"})
	w.Expunge(1)
	w.Renumber()
	w.sync(t)
	w.want(t, "draft", "minutes")
}

func TestAMailboxThatWasDeletedAndMadeAnewIsAnother(t *testing.T) {
	t.Parallel()
	w := newWork(t, []string{"plan", "draft"})
	alice := w.srv.Account("alice@example.org")
	alice.DeleteMailbox("Work")
	alice.CreateMailbox("Work").Deliver(mailtest.Mail{Subject: "fresh start"})
	w.sync(t)
	w.want(t, "fresh start")
}

// The connection breaks while everything is downloaded again: the old copy can still be read.
func TestTheCopyIsKeptUntilTheNewOneIsWhole(t *testing.T) {
	t.Parallel()
	w := newWork(t, []string{"plan", "draft", "minutes"})
	w.ChangeUIDValidity()
	w.Deliver(mailtest.Mail{Subject: "invoice"})
	w.srv.IMAP.Inject(mailwire.OnResponse("* * FETCH").Nth(3).Close())
	if err := w.Sync(); err == nil {
		t.Error("Sync() = nil over a connection that breaks")
	}
	w.want(t, "plan", "draft", "minutes")

	w.sync(t)
	w.want(t, "plan", "draft", "minutes", "invoice")
}

// Some servers tell 0, which promises nothing.
func TestNoUIDIsTrustedWithoutAUIDValidity(t *testing.T) {
	t.Parallel()
	p := personality.Minimal().With(personality.ZeroUIDValidity())
	w := newWork(t, []string{"plan", "draft", "minutes"}, mailtest.WithPersonality(p))
	w.Expunge(1)
	w.Renumber()
	w.sync(t)
	w.want(t, "draft", "minutes")
}
