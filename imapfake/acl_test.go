package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// team is a server on which alice has the mailbox Team, with one message, that bob has
// rights on. As it is named to bob it is teamName.
type team struct {
	*fixture
	bob *mailstore.Account
	box *mailstore.Mailbox
}

const teamName = `"Other Users/alice@example.org/Team"`

func newTeam(t *testing.T, rights string, options ...imapfake.Option) *team {
	t.Helper()
	f := &team{fixture: newFixture(t, options...)}
	var err error
	if f.bob, err = f.store.AddAccount("bob@example.org", "secret"); err != nil {
		t.Fatal(err)
	}
	if f.box, err = f.alice.CreateMailbox("Team"); err != nil {
		t.Fatal(err)
	}
	if _, err = f.box.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte("a: b\r\n\r\n")), InternalDate: someDay}); err != nil {
		t.Fatal(err)
	}
	f.share(rights)
	return f
}

// share gives bob these rights on Team, and no others.
func (f *team) share(rights string) {
	f.t.Helper()
	r, err := mailstore.ParseRights(rights)
	if err == nil {
		err = f.box.SetACL("bob@example.org", r)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// asBob returns a client that is logged in as bob.
func (f *team) asBob() *client {
	f.t.Helper()
	c := f.dial()
	c.ok("LOGIN bob@example.org secret")
	return c
}

func noPerm(rights string) string {
	return `T NO [NOPERM] this takes the right "` + rights + `" on the mailbox (RFC 4314 4)`
}

const noTeam = `T NO [NONEXISTENT] open mailbox "Other Users/alice@example.org/Team": no such mailbox`

func TestSharedMailboxIsSeenByTheOtherUser(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "")
	alice, bob := f.login(), f.asBob()
	bob.run(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`, "T OK LIST completed")
	alice.run("SETACL Team bob lrs", "T OK SETACL completed")
	alice.run("GETACL Team", "* ACL Team bob@example.org lrs alice@example.org lrwstipekxacd", "T OK GETACL completed")
	bob.run(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`, `* LIST (\Noselect \HasChildren) "/" "Other Users"`,
		`* LIST (\Noselect \HasChildren) "/" "Other Users/alice@example.org"`,
		`* LIST (\HasNoChildren) "/" "Other Users/alice@example.org/Team"`, "T OK LIST completed")
	bob.run(`LIST "" %`, `* LIST (\HasNoChildren) "/" INBOX`, `* LIST (\Noselect \HasChildren) "/" "Other Users"`, "T OK LIST completed")
	bob.run(`LIST "Other Users/" %`, `* LIST (\Noselect \HasChildren) "/" "Other Users/alice@example.org"`, "T OK LIST completed")
	bob.run("MYRIGHTS "+teamName, "* MYRIGHTS "+teamName+" lrs", "T OK MYRIGHTS completed")
	bob.run("GETACL "+teamName, noPerm("a"))
	bob.run("STATUS "+teamName+" (MESSAGES)", "* STATUS "+teamName+" (MESSAGES 1)", "T OK STATUS completed")
	bob.run(`LIST "" "Other Users/*" RETURN (STATUS (MESSAGES) MYRIGHTS)`, `* LIST (\NonExistent \HasChildren) "/" "Other Users/alice@example.org"`,
		`* LIST (\HasNoChildren) "/" "Other Users/alice@example.org/Team"`, "* STATUS "+teamName+" (MESSAGES 1)",
		"* MYRIGHTS "+teamName+" lrs", "T OK LIST completed")
	alice.run("DELETEACL Team bob@example.org", "T OK DELETEACL completed")
	bob.run("STATUS "+teamName+" (MESSAGES)", noTeam)
	bob.run(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`, "T OK LIST completed")
}

func TestRightsAreGivenAndTaken(t *testing.T) {
	t.Parallel()
	c := newTeam(t, "").login()
	c.run("SETACL INBOX bob@example.org lr", "T OK SETACL completed")
	c.run("SETACL INBOX bob +cd", "T OK SETACL completed")
	c.run("SETACL INBOX BOB -x", "T OK SETACL completed")
	c.run("SETACL INBOX -bob w", "T OK SETACL completed")
	c.run("SETACL INBOX anyone l", "T OK SETACL completed")
	c.run("GETACL inbox", "* ACL inbox anyone l bob@example.org lrtekcd -bob@example.org w alice@example.org lrwstipekxacd", "T OK GETACL completed")
	c.run("LISTRIGHTS INBOX bob", `* LISTRIGHTS INBOX bob "" l r w s t i p e k x a c d`, "T OK LISTRIGHTS completed")
	c.run("LISTRIGHTS INBOX alice", `* LISTRIGHTS INBOX alice la r w s t i p e k x c d`, "T OK LISTRIGHTS completed")
	c.run(`SETACL INBOX alice ""`, "T OK SETACL completed")
	c.run("MYRIGHTS INBOX", "* MYRIGHTS INBOX la", "T OK MYRIGHTS completed")
	c.run("SELECT INBOX", noPerm("r"))
	c.run("DELETEACL INBOX alice", "T OK DELETEACL completed")
	c.run("MYRIGHTS INBOX", "* MYRIGHTS INBOX lrwstipekxacd", "T OK MYRIGHTS completed")
	for _, arguments := range []string{"", " INBOX", " INBOX bob", ` INBOX "" lr`, ` INBOX "-" lr`, " INBOX bob lrQ", " INBOX bob 1", " INBOX bob lr x",
		" INBOX {2+}\r\n\x01b lr"} {
		c.run("SETACL"+arguments, "T BAD SETACL: …")
	}
	c.run("SETACL None bob lr", "T NO [NONEXISTENT] …")
	c.run("GETACL None", "T NO [NONEXISTENT] …")
	c.run("MYRIGHTS None", "T NO [NONEXISTENT] …")
	c.run("MYRIGHTS", "T BAD MYRIGHTS: …")
	c.run("LISTRIGHTS INBOX", "T BAD LISTRIGHTS: …")
	c.run("DELETEACL INBOX", "T BAD DELETEACL: …")
}

// RFC 4314 §6: what a user may not see looks as if it were not there.
func TestWhatMayNotBeSeenIsNotThere(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "")
	c := f.asBob()
	for _, command := range []string{"SELECT %", "EXAMINE %", "STATUS % (MESSAGES)", "GETACL %", "SETACL % bob lr", "DELETEACL % bob", "LISTRIGHTS % bob",
		"MYRIGHTS %", "DELETE %", "RENAME % x", "SUBSCRIBE %", "GETQUOTAROOT %", "GETMETADATA % /shared/comment", "SETMETADATA % (/shared/comment NIL)",
		"APPEND % {1+}\r\na"} {
		for _, name := range []string{"Other Users/alice@example.org/Team", "Other Users/alice@example.org/None", "Other Users/nobody/Team",
			"Other Users/bob@example.org/INBOX", "Other Users", "Other Users/alice@example.org"} {
			c.run(replaceName(command, name), `T NO [NONEXISTENT] open mailbox "`+name+`": no such mailbox`)
		}
	}
	for _, name := range []string{"Team/x", "x", "INBOX/x"} {
		for _, user := range []string{"alice@example.org", "nobody"} {
			c.run(`CREATE "Other Users/`+user+"/"+name+`"`, `T NO [NOPERM] this takes the right "k" on the nearest mailbox above (RFC 4314 4)`)
		}
	}
	c.run("GETQUOTA "+`"Other Users/alice@example.org"`, "T NO [NONEXISTENT] …")
	c.ok("SELECT INBOX")
	c.run("ESEARCH IN (mailboxes "+teamName+` subtree "Other Users") ALL`, "T OK ESEARCH completed")
	c.run(`APPEND INBOX CATENATE (URL "/Other%20Users/alice@example.org/Team/;UID=1")`,
		"T NO [BADURL /Other%20Users/alice@example.org/Team/;UID=1] open mailbox \"Other Users/alice@example.org/Team\": no such mailbox")
}

func replaceName(command, name string) string {
	for i := range command {
		if command[i] == '%' {
			return command[:i] + `"` + name + `"` + command[i+1:]
		}
	}
	return command
}

func TestSelectTellsWhatTheRightsAllow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rights, permanent, code string }{
		{"lr", "", "READ-ONLY"},
		{"lrs", `\Seen`, "READ-WRITE"},
		{"lrw", `\Answered \Flagged \Draft \*`, "READ-WRITE"},
		{"lrst", `\Deleted \Seen`, "READ-WRITE"},
		{"r", "", "READ-ONLY"},
		{"lri", "", "READ-WRITE"},
		{"lre", "", "READ-WRITE"},
		{"lrkxap", "", "READ-ONLY"},
	} {
		t.Run(test.rights, func(t *testing.T) {
			t.Parallel()
			base := imapfake.WithCapabilities(imap.CapACL)
			newTeam(t, test.rights, base).asBob().run("SELECT "+teamName, `* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
				"* OK [PERMANENTFLAGS ("+test.permanent+")] flags that can be changed", "* 1 EXISTS", "* 1 RECENT",
				"* OK [UNSEEN 1] first unseen message", "* OK [UIDVALIDITY 2] UIDs valid", "* OK [UIDNEXT 2] predicted next UID",
				"T OK ["+test.code+"] SELECT completed")
		})
	}
}

