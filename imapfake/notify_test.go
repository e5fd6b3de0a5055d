package imapfake_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

const notified = "T OK NOTIFY completed"

// create makes mailboxes of alice.
func (f *fixture) create(names ...string) (last *mailstore.Mailbox) {
	f.t.Helper()
	for _, name := range names {
		var err error
		if last, err = f.alice.CreateMailbox(name); err != nil {
			f.t.Fatal(err)
		}
	}
	return last
}

// put puts a message in a mailbox.
func (f *fixture) put(box *mailstore.Mailbox, flags ...imap.Flag) {
	f.t.Helper()
	if _, err := box.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte(hello)), Flags: flags}); err != nil {
		f.t.Fatal(err)
	}
}

func TestNotifyTellsOfTheSelectedMailboxBetweenCommands(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 2)
	f.deliver(hello)
	// RFC 5465 §3.1: NOTIFY SET implies a NOOP.
	c.run("NOTIFY SET (selected (MessageNew (uid body.peek[header.fields (Subject)]) MessageExpunge FlagChange))",
		"* 3 EXISTS", "* 3 RECENT", notified)
	f.deliver(hello)
	c.wants("* 4 EXISTS", "* 4 RECENT", "* 4 FETCH (UID 5 BODY[HEADER.FIELDS (Subject)] {18}", "Subject: hello", "", ")")
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 2)
	c.wants(`* 1 FETCH (UID 2 FLAGS (\Seen \Recent))`)
	f.inbox.Expunge(uids(3))
	c.wants("* 2 EXPUNGE", "* 3 RECENT")
	// §5.2: no FETCH of what the client itself brings.
	c.run("COPY 1 INBOX", "* 4 EXISTS", "* 4 RECENT", "T OK [COPYUID 1 2 6] COPY completed")
	c.run("APPEND INBOX {4+}\r\na: b", "* 5 EXISTS", "* 5 RECENT", "T OK [APPENDUID 1 7] APPEND completed")
	// It is the mailbox that is selected at the time.
	f.create("box")
	c.ok("SELECT box")
	f.deliver(hello)
	c.run("UNSELECT", "T OK UNSELECT completed")
	c.ok("SELECT INBOX")
	f.deliver(hello)
	c.wants("* 7 EXISTS", "* 2 RECENT", "* 7 FETCH (UID 9 BODY[HEADER.FIELDS (Subject)] {18}", "Subject: hello", "", ")")
	c.run("NOTIFY NONE", notified)
	f.deliver(hello)
	c.run("NOOP", "T OK NOOP completed")
}

func TestNotifyExpungesWaitForACommandWithSelectedDelayed(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 3)
	c.run("NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))", notified)
	f.inbox.Expunge(uids(2))
	f.deliver(hello)
	c.wants("* 4 EXISTS", "* 4 RECENT")
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 3)
	c.wants(`* 2 FETCH (UID 3 FLAGS (\Seen \Recent))`)
	// RFC 3501 §7.4.1: the numbers are good for FETCH.
	c.run("FETCH 2 UID", "* 2 FETCH (UID 3)", "T OK FETCH completed")
	c.run("NOOP", "* 1 EXPUNGE", "* 3 RECENT", "T OK NOOP completed")
	f.inbox.Expunge(uids(3))
	c.send("T IDLE")
	c.wants("+ idling", "* 1 EXPUNGE", "* 2 RECENT")
	f.inbox.Expunge(uids(4))
	c.wants("* 1 EXPUNGE", "* 1 RECENT")
	c.send("DONE")
	c.wants("T OK IDLE completed")
}

