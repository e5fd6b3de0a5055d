package imapfake_test

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

var (
	response     = regexp.MustCompile(`^(\* |\+ |[^\x00-\x20(){%*"\\+\x7f-\xff]+ (OK|NO|BAD) )`)
	announcement = regexp.MustCompile(`\{(\d+)\}\r\n$`)
)

// checkResponses checks that every response in what a server said begins as the
// grammar has it and ends (RFC 3501 §9, response).
func checkResponses(t *testing.T, said []byte) {
	t.Helper()
	for len(said) > 0 {
		if !response.Match(said) {
			t.Fatalf("no response: %.80q", said)
		}
		for {
			i := bytes.Index(said, []byte("\r\n"))
			if i < 0 {
				t.Fatalf("unfinished response: %.80q", said)
			}
			line := said[:i+2]
			said = said[i+2:]
			if bytes.ContainsAny(line[:i], "\r\n\x00") {
				t.Fatalf("CR, LF or NUL amid a line: %.80q", line)
			}
			size := announcement.FindSubmatch(line)
			if size == nil || bytes.HasPrefix(line, []byte("+")) {
				break
			}
			n, err := strconv.Atoi(string(size[1]))
			if err != nil || n > len(said) {
				t.Fatalf("literal of %s octets, %d are left", size[1], len(said))
			}
			said = said[n:]
		}
	}
}

// checkStore checks what holds of an account whatever was done to it.
func (f *fixture) checkStore() {
	f.t.Helper()
	var octets int64
	var messages uint32
	for _, info := range f.alice.Mailboxes() {
		if info.NoSelect {
			continue
		}
		box, err := f.alice.Mailbox(info.Name)
		if err != nil {
			f.t.Fatal(err)
		}
		st := box.Status()
		var last imap.UID
		// With labels, a message counts once.
		counts := !f.alice.HasLabels() || slices.Contains([]string{"[Gmail]/All Mail", "[Gmail]/Spam", "[Gmail]/Trash"}, info.Name)
		for seq, m := range st.Messages.All() {
			if counts {
				messages++
				octets += m.Size()
			}
			if m.UID <= last || m.UID >= st.UIDNext || st.Messages.At(seq) != m || m.ModSeq > st.HighestModSeq {
				f.t.Errorf("%s: message %d has UID %d after %d, UIDNEXT is %d", info.Name, seq, m.UID, last, st.UIDNext)
			}
			last = m.UID
		}
	}
	if o, m := f.alice.Usage(); o != octets || m != messages {
		f.t.Errorf("usage is %d octets in %d messages, not %d in %d", o, m, octets, messages)
	}
}