func TestStoreChangesTheFlagsThatItMay(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lrs")
	f.store1(t, `\Flagged`, `\Deleted`, "Work")
	c := f.asBob()
	c.ok("SELECT %s", teamName)
	c.run(`STORE 1 +FLAGS (\Answered)`, "T NO [NOPERM] you may change none of these flags (RFC 4314 4)")
	c.run(`STORE 1 -FLAGS (Work \Deleted)`, "T NO [NOPERM] you may change none of these flags (RFC 4314 4)")
	c.run(`STORE 1 +FLAGS (\Answered \Seen New)`, `* 1 FETCH (FLAGS (\Flagged \Deleted \Seen Work \Recent))`, "T OK STORE completed")
	c.run(`STORE 1 FLAGS (\Draft)`, `* 1 FETCH (FLAGS (\Flagged \Deleted Work \Recent))`, "T OK STORE completed")
	f.share("lrt")
	c.run(`STORE 1 FLAGS ()`, `* FLAGS (\Answered \Flagged \Deleted \Seen \Draft Work)`,
		`* OK [PERMANENTFLAGS (\Deleted)] flags that can be changed`, `* 1 FETCH (FLAGS (\Flagged Work \Recent))`, "T OK STORE completed")
	f.share("lrw")
	c.ok("NOOP")
	c.run(`STORE 1 FLAGS (\Seen \Draft)`, `* 1 FETCH (FLAGS (\Draft \Recent))`, "T OK STORE completed")
	f.share("lri")
	c.ok("NOOP")
	c.run(`STORE 1 FLAGS ()`, "T NO [NOPERM] you may change none of these flags (RFC 4314 4)")
	f.share("lr")
	c.ok("SELECT %s", teamName)
	c.run(`STORE 1 FLAGS ()`, "T NO [NOPERM] the mailbox was opened READ-ONLY for want of rights (RFC 4314 5.2)")
	c.ok("EXAMINE %s", teamName)
	c.run(`STORE 1 FLAGS ()`, "T NO [READ-ONLY] the mailbox was opened by EXAMINE (RFC 3501 6.3.2)")
}

