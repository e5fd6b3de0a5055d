package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestNamespacesAreWhatIsConfigured(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		namespaces imapfake.Namespaces
		want       string
	}{
		{imapfake.Namespaces{}, `(("" "/")) (("Other Users/" "/")) (("Shared Folders/" "/"))`},
		{imapfake.Namespaces{Separator: ".", Personal: "INBOX."}, `(("INBOX." ".")) (("Other Users." ".")) (("Shared Folders." "."))`},
		{imapfake.Namespaces{Separator: `\`, OtherUsers: `~\`, Shared: `#news\`}, `(("" "\\")) (("~\\" "\\")) (("#news\\" "\\"))`},
		{imapfake.Namespaces{OtherUsers: "Büro/"}, `(("" "/")) (("B&APw-ro/" "/")) (("Shared Folders/" "/"))`},
	} {
		c := newFixture(t, imapfake.WithNamespaces(test.namespaces)).login()
		c.run("NAMESPACE", "* NAMESPACE "+test.want, "T OK NAMESPACE completed")
	}
	c := newFixture(t, imapfake.WithoutCapabilities(imap.CapACL)).login()
	c.run("NAMESPACE", `* NAMESPACE (("" "/")) NIL NIL`, "T OK NAMESPACE completed")
}

func TestNamespacesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for _, n := range []imapfake.Namespaces{
		{Separator: "//"}, {Separator: "a"}, {Separator: "%"}, {Separator: " "}, {Separator: `"`}, {Separator: "~"}, {Separator: "ü"},
		{Personal: "INBOX"}, {Personal: "INBOX."}, {Personal: "/"}, {Personal: "a//"}, {Personal: "a\r\n/"}, {Personal: "\xff/"},
		{OtherUsers: "x/", Shared: "x/"}, {OtherUsers: "x/", Shared: "x/y/"}, {Personal: "Other Users/"},
	} {
		server := imapfake.New(mailstore.New(), imapfake.WithNamespaces(n))
		if err := server.Err(); err == nil || !strings.HasPrefix(err.Error(), "imapfake: ") {
			t.Errorf("%+v: error %v", n, err)
		}
	}
}

// Courier's names: everything is below INBOX, levels are separated by a dot.
func TestNamesAsOfCourier(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithNamespaces(imapfake.Namespaces{Separator: ".", Personal: "INBOX."}))
	c := f.login()
	c.run(`LIST "" ""`, `* LIST (\Noselect) "." ""`, "T OK LIST completed")
	c.run(`LIST "" *`, `* LIST (\HasNoChildren) "." INBOX`, "T OK LIST completed")
	c.run("CREATE inbox.Work.2024", "T OK [MAILBOXID …")
	if _, err := f.alice.Mailbox("Work/2024"); err != nil {
		t.Error(err)
	}
	c.run(`LIST "" *`, `* LIST (\HasChildren) "." INBOX`, `* LIST (\Noselect \HasChildren) "." INBOX.Work`,
		`* LIST (\HasNoChildren) "." INBOX.Work.2024`, "T OK LIST completed")
	c.run(`LIST "" %`, `* LIST (\HasChildren) "." INBOX`, "T OK LIST completed")
	c.run(`LIST INBOX. %`, `* LIST (\Noselect \HasChildren) "." INBOX.Work`, "T OK LIST completed")
	c.run("SUBSCRIBE INBOX.Work.2024", "T OK SUBSCRIBE completed")
	c.run(`LSUB "" INBOX.%`, `* LSUB (\Noselect) "." INBOX.Work`, "T OK LSUB completed")
	c.run(`LIST (SUBSCRIBED RECURSIVEMATCH) "" INBOX.%`, `* LIST (\NonExistent \HasChildren) "." INBOX.Work ("CHILDINFO" ("SUBSCRIBED"))`, "T OK LIST completed")
	c.run("RENAME INBOX.Work INBOX.Done", "T OK RENAME completed")
	c.run("APPEND INBOX.Done.2024 {4+}\r\na: b", "T OK [APPENDUID 2 1] APPEND completed")
	c.run("STATUS INBOX.Done.2024 (MESSAGES)", "* STATUS INBOX.Done.2024 (MESSAGES 1)", "T OK STATUS completed")
	c.run("ESEARCH IN (subtree INBOX.Done) ALL", `* ESEARCH (TAG "T" MAILBOX INBOX.Done.2024 UIDVALIDITY 2) UID ALL 1`, "T OK ESEARCH completed")
	c.run("SETMETADATA INBOX.Done.2024 (/private/comment x)", "T BAD …")
	c.run(`SETMETADATA INBOX.Done.2024 (/private/comment "x")`, "T OK SETMETADATA completed")
	c.run("GETMETADATA INBOX. /private/comment", "T NO [NONEXISTENT] …")
	c.run("DELETE INBOX.Done.2024", "T OK DELETE completed")
	const elsewhere = `mailboxes here are INBOX and those whose names begin with "INBOX."`
	for _, name := range []string{"Work", "INBOXES", "INBOX.inbox", "INBOX/x"} {
		c.run("CREATE "+name, "T NO [CANNOT] "+elsewhere)
		c.run("RENAME INBOX.Done "+name, "T NO [CANNOT] "+elsewhere)
		c.run("SELECT "+name, "T NO [NONEXISTENT] "+elsewhere)
		c.run("APPEND "+name+" {4+}\r\na: b", "T NO [NONEXISTENT] "+elsewhere)
	}
	c.run("CREATE INBOX.a/b", `T NO [CANNOT] a name can't hold "/" here`)
	c.run("CREATE INBOX.", "T NO [CANNOT] …")
	c.run(`LIST "" INBOX.a/*`, "T OK LIST completed")
}

