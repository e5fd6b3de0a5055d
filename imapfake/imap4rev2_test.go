package imapfake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// rev2 returns a client that has enabled IMAP4rev2.
func (f *fixture) rev2() *client {
	f.t.Helper()
	c := f.login()
	c.run("ENABLE imap4REV2", "* ENABLED IMAP4rev2", "T OK ENABLE completed")
	return c
}

// terse leaves out what has SELECT answer with more than the base protocol.
func terse() imapfake.Option {
	return imapfake.WithoutCapabilities(imap.CapObjectID, imap.CapCondStore)
}

// eachRev2 runs a test on a server of both revisions, where the client enables IMAP4rev2,
// and on one that has IMAP4rev2 only.
func eachRev2(t *testing.T, test func(*testing.T, *fixture, *client)) {
	t.Helper()
	t.Parallel()
	for name, options := range map[string][]imapfake.Option{
		"enabled": nil,
		"alone":   {imapfake.WithoutCapabilities(imap.CapIMAP4rev1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, append(options, terse())...)
			if options == nil {
				test(t, f, f.rev2())
			} else {
				test(t, f, f.login())
			}
		})
	}
}

func TestBothRevisionsAreOfferedAndTheFirstIsInForce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, terse())
	f.deliver("a: b\r\n\r\n")
	c := f.login()
	before := c.ok("CAPABILITY")
	if !strings.HasPrefix(before[0], "* CAPABILITY IMAP4rev1 IMAP4rev2 ") {
		t.Error(before)
	}
	c.run("SELECT INBOX",
		`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
		`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] flags that can be changed`,
		"* 1 EXISTS", "* 1 RECENT", "* OK [UNSEEN 1] first unseen message", "* OK [UIDVALIDITY 1] UIDs valid",
		"* OK [UIDNEXT 2] predicted next UID",
		"T OK [READ-WRITE] SELECT completed")
	c.run("SEARCH RECENT", "* SEARCH 1", "T OK SEARCH completed")
	c.run("FETCH 1 (FLAGS RFC822.HEADER)", "* 1 FETCH (FLAGS (\\Recent) RFC822.HEADER {8}", "a: b", "", ")", "T OK FETCH completed")
	c.ok("CHECK")
	c.ok(`LSUB "" "*"`)
	// RFC 9051 §6.3.1: CAPABILITY is the same before and after.
	c.run("ENABLE IMAP4rev2", "* ENABLED IMAP4rev2", "T OK ENABLE completed")
	c.run("ENABLE IMAP4rev2", "* ENABLED", "T OK ENABLE completed")
	c.run("CAPABILITY", before[0], "T OK CAPABILITY completed")
}

func TestRev2SelectTellsTheMailboxAndNothingOfRecentMessages(t *testing.T) {
	eachRev2(t, func(t *testing.T, f *fixture, c *client) {
		f.deliver("a: b\r\n\r\n")
		if _, err := f.alice.CreateMailbox("Sent", imap.MailboxAttrSent); err != nil {
			t.Fatal(err)
		}
		if err := f.alice.Subscribe("Sent"); err != nil {
			t.Fatal(err)
		}
		c.run("SELECT INBOX",
			`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
			`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] flags that can be changed`,
			"* 1 EXISTS", "* OK [UIDVALIDITY 1] UIDs valid", "* OK [UIDNEXT 2] predicted next UID",
			`* LIST (\HasNoChildren) "/" INBOX`,
			"T OK [READ-WRITE] SELECT completed")
		c.run("FETCH 1 FLAGS", "* 1 FETCH (FLAGS ())", "T OK FETCH completed")
		f.deliver("a: c\r\n\r\n")
		c.run("NOOP", "* 2 EXISTS", "T OK NOOP completed")
		c.run("FETCH 2 FLAGS", "* 2 FETCH (FLAGS ())", "T OK FETCH completed")
		// RFC 9051 §7.1, CLOSED.
		c.run("EXAMINE Sent",
			"* OK [CLOSED] previous mailbox closed",
			`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
			"* OK [PERMANENTFLAGS ()] flags that can be changed",
			"* 0 EXISTS", "* OK [UIDVALIDITY 2] UIDs valid", "* OK [UIDNEXT 1] predicted next UID",
			`* LIST (\Subscribed \HasNoChildren \Sent) "/" Sent`,
			"T OK [READ-ONLY] EXAMINE completed")
		c.run("SELECT nope", "* OK [CLOSED] previous mailbox closed", `T NO [NONEXISTENT] open mailbox "nope": no such mailbox`)
	})
}

func TestRev2ClosesWithoutQResyncToo(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithoutCapabilities(imap.CapQResync)).rev2()
	c.ok("SELECT INBOX")
	if lines := c.ok("SELECT INBOX"); lines[0] != "* OK [CLOSED] previous mailbox closed" {
		t.Error(lines)
	}
}

func TestRev2SearchIsAnsweredByESearch(t *testing.T) {
	eachRev2(t, func(t *testing.T, f *fixture, c *client) {
		f.deliver("a: b\r\n\r\n", "a: \xc3\xa9\r\n\r\n", "a: b\r\n\r\n")
		c.ok("SELECT INBOX")
		c.run("SEARCH ALL", `* ESEARCH (TAG "T") ALL 1:3`, "T OK SEARCH completed")
		c.run("UID SEARCH NOT 2", `* ESEARCH (TAG "T") UID ALL 1,3`, "T OK UID SEARCH completed")
		c.run("SEARCH SEEN", `* ESEARCH (TAG "T")`, "T OK SEARCH completed")
		c.run("SEARCH RETURN (COUNT) ALL", `* ESEARCH (TAG "T") COUNT 3`, "T OK SEARCH completed")
		c.run("SEARCH RETURN (SAVE) 3", "T OK SEARCH completed")
		c.run("SEARCH $", `* ESEARCH (TAG "T") ALL 3`, "T OK SEARCH completed")
		// RFC 9051 §6.4.4: UTF-8 goes without saying, and may be said.
		c.run(`SEARCH HEADER a "É"`, `* ESEARCH (TAG "T") ALL 2`, "T OK SEARCH completed")
		c.run(`SEARCH CHARSET UTF-8 HEADER a "é"`, `* ESEARCH (TAG "T") ALL 2`, "T OK SEARCH completed")
		c.run("SEARCH CHARSET klingon HEADER a b", "T NO [BADCHARSET]…")
		// RFC 9051 §9, number64.
		c.run("SEARCH SMALLER 9223372036854775807", `* ESEARCH (TAG "T") ALL 1:3`, "T OK SEARCH completed")
		c.run("SEARCH LARGER 9223372036854775808", "T BAD SEARCH: number 9223372036854775808…")
		c.run("FETCH 1 BODY.PEEK[]<5000000000.9223372036854775807>",
			"* 1 FETCH (BODY[]<5000000000> {0}", ")", "T OK FETCH completed")
	})
	c := newFixture(t).selected()
	c.run("SEARCH LARGER 5000000000", "T BAD SEARCH: number 5000000000 is above 4294967295…")
}

func TestRev2DoesNotKnowWhatItDidAwayWith(t *testing.T) {
	eachRev2(t, func(t *testing.T, f *fixture, c *client) {
		f.deliver("a: b\r\n\r\n")
		c.ok("SELECT INBOX")
		c.run("CHECK", "T BAD unknown command CHECK…")
		c.run(`LSUB "" "*"`, "T BAD unknown command LSUB…")
		for _, item := range []string{"RFC822", "RFC822.HEADER", "RFC822.TEXT"} {
			c.run("FETCH 1 "+item, `T BAD FETCH: unknown FETCH item "`+item+`"…`)
		}
		for _, key := range []string{"NEW", "OLD", "RECENT"} {
			c.run("SEARCH "+key, `T BAD SEARCH: unknown search key "`+key+`"…`)
		}
		c.run("STATUS INBOX (RECENT)", `T BAD STATUS: unknown STATUS item "RECENT"…`)
		c.run(`STORE 1 FLAGS (\Recent)`, "T BAD STORE: a client can't set…")
		c.run("FETCH 1 FULL", "* 1 FETCH (FLAGS () INTERNALDATE…", "T OK FETCH completed")
		c.run("FETCH 1 RFC822.SIZE", "* 1 FETCH (RFC822.SIZE 8)", "T OK FETCH completed")
	})
}

func TestRev2NamesAreInUTF8(t *testing.T) {
	eachRev2(t, func(t *testing.T, f *fixture, c *client) {
		c.run(`CREATE "Entwürfe"`, "T OK…")
		c.run("CREATE {9+}\r\nA&B/\xe2\x82\xac-x", "T OK…")
		c.run(`CREATE &AOQ-`, "T OK…") // is no modified UTF-7 (RFC 9051 appendix A.1)
		c.run(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`, `* LIST (\HasNoChildren) "/" &AOQ-`,
			`* LIST (\Noselect \HasChildren) "/" A&B`, `* LIST (\HasNoChildren) "/" "A&B/€-x"`,
			`* LIST (\HasNoChildren) "/" "Entwürfe"`, "T OK LIST completed")
		c.run(`STATUS "Entwürfe" (MESSAGES)`, `* STATUS "Entwürfe" (MESSAGES 0)`, "T OK STATUS completed")
		if _, err := f.alice.Mailbox("Entwürfe"); err != nil {
			t.Error(err)
		}
	})
}