// store1 sets the flags of the one message.
func (f *team) store1(t *testing.T, flags ...imap.Flag) {
	t.Helper()
	if _, err := f.box.Store(uids(1), imap.StoreFlagsSet, flags); err != nil {
		t.Fatal(err)
	}
}

func TestFetchSetsSeenOnlyIfItMay(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lrw")
	c := f.asBob()
	c.ok("SELECT %s", teamName)
	c.run("FETCH 1 BODY[TEXT]", "* 1 FETCH (BODY[TEXT] {0}", ")", "T OK FETCH completed")
	f.share("lrs")
	c.ok("NOOP")
	c.run("FETCH 1 BODY[TEXT]", `* 1 FETCH (FLAGS (\Seen \Recent) BODY[TEXT] {0}`, ")", "T OK FETCH completed")
}

// RFC 4314 §4: flags are stored as far as the rights go, and nothing fails for their want.
func TestAppendAndCopyKeepTheFlagsThatTheyMay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rights, appended, copied string }{
		{"lri", "", ""},
		{"lris", `\Seen`, `\Seen`},
		{"lriw", `\Answered Mine`, `\Answered Mine`},
		{"lritw", `\Answered \Deleted Mine`, `\Answered \Deleted Mine`},
	} {
		t.Run(test.rights, func(t *testing.T) {
			t.Parallel()
			f := newTeam(t, test.rights)
			c := f.asBob()
			c.run("APPEND "+teamName+` (\Answered \Seen \Deleted Mine) {4+}`+"\r\na: b", "T OK [APPENDUID 2 2] APPEND completed")
			c.ok(`APPEND INBOX (\Answered \Seen \Deleted Mine) {4+}` + "\r\na: b")
			c.ok("SELECT INBOX")
			c.run("COPY 1 "+teamName, "T OK [COPYUID 2 1 3] COPY completed")
			f.share(test.rights + "r")
			c.ok("EXAMINE %s", teamName)
			c.run("UID FETCH 2:3 FLAGS", "* 2 FETCH (UID 2 FLAGS ("+recent(test.appended)+"))", "* 3 FETCH (UID 3 FLAGS ("+recent(test.copied)+"))", "T OK UID FETCH completed")
		})
	}
	f := newTeam(t, "lrwst")
	c := f.asBob()
	c.run("APPEND "+teamName+" {4+}\r\na: b", noPerm("i"))
	c.ok("APPEND INBOX {4+}\r\na: b")
	c.ok("SELECT INBOX")
	c.run("COPY 1 "+teamName, noPerm("i"))
	c.run("MOVE 1 "+teamName, noPerm("i"))
	f.share("lrik")
	c.run(`COPY 1 "Other Users/alice@example.org/Team/New"`, "T NO [TRYCREATE] …")
	c.run(`COPY 1 "Other Users/alice@example.org/New"`, "T NO [NONEXISTENT] …")
}

