package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// newGmailFixture returns a server with labels, without more extensions than needed to
// look at them.
func newGmailFixture(t *testing.T, more ...imap.Cap) *fixture {
	t.Helper()
	f := newBaseFixture(t, imapfake.WithMoreCapabilities(append(more, "X-GM-EXT-1")...))
	f.alice.UseLabels()
	return f
}

// in returns a client that has selected the mailbox.
func (f *fixture) in(mailbox string) *client {
	f.t.Helper()
	c := f.login()
	c.ok("SELECT %s", mailbox)
	return c
}

func TestGmailIsOnRequestOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.selected()
	c.run("FETCH 1 X-GM-MSGID", "T BAD …")
	c.run("SEARCH X-GM-RAW hello", "T BAD …")
	c.run("STORE 1 +X-GM-LABELS (a)", "T BAD …")
	if f.alice.HasLabels() {
		t.Error("the account has labels")
	}
}

func TestLoggingInWhereGmailIsOnMakesLabels(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t, imapfake.WithMoreCapabilities("X-GM-EXT-1"))
	f.deliver(hello)
	c := f.login()
	c.run(`LIST "" *`,
		`* LIST (\HasNoChildren) "/" INBOX`,
		`* LIST (\Noselect \HasChildren) "/" [Gmail]`,
		`* LIST (\HasNoChildren \All) "/" "[Gmail]/All Mail"`,
		`* LIST (\HasNoChildren \Drafts) "/" [Gmail]/Drafts`,
		`* LIST (\HasNoChildren \Important) "/" [Gmail]/Important`,
		`* LIST (\HasNoChildren \Sent) "/" "[Gmail]/Sent Mail"`,
		`* LIST (\HasNoChildren \Junk) "/" [Gmail]/Spam`,
		`* LIST (\HasNoChildren \Flagged) "/" [Gmail]/Starred`,
		`* LIST (\HasNoChildren \Trash) "/" [Gmail]/Trash`,
		"T OK LIST completed")
	c.run(`STATUS "[Gmail]/All Mail" (MESSAGES)`, `* STATUS "[Gmail]/All Mail" (MESSAGES 1)`, "T OK STATUS completed")
	c.run("DELETE [Gmail]/Trash", "T NO [CANNOT] …")
	c.run("RENAME [Gmail] Google", "T NO [CANNOT] …")
}

func TestWhatIsReadUnderOneLabelIsReadUnderAll(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver(hello)
	inbox := f.selected()
	inbox.run("STORE 1 +X-GM-LABELS (Work)", "* 1 FETCH (X-GM-LABELS (Work))", "T OK STORE completed")
	work, all := f.in("Work"), f.in(`"[Gmail]/All Mail"`)
	all.send("I IDLE")
	all.wants("+ …")
	work.run("STORE 1 +FLAGS.SILENT (\\Seen $Todo)", `* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Todo)`, `* OK [PERMANENTFLAGS …`, "T OK STORE completed")
	all.wants(`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Todo)`, `* OK [PERMANENTFLAGS …`, `* 1 FETCH (UID 1 FLAGS (\Seen $Todo \Recent))`)
	inbox.run("NOOP", `* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Todo)`, `* OK [PERMANENTFLAGS …`, `* 1 FETCH (UID 1 FLAGS (\Seen $Todo \Recent))`, "T OK NOOP completed")
}

// Where a message is to be deleted is said of that mailbox only.
func TestDeletedIsAboutOneMailbox(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver(hello)
	inbox := f.selected()
	inbox.ok("COPY 1 [Gmail]/Important")
	inbox.ok(`STORE 1 +FLAGS (\Deleted)`)
	important := f.in("[Gmail]/Important")
	important.run("EXPUNGE", "T OK EXPUNGE completed")
	important.run("FETCH 1 FLAGS", `* 1 FETCH (FLAGS (\Recent))`, "T OK FETCH completed")
	inbox.run("EXPUNGE", "* 1 EXPUNGE", "* 0 RECENT", "T OK EXPUNGE completed")
	important.run("FETCH 1 X-GM-LABELS", "* 1 FETCH (X-GM-LABELS ())", "* 1 FETCH (UID 1 FLAGS (\\Recent))", "T OK FETCH completed")
}

