package mailtest_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestTheStateOfAnAccountIsAPlainValue(t *testing.T) {
	t.Parallel()
	srv := mailtest.New(t, mailtest.InMemory())
	alice := srv.AddAccount("alice@example.org", "secret")
	alice.SetQuota(mailstore.Quota{Messages: 100})
	work := alice.CreateMailbox("Work/2024", imap.MailboxAttrArchive)
	alice.Subscribe("Work/2024")
	work.Deliver(mailtest.Mail{From: "bob@example.org", Subject: "hello", Text: "hi", Flags: []imap.Flag{"$todo"}})

	message := mailtest.Message{From: "bob@example.org", Subject: "hello", Text: "hi", Flags: []imap.Flag{"$todo"}}
	want := mailtest.AccountState{
		Name: "alice@example.org", Quota: mailstore.Quota{Messages: 100}, Subscriptions: []string{"Work/2024"},
		Mailboxes: []mailtest.MailboxState{
			{Name: "INBOX"},
			{Name: "Work/2024", SpecialUse: []imap.MailboxAttr{imap.MailboxAttrArchive}, Keywords: []imap.Flag{"$todo"}, Messages: []mailtest.Message{message}},
		},
	}
	if diff := cmp.Diff(want, alice.State(), mailtest.IgnoreVolatile()); diff != "" {
		t.Error(diff)
	}
	state := work.State()
	if state.UIDValidity != 2 || state.UIDNext != 2 || state.Exists != 1 || state.Unseen != 1 {
		t.Errorf("%+v", state)
	}
	before := alice.State()
	if before.Messages != 1 || before.Octets != state.Messages[0].Size {
		t.Errorf("%+v", before)
	}
	work.AddFlags(1, imap.FlagSeen)
	if diff := cmp.Diff(before, alice.State(), mailtest.MailLines()); strings.Count(diff, "\n+") != 2 {
		t.Error("reading changes a flag and a count:", diff)
	}
}

func TestADifferenceOfMessagesReadsLikeMail(t *testing.T) {
	t.Parallel()
	was := mailtest.ParseMessage([]byte("Subject: one\r\nFrom: bob@example.org\r\n\r\nhello\r\n"))
	for name, tt := range map[string]struct {
		raw  string
		want []string
	}{
		"a line":         {"Subject: two\r\nFrom: bob@example.org\r\n\r\nhello\r\n", []string{`-"Subject: one",`, `+"Subject: two",`}},
		"a bare LF":      {"Subject: one\r\nFrom: bob@example.org\r\n\r\nhello\n", []string{`-"hello",`, `+"hello\n",`}},
		"no end of line": {"Subject: one\r\nFrom: bob@example.org\r\n\r\nhello", []string{`-"",`}},
		"nothing":        {was.Raw, nil},
	} {
		is := was
		is.Raw = tt.raw
		lines := differences(cmp.Diff(was, is, mailtest.MailLines()))
		for _, want := range tt.want {
			if !strings.Contains(lines, want) {
				t.Errorf("%s: %s isn't in\n%s", name, want, lines)
			}
		}
		if (lines == "") != (tt.want == nil) {
			t.Errorf("%s:\n%s", name, lines)
		}
		if diff := differences(cmp.Diff([]byte(was.Raw), []byte(is.Raw), mailtest.MailLines())); diff != lines {
			t.Errorf("%s: octets differ by\n%s", name, diff)
		}
	}
}

// differences returns the lines of a diff that differ, without white space at their beginning.
func differences(diff string) string {
	var lines []string
	for line := range strings.Lines(diff) {
		if line[0] == '-' || line[0] == '+' {
			lines = append(lines, line[:1]+strings.TrimLeft(strings.TrimSpace(line[1:]), "\t\u00a0 "))
		}
	}
	return strings.Join(lines, "\n")
}

func TestAMessageShowsItsPartsAlsoThoseAfterAnAttachedMessage(t *testing.T) {
	t.Parallel()
	hello := mailtest.Mail{Text: "not this one", Attachments: []mailtest.Attachment{{Filename: "inner"}}}
	got := mailtest.ParseMessage(built(t, mailtest.Mail{
		HTML: "<p>x", Attachments: []mailtest.Attachment{
			{Mail: &hello, Filename: "hello.eml", ContentType: "Message/RFC822"}, {Filename: "a.pdf", ContentType: "application/pdf", Data: []byte("12345")}, {Mail: &hello},
		},
	}))
	if diff := cmp.Diff([]string{"hello.eml", "a.pdf", ""}, got.Attachments); diff != "" {
		t.Error(diff)
	}
	size := len(built(t, mailtest.Mail{Text: "not this one", Attachments: hello.Attachments}))
	want := []mailtest.Part{{"text/html", "", 6}, {"message/rfc822", "hello.eml", size}, {"application/pdf", "a.pdf", 5}, {"message/rfc822", "", size}}
	if diff := cmp.Diff(want, got.Parts); diff != "" || got.Text != "" {
		t.Errorf("%q %s", got.Text, diff)
	}
	// Messages in a digest are no attachments.
	digest := mailtest.ParseMessage([]byte("MIME-Version: 1.0\r\nContent-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: x\r\n\r\ninner\r\n--b--\r\n"))
	if digest.Text != "inner" || len(digest.Attachments) != 0 {
		t.Errorf("%+v", digest)
	}
}
