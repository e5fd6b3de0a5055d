package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestMultiAppendStoresAllMessages(t *testing.T) {
	t.Parallel()
	c := newFixture(t).selected()
	c.run("APPEND INBOX (\\Seen) {4+}\r\na: b {5+}\r\na: bc \"29-Feb-2024 12:30:00 +0130\" {6+}\r\na: bcd",
		"* 3 EXISTS", "* 3 RECENT", "T OK [APPENDUID 1 1:3] APPEND completed")
	c.run("FETCH 1:* (FLAGS RFC822.SIZE)", `* 1 FETCH (FLAGS (\Seen \Recent) RFC822.SIZE 4)`,
		`* 2 FETCH (FLAGS (\Recent) RFC822.SIZE 5)`, `* 3 FETCH (FLAGS (\Recent) RFC822.SIZE 6)`, "T OK FETCH completed")
}

func TestMultiAppendStoresAllOrNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithAppendLimit(100))
	f.alice.SetQuota(mailstore.Quota{Messages: 2})
	c := f.login()
	const first = "APPEND INBOX {4+}\r\na: b"
	c.run(first+" {4+}\r\na: b {4+}\r\na: b", "T NO [OVERQUOTA]…")
	c.run(first+" {0+}\r\n", "T NO [CANNOT] a message has at least one octet")
	c.run(first+" {101}", "T NO [TOOBIG]…")
	c.run(first+` (\Frob) {4+}`+"\r\na: b", "T BAD append to…")
	c.run(first+" x", "T BAD APPEND: expected \"{\", found \"x\" (RFC 3501 9)")
	c.run(first+" ", "T BAD APPEND: expected \"{\"…")
	if n := f.inbox.Messages().Len(); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestOneCommandBringsABoundedAmountOfMail(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithAppendLimit(4)).login()
	command := "APPEND INBOX"
	for range 16 {
		command += " {4+}\r\na: b"
	}
	c.run(command, "T OK [APPENDUID 1 1:16] APPEND completed")
	c.run(command+" {4+}\r\na: b", "T NO [LIMIT] one command brings at most 64 octets here")
}

func TestWithoutMultiAppendASecondMessageIsAnError(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithoutCapabilities(imap.CapMultiAppend)).login()
	c.run("APPEND INBOX {4+}\r\na: b {4+}\r\na: b", "T BAD APPEND: unexpected \" {4+}\" after the arguments (RFC 3501 9)")
}