func recent(flags string) string {
	if flags == "" {
		return `\Recent`
	}
	return flags + ` \Recent`
}

// RFC 6851 §4.2: MOVE takes what STORE, COPY and EXPUNGE take together.
func TestMoveAndExpungeTakeTheirRights(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lrt")
	c := f.asBob()
	c.ok("SELECT %s", teamName)
	c.ok(`STORE 1 +FLAGS (\Deleted)`)
	c.run("EXPUNGE", noPerm("e"))
	c.run("UID EXPUNGE 1", noPerm("e"))
	c.run("MOVE 1 INBOX", noPerm("e"))
	c.run("REPLACE 1 INBOX {4+}\r\na: b", noPerm("e"))
	c.run("CLOSE", "T OK CLOSE completed")
	if n := f.box.Messages().Len(); n != 1 {
		t.Fatalf("%d messages are left after CLOSE, want 1", n)
	}
	f.share("lre")
	c.ok("SELECT %s", teamName)
	c.run("MOVE 1 INBOX", noPerm("t"))
	f.share("lrte")
	c.run("MOVE 1 INBOX", `* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`, `* OK [PERMANENTFLAGS (\Deleted)] flags that can be changed`,
		"* OK [COPYUID 1 1 1] moved", "* 1 EXPUNGE", "T OK MOVE completed")
	f.share("lrite")
	c.ok("APPEND %s {4+}\r\nc: d", teamName)
	c.ok("SELECT %s", teamName)
	c.run("REPLACE 1 INBOX (\\Flagged) {4+}\r\na: b", "* OK [APPENDUID 1 2] replacement stored", "* 1 EXPUNGE", "T OK REPLACE completed")
	c.ok("APPEND %s (\\Deleted) {4+}\r\nc: d", teamName)
	c.run("CLOSE", "T OK CLOSE completed")
	if n := f.box.Messages().Len(); n != 0 {
		t.Errorf("%d messages are left after CLOSE, want none", n)
	}
}

