package poller_test

import (
	"errors"
	"net"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/examples/poller"
	"example.org/mailfakes/mailtest"
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

// A server that fails: the connection breaks after each possible number of commands.
func TestNothingIsLostWhereverTheConnectionBreaks(t *testing.T) {
	t.Parallel()
	for commands := 0; ; commands++ {
		in := newInbox(t, "first", "second")
		dial := in.Dial
		in.Dial = func() (net.Conn, error) {
			nc, err := dial()
			return &breaking{Conn: nc, left: commands}, err
		}
		broken := in.Poll()
		in.Dial = dial
		in.poll(t)
		if missing := missing(in.handled, "first", "second"); missing != "" {
			t.Fatalf("broken after %d commands: %s was not handled", commands, missing)
		}
		if left := in.unread(); left != nil {
			t.Fatalf("broken after %d commands: %q stayed unread", commands, left)
		}
		if broken == nil {
			return
		}
	}
}

// breaking is a connection that takes so many commands and no more.
type breaking struct {
	net.Conn
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	if b.left == 0 {
		b.Close()
		return 0, errors.New("connection reset")
	}
	b.left--
	return b.Conn.Write(p)
}

func missing(have []string, want ...string) string {
	for _, w := range want {
		found := false
		for _, h := range have {
			found = found || h == w
		}
		if !found {
			return w
		}
	}
	return ""
}