func TestRev2TellsTheNameThatAMailboxHasInPlaceOfTheOneGiven(t *testing.T) {
	eachRev2(t, func(t *testing.T, f *fixture, c *client) {
		const decomposed, composed = "u\u0308", "ü" // RFC 5198 §2: NFC
		c.run("SELECT inbox",
			"* FLAGS…", "* OK [PERMANENTFLAGS…", "* 0 EXISTS", "* OK [UIDVALIDITY…", "* OK [UIDNEXT…",
			`* LIST (\HasNoChildren) "/" INBOX ("OLDNAME" (inbox))`, "T OK…")
		c.run(`CREATE "`+decomposed+`/"`, `* LIST (\HasNoChildren) "/" "`+composed+`" ("OLDNAME" ("`+decomposed+`"))`, "T OK…")
		c.run(`CREATE "`+composed+`"`, "T NO [ALREADYEXISTS]…")
		c.run("CREATE Plain/", "T OK…")
		c.run(`LIST "" "`+decomposed+`*"`, `* LIST (\HasNoChildren) "/" "`+composed+`"`, "T OK LIST completed")
		c.run(`APPEND "`+decomposed+"\" {4+}\r\na: b",
			`* LIST (\HasNoChildren) "/" "`+composed+`" ("OLDNAME" ("`+decomposed+`"))`, "T OK [APPENDUID 2 1] APPEND completed")
		c.run(`RENAME Plain "x`+decomposed+`"`, `* LIST (\HasNoChildren) "/" "x`+composed+`" ("OLDNAME" (Plain))`, "T OK RENAME completed")
		c.run(`RENAME "x`+composed+`" y/z`, `* LIST (\HasNoChildren) "/" y/z ("OLDNAME" ("x`+composed+`"))`, "T OK RENAME completed")
		c.run(`DELETE "`+decomposed+`"`, `* LIST (\NonExistent \HasNoChildren) "/" "`+composed+`" ("OLDNAME" ("`+decomposed+`"))`, "T OK DELETE completed")
		c.run("DELETE y/z", "T OK DELETE completed")
		c.run("CREATE InBoX/a", `* LIST (\HasNoChildren) "/" INBOX/a ("OLDNAME" (InBoX/a))`, "T OK…")
	})
	// A client of IMAP4rev1 knows no OLDNAME.
	c := newFixture(t).login()
	c.run("CREATE inbox/a", "T OK…")
	c.run("RENAME inbox/a b", "T OK RENAME completed")
	c.run("APPEND inbox {4+}\r\na: b", "T OK…")
	c.run("DELETE b", "T OK DELETE completed")
}

