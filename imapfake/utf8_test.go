package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

func TestUTF8AcceptChangesNamesAndStrings(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("Subject: caf\xc3\xa9\r\n\r\nx")
	c := f.login()
	c.ok("CREATE Entw&APw-rfe")
	c.run("ENABLE UTF8=ACCEPT", "* ENABLED UTF8=ACCEPT", "T OK ENABLE completed")
	c.run(`LIST "" Ent*`, `* LIST (\HasNoChildren) "/" "Entwürfe"`, "T OK LIST completed")
	c.run(`STATUS "Entwürfe" (MESSAGES)`, `* STATUS "Entwürfe" (MESSAGES 0)`, "T OK STATUS completed")
	c.ok(`CREATE "R&D"`)
	c.run(`LIST "" "R*"`, `* LIST (\HasNoChildren) "/" R&D`, "T OK LIST completed")
	c.run("CREATE \"\xff\"", "T BAD CREATE: octets in a quoted string that are not UTF-8 (RFC 6855 3)")
	c.ok("SELECT INBOX")
	c.run(`SEARCH SUBJECT "café"`, "* SEARCH 1", "T OK SEARCH completed")
	c.run(`SEARCH CHARSET UTF-8 SUBJECT "café"`, "T BAD SEARCH: there is but one charset once UTF8=ACCEPT is enabled (RFC 6855 3)")
	c.run("FETCH 1 ENVELOPE", `* 1 FETCH (ENVELOPE (NIL "café" NIL NIL NIL NIL NIL NIL NIL NIL))`, "T OK FETCH completed")
}

func TestTheUTF8FormOfAppendNeedsUTF8Accept(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	c.run("APPEND INBOX UTF8 (~{6+}\r\na: \xc3\xa9b)", "T NO [CANNOT] ENABLE UTF8=ACCEPT comes first…")
	c.run("APPEND INBOX {6+}\r\na: \xc3\xa9b", "T OK [APPENDUID 1 1] APPEND completed")
	c.ok("ENABLE UTF8=ACCEPT")
	c.run("APPEND INBOX (\\Seen) UTF8 (~{6+}\r\na: \xc3\xa9b)", "T OK [APPENDUID 1 2] APPEND completed")
	c.run("APPEND INBOX CATENATE (UTF8 (~{6+}\r\na: \xc3\xa9b))", "T OK [APPENDUID 1 3] APPEND completed")
	c.run("APPEND INBOX UTF8 ({6+}\r\na: \xc3\xa9b)", `T BAD APPEND: expected "~", found "{6+}" (RFC 3501 9)`)
	c.run("APPEND nope UTF8 (~{6}", "T NO [TRYCREATE]…")
}

func TestWithoutUTF8AcceptThereIsNone(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithoutCapabilities(imap.CapUTF8Accept, imap.CapIMAP4rev2)).login()
	c.run("ENABLE UTF8=ACCEPT", "* ENABLED", "T OK ENABLE completed")
	c.run("APPEND INBOX {6+}\r\na: \xc3\xa9b", "T OK…")
	c.run("APPEND INBOX UTF8 (~{6+}\r\na: \xc3\xa9b)", `T BAD APPEND: expected "{", found "UTF8…`)
	c.run("CREATE \"f\xc3\xb6\"", "T BAD CREATE: 8-bit octet…")
}
