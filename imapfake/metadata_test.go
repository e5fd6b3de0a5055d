package imapfake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

const (
	gotMetadata = "T OK GETMETADATA completed"
	setMetadata = "T OK SETMETADATA completed"
)

func TestAnnotationsOfAMailbox(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	c.run("GETMETADATA INBOX /shared/comment", "* METADATA INBOX (/shared/comment NIL)", gotMetadata)
	c.run(`SETMETADATA INBOX (/Shared/Comment "the \"best\"" /private/comment "")`, setMetadata)
	c.run(`GETMETADATA inbox (/shared/COMMENT "/private/comment")`,
		`* METADATA inbox (/shared/comment "the \"best\"" /private/comment "")`, gotMetadata)
	c.run(`SETMETADATA "INBOX" (/shared/comment nil /private/x {3+}`+"\r\na\r\n)", setMetadata)
	c.run("GETMETADATA INBOX (/shared/comment /private/x)", "* METADATA INBOX (/shared/comment NIL /private/x {3}", "a", ")", gotMetadata)
	// What is set as a literal8 may hold NUL (RFC 5464 §5).
	c.run("SETMETADATA INBOX (/private/x ~{3+}\r\na\x00b)", setMetadata)
	c.run("GETMETADATA INBOX /private/x", "* METADATA INBOX (/private/x ~{3}", "a\x00b)", gotMetadata)
	c.run(`SETMETADATA INBOX ("/shared/a b" {2+}`+"\r\né)", setMetadata)
	c.run(`GETMETADATA INBOX "/shared/a b"`, `* METADATA INBOX ("/shared/a b" {2}`, "é)", gotMetadata)
	c.run("GETMETADATA nope /shared/comment", `T NO [NONEXISTENT] get metadata of "nope": no such mailbox`)
	c.run("SETMETADATA nope (/shared/comment NIL)", `T NO [NONEXISTENT] set metadata of "nope": no such mailbox`)
}

func TestAnnotationsOfTheServer(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	bob, err := f.store.AddAccount("bob@example.org", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := bob.SetMetadata("", map[string]*string{"/shared/admin": new("mailto:root@example.org"), "/private/x": new("bob's")}); err != nil {
		t.Fatal(err)
	}
	c := f.login()
	c.run(`GETMETADATA "" (/shared/admin /private/x)`, `* METADATA "" (/shared/admin "mailto:root@example.org" /private/x NIL)`, gotMetadata)
	// RFC 5464 §3.2.1.1.
	c.run(`SETMETADATA "" (/shared/comment "x" /Shared/Admin "tel:1")`, "T NO [CANNOT] /shared/admin is read-only here")
	c.run(`SETMETADATA INBOX (/shared/admin "me")`, setMetadata)
	c.run(`SETMETADATA "" (/shared/comment "ours" /private/vendor/a/b "mine")`, setMetadata)
	c.run(`GETMETADATA "" (/shared/comment /private/vendor/a/b)`, `* METADATA "" (/shared/comment "ours" /private/vendor/a/b "mine")`, gotMetadata)
	c.ok("UNAUTHENTICATE")
	c.ok("LOGIN bob@example.org secret")
	c.run(`GETMETADATA "" (/shared/comment /private/vendor/a/b)`, `* METADATA "" (/shared/comment "ours" /private/vendor/a/b NIL)`, gotMetadata)
}

func TestGetMetadataByDepthAndSize(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	c.ok(`SETMETADATA INBOX (/shared/f "1" /shared/f/a "22" /shared/f/a/b "333" /shared/f/a/b/c "4444" /shared/ff "5")`)
	for arguments, want := range map[string]string{
		"(DEPTH 0) INBOX /shared/f":                      `/shared/f "1"`,
		"(DEPTH 1) INBOX /shared/f":                      `/shared/f "1" /shared/f/a "22"`,
		"(depth INFINITY) INBOX (/shared/f/a)":           `/shared/f/a "22" /shared/f/a/b "333" /shared/f/a/b/c "4444"`,
		"INBOX (DEPTH infinity) /shared":                 `/shared/f "1" /shared/f/a "22" /shared/f/a/b "333" /shared/f/a/b/c "4444" /shared/ff "5"`,
		"INBOX (DEPTH 1) (/shared/f/a/b /shared/f/a)":    `/shared/f/a/b "333" /shared/f/a/b/c "4444" /shared/f/a "22"`,
		"(DEPTH 1) INBOX /private":                       "/private NIL",
		"(DEPTH 1) INBOX (/shared/x /shared/ff)":         `/shared/x NIL /shared/ff "5"`,
		"(MAXSIZE 1 DEPTH 0) INBOX (/shared/f)":          `/shared/f "1"`,
		`(MAXSIZE 4294967295) INBOX ("/shared/f/a/b/c")`: `/shared/f/a/b/c "4444"`,
	} {
		c.run("GETMETADATA "+arguments, "* METADATA INBOX ("+want+")", gotMetadata)
	}
	// RFC 5464 §4.2.1.
	c.run("GETMETADATA (MAXSIZE 2 DEPTH infinity) INBOX /shared/f",
		`* METADATA INBOX (/shared/f "1" /shared/f/a "22")`, "T OK [METADATA LONGENTRIES 4] GETMETADATA completed")
	c.run("GETMETADATA INBOX (MAXSIZE 2) (/shared/f/a/b /shared/ff)",
		`* METADATA INBOX (/shared/ff "5")`, "T OK [METADATA LONGENTRIES 3] GETMETADATA completed")
	c.run("GETMETADATA (MAXSIZE 2) INBOX (/shared/f/a/b/c /shared/f/a/b)", "T OK [METADATA LONGENTRIES 4] GETMETADATA completed")
	c.run("GETMETADATA (MAXSIZE 0) INBOX /shared/f", "T OK [METADATA LONGENTRIES 1] GETMETADATA completed")
}

func TestMetadataArgumentsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	for _, arguments := range []string{
		"", "INBOX", "INBOX ()", "INBOX (", "INBOX /shared/a /shared/b", "INBOX (MAXSIZE 1)", "() INBOX /shared/a",
		"(DEPTH 2) INBOX /shared/a", "(DEPTH) INBOX /shared/a", "(MAXSIZE x) INBOX /shared/a", "(FROB 1) INBOX /shared/a",
		"(DEPTH 1 DEPTH 1) INBOX /shared/a", "(DEPTH 1) INBOX (MAXSIZE 1) /shared/a", "(DEPTH 1 /shared/a) INBOX",
		"INBOX comment", "INBOX /comment", "INBOX /shared//a", "INBOX /shared/a/", `INBOX "/shared/*"`, `INBOX "/shared/%"`,
		`INBOX "/shared/` + "\x01" + `"`, "INBOX NIL", `INBOX ""`,
	} {
		c.run("GETMETADATA "+arguments, "T BAD GETMETADATA:…")
	}
	for _, arguments := range []string{
		"", "INBOX", "INBOX ()", "INBOX /shared/a NIL", "INBOX (/shared/a)", "INBOX (/shared/a x)", "INBOX (/shared/a 1)",
		"INBOX (/shared/a NIL /shared/b)", `INBOX (/shared/a/ "x")`, "INBOX (/shared/a ~{1})", "INBOX (/shared/a {1+}\r\n\x00)",
	} {
		c.run("SETMETADATA "+arguments, "T BAD SETMETADATA:…")
	}
	c.run(`SETMETADATA INBOX (/shared "x")`, "T BAD set metadata of INBOX \"/shared\": invalid name of an annotation (RFC 5464 3.2)")
	c.run(`SETMETADATA INBOX (/private/vendor/x "x")`, "T BAD…")
}

