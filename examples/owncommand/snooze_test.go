package owncommand_test

import (
	"errors"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/examples/owncommand"
	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest"
)

// xsnooze is the command as the company's server has it: UID XSNOOZE takes a UID and a Unix
// time, moves the message to the mailbox Snoozed and tells its UID there.
func xsnooze() imapfake.Option {
	return imapfake.WithCommand(imapfake.Command{
		Name: "UID XSNOOZE", Capability: "XSNOOZE", States: imapfake.Selected, Messages: true,
		Run: func(c *imapfake.Call) error {
			uids, _ := c.Args().UIDSet().Nums()
			until := time.Unix(int64(c.Args().Number()), 0)
			if err := c.Args().End(); err != nil {
				return err
			}
			if until.Before(time.Now()) {
				return &imap.Error{Type: imap.StatusResponseTypeNo, Code: "XPAST", Text: "it is later than that"}
			}
			snoozed, err := c.Account().Mailbox("Snoozed")
			if err != nil {
				return err
			}
			moved, err := c.Mailbox().Move(uids, snoozed)
			for i, uid := range moved.Source {
				c.Untagged("XSNOOZE", imapfake.Number(uid), imapfake.Number(moved.Dest[i]))
			}
			return err
		},
	})
}

// inbox is a snoozer of alice's mail.
type inbox struct {
	owncommand.Snoozer
	alice *mailtest.Account
}

func newInbox(t *testing.T, options ...imapfake.Option) *inbox {
	t.Helper()
	srv := mailtest.New(t, mailtest.InMemory(), mailtest.WithIMAP(options...))
	in := &inbox{alice: srv.AddAccount("alice@example.org", "secret")}
	in.Snoozer = owncommand.Snoozer{Dial: srv.IMAP.Dial, User: "alice@example.org", Password: "secret"}
	in.alice.CreateMailbox("Snoozed")
	in.alice.Deliver(mailtest.Mail{Subject: "now"})
	in.alice.Deliver(mailtest.Mail{Subject: "later"})
	return in
}

// subjects returns those of the messages in a mailbox.
func (in *inbox) subjects(mailbox string) []string {
	var subjects []string
	for _, m := range in.alice.Mailbox(mailbox).Messages() {
		subjects = append(subjects, m.Subject)
	}
	return subjects
}

func TestSnoozedMailLeavesTheInbox(t *testing.T) {
	t.Parallel()
	in := newInbox(t, xsnooze())
	uid, err := in.Snooze(2, time.Now().Add(time.Hour))
	if err != nil || uid != 1 {
		t.Errorf("Snooze(2) = %d, %v, want UID 1", uid, err)
	}
	if diff := cmp.Diff([][]string{{"now"}, {"later"}}, [][]string{in.subjects("INBOX"), in.subjects("Snoozed")}); diff != "" {
		t.Errorf("INBOX and Snoozed (-want +got):\n%s", diff)
	}
}

func TestTimeInThePastIsReported(t *testing.T) {
	t.Parallel()
	in := newInbox(t, xsnooze())
	if _, err := in.Snooze(2, time.Now().Add(-time.Hour)); !errors.Is(err, owncommand.ErrPast) {
		t.Errorf("Snooze() = %v, want %v", err, owncommand.ErrPast)
	}
}

func TestServerWithoutTheCommandIsReported(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]imapfake.Option{
		"that never had it":   nil,
		"that has it no more": {xsnooze(), imapfake.WithoutCapabilities("XSNOOZE")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := newInbox(t, options...).Snooze(2, time.Now().Add(time.Hour)); !errors.Is(err, owncommand.ErrUnsupported) {
				t.Errorf("Snooze() = %v, want %v", err, owncommand.ErrUnsupported)
			}
		})
	}
}

// The company's server has been seen to move the message and then to say nothing of it.
func TestMissingAnswerIsReported(t *testing.T) {
	t.Parallel()
	in := newInbox(t, xsnooze(), imapfake.OverrideCommand("UID XSNOOZE", func(c *imapfake.Call) error {
		c.Filter(func(response string) []string {
			if response[0] == '*' {
				return nil
			}
			return []string{response}
		})
		return c.Next()
	}))
	if uid, err := in.Snooze(2, time.Now().Add(time.Hour)); err == nil {
		t.Errorf("Snooze() = %d without an answer of the server", uid)
	}
}

func TestConnectionThatBreaksIsReported(t *testing.T) {
	t.Parallel()
	in := newInbox(t, xsnooze(), imapfake.OverrideCommand("UID XSNOOZE", func(c *imapfake.Call) error {
		c.HangUp()
		return nil
	}))
	if _, err := in.Snooze(2, time.Now().Add(time.Hour)); err == nil {
		t.Error("Snooze() = nil, though the connection broke")
	}
	if diff := cmp.Diff([]string{"now", "later"}, in.subjects("INBOX")); diff != "" {
		t.Errorf("INBOX (-want +got):\n%s", diff)
	}
}