func TestNotifyTellsOnlyWhatIsWantedOfTheSelectedMailbox(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 4)
	c.run("NOTIFY SET (selected (MessageNew MessageExpunge))", notified)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 2)
	f.inbox.Expunge(uids(3))
	c.wants("* 2 EXPUNGE", "* 3 RECENT")
	c.run("NOOP", "T OK NOOP completed")
	// Nothing of the selected mailbox is wanted: still, a command has its results.
	c.run("NOTIFY SET (mailboxes other NONE)", `* 1 FETCH (UID 2 FLAGS (\Seen \Recent))`, notified)
	f.deliver(hello)
	f.inbox.Expunge(uids(2))
	c.run("NOOP", "T OK NOOP completed")
	c.run(`STORE 3 +FLAGS (\Deleted)`, `* 3 FETCH (FLAGS (\Deleted \Recent))`, "T OK STORE completed")
	c.run("EXPUNGE", "* 3 EXPUNGE", "* 2 RECENT", "T OK EXPUNGE completed")
	c.send("T IDLE", "DONE")
	c.wants("+ idling", "T OK IDLE completed")
	c.run("NOTIFY SET (selected NONE)", "* 1 EXPUNGE", "* 2 EXISTS", "* 2 RECENT", notified)
}

func TestNotifyTellsOfOtherMailboxesByStatus(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	lists, other := f.create("Lists", "Lists/a"), f.create("other")
	f.create("other/sub")
	f.put(lists)
	f.deliver(hello, hello)
	c := f.selected()
	c.run("NOTIFY SET STATUS (subtree Lists (MessageNew MessageExpunge)) (mailboxes (other nope INBOX) (MessageNew FlagChange MessageExpunge))",
		"* STATUS Lists (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 2)",
		"* STATUS Lists/a (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 3)",
		"* STATUS other (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 4 UNSEEN 0 HIGHESTMODSEQ 1)", notified)
	f.deliver(hello) // the selected mailbox is another matter (§3.1)
	f.put(lists)
	c.wants("* STATUS Lists/a (MESSAGES 2 UIDNEXT 3)")
	lists.Store(uids(1), imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}) // not asked for
	f.put(other, imap.FlagSeen)
	c.wants("* STATUS other (MESSAGES 1 UIDNEXT 2)")
	other.Store(uids(1), imap.StoreFlagsAdd, []imap.Flag{imap.FlagFlagged}) // nothing that STATUS shows
	other.Store(uids(1), imap.StoreFlagsDel, []imap.Flag{imap.FlagSeen})
	c.wants("* STATUS other (UNSEEN 1)")
	other.Expunge(uids(1))
	c.wants("* STATUS other (MESSAGES 0 UIDNEXT 2 UNSEEN 0)")
	other.Renumber()
	c.wants("* STATUS other (MESSAGES 0 UIDNEXT 1 UIDVALIDITY…")

	// §5: not of what this client does itself.
	c.ok("COPY 1 Lists/a")
	c.run("MOVE 1 other", "* OK [COPYUID …", "* 1 EXPUNGE", "* 1 RECENT", "T OK MOVE completed")
	c.ok("APPEND other {4+}\r\na: b")
	c.run("NOOP", "T OK NOOP completed")
	// Once another mailbox is selected, this one is an other.
	c.run("NOTIFY SET (personal (MessageNew MessageExpunge))", "* 2 EXISTS", "* 2 RECENT", notified)
	c.ok("SELECT other")
	f.deliver(hello)
	c.wants("* STATUS INBOX (MESSAGES 3 UIDNEXT 5)")
	// All that happens during a command is told at once.
	c.send("T APPEND other {4}")
	c.wants("+ Ready for literal data")
	f.deliver(hello, hello)
	f.inbox.Expunge(uids(2))
	f.put(lists)
	c.send("a: b")
	c.wants("* STATUS INBOX (MESSAGES 4 UIDNEXT 7)", "* STATUS Lists/a (MESSAGES 4 UIDNEXT 5)", "T OK [APPENDUID …")
}