func FuzzSession(f *testing.F) {
	for _, s := range []string{
		"a NOOP\r\nb LOGOUT\r\n",
		"a FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (a)]<0.5> ENVELOPE BODYSTRUCTURE)\r\nb UID FETCH * FULL\r\n",
		"a STORE 1 +FLAGS.SILENT (\\Deleted x)\r\nb EXPUNGE\r\nc UID SEARCH OR NOT ALL (TEXT {1+}\r\nb SINCE 1-Jan-2020)\r\n",
		"a APPEND INBOX (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {4+}\r\na: b\r\nb COPY 1:* INBOX\r\nc MOVE 1 b/c\r\n",
		"a CREATE b/c\r\nb MOVE 1 b/c\r\nc RENAME b &AOQ-\r\nd LIST \"\" %/*\r\ne LSUB \"\" *\r\nf DELETE &AOQ-/c\r\n",
		"a IDLE\r\nDONE\r\nb STATUS INBOX (MESSAGES UNSEEN)\r\nc CLOSE\r\nd EXAMINE INBOX\r\ne UNSELECT\r\n",
		"a RENAME INBOX x\r\nb SELECT x\r\nc DELETE x\r\nd ID (\"a\" NIL)\r\ne ENABLE X\r\nf NAMESPACE\r\n",
		"a SETACL INBOX -anyone +lrscd\r\nb GETACL INBOX\r\nc LISTRIGHTS INBOX alice\r\nd MYRIGHTS \"Other Users/bob/x\"\r\ne DELETEACL INBOX x\r\n",
		"a LOGIN {5}\r\nalice secret\r\nb AUTHENTICATE PLAIN\r\n*\r\nc AUTHENTICATE LOGIN =\r\n\r\n\r\n",
		"a ENABLE IMAP4rev2\r\nb CREATE \"u\xcc\x88\"\r\nc RENAME \"u\xcc\x88\" x\r\nd SELECT inbox\r\ne SEARCH TEXT \"\xc3\xa9\"\r\nf FETCH 1 BINARY[1]\r\n",
		"a LOGIN alice secret\r\nb SELECT INBOX\r\nc UID EXPUNGE 1:*\r\n",
		"a ENABLE QRESYNC\r\nb SELECT INBOX (QRESYNC (1 1 1:9 (1 1)))\r\nc UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)\r\nd UID MOVE 1 INBOX\r\n",
		"a STORE 1:* (UNCHANGEDSINCE 2) +FLAGS.SILENT (\\Deleted)\r\nb SEARCH MODSEQ 1\r\nc IDLE\r\nDONE\r\nd CLOSE\r\n",
		"a NOTIFY SET STATUS (selected-delayed (MessageNew (UID BODY[1]) MessageExpunge FlagChange)) (subtree (INBOX x) (MailboxName))\r\nb NOTIFY NONE\r\n",
		"a NOTIFY SET (mailboxes x NONE) (personal (SubscriptionChange ServerMetadataChange MailboxMetadataChange))\r\nb COPY 1 INBOX\r\nc CREATE y/z\r\n",
		"a GENURLAUTH imap://alice@a/INBOX/;UID=2/;SECTION=1;URLAUTH=anonymous INTERNAL\r\nb RESETKEY INBOX\r\nc URLFETCH (\"x\" BINARY) y\r\n",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, input []byte, selected bool) {
		// TLS would only make noise of the input.
		fx := newFixture(t, imapfake.WithoutCapabilities(imap.CapStartTLS), imapfake.WithMoreCapabilities(imap.CapURLAuth, "URLAUTH=BINARY"))
		fx.converse(input, selected)
	})
}

// FuzzGmailSession is FuzzSession for an account with labels.
func FuzzGmailSession(f *testing.F) {
	for _, s := range []string{
		"a STORE 1 +X-GM-LABELS (a \\Starred \"\\\\Trash\")\r\nb COPY 2 [Gmail]/Spam\r\nc SELECT [Gmail]/Trash\r\nd MOVE 1 INBOX\r\n",
		"a STORE 1:* FLAGS (\\Deleted \\Flagged x)\r\nb EXPUNGE\r\nc SELECT \"[Gmail]/All Mail\"\r\nd EXPUNGE\r\ne UID STORE 1 X-GM-LABELS ()\r\n",
		"a FETCH 1:* (X-GM-MSGID X-GM-THRID X-GM-LABELS)\r\nb SEARCH X-GM-RAW \"a -b OR c\" X-GM-LABELS INBOX\r\nc RENAME INBOX x\r\nd DELETE x\r\n",
	} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, input []byte, selected bool) {
		newFixture(t, imapfake.WithoutCapabilities(imap.CapStartTLS), imapfake.WithMoreCapabilities("X-GM-EXT-1")).converse(input, selected)
	})
}

// converse has a conversation with a server that has two messages.
func (f *fixture) converse(input []byte, selected bool) {
	f.deliver("a: 1\r\n\r\nbody", "a: 2\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nb\r\n--x--\r\n")
	c := f.dial()
	if selected {
		c.ok("LOGIN alice@example.org secret")
		c.ok("SELECT INBOX")
	}
	c.sendsAll(input)
	f.server.Close()
	f.checkStore()
}

// sendsAll sends input and closes its side: the server's answers must have the form of
// IMAP, and the session must end.
func (c *client) sendsAll(input []byte) {
	c.conn.SetDeadline(time.Now().Add(20 * time.Second))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		c.conn.Write(input)
		c.conn.(interface{ CloseWrite() error }).CloseWrite()
	}()
	said, err := io.ReadAll(c.r)
	if err != nil {
		c.t.Fatalf("the session goes on: %v", err)
	}
	<-sent
	checkResponses(c.t, said)
}