func TestExpungingTheLastLabelDoesWhatTheUserChose(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action           mailstore.ExpungeAction
		all, trash, used string
	}{
		{mailstore.ArchiveExpunged, "1", "0", "1"},
		{mailstore.TrashExpunged, "0", "1", "1"},
		{mailstore.DeleteExpunged, "0", "0", "0"},
	} {
		f := newGmailFixture(t)
		f.alice.SetLabelSettings(mailstore.LabelSettings{Expunged: tt.action})
		f.deliver(hello)
		c := f.selected()
		c.ok(`STORE 1 +FLAGS (\Deleted)`)
		c.run("EXPUNGE", "* 1 EXPUNGE", "* 0 RECENT", "T OK EXPUNGE completed")
		c.run(`STATUS "[Gmail]/All Mail" (MESSAGES)`, `* STATUS "[Gmail]/All Mail" (MESSAGES `+tt.all+`)`, "T OK STATUS completed")
		c.run("STATUS [Gmail]/Trash (MESSAGES)", "* STATUS [Gmail]/Trash (MESSAGES "+tt.trash+")", "T OK STATUS completed")
		if _, n := f.alice.Usage(); (n == 1) != (tt.used == "1") {
			t.Errorf("action %d: %d messages", tt.action, n)
		}
	}
}

func TestExpungingFromAllMailDoesNothingWhileArchiving(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver(hello)
	c := f.in(`"[Gmail]/All Mail"`)
	c.ok(`STORE 1 +FLAGS (\Deleted)`)
	c.run("EXPUNGE", "T OK EXPUNGE completed")
	c.run("FETCH 1 (UID FLAGS X-GM-LABELS)", `* 1 FETCH (UID 1 FLAGS (\Deleted \Recent) X-GM-LABELS ("\\Inbox"))`, "T OK FETCH completed")
}

func TestAutoExpungeTakesWhatIsMarkedDeleted(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.alice.SetLabelSettings(mailstore.LabelSettings{AutoExpunge: true})
	f.deliver(hello)
	c := f.selected()
	c.run(`UID STORE 1 +FLAGS (\Deleted)`, `* 1 FETCH (UID 1 FLAGS (\Deleted \Recent))`, "* 1 EXPUNGE", "* 0 RECENT", "T OK UID STORE completed")
	c.run(`STATUS "[Gmail]/All Mail" (MESSAGES)`, `* STATUS "[Gmail]/All Mail" (MESSAGES 1)`, "T OK STATUS completed")
}

func TestWhatGoesToTheTrashLeavesEveryMailbox(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver(hello)
	inbox := f.selected()
	inbox.ok("COPY 1 [Gmail]/Important")
	important := f.in("[Gmail]/Important")
	inbox.run("COPY 1 [Gmail]/Trash", "* 1 EXPUNGE", "* 0 RECENT", "T OK [COPYUID 8 1 1] COPY completed")
	important.run("NOOP", "* 1 EXPUNGE", "* 0 RECENT", "T OK NOOP completed")
	trash := f.in("[Gmail]/Trash")
	trash.run("COPY 1 INBOX", "* 1 EXPUNGE", "* 0 RECENT", "T OK [COPYUID 1 1 2] COPY completed")
	inbox.run("MOVE 1 [Gmail]/Spam", "* 1 EXISTS", "* 1 RECENT", "* OK [COPYUID 6 2 1] moved", "* 1 EXPUNGE", "* 0 RECENT", "T OK MOVE completed")
	spam := f.in("[Gmail]/Spam")
	spam.ok(`STORE 1 +FLAGS (\Deleted)`)
	spam.run("EXPUNGE", "* 1 EXPUNGE", "* 0 RECENT", "T OK EXPUNGE completed")
	if octets, n := f.alice.Usage(); n != 0 || octets != 0 {
		t.Errorf("%d messages are left, %d octets", n, octets)
	}
}

func TestMovingChangesLabels(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.mailbox("Work")
	f.deliver(hello)
	f.selected().run("MOVE 1 Work", "* OK [COPYUID 9 1 1] moved", "* 1 EXPUNGE", "* 0 RECENT", "T OK MOVE completed")
	all := f.in(`"[Gmail]/All Mail"`)
	all.run("MOVE 1 INBOX", "* OK [COPYUID 1 1 2] moved", "* 1 FETCH (UID 1 FLAGS (\\Recent))", "T OK MOVE completed")
	all.run("FETCH 1 X-GM-LABELS", `* 1 FETCH (X-GM-LABELS ("\\Inbox" Work))`, "T OK FETCH completed")
	f.in("Work").run(`MOVE 1 "[Gmail]/All Mail"`, "* OK [COPYUID 2 1 1] moved", "* 1 EXPUNGE", "* 0 RECENT", "T OK MOVE completed")
	all.run("FETCH 1 X-GM-LABELS", `* 1 FETCH (X-GM-LABELS ("\\Inbox"))`, "* 1 FETCH (UID 1 FLAGS (\\Recent))", "T OK FETCH completed")
}