func TestSeparatorWithinALevelIsEscaped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithNamespaces(imapfake.Namespaces{Separator: "."}))
	names := map[string]string{"v1.0/x": "v1~2e0.x", "~": "~", "a~b": "a~b", "a~2eb": "a~7e2eb", "a~7eb": "a~7eb", "a~7e2eb": "a~7e7e2eb"}
	c := f.login()
	for inStore, onWire := range names {
		c.ok("CREATE %s", onWire)
		if _, err := f.alice.Mailbox(inStore); err != nil {
			t.Errorf("%s: %v", onWire, err)
		}
		c.run(`LIST "" `+onWire, `* LIST (\HasNoChildren) "." `+onWire, "T OK LIST completed")
	}
	bob, err := f.store.AddAccount("bob@example.org", "secret")
	if err != nil {
		t.Fatal(err)
	}
	inbox, err := bob.Mailbox("INBOX")
	if err == nil {
		err = inbox.SetACL("alice", mailstore.RightLookup|mailstore.RightRead)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.run(`LIST "Other Users." *`, `* LIST (\Noselect \HasChildren) "." "Other Users.bob@example~2eorg"`,
		`* LIST (\HasNoChildren) "." "Other Users.bob@example~2eorg.INBOX"`, "T OK LIST completed")
	c.run(`STATUS "Other Users.bob@example~2eorg.inbox" (MESSAGES)`,
		`* STATUS "Other Users.bob@example~2eorg.inbox" (MESSAGES 0)`, "T OK STATUS completed")
}

func TestMailboxesWithoutOwnerAreBelowShared(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	news, err := f.store.Shared().CreateMailbox("News/Go")
	if err != nil {
		t.Fatal(err)
	}
	c := f.login()
	c.run(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`, "T OK LIST completed")
	rights, err := mailstore.ParseRights("lrswia")
	if err == nil {
		err = news.SetACL(mailstore.Anyone, rights)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.run(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`, `* LIST (\Noselect \HasChildren) "/" "Shared Folders"`,
		`* LIST (\Noselect \HasChildren) "/" "Shared Folders/News"`, `* LIST (\HasNoChildren) "/" "Shared Folders/News/Go"`, "T OK LIST completed")
	c.run(`APPEND "Shared Folders/News/Go" {4+}`+"\r\na: b", "T OK [APPENDUID …")
	c.run(`GETACL "Shared Folders/News/Go"`, `* ACL "Shared Folders/News/Go" anyone lrwsia`, "T OK GETACL completed")
	c.run(`LISTRIGHTS "Shared Folders/News/Go" anyone`, `* LISTRIGHTS "Shared Folders/News/Go" anyone "" l r w s t i p e k x a c d`, "T OK LISTRIGHTS completed")
	c.run(`GETQUOTAROOT "Shared Folders/News/Go"`, `* QUOTAROOT "Shared Folders/News/Go" "Shared Folders"`, `* QUOTA "Shared Folders" ()`, "T OK GETQUOTAROOT completed")
	c.run(`GETQUOTA "Shared Folders"`, `* QUOTA "Shared Folders" ()`, "T OK GETQUOTA completed")
	// A name of the client's own can't be mistaken for one of these.
	if _, err := f.alice.CreateMailbox("Shared Folders/News/Go/Own"); err != nil {
		t.Fatal(err)
	}
	c.run(`LIST "" *Go*`, `* LIST (\HasNoChildren) "/" "Shared Folders/News/Go"`, "T OK LIST completed")
	c.run(`SELECT "Shared Folders"`, "T NO [NONEXISTENT] …")
	c.run(`CREATE "Shared Folders/Mine"`, "T NO [NOPERM] …")
	c.ok(`SELECT "Shared Folders/News/Go"`)
	c.run("MOVE 1 INBOX", noPerm("te"))
	c.run("COPY 1 INBOX", "T OK [COPYUID 1 1 1] COPY completed")
}
