package poller_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/examples/poller"
	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
)

// inbox is a poller of alice's mail that remembers the subjects that it handled.
type inbox struct {
	*poller.Poller
	srv     *mailtest.Server
	alice   *mailtest.Account
	handled []string
}

func newInbox(t *testing.T, subjects ...string) *inbox {
	t.Helper()
	srv := mailtest.New(t, mailtest.InMemory())
	in := &inbox{srv: srv, alice: srv.AddAccount("alice@example.org", "secret")}
	for _, s := range subjects {
		in.alice.Deliver(mailtest.Mail{Subject: s, Text: "hi"})
	}
	in.Poller = &poller.Poller{
		Dial: srv.IMAP.Dial, User: "alice@example.org", Password: "secret",
		Handle: func(raw []byte) error {
			in.handled = append(in.handled, mailtest.ParseMessage(raw).Subject)
			return nil
		},
	}
	return in
}

func (in *inbox) poll(t *testing.T) {
	t.Helper()
	if err := in.Poll(); err != nil {
		t.Fatal(err)
	}
}

// unread returns the subjects of the messages that are unread on the server.
func (in *inbox) unread() []string {
	var subjects []string
	for _, m := range in.alice.Messages() {
		if len(m.Flags) == 0 {
			subjects = append(subjects, m.Subject)
		}
	}
	return subjects
}

func TestEachMessageIsHandledOnceAndMarkedRead(t *testing.T) {
	t.Parallel()
	in := newInbox(t, "first", "second")
	in.poll(t)
	in.alice.Deliver(mailtest.Mail{Subject: "third"})
	in.poll(t)
	if diff := cmp.Diff([]string{"first", "second", "third"}, in.handled); diff != "" {
		t.Errorf("handled (-want +got):\n%s", diff)
	}
	if left := in.unread(); left != nil {
		t.Errorf("unread after polling: %q", left)
	}
	in.alice.WantClients(mailtest.FetchedNoBodyTwice(), mailtest.NeverSent(`STORE \Deleted`))
}

func TestMailReadElsewhereIsLeftAlone(t *testing.T) {
	t.Parallel()
	in := newInbox(t, "mine", "yours")
	in.alice.Mailbox("INBOX").AddFlags(in.alice.Messages()[0].UID, imap.FlagSeen)
	in.poll(t)
	if diff := cmp.Diff([]string{"yours"}, in.handled); diff != "" {
		t.Errorf("handled (-want +got):\n%s", diff)
	}
}

func TestMailThatCouldNotBeHandledStaysUnread(t *testing.T) {
	t.Parallel()
	in := newInbox(t, "good", "bad", "fine")
	full := errors.New("disk full")
	handle := in.Handle
	in.Handle = func(raw []byte) error {
		if mailtest.ParseMessage(raw).Subject == "bad" {
			return full
		}
		return handle(raw)
	}
	if err := in.Poll(); !errors.Is(err, full) {
		t.Errorf("Poll() = %v, want %v", err, full)
	}
	if diff := cmp.Diff([]string{"good", "fine"}, in.handled); diff != "" {
		t.Errorf("handled (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"bad"}, in.unread()); diff != "" {
		t.Errorf("unread (-want +got):\n%s", diff)
	}
}

func TestWrongPasswordIsReported(t *testing.T) {
	t.Parallel()
	in := newInbox(t, "hello")
	in.alice.SetPassword("changed")
	var status *imap.Error
	if err := in.Poll(); !errors.As(err, &status) || status.Code != imap.ResponseCodeAuthenticationFailed {
		t.Errorf("Poll() = %v, want [AUTHENTICATIONFAILED]", err)
	}
}

// The connection breaks at each command in turn.
func TestNothingIsLostWhereverTheConnectionBreaks(t *testing.T) {
	t.Parallel()
	for nth := 1; ; nth++ {
		in := newInbox(t, "first", "second")
		broken := in.srv.IMAP.Inject(mailwire.On("*").Nth(nth).Close())
		err := in.Poll()
		if broken.Fired() == 0 {
			return
		}
		if err == nil {
			t.Errorf("broken at command %d: Poll() = nil", nth)
		}
		in.poll(t)
		for _, subject := range []string{"first", "second"} {
			if !slices.Contains(in.handled, subject) {
				t.Errorf("broken at command %d: %q was not handled", nth, subject)
			}
		}
		if left := in.unread(); left != nil {
			t.Errorf("broken at command %d: %q stayed unread", nth, left)
		}
	}
}

// The server takes the poller for too busy, once.
func TestMailIsHandledWhenTheServerIsWillingAgain(t *testing.T) {
	t.Parallel()
	in := newInbox(t, "first")
	in.srv.IMAP.Inject(mailwire.On("UID FETCH").Nth(1).Answer("NO [LIMIT] too many requests"))
	var status *imap.Error
	if err := in.Poll(); !errors.As(err, &status) || status.Code != "LIMIT" {
		t.Errorf("Poll() = %v, want [LIMIT]", err)
	}
	in.poll(t)
	if diff := cmp.Diff([]string{"first"}, in.handled); diff != "" {
		t.Errorf("handled (-want +got):\n%s", diff)
	}
}