func TestMailboxesAreManagedByRights(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lr")
	c := f.asBob()
	sub, renamed := `"Other Users/alice@example.org/Team/Sub"`, `"Other Users/alice@example.org/Team/New"`
	c.run("CREATE "+sub, `T NO [NOPERM] this takes the right "k" on the nearest mailbox above (RFC 4314 4)`)
	c.run("DELETE "+teamName, noPerm("x"))
	c.run("RENAME "+teamName+" "+renamed, noPerm("x"))
	f.share("lrkx")
	c.run("CREATE "+sub, "T OK [MAILBOXID …")
	c.run("MYRIGHTS "+sub, "* MYRIGHTS "+sub+" lrkxc", "T OK MYRIGHTS completed")
	c.run("RENAME "+sub+" "+renamed, "T OK RENAME completed")
	c.run("RENAME "+renamed+" Mine", "T NO [CANNOT] a mailbox can't be renamed into another account")
	c.run("RENAME "+renamed+` "Other Users/alice@example.org/Top"`, `T NO [NOPERM] this takes the right "k" on the nearest mailbox above (RFC 4314 4)`)
	c.run("DELETE "+renamed, "T OK DELETE completed")
	c.run("RENAME INBOX "+renamed, "T NO [CANNOT] a mailbox can't be renamed into another account")
	c.run(`CREATE "Shared Folders/x"`, `T NO [NOPERM] this takes the right "k" on the nearest mailbox above (RFC 4314 4)`)
	c.run(`CREATE "Other Users"`, "T NO [NOPERM] …")
	c.run("SUBSCRIBE "+teamName, "T OK SUBSCRIBE completed")
	c.run(`LSUB "" *`, `* LSUB () "/" `+teamName, "T OK LSUB completed")
	c.run(`LSUB "" %`, `* LSUB (\Noselect) "/" "Other Users"`, "T OK LSUB completed")
	c.run(`LIST (SUBSCRIBED) "" *`, `* LIST (\Subscribed \HasNoChildren) "/" `+teamName, "T OK LIST completed")
	f.share("")
	c.run(`LSUB "" *`, "T OK LSUB completed")
	f.share("l")
	c.run("UNSUBSCRIBE "+teamName, "T OK UNSUBSCRIBE completed")
	c.run(`LSUB "" *`, "T OK LSUB completed")
}

func TestSessionsOnASharedMailboxSeeEachOther(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lrswite")
	alice, bob := f.login(), f.asBob()
	alice.ok("SELECT Team")
	bob.ok("SELECT %s", teamName)
	bob.send("T IDLE")
	bob.wants("+ idling")
	alice.ok(`STORE 1 +FLAGS (\Flagged)`)
	bob.wants(`* 1 FETCH (UID 1 FLAGS (\Flagged))`)
	alice.ok(`SETACL Team bob lr`)
	bob.wants(`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`, `* OK [PERMANENTFLAGS ()] flags that can be changed`)
	alice.ok(`SETACL Team bob l`)
	bob.wants("* BYE the right to read the selected mailbox was taken; connect again")
	if _, err := bob.r.ReadByte(); err == nil {
		t.Error("the session goes on")
	}
}