func TestStarredHasWhatIsFlagged(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver(hello)
	inbox, starred := f.selected(), f.in("[Gmail]/Starred")
	inbox.ok(`STORE 1 +FLAGS (\Flagged)`)
	starred.run("NOOP", "* 1 EXISTS", "* 1 RECENT", "T OK NOOP completed")
	starred.run(`STORE 1 -FLAGS (\Flagged)`, "* 1 FETCH (FLAGS (\\Recent))", "T OK STORE completed")
	starred.run("NOOP", "* 1 EXPUNGE", "* 0 RECENT", "T OK NOOP completed")
	inbox.run("COPY 1 [Gmail]/Starred", `* 1 FETCH (UID 1 FLAGS (\Flagged \Recent))`, "T OK [COPYUID 7 1 2] COPY completed")
}

func TestAppendingToALabelIsInAllMail(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	c := f.in(`"[Gmail]/All Mail"`)
	c.run("APPEND [Gmail]/Drafts (\\Draft) {6+}\r\na: b\r\n", "* 1 EXISTS", "* 1 RECENT", "T OK [APPENDUID 3 1] APPEND completed")
	c.run("FETCH 1 (FLAGS X-GM-LABELS)", `* 1 FETCH (FLAGS (\Draft \Recent) X-GM-LABELS ("\\Draft"))`, "T OK FETCH completed")
	c.run("APPEND [Gmail]/Trash {6+}\r\na: b\r\n", "T OK [APPENDUID 8 1] APPEND completed")
}

func TestLabelsAreStored(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver(hello)
	c := f.in(`"[Gmail]/All Mail"`)
	c.run(`STORE 1 +X-GM-LABELS (\Important "\\Sent" &ANw-bung "a b" R&-D)`,
		`* 1 FETCH (X-GM-LABELS ("\\Important" "\\Inbox" "\\Sent" R&-D "a b" &ANw-bung))`, "T OK STORE completed")
	c.run(`UID STORE 1 -X-GM-LABELS (\inbox \Sent Nothing "a b")`, `* 1 FETCH (UID 1 X-GM-LABELS ("\\Important" R&-D &ANw-bung))`, "T OK UID STORE completed")
	c.run("STORE 1 X-GM-LABELS.SILENT (Home R&-D)", "T OK STORE completed")
	c.run("FETCH 1 X-GM-LABELS", "* 1 FETCH (X-GM-LABELS (Home R&-D))", "T OK FETCH completed")
	c.run(`STORE 1 +X-GM-LABELS \Starred`, `* 1 FETCH (X-GM-LABELS ("\\Starred" Home R&-D))`, `* 1 FETCH (UID 1 FLAGS (\Flagged \Recent))`, "T OK STORE completed")
	c.run("STORE 1 X-GM-LABELS ()", "* 1 FETCH (X-GM-LABELS ())", `* 1 FETCH (UID 1 FLAGS (\Recent))`, "T OK STORE completed")
	c.run(`UID STORE 1 +X-GM-LABELS (\Trash)`, `* 1 FETCH (UID 1 X-GM-LABELS ("\\Trash"))`, "* 1 EXPUNGE", "* 0 RECENT", "T OK UID STORE completed")
	c.run("STATUS Nothing (MESSAGES)", "T NO [NONEXISTENT] …")
	c.ok("SELECT Home")
	c.run("STORE 1:* +X-GM-LABELS (a)", "T BAD …")
}

// The label of the selected mailbox is not among those that are told or stored.
func TestTheOwnLabelIsLeftOut(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver(hello)
	c := f.selected()
	c.run("FETCH 1 X-GM-LABELS", "* 1 FETCH (X-GM-LABELS ())", "T OK FETCH completed")
	c.run(`STORE 1 -X-GM-LABELS (\Inbox)`, "* 1 FETCH (X-GM-LABELS ())", "T OK STORE completed")
	c.run(`STORE 1 X-GM-LABELS (Work)`, "* 1 FETCH (X-GM-LABELS (Work))", "T OK STORE completed")
	c.run(`SEARCH X-GM-LABELS "\\Inbox" X-GM-LABELS work`, "* SEARCH 1", "T OK SEARCH completed")
	c.ok("SELECT Work")
	c.run("FETCH 1 X-GM-LABELS", `* 1 FETCH (X-GM-LABELS ("\\Inbox"))`, "T OK FETCH completed")
}