func TestARev2ServerTakesUTF8InStringsBeforeItIsEnabled(t *testing.T) {
	t.Parallel()
	f := newFixture(t, terse())
	f.deliver("Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n")
	c := f.login()
	// RFC 9051 appendix A: but it sends none.
	c.run(`CREATE "Entwürfe &- x"`, "T OK…")
	c.run(`LIST "" E*`, `* LIST (\HasNoChildren) "/" "Entw&APw-rfe &- x"`, "T OK LIST completed")
	c.run(`SELECT "Entw&APw-rfe &- x"`, "* FLAGS…", "* OK [PERM…", "* 0 EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY…",
		"* OK [UIDNEXT…", "T OK…")
	c.ok("SELECT INBOX")
	c.run(`SEARCH SUBJECT "CAFÉ"`, "* SEARCH 1", "T OK SEARCH completed")
	c.run("CREATE \"\xff\"", "T BAD CREATE: octets in a quoted string that are not UTF-8…")
	rev1 := newFixture(t, imapfake.WithoutCapabilities(imap.CapIMAP4rev2)).login()
	rev1.run(`CREATE "ü"`, "T BAD CREATE: 8-bit octet in a quoted string…")
}

func TestRev2StatusTellsWhatIsDeletedAndTheSize(t *testing.T) {
	eachRev2(t, func(t *testing.T, f *fixture, c *client) {
		f.deliver("a: b\r\n\r\n", "a: c\r\n\r\n", "a: d\r\n\r\n")
		c.ok("SELECT INBOX")
		c.ok(`STORE 1:2 +FLAGS (\Deleted)`)
		c.ok("UNSELECT")
		c.run("STATUS INBOX (MESSAGES DELETED SIZE UNSEEN)", "* STATUS INBOX (MESSAGES 3 DELETED 2 SIZE 24 UNSEEN 3)", "T OK STATUS completed")
		c.run(`LIST "" INBOX RETURN (STATUS (DELETED))`, `* LIST (\HasNoChildren) "/" INBOX`, "* STATUS INBOX (DELETED 2)", "T OK LIST completed")
	})
	// Before IMAP4rev2 is enabled it takes RFC 9208's capability.
	c := newFixture(t, imapfake.WithoutCapabilities("QUOTA=RES-MESSAGE")).login()
	c.run("STATUS INBOX (DELETED)", `T BAD STATUS: unknown STATUS item "DELETED"…`)
	c.ok("ENABLE IMAP4rev2")
	c.run("STATUS INBOX (DELETED)", "* STATUS INBOX (DELETED 0)", "T OK STATUS completed")
}

func TestRev2HasTheFetchSideOfBinaryOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities(imap.CapBinary))
	f.deliver("Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nYWJj\r\n", "MIME-Version: 1.0\r\nContent-Transfer-Encoding: rot13\r\n\r\nabc\r\n")
	c := f.selected()
	c.run("FETCH 1 BINARY.SIZE[1]", `T BAD FETCH: unknown FETCH item "BINARY.SIZE"…`)
	c.ok("ENABLE IMAP4rev2")
	c.run("FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])", "* 1 FETCH (BINARY[1] {3}", "abc BINARY.SIZE[1] 3)", "T OK FETCH completed")
	c.run("FETCH 2 BINARY.PEEK[1]", "* 2 FETCH (UID 2)", "T NO [UNKNOWN-CTE]…")
	c.run("APPEND INBOX ~{3+}\r\nabc", "T BAD APPEND…")
}

func TestRev2BodyStructureTellsParametersDecoded(t *testing.T) {
	const message = "MIME-Version: 1.0\r\nContent-Type: text/plain; name*0=\"a b\"; name*1=\".txt\"\r\n" +
		"Content-Disposition: attachment; filename*=utf-8''%e2%82%ac.txt\r\n\r\nx\r\n"
	eachRev2(t, func(t *testing.T, f *fixture, c *client) {
		f.deliver(message)
		c.ok("EXAMINE INBOX")
		// RFC 9051 §7.5.2, body parameter parenthesized list.
		c.run("FETCH 1 BODYSTRUCTURE", `* 1 FETCH (BODYSTRUCTURE ("text" "plain" ("name" "a b.txt" "charset" "us-ascii")`+
			` NIL NIL "7bit" 3 1 NIL ("attachment" ("filename*" "€.txt")) NIL NIL))`, "T OK FETCH completed")
	})
	f := newFixture(t)
	f.deliver(message)
	f.selected().run("FETCH 1 BODYSTRUCTURE", `* 1 FETCH (BODYSTRUCTURE ("text" "plain" ("name" "a b.txt" "charset" "us-ascii")`+
		` NIL NIL "7bit" 3 1 NIL ("attachment" ("filename*" "utf-8''%e2%82%ac.txt")) NIL NIL))`, "T OK FETCH completed")
}

