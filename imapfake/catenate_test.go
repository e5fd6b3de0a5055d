package imapfake_test

import (
	"fmt"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

func TestCatenatePutsTextsAndPartsTogether(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("Subject: x\r\n\r\n0123456789")
	c := f.selected()
	for _, test := range []struct{ parts, want string }{
		{`URL "/INBOX/;UID=1/;SECTION=TEXT"`, "0123456789"},
		{`URL "/inbox;uidvalidity=1/;uid=1/;section=HEADER"`, "Subject: x\r\n\r\n"},
		{`URL ";UID=1/;SECTION=TEXT/;PARTIAL=2.3"`, "234"},
		{`URL ";UID=1/;SECTION=TEXT/;PARTIAL=8"`, "89"},
		{`URL ";UID=1/;PARTIAL=0.7" TEXT {3+}` + "\r\nabc TEXT {0+}\r\n", "Subjectabc"},
		{`URL ";UID=1/;SECTION=HEADER.FIELDS%20(SUBJECT)"`, "Subject: x\r\n\r\n"},
		{"URL {6+}\r\n;UID=1", "Subject: x\r\n\r\n0123456789"},
	} {
		c.ok("APPEND INBOX CATENATE (%s)", test.parts)
		ms := f.inbox.Messages()
		if raw := string(ms.At(ms.Len()).Raw()); raw != test.want {
			t.Errorf("%s: stored %q", test.parts, raw)
		}
	}
	if f.inbox.Messages().At(1).HasFlag(imap.FlagSeen) {
		t.Error(`\Seen was set`)
	}
}

func TestCatenateTellsWhichURLIsBad(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: b")
	c := f.login()
	for _, url := range []string{
		";UID=1", "/;UID=1", "/INBOX;UIDVALIDITY=9/;UID=1", "/INBOX/;UID=2", "/INBOX/;UID=0", "/INBOX/;UID=1x", "/INBOX",
		"/nope/;UID=1", "/INBOX/;UID=1/;SECTION=2", "/INBOX/;UID=1/;SECTION=1.FROB", "/INBOX/;UID=1/;PARTIAL=0.0",
		"/INBOX/;UID=1/;SECTION=", "imap://localhost/INBOX/;UID=1", "INBOX/;UID=1", "/%zz/;UID=1", "",
	} {
		c.run(fmt.Sprintf("APPEND INBOX CATENATE (URL %q)", url), "T NO [BADURL "+url+"] …")
	}
	c.run(`APPEND INBOX CATENATE (URL "/nope/;UID=1")`, `T NO [BADURL /nope/;UID=1] open mailbox "nope": no such mailbox`)
	c.run(`APPEND INBOX CATENATE (URL "/a]b/;UID=1")`, "T NO [BADURL /a?b/;UID=1] …")
	c.run("APPEND INBOX CATENATE ()", "T BAD APPEND: the list may not be empty (RFC 3501 9)")
	c.run("APPEND INBOX CATENATE (FROB {1})", "T BAD APPEND: expected TEXT or URL…")
	c.run("APPEND INBOX CATENATE (TEXT {0+}\r\n)", "T NO [CANNOT] a message has at least one octet")
	if n := f.inbox.Messages().Len(); n != 1 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestCatenateIsLimitedInAll(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithAppendLimit(10))
	f.deliver("a: bcd")
	c := f.selected()
	const tooBig = "T NO [TOOBIG] a message has at most 10 octets here"
	c.run("APPEND INBOX CATENATE (TEXT {6+}\r\na: bcd TEXT {5}", tooBig)
	c.run(`APPEND INBOX CATENATE (URL ";UID=1" URL ";UID=1")`, tooBig)
	c.run(`APPEND nope CATENATE (TEXT {5}`, "T NO [TRYCREATE]…")
	c.run("APPEND INBOX CATENATE (URL \";UID=1\" TEXT {4+}\r\n0123)", "* 2 EXISTS", "* 2 RECENT", "T OK…")
}

func TestWithoutCatenateItIsAnError(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapCatenate))
	f.deliver("a: b")
	c := f.selected()
	c.run(`APPEND INBOX CATENATE (URL ";UID=1")`, `T BAD APPEND: expected "{", found "CATENATE (URL \";UID=" (RFC 3501 9)`)
	c = newFixture(t, imapfake.WithoutCapabilities(imap.CapURLPartial)).selected()
	c.run(`APPEND INBOX CATENATE (URL ";UID=1/;PARTIAL=0.1")`, "T NO [BADURL ;UID=1/;PARTIAL=0.1] the URL has no number after UID=")
}