func TestLabelsInBadFormAreRefused(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver(hello)
	c := f.selected()
	for _, command := range []string{"STORE 1 +X-GM-LABELS", "STORE 1 X-GM-LABELS (a", "STORE 1 X-GM-LABELS (a  b)", "STORE 1 -X-GM-LABELS ((a))",
		`STORE 1 X-GM-LABELS \`, `SEARCH X-GM-LABELS \Inbox`, "SEARCH X-GM-MSGID x", "SEARCH X-GM-THRID 18446744073709551616", "SEARCH X-GM-RAW"} {
		c.run(command, "T BAD …")
	}
	c.run("STORE 1 +X-GM-LABELS (&&)", "T NO [CANNOT] …")
	c.run("STORE 1 +X-GM-LABELS (a//b)", "T NO [CANNOT] …")
	c.ok("EXAMINE INBOX")
	c.run("STORE 1 +X-GM-LABELS (a)", "T NO [READ-ONLY] …")
}

// RFC 7162 §3.1.3; a label that comes or goes is a change of the message.
func TestLabelsHaveModificationSequences(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t, imap.CapCondStore)
	f.deliver(hello)
	c := f.login()
	c.ok("SELECT INBOX (CONDSTORE)")
	other := f.in(`"[Gmail]/All Mail"`)
	other.ok("STORE 1 +X-GM-LABELS (Work)")
	c.run("STORE 1 (UNCHANGEDSINCE 2) +X-GM-LABELS (Late)", "* 1 FETCH (UID 1 FLAGS (\\Recent) MODSEQ (3))", "T OK [MODIFIED 1] STORE completed")
	c.run("STORE 1 (UNCHANGEDSINCE 3) +X-GM-LABELS (InTime)", "* 1 FETCH (X-GM-LABELS (InTime Work) MODSEQ (4))", "T OK STORE completed")
	c.run("FETCH 1 (X-GM-LABELS) (CHANGEDSINCE 3)", "* 1 FETCH (X-GM-LABELS (InTime Work) MODSEQ (4))", "T OK FETCH completed")
}

func TestMessageAndThreadIDs(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t)
	f.deliver("Message-ID: <1@x>\r\nSubject: plan\r\n\r\n", "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nSubject: Re: plan\r\n\r\n",
		"Message-ID: <3@x>\r\nReferences: <1@x> <2@x>\r\nSubject: AW: plan\r\n\r\n", "Message-ID: <4@x>\r\nReferences: <1@x> <2@x>\r\nSubject: Re:  PLAN\r\n\r\n",
		"Subject: plan\r\n\r\n")
	c := f.selected()
	c.run("FETCH 1:2 X-GM-MSGID", "* 1 FETCH (X-GM-MSGID 1792232600371200001)", "* 2 FETCH (X-GM-MSGID 1792232600371200002)", "T OK FETCH completed")
	c.ok(`COPY 1 [Gmail]/Important`)
	c.run("SEARCH X-GM-MSGID 1792232600371200001", "* SEARCH 1", "T OK SEARCH completed")
	c.run("FETCH 4 X-GM-THRID", "* 4 FETCH (X-GM-THRID 4047696707570918682)", "T OK FETCH completed")
	c.run("SEARCH X-GM-THRID 4047696707570918682", "* SEARCH 1 2 4", "T OK SEARCH completed")
	f.in("[Gmail]/Important").run("FETCH 1 X-GM-MSGID", "* 1 FETCH (X-GM-MSGID 1792232600371200001)", "T OK FETCH completed")
}

// RFC 7162 §3.2: each mailbox has its own history, also of what was done in another.
func TestLabelsResynchronizeForEachMailbox(t *testing.T) {
	t.Parallel()
	f := newGmailFixture(t, imap.CapCondStore, imap.CapQResync)
	work := f.mailbox("Work")
	f.deliver(hello, hello, hello)
	inbox := f.selected()
	inbox.ok("COPY 1:3 Work")
	before := work.Status()
	inbox.ok(`STORE 2 +FLAGS (\Answered)`)
	inbox.ok("MOVE 1 [Gmail]/Trash")
	c := f.login()
	c.run("ENABLE QRESYNC", "* ENABLED QRESYNC", "T OK ENABLE completed")
	lines := c.ok("SELECT Work (QRESYNC (%d %d))", before.UIDValidity, before.HighestModSeq)
	c.want("SELECT", lines[len(lines)-2:], []string{"* VANISHED (EARLIER) 1", `* 1 FETCH (UID 2 FLAGS (\Answered \Recent) MODSEQ (5))`})
}