func TestRev2MissingNamesAboveMailboxes(t *testing.T) {
	eachRev2(t, func(t *testing.T, f *fixture, c *client) {
		c.ok("CREATE a/b")
		c.run(`LIST "" a`, `* LIST (\Noselect \HasChildren) "/" a`, "T OK LIST completed") // RFC 9051 §6.3.9
		c.run(`LIST () "" a`, `* LIST (\NonExistent \HasChildren) "/" a`, "T OK LIST completed")
		c.ok("CREATE a")
		c.run("DELETE a", "T OK DELETE completed")
		c.run("DELETE a", "T NO [HASCHILDREN]…")
	})
}

func TestUnauthenticateEndsRev2(t *testing.T) {
	t.Parallel()
	c := newFixture(t).rev2()
	c.ok("UNAUTHENTICATE")
	c.ok("LOGIN alice@example.org secret")
	c.ok(`LSUB "" "*"`)
	alone := newFixture(t, imapfake.WithoutCapabilities(imap.CapIMAP4rev1)).login()
	alone.ok("UNAUTHENTICATE")
	alone.run(`LSUB "" "*"`, "T BAD unknown command LSUB…")
}

func TestRowsOfTheTestsOwnAreThereInEitherRevision(t *testing.T) {
	t.Parallel()
	own := []imapfake.Option{
		imapfake.WithCommand(imapfake.Command{Name: "XPING", States: imapfake.AnyState, Run: func(*imapfake.Call) error { return nil }}),
		imapfake.OverrideStatusItem("DELETED", func(mailstore.Status, string) string { return "7" }),
		imapfake.OverrideStatusItem("MESSAGES", func(mailstore.Status, string) string { return "8" }),
	}
	check := func(c *client) {
		t.Helper()
		c.run("XPING", "T OK XPING completed")
		c.run("STATUS INBOX (MESSAGES DELETED)", "* STATUS INBOX (MESSAGES 8 DELETED 7)", "T OK STATUS completed")
	}
	c := newFixture(t, own...).login()
	check(c)
	c.ok("ENABLE IMAP4rev2")
	check(c)
	check(newFixture(t, append(own, imapfake.WithoutCapabilities(imap.CapIMAP4rev1))...).login())
	check(newFixture(t, append(own, imapfake.WithCapabilities(), imapfake.WithoutCapabilities(imap.CapIMAP4rev1))...).login())
}

// TestGoIMAPsClientSpeaksEitherRevision: it sends names in UTF-8 as soon as IMAP4rev2 is
// offered, enabled or not.
func TestGoIMAPsClientSpeaksEitherRevision(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]imapfake.Option{
		"both": nil, "rev1 alone": {imapfake.WithoutCapabilities(imap.CapIMAP4rev2)}, "rev2 alone": {imapfake.WithoutCapabilities(imap.CapIMAP4rev1)},
	} {
		for _, enables := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", enables: ", enables), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, options...)
				f.deliver("Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n", "Subject: tea\r\n\r\n")
				useGoIMAP(t, f, enables)
				if box, err := f.alice.Mailbox("Entwürfe"); err != nil || box.Status().Messages.Len() != 1 {
					t.Errorf("mailbox %v, error %v", box, err)
				}
			})
		}
	}
}

// useGoIMAP creates a mailbox by go-imap's client and moves what it finds there.
func useGoIMAP(t *testing.T, f *fixture, enables bool) {
	t.Helper()
	conn, err := f.listener.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(conn, nil)
	defer c.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Login("alice@example.org", "secret").Wait())
	drafts := "Entwürfe"
	if enables {
		_, err := c.Enable(imap.CapIMAP4rev2).Wait()
		must(err)
	}
	must(c.Create(drafts, nil).Wait())
	_, err = c.Select(drafts, nil).Wait()
	must(err)
	_, err = c.Select("INBOX", nil).Wait()
	must(err)
	found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "CAFÉ"}}}, nil).Wait()
	must(err)
	_, err = c.Move(imap.UIDSetNum(found.AllUIDs()...), drafts).Wait()
	must(err)
	must(c.Logout().Wait())
}
