package imapfake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// gmailMail is searched by the tests of X-GM-RAW.
var gmailMail = []struct {
	raw    string
	date   time.Time
	flags  []imap.Flag
	labels []string
}{
	{"From: Amy Doe <amy@example.org>\r\nTo: alice@example.org\r\nSubject: Dinner and a movie\r\nMessage-ID: <one@x>\r\n\r\nAt eight, in the old\r\n town hall.\r\n",
		time.Date(2024, 2, 29, 23, 0, 0, 0, time.UTC), []imap.Flag{imap.FlagSeen}, []string{"INBOX", "Work/Big Project"}},
	{"From: bob@example.com\r\nTo: carol@example.org\r\nCc: alice@example.org\r\nSubject: =?utf-8?q?=C3=9Cbung?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\n\r\ndinner?\r\n--x\r\nContent-Type: application/pdf; name=plan.PDF\r\nContent-Disposition: attachment\r\n\r\nx\r\n--x--\r\n",
		time.Date(2024, 3, 1, 1, 0, 0, 0, time.UTC), []imap.Flag{imap.FlagFlagged}, []string{"INBOX", "[Gmail]/Important"}},
	{"From: alice@example.org\r\nTo: amy@example.org\r\nSubject: Re: Dinner\r\n\r\n" + strings.Repeat("fifteen octets\r\n", 100),
		time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC), nil, []string{"[Gmail]/Sent Mail"}},
}

func newRawFixture(t *testing.T, options ...imapfake.Option) *client {
	t.Helper()
	f := newBaseFixture(t, append(options, imapfake.WithMoreCapabilities("X-GM-EXT-1"))...)
	f.alice.UseLabels()
	f.mailbox("Work/Big Project")
	for _, m := range gmailMail {
		first := f.mailboxNamed(m.labels[0])
		uids, err := first.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte(m.raw)), InternalDate: m.date, Flags: m.flags})
		if err != nil {
			t.Fatal(err)
		}
		for _, label := range m.labels[1:] {
			_, sent := first.Messages().Find(uids[0])
			if _, err := first.Copy([]*mailstore.Message{sent}, f.mailboxNamed(label)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return f.in(`"[Gmail]/All Mail"`)
}

func (f *fixture) mailboxNamed(name string) *mailstore.Mailbox {
	f.t.Helper()
	b, err := f.alice.Mailbox(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

func TestGmailSearchFinds(t *testing.T) {
	t.Parallel()
	c := newRawFixture(t)
	for _, tt := range []struct{ query, want string }{
		{"dinner", " 1 2 3"},
		{"DINNER movie", " 1"},
		{"dinner AND movie", " 1"},
		{"dinn", ""}, // words are whole
		{`"old town hall"`, " 1"},
		{`"town old"`, ""},
		{"from:amy", " 1"},
		{"from:example.com", " 2"},
		{"from:me", " 3"},
		{"to:me", " 1"},
		{"cc:alice@example.org", " 2"},
		{"bcc:alice", ""},
		{"subject:dinner", " 1 3"},
		{"subject:(dinner movie)", " 1"},
		{"subject:{movie re}", " 1 3"},
		{`subject:"and a movie"`, " 1"},
		{"subject:dinner -movie", " 3"},
		{"-(movie OR fifteen)", " 2"},
		{"from:amy OR from:bob dinner", " 1 2"},
		{"from:(amy OR bob OR carol)", " 1 2"},
		{"{from:amy from:bob} -in:important", " 1"},
		{"-dinner", ""},
		{"label:work-big-project", " 1"},
		{`label:"Work/Big Project"`, " 1"},
		{"label:inbox", " 1 2"},
		{"in:sent", " 3"},
		{"in:drafts", ""},
		{"in:anywhere", " 1 2 3"},
		{"is:unread", " 2 3"},
		{"is:read", " 1"},
		{"is:starred", " 2"},
		{"is:important", " 2"},
		{"has:attachment", " 2"},
		{"has:userlabels", " 1"},
		{"has:nouserlabels", " 2 3"},
		{"filename:plan.pdf", " 2"},
		{"filename:pdf", " 2"},
		{"filename:doc", ""},
		{"before:2024/03/01", " 1"},
		{"after:2024/3/1", " 2 3"},
		{"after:2024-03-01 before:01/01/2025", " 2"},
		{"before:1709254800", " 1"},
		{"older_than:1d", " 1 2 3"},
		{"newer_than:1y", ""},
		{"larger:1K", " 3"},
		{"smaller:300 larger:200", " 2"},
		{"size:1M", ""},
		{"rfc822msgid:<one@x>", " 1"},
		{"rfc822msgid:one@x", " 1"},
		{"http://example.org/", ""},
		{"", " 1 2 3"},
	} {
		c.run(`SEARCH X-GM-RAW "`+strings.ReplaceAll(tt.query, `"`, `\"`)+`"`, "* SEARCH"+tt.want, "T OK SEARCH completed")
	}
	c.run("SEARCH UNSEEN X-GM-RAW dinner NOT FLAGGED", "* SEARCH 3", "T OK SEARCH completed")
}

func TestGmailSearchIsInTheCharsetOfTheSearch(t *testing.T) {
	t.Parallel()
	c := newRawFixture(t)
	c.run("SEARCH CHARSET UTF-8 X-GM-RAW {6+}\r\nübung", "* SEARCH 2", "T OK SEARCH completed")
}

// What can't be searched for isn't passed over in silence.
func TestGmailSearchRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	c := newRawFixture(t)
	for _, query := range []string{
		"category:promotions", "is:muted", "has:drive", "(a", "a)", "{a", "(a}", "a OR", `\"a`, "subject:", "subject: a", "larger:x", "larger:",
		"before:2024/13/01", "older_than:1w", "newer_than:", "newer_than:d", "-", "-)", strings.Repeat("(", 200), strings.Repeat("-", 200),
		strings.Repeat("a:(", 150),
	} {
		c.run(`SEARCH X-GM-RAW "`+query+`"`, "T NO [CANNOT] …")
	}
}