func TestAnnotationsOfASharedMailboxArePrivateToEach(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lr")
	alice, bob := f.login(), f.asBob()
	alice.ok(`SETMETADATA Team (/shared/comment "ours" /private/comment "hers")`)
	bob.ok(`SETMETADATA %s (/private/comment "his")`, teamName)
	bob.run("GETMETADATA "+teamName+" (/shared/comment /private/comment)",
		"* METADATA "+teamName+` (/shared/comment "ours" /private/comment "his")`, "T OK GETMETADATA completed")
	alice.run("GETMETADATA Team (/shared/comment /private/comment)",
		`* METADATA Team (/shared/comment "ours" /private/comment "hers")`, "T OK GETMETADATA completed")
	f.share("lk")
	bob.run("GETMETADATA "+teamName+" /shared/comment", `T NO [NOPERM] this takes one of the rights "rwsip" on the mailbox (RFC 5464 3.3)`)
}

func TestQuotaOfASharedMailboxIsItsOwners(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lri")
	f.alice.SetQuota(mailstore.Quota{Messages: 1})
	c := f.asBob()
	c.run("GETQUOTAROOT "+teamName, "* QUOTAROOT "+teamName+` "Other Users/alice@example.org"`,
		`* QUOTA "Other Users/alice@example.org" (MESSAGE 1 1)`, "T OK GETQUOTAROOT completed")
	c.run(`GETQUOTA "Other Users/alice@example.org"`, `* QUOTA "Other Users/alice@example.org" (MESSAGE 1 1)`, "T OK GETQUOTA completed")
	c.run(`SETQUOTA "Other Users/alice@example.org" ()`, "T NO [NOPERM] the quota of others can't be changed")
	c.run("APPEND "+teamName+" {4+}\r\na: b", "T NO [OVERQUOTA] …")
	c.ok("APPEND INBOX {4+}\r\na: b")
	c.ok("SELECT INBOX")
	c.run("MOVE 1 "+teamName, "T NO [OVERQUOTA] …")
}

func TestSearchesReachSharedMailboxes(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lr")
	c := f.asBob()
	want := `* ESEARCH (TAG "T" MAILBOX ` + teamName + ` UIDVALIDITY 2) UID ALL 1`
	c.run("ESEARCH IN (mailboxes "+teamName+") ALL", want, "T OK ESEARCH completed")
	c.run(`ESEARCH IN (subtree "Other Users") ALL`, want, "T OK ESEARCH completed")
	c.run("ESEARCH IN (personal) ALL", "T OK ESEARCH completed")
	f.share("r")
	c.run(`ESEARCH IN (subtree "Other Users") ALL`, "T OK ESEARCH completed")
	c.run("ESEARCH IN (mailboxes "+teamName+") ALL", want, "T OK ESEARCH completed")
}

func TestWithoutACLThereAreNoOthers(t *testing.T) {
	t.Parallel()
	f := newTeam(t, "lr", imapfake.WithoutCapabilities(imap.CapACL))
	c := f.asBob()
	c.run("MYRIGHTS INBOX", "T BAD unknown command MYRIGHTS (RFC 3501 6)")
	c.run("NAMESPACE", `* NAMESPACE (("" "/")) NIL NIL`, "T OK NAMESPACE completed")
	c.run(`LIST "" *`, `* LIST (\HasNoChildren) "/" INBOX`, "T OK LIST completed")
	c.run("SELECT "+teamName, `T NO [NONEXISTENT] open mailbox "Other Users/alice@example.org/Team": no such mailbox`)
	c.run("CREATE "+teamName, "T OK [MAILBOXID …")
	c.run(`LIST "" * RETURN (MYRIGHTS)`, "T BAD LIST: …")
}