func TestNotifyTellsModificationSequencesOnceTheyAreEnabled(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	box := f.create("box")
	c := f.selected()
	c.ok("ENABLE QRESYNC")
	c.run("NOTIFY SET (selected (MessageNew MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge FlagChange))", notified)
	f.put(box)
	c.wants("* STATUS box (MESSAGES 1 UIDNEXT 2 UNSEEN 1 HIGHESTMODSEQ 2)")
	box.Store(uids(1), imap.StoreFlagsAdd, []imap.Flag{imap.FlagFlagged})
	c.wants("* STATUS box (UIDVALIDITY 2 HIGHESTMODSEQ 3)")
	f.deliver(hello)
	c.wants("* 1 EXISTS", "* 1 RECENT")
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 1)
	c.wants(`* 1 FETCH (UID 1 FLAGS (\Seen \Recent) MODSEQ (3))`)
	f.inbox.Expunge(uids(1))
	c.wants("* VANISHED 1")
}

func TestNotifyTellsOfMailboxNames(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.create("a", "b/c")
	c, other := f.login(), f.login()
	c.run("NOTIFY SET (personal (MailboxName SubscriptionChange))", notified)
	for _, step := range []struct {
		command string
		want    []string
	}{
		// RFC 5465 §5.4: the parent is affected, too.
		{"CREATE a/b", []string{`* LIST (\HasChildren) "/" a`, `* LIST (\HasNoChildren) "/" a/b`}},
		{"CREATE x/y", []string{`* LIST (\NonExistent \HasChildren) "/" x`, `* LIST (\HasNoChildren) "/" x/y`}},
		{"SUBSCRIBE a", []string{`* LIST (\Subscribed \HasChildren) "/" a`}},
		{"RENAME a A&AOQ-", []string{`* LIST (\HasChildren) "/" A&AOQ- ("OLDNAME" (a))`}},
		{"UNSUBSCRIBE a", []string{`* LIST (\NonExistent) "/" a`}},
		{"DELETE x/y", []string{`* LIST (\NonExistent) "/" x`, `* LIST (\NonExistent) "/" x/y`}},
		{"RENAME INBOX old", []string{`* LIST (\HasNoChildren) "/" old ("OLDNAME" (INBOX))`}},
		{"DELETE A&AOQ-", []string{`* LIST (\NonExistent \HasChildren) "/" A&AOQ-`}},
	} {
		other.ok("%s", step.command)
		c.wants(step.want...)
	}
	// What the client does itself isn't told, what fails takes nothing from what is.
	c.run("CREATE mine", "T OK [MAILBOXID (F7)] CREATE completed")
	for _, command := range []string{"SUBSCRIBE mine", "RENAME mine my/own", "UNSUBSCRIBE mine", "DELETE my/own"} {
		c.run(command, "T OK "+command[:strings.IndexByte(command, ' ')]+" completed")
	}
	c.send("T APPEND INBOX {4}")
	c.wants("+ Ready for literal data")
	other.ok("CREATE theirs")
	c.send("a: b", "U CREATE theirs")
	c.wants(`* LIST (\HasNoChildren) "/" theirs`, "T OK [APPENDUID 1 1] APPEND completed", "U NO [ALREADYEXISTS]…")
}

func TestNotifyGroupsAddUpAndNoneExcludes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	quiet, loud := f.create("quiet"), f.create("loud")
	f.create("sub")
	if err := f.alice.Subscribe("sub"); err != nil {
		t.Fatal(err)
	}
	c, other := f.login(), f.login()
	c.run("NOTIFY SET STATUS (mailboxes quiet NONE) (subscribed (MessageNew MessageExpunge)) (inboxes (SubscriptionChange)) (mailboxes Inbox (MessageNew MessageExpunge))",
		"* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)", "* STATUS sub (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 4)", notified)
	f.put(quiet)
	f.put(loud)
	other.ok("SUBSCRIBE quiet")
	f.put(quiet)
	c.run("NOOP", "T OK NOOP completed")
	other.ok("SUBSCRIBE loud")
	c.wants(`* LIST (\Subscribed \HasNoChildren) "/" loud`)
	f.put(loud) // RFC 5465 §6.4: the list is looked at anew
	c.wants("* STATUS loud (MESSAGES 2 UIDNEXT 3)")
	f.deliver(hello)
	c.wants("* STATUS INBOX (MESSAGES 1 UIDNEXT 2)")
	other.ok("UNSUBSCRIBE sub")
	c.wants(`* LIST (\HasNoChildren) "/" sub`)
}