func TestMetadataLimits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	long := strings.Repeat("x", mailstore.MaxMetadataOctets)
	c.run(fmt.Sprintf("SETMETADATA INBOX (/shared/x {%d+}\r\n%s)", len(long), long), setMetadata)
	c.run(fmt.Sprintf("SETMETADATA INBOX (/shared/comment \"y\" /shared/x {%d+}\r\n%sx)", len(long)+1, long),
		"T NO [METADATA MAXSIZE 16384] the value is too long")
	for i := range mailstore.MaxMetadataEntries - 1 {
		c.ok(`SETMETADATA INBOX (/private/n%d "")`, i)
	}
	c.run(`SETMETADATA INBOX (/private/n0 "new" /private/more "")`, "T NO [METADATA TOOMANY] at most 100 annotations are kept")
	// §4.3: all or none.
	c.run("GETMETADATA INBOX (/shared/comment /private/n0)", `* METADATA INBOX (/shared/comment NIL /private/n0 "")`, gotMetadata)
	c.run(`SETMETADATA INBOX (/private/n0 NIL /private/more "")`, setMetadata)
}

func TestPrivateAnnotationsCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutPrivateMetadata())
	if err := f.alice.SetMetadata("INBOX", map[string]*string{"/private/comment": new("x")}); err != nil {
		t.Fatal(err)
	}
	c := f.login()
	c.run("GETMETADATA INBOX /private/comment", "* METADATA INBOX (/private/comment NIL)", gotMetadata)
	c.run(`SETMETADATA INBOX (/shared/comment "x" /private/comment "y")`, "T NO [METADATA NOPRIVATE] there are no private annotations here")
	c.run("GETMETADATA INBOX /shared/comment", "* METADATA INBOX (/shared/comment NIL)", gotMetadata)
}