func TestNotifyTellsOfAnnotations(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	bob, err := f.store.AddAccount("bob@example.org", "secret")
	if err != nil {
		t.Fatal(err)
	}
	f.create("box")
	c, other := f.login(), f.login()
	c.run("NOTIFY SET (subtree box (MailboxMetadataChange)) (personal (ServerMetadataChange))", notified)
	other.ok(`SETMETADATA INBOX (/shared/comment "not asked for")`)
	other.ok(`SETMETADATA box (/shared/comment "x" /private/comment "y" /private/none NIL)`)
	c.wants("* METADATA box /private/comment /shared/comment")
	other.ok(`SETMETADATA box (/shared/comment "x" /private/comment NIL)`)
	c.wants("* METADATA box /private/comment")
	other.ok(`SETMETADATA "" (/shared/comment "x" /private/comment "y")`)
	c.wants(`* METADATA "" /private/comment /shared/comment`)
	// The server's shared annotations are those of all accounts.
	if err := bob.SetMetadata("", map[string]*string{"/shared/comment": nil, "/private/comment": new("bob's")}); err != nil {
		t.Fatal(err)
	}
	c.wants(`* METADATA "" /shared/comment`)
	c.ok(`SETMETADATA "" (/shared/comment "mine")`)
	c.run("NOOP", "T OK NOOP completed")
}

func TestNotifyOverflows(t *testing.T) {
	t.Parallel()
	const overflow = "* OK [NOTIFICATIONOVERFLOW] more has happened than this server notifies of; NOTIFY NONE is in effect (RFC 5465 5.8)"
	f := newFixture(t, imapfake.WithNotifyLimit(2))
	boxes := []*mailstore.Mailbox{f.create("a"), f.create("b"), f.create("c")}
	c := f.selected()
	const set = "NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge MailboxName))"
	c.run(set, notified)
	c.send("T APPEND INBOX {4}")
	c.wants("+ Ready for literal data")
	for range 100 { // merged
		f.put(boxes[0])
		f.put(boxes[1])
	}
	c.send("a: b")
	c.wants("* 1 EXISTS", "* 1 RECENT", "* STATUS a (MESSAGES 100 UIDNEXT 101)", "* STATUS b (MESSAGES 100 UIDNEXT 101)", "T OK …")
	c.send("T APPEND a {4}")
	c.wants("+ Ready for literal data")
	for _, box := range boxes {
		f.put(box)
	}
	c.send("a: b")
	c.wants(overflow, "T OK …")
	// RFC 5465 §5.8: as after NOTIFY NONE.
	f.deliver(hello)
	f.put(boxes[0])
	c.run("NOOP", "T OK NOOP completed")
	c.run(set, "* 2 EXISTS", "* 2 RECENT", notified)
	f.put(boxes[0])
	c.wants("* STATUS a (MESSAGES 104 UIDNEXT 105)")

	f = newFixture(t, imapfake.WithNotifyLimit(0))
	c = f.login()
	c.run("NOTIFY SET (personal (MessageNew MessageExpunge MailboxName))", notified)
	c.run("CREATE mine", "T OK …") // the client's own don't count
	f.deliver(hello)
	c.wants(overflow)
}

func TestNotifyIsRefused(t *testing.T) {
	t.Parallel()
	c := newFixture(t).selected()
	const events = "T NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange " +
		"MailboxMetadataChange ServerMetadataChange)] these are the events that the server knows"
	c.run("NOTIFY SET (selected (MessageNew MessageExpunge AnnotationChange))", events)
	c.run("NOTIFY SET (personal (Novelty))", events)
	for arguments, want := range map[string]string{
		"SET (selected (MessageNew))":                      "MessageNew and MessageExpunge go together (RFC 5465 5)",
		"SET (personal (FlagChange))":                      "FlagChange and AnnotationChange want MessageNew and MessageExpunge beside them (RFC 5465 5)",
		"SET (personal (AnnotationChange))":                "FlagChange and AnnotationChange want MessageNew and MessageExpunge beside them (RFC 5465 5)",
		"SET (selected (MailboxName))":                     "only events of messages go with SELECTED and SELECTED-DELAYED (RFC 5465 6.1)",
		"SET (selected NONE) (selected-delayed NONE)":      "only one of SELECTED and SELECTED-DELAYED may be there, once (RFC 5465 6.1)",
		"SET (personal (MessageNew (UID) MessageExpunge))": "FETCH items go with SELECTED and SELECTED-DELAYED only (RFC 5465 8)",
		"SET (selected (MessageNew () MessageExpunge))":    "the list may not be empty",
		"SET (selected (MessageNew (NEW) MessageExpunge))": `unknown FETCH item "NEW"`,
		"SET (everywhere NONE)":                            `unknown mailbox filter "EVERYWHERE" (RFC 5465 6)`,
		"SET (mailboxes () NONE)":                          "the list may not be empty",
		"SET (selected MessageNew)":                        `expected NONE or a list of events, found "MESSAGENEW" (RFC 5465 8)`,
		"SET (personal ())":                                "the list may not be empty",
		"SET (selected (MessageNew(UID) MessageExpunge))":  `expected a space and an argument, found "(UID) MessageExpunge"`,
		"NEVER":       `expected SET or NONE, found "NEVER" (RFC 5465 8)`,
		"NONE STATUS": `unexpected " STATUS" after the arguments`,
		"SET":         "expected a space and an argument, found end of the line",
		"SET STATUS":  `expected "(", found "STATUS"`,
		"SET (selected (MessageNew MessageExpunge) (UID))": `expected ")", found " (UID))"`,
		"SET (subtree a&b NONE)":                           "",
	} {
		if want == "" {
			c.run("NOTIFY "+arguments, "T NO [CANNOT] …")
			continue
		}
		c.run("NOTIFY "+arguments, "T BAD NOTIFY: "+want+"…")
	}
	c.run("NOTIFY SET STATUS (mailboxes nope (MessageNew MessageExpunge))", notified)

	without(t, imap.CapNotify).run("NOTIFY NONE", "T BAD unknown command NOTIFY (RFC 3501 6)")
	without(t, imap.CapMetadata, imap.CapMetadataServer).run("NOTIFY SET (personal (ServerMetadataChange))",
		"T NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange)]…")
}

func TestNotifyEndsWithItsSession(t *testing.T) {
	t.Parallel()
	const set = "NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge))"
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		box := f.create("box")
		c := f.login()
		c.ok("SELECT box")
		c.run(set, notified)
		time.Sleep(29 * time.Minute)
		f.deliver(hello) // what the server sends doesn't count
		c.wants("* STATUS INBOX (MESSAGES 1 UIDNEXT 2)")
		time.Sleep(time.Minute)
		c.wants("* BYE autologout: no command for 30 minutes (RFC 3501 5.4)")
		c.ended()

		c = f.login()
		c.ok("SELECT box")
		c.run(set, notified)
		box.Renumber()
		c.wants("* BYE the selected mailbox was deleted, renumbered or restored; connect again")
		c.ended()

		c = f.login()
		c.run(set, notified)
		c.ok("UNAUTHENTICATE")
		f.deliver(hello)
		c.ok("LOGIN alice@example.org secret")
		c.ok("SELECT INBOX")
		f.deliver(hello)
		c.run("NOOP", "* 3 EXISTS", "* 3 RECENT", "T OK NOOP completed")

		c.run(set, notified)
		begin := time.Now()
		f.server.Close()
		if d := time.Since(begin); d != 0 {
			t.Errorf("the session lived on for %v", d)
		}
	})
}