// RFC 6154 §4.
func TestTheSpecialUseOfAMailboxIsAnAnnotation(t *testing.T) {
	t.Parallel()
	for _, tied := range []bool{true, false} {
		var options []imapfake.Option
		if !tied {
			options = append(options, imapfake.WithoutCapabilities(imap.CapSpecialUse))
		}
		f := newFixture(t, options...)
		if _, err := f.alice.CreateMailbox("sent", imap.MailboxAttrSent); err != nil {
			t.Fatal(err)
		}
		c := f.login()
		if !tied {
			c.run("GETMETADATA sent /private/specialuse", "* METADATA sent (/private/specialuse NIL)", gotMetadata)
			c.run(`SETMETADATA sent (/private/specialuse "x")`, setMetadata)
			continue
		}
		c.run("GETMETADATA sent /private/specialuse", `* METADATA sent (/private/specialuse "\\Sent")`, gotMetadata)
		c.run("GETMETADATA INBOX /private/specialuse", "* METADATA INBOX (/private/specialuse NIL)", gotMetadata)
		c.run("SETMETADATA sent (/private/specialuse NIL)", "T NO [CANNOT] /private/specialuse is read-only here")
	}
}

func TestMetadataServerHasNoAnnotationsOfMailboxes(t *testing.T) {
	t.Parallel()
	for _, options := range [][]imapfake.Option{
		{imapfake.WithoutCapabilities(imap.CapMetadata)}, {imapfake.WithCapabilities(imap.CapMetadataServer)},
	} {
		c := newFixture(t, options...).login()
		if listed := strings.Fields(c.ok("CAPABILITY")[0]); !slices.Contains(listed, "METADATA-SERVER") || slices.Contains(listed, "METADATA") {
			t.Errorf("listed: %q", listed)
		}
		c.run(`SETMETADATA "" (/shared/comment "x")`, setMetadata)
		c.run(`GETMETADATA "" /shared/comment`, `* METADATA "" (/shared/comment "x")`, gotMetadata)
		c.run(`SETMETADATA INBOX (/shared/comment "x")`, "T NO [CANNOT] only the server has annotations, no mailbox (RFC 5464 1)")
		c.run(`GETMETADATA INBOX /shared/comment`, "T NO [CANNOT] only the server has annotations, no mailbox (RFC 5464 1)")
	}
}

func TestWithoutMetadataThereIsNoLiteral8(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithCapabilities(imap.CapLiteralPlus)).login()
	c.run("GETMETADATA INBOX /shared/comment", "T BAD unknown command GETMETADATA (RFC 3501 6)")
	c.run("SETMETADATA INBOX (/shared/comment NIL)", "T BAD unknown command SETMETADATA (RFC 3501 6)")
	c.run("SETMETADATA INBOX (/shared/comment ~{1+}", "T BAD unknown command SETMETADATA (RFC 3501 6)")
}

func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{
		"GETMETADATA (MAXSIZE 1 DEPTH infinity) INBOX (/shared /private/a)", `GETMETADATA "" (DEPTH 1) "/shared/x"`,
		`SETMETADATA INBOX (/shared/a "b" /private/vendor/x/y NIL)`, `SETMETADATA "" ("/shared/x y" "\"")`, "SETMETADATA INBOX (/shared/a ~{3}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		x := newFixture(t)
		c := x.login()
		if name, arguments, _ := strings.Cut(command, " "); strings.EqualFold(name, "GETMETADATA") || strings.EqualFold(name, "SETMETADATA") {
			c.fuzz(name + " " + arguments)
		}
		c.fuzz("GETMETADATA (DEPTH infinity) INBOX (/shared /private)")
	})
}

func TestWithoutMetadataItIsUnknown(t *testing.T) {
	t.Parallel()
	c := without(t, imap.CapMetadata, imap.CapMetadataServer)
	c.run(`GETMETADATA "" /shared/comment`, "T BAD unknown command GETMETADATA (RFC 3501 6)")
	c.run(`SETMETADATA "" (/shared/comment NIL)`, "T BAD unknown command SETMETADATA (RFC 3501 6)")
}

// RFC 7162 §3.2.
func TestAnAnnotationOfAMailboxThatChangesRaisesItsModSeq(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	c.run("STATUS INBOX (HIGHESTMODSEQ)", "* STATUS INBOX (HIGHESTMODSEQ 1)", "T OK STATUS completed")
	c.ok(`SETMETADATA INBOX (/private/comment "x")`)
	c.run("STATUS INBOX (HIGHESTMODSEQ)", "* STATUS INBOX (HIGHESTMODSEQ 2)", "T OK STATUS completed")
	c.ok(`SETMETADATA INBOX (/private/comment "x" /shared/comment NIL)`)
	c.ok(`SETMETADATA "" (/private/comment "y")`)
	c.run("STATUS INBOX (HIGHESTMODSEQ)", "* STATUS INBOX (HIGHESTMODSEQ 2)", "T OK STATUS completed")
	c.ok(`SETMETADATA INBOX (/private/comment NIL)`)
	c.run("STATUS INBOX (HIGHESTMODSEQ)", "* STATUS INBOX (HIGHESTMODSEQ 3)", "T OK STATUS completed")
}