func TestNotifyTellsEverythingUnderLoad(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	box := f.create("box")
	c, other := f.selected(), f.login()
	c.run("NOTIFY SET (selected (MessageNew MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge))", notified)
	const n = 200
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range n {
			f.deliver(hello)
			f.put(box)
		}
	}()
	for range n { // the client's commands come in between
		c.send("T NOOP")
	}
	other.ok("NOOP")
	<-done
	f.deliver(hello)
	f.put(box)
	var exists, status bool
	for !exists || !status {
		switch c.line() {
		case "* 201 EXISTS":
			exists = true
		case "* STATUS box (MESSAGES 201 UIDNEXT 202)":
			status = true
		}
	}
}

func TestASearchThatIsUpdatedTellsItemsOfNewMessages(t *testing.T) {
	t.Parallel()
	f, c := numbered(t, 1)
	c.run("SEARCH RETURN (UPDATE()) ALL", `T BAD SEARCH: …`)
	c.run("SEARCH RETURN (UPDATE ()) ALL", `T BAD SEARCH: the list may not be empty…`)
	// RFC 9051 §7.5.2: unsolicited FETCH responses have the UID.
	c.ok("UID SEARCH RETURN (UPDATE (RFC822.SIZE) COUNT) FLAGGED")
	f.put(f.inbox, imap.FlagFlagged)
	f.deliver(hello)
	// RFC 5465 §7: between EXISTS and ESEARCH.
	c.run("NOOP", "* 3 EXISTS", "* 3 RECENT", "* 2 FETCH (UID 3 RFC822.SIZE 57)", `* ESEARCH (TAG "T") UID ADDTO (0 3)`, "T OK NOOP completed")
	f.set(imap.StoreFlagsAdd, imap.FlagFlagged, 4) // no new one
	c.run("NOOP", `* 3 FETCH (UID 4 FLAGS (\Flagged \Recent))`, `* ESEARCH (TAG "T") UID ADDTO (0 4)`, "T OK NOOP completed")
	c.run("APPEND INBOX (\\Flagged) {4+}\r\na: b", "* 4 EXISTS", "* 4 RECENT", `* ESEARCH (TAG "T") UID ADDTO (0 5)`, "T OK [APPENDUID 1 5] APPEND completed")

	// With NOTIFY, a message's items are told together; §5.2: those of others come last.
	c.run("NOTIFY SET (selected (MessageNew (FLAGS) MessageExpunge))", notified)
	f.put(f.inbox, imap.FlagFlagged)
	c.wants("* 5 EXISTS", "* 5 RECENT", `* 5 FETCH (UID 6 FLAGS (\Flagged \Recent) RFC822.SIZE 57)`, `* ESEARCH (TAG "T") UID ADDTO (0 6)`)
	c.ok(`CANCELUPDATE "T"`)
	c.send("S SEARCH RETURN (UPDATE) FLAGGED")
	c.wants(`* ESEARCH (TAG "S")`, "S OK SEARCH completed")
	f.put(f.inbox, imap.FlagFlagged)
	c.wants("* 6 EXISTS", "* 6 RECENT", `* ESEARCH (TAG "S") ADDTO (0 6)`, `* 6 FETCH (UID 7 FLAGS (\Flagged \Recent))`)

	// RFC 7162 §3.1: in every untagged FETCH that an external agent causes.
	c.ok("ENABLE CONDSTORE")
	f.put(f.inbox)
	c.wants("* 7 EXISTS", "* 7 RECENT", fmt.Sprintf(`* 7 FETCH (UID 8 FLAGS (\Recent) MODSEQ (%d))`, f.inbox.Status().HighestModSeq))

	without(t, imap.CapNotify).run("SEARCH RETURN (UPDATE (UID)) ALL", "T BAD SEARCH: …")
}
