package imapfake_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

const loggedIn = imapfake.Authenticated | imapfake.Selected

// xping answers XPING with the string that it was given.
func xping() imapfake.Option {
	return imapfake.WithCommand(imapfake.Command{
		Name: "xping", Capability: "xping", States: loggedIn,
		Run: func(c *imapfake.Call) error {
			payload := c.Args().AString()
			if err := c.Args().End(); err != nil {
				return err
			}
			c.Untagged("XPING", imapfake.String(payload), imapfake.Number(len(payload)))
			c.SetCode("XPINGED")
			return nil
		},
	})
}

// own runs a command named XOWN that is allowed in every state.
func own(run func(*imapfake.Call) error) imapfake.Option {
	return imapfake.WithCommand(imapfake.Command{Name: "XOWN", States: imapfake.AnyState, Run: run})
}

func TestCommandOfOnesOwnComesWithItsCapability(t *testing.T) {
	t.Parallel()
	f := newFixture(t, xping())
	c := f.dial()
	c.run("XPING a", "T BAD XPING is not allowed in the not authenticated state (RFC 3501 6)")
	c.ok("LOGIN alice@example.org secret")
	if caps := c.ok("CAPABILITY")[0]; !strings.HasSuffix(caps, " XPING") {
		t.Errorf("XPING isn't listed: %s", caps)
	}
	c.run("xping hello", `* XPING "hello" 5`, "T OK [XPINGED] XPING completed")
	c.run("XPING {4+}\r\na\"\\ b", "T BAD XPING: unexpected…")
	c.run("XPING {3+}\r\na\"\\", `* XPING "a\"\\" 3`, "T OK [XPINGED] XPING completed")
	c.run("XPING", "T BAD XPING: expected a space and an argument, found end of the line")
	c.run("XPING a b", `T BAD XPING: unexpected " b" after the arguments`)
}

func TestCommandOfOnesOwnGoesWithItsCapability(t *testing.T) {
	t.Parallel()
	f := newFixture(t, xping(), imapfake.WithoutCapabilities("XPING"))
	c := f.login()
	if caps := c.ok("CAPABILITY")[0]; strings.Contains(caps, "XPING") {
		t.Errorf("XPING is listed: %s", caps)
	}
	c.run("XPING a", "T BAD unknown command XPING (RFC 3501 6)")
	f = newFixture(t, imapfake.WithCapabilities("IDLE"), xping())
	f.login().run("CAPABILITY", "* CAPABILITY IMAP4rev1 IDLE XPING", "T OK CAPABILITY completed")
}

func TestCommandOfOnesOwnMayBelongToACapabilityThatIsThere(t *testing.T) {
	t.Parallel()
	forget := imapfake.WithCommand(imapfake.Command{Name: "UID XMOVED", Capability: imap.CapMove, States: imapfake.Selected,
		Run: func(*imapfake.Call) error { return nil }})
	newFixture(t, forget).selected().run("UID XMOVED", "T OK UID XMOVED completed")
	c := newFixture(t, forget, imapfake.WithCapabilities(imap.CapMove)).selected()
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1 MOVE", "T OK CAPABILITY completed")
	newFixture(t, forget, imapfake.WithoutCapabilities(imap.CapMove)).selected().
		run("UID XMOVED", "T BAD unknown command UID XMOVED (RFC 3501 6)")
}

func TestErrorOfACommandOfOnesOwnIsItsAnswer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, own(func(c *imapfake.Call) error {
		switch c.Args().Atom() {
		case "no":
			return &imap.Error{Type: imap.StatusResponseTypeNo, Code: "XFULL", Text: "no room"}
		case "bad":
			return &imap.Error{Type: imap.StatusResponseTypeBad, Text: "odd"}
		}
		return fmt.Errorf("reading: %w", mailstore.ErrNoMailbox)
	}))
	c := f.dial()
	c.run("XOWN no", "T NO [XFULL] no room")
	c.run("XOWN bad", "T BAD odd")
	c.run("XOWN x", "T NO [NONEXISTENT] reading: no such mailbox")
}

func TestCommandOfOnesOwnSeesTheSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t, own(func(c *imapfake.Call) error {
		account, mailbox := "-", "-"
		if a := c.Account(); a != nil {
			account = a.Name()
		}
		if b := c.Mailbox(); b != nil {
			mailbox = b.Name()
		}
		id, _ := c.ClientID()
		c.Untagged("XOWN", imapfake.Atom(c.Tag()), imapfake.String(c.State().String()), imapfake.String(account),
			imapfake.MailboxName(mailbox), imapfake.Number(c.Messages().Len()), imapfake.String(id["name"]),
			imapfake.Number(c.Commands()), imapfake.Number(c.Session()))
		c.Untagged(fmt.Sprint("XOWN ", c.ReadOnly(), c.TLS() != nil, c.Enabled("condstore"), c.Offers("Idle"), c.Offers("X")))
		return nil
	}))
	f.deliver("a: b\r\n\r\n")
	c := f.dial()
	c.run("XOWN", `* XOWN T "not authenticated" "-" - 0 "" 1 1`, "* XOWN false false false true false", "T OK XOWN completed")
	c.ok(`ID ("name" "mutt")`)
	c.ok("LOGIN alice@example.org secret")
	c.ok("CREATE &AOQ-")
	c.ok("EXAMINE INBOX")
	c.ok("ENABLE CONDSTORE")
	c.run("XOWN", `* XOWN T "selected" "alice@example.org" INBOX 1 "mutt" 7 1`, "* XOWN true false true true false", "T OK XOWN completed")
	c.ok("SELECT &AOQ-")
	c.run("XOWN", `* XOWN T "selected" "alice@example.org" &AOQ- 0 "mutt" 9 1`, "* XOWN false false true true false", "T OK XOWN completed")
}

func TestValuesAreSentInTheFormThatTheyNeed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, own(func(c *imapfake.Call) error {
		c.Untagged("XOWN", imapfake.Atom(`\Seen`), imapfake.String(`a"b`), imapfake.String("a\r\nb"), nil,
			imapfake.List{}, imapfake.List{imapfake.Number(1), imapfake.List{nil}}, imapfake.Literal("x"))
		return nil
	}))
	c := f.dial()
	c.run("XOWN", `* XOWN \Seen "a\"b" {4}`, "a", `b NIL () (1 (NIL)) {1}`, "x", "T OK XOWN completed")
}

func TestCommandOfOnesOwnThatWorksOnMessagesAnnouncesThemFirst(t *testing.T) {
	t.Parallel()
	count := func(c *imapfake.Call) error {
		c.Untagged("XCOUNT", imapfake.Number(c.Messages().Len()))
		return nil
	}
	f := newFixture(t,
		imapfake.WithCommand(imapfake.Command{Name: "XCOUNT", States: loggedIn, Messages: true, Run: count}),
		imapfake.WithCommand(imapfake.Command{Name: "UID XCOUNT", States: loggedIn, Messages: true, Run: count}))
	f.deliver("a: b\r\n\r\n")
	f.login().run("XCOUNT", "* XCOUNT 0", "T OK XCOUNT completed")
	c := f.selected()
	f.deliver("a: b\r\n\r\n")
	f.inbox.Expunge([]imap.UID{1})
	c.run("XCOUNT", "* 2 EXISTS", "* 2 RECENT", "* XCOUNT 2", "T OK XCOUNT completed")
	c.run("UID XCOUNT", "* XCOUNT 2", "* 1 EXPUNGE", "* 1 RECENT", "T OK UID XCOUNT completed")
}

func TestCommandOfOnesOwnAsksTheClient(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	f := newFixture(t, imapfake.WithTranscript(transcript), own(func(c *imapfake.Call) error {
		answer, err := c.Ask("your word")
		if err != nil {
			return err
		}
		c.Hide(answer)
		c.Untagged("XOWN", imapfake.Number(len(answer)))
		return nil
	}))
	c := f.dial()
	c.send("T XOWN", "opensesame")
	c.wants("+ your word", "* XOWN 10", "T OK XOWN completed")
	if text := transcript.String(); strings.Contains(text, "opensesame") || !strings.Contains(text, "***") {
		t.Errorf("what was to be hidden is in the transcript:\n%s", text)
	}
	c.send("T XOWN", strings.Repeat("a", 70_000))
	c.wants("+ your word", "T BAD line over 65536 octets (RFC 7162 4)")
	c.send("T XOWN")
	c.wants("+ your word")
	c.conn.Close()
}

func TestCommandOfOnesOwnEndsTheSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t, own(func(c *imapfake.Call) error {
		c.Untagged("XOWN")
		if c.Args().Atom() == "bye" {
			c.Bye("so long")
		} else {
			c.HangUp()
		}
		return errors.New("not sent")
	}))
	c := f.selected()
	c.send("T XOWN bye", "T NOOP")
	c.wantsEnd("* XOWN\r\n* BYE so long\r\n")
	c = f.selected()
	c.send("T XOWN x", "T NOOP")
	c.wantsEnd("* XOWN\r\n")
}

// wantsEnd wants this and then the end of the connection.
func (c *client) wantsEnd(want string) {
	c.t.Helper()
	got, err := io.ReadAll(c.r)
	if err != nil || string(got) != want {
		c.t.Errorf("at the end: %q, %v, want %q", got, err, want)
	}
}

func TestPanicEndsTheSessionAndIsToldByClose(t *testing.T) {
	t.Parallel()
	f := newFixture(t, own(func(*imapfake.Call) error { panic("boom") }))
	f.deliver("a: b\r\n\r\n")
	other := f.selected()
	c := f.selected()
	c.send("T XOWN", "T NOOP")
	c.wantsEnd("* BYE imapfake: the function of command XOWN panicked: boom\r\n")
	other.run("NOOP", "T OK NOOP completed")
	if err := f.server.Close(); err == nil || !strings.Contains(err.Error(), "boom") || !strings.Contains(err.Error(), "owncommand_test.go") {
		t.Errorf("Close() = %v, want the panic and where it was", err)
	}
}

func TestFailNowInACommandOfOnesOwnEndsTheSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t, own(func(*imapfake.Call) error {
		new(testing.T).FailNow()
		return nil
	}))
	c := f.dial()
	c.send("T XOWN", "T NOOP")
	c.wantsEnd("")
	if err := f.server.Close(); err == nil || !strings.Contains(err.Error(), "FailNow") {
		t.Errorf("Close() = %v, want what has ended the session", err)
	}
}

func TestCloseEndsACommandOfOnesOwnThatWaits(t *testing.T) {
	t.Parallel()
	waits := make(chan struct{})
	f := newFixture(t, own(func(c *imapfake.Call) error {
		close(waits)
		<-c.Context().Done()
		return c.Context().Err()
	}))
	f.dial().send("T XOWN")
	<-waits
	if err := f.server.Close(); err != nil {
		t.Error(err)
	}
}

func TestRowsThatMakeNoSenseAreReported(t *testing.T) {
	t.Parallel()
	run := func(*imapfake.Call) error { return nil }
	item := func(*mailstore.Message) imapfake.Value { return nil }
	key := func(*imapfake.Args) func(*mailstore.Message) bool { return nil }
	count := func(mailstore.Status) imapfake.Value { return nil }
	command := func(name string, c imap.Cap, states imapfake.States) imapfake.Option {
		return imapfake.WithCommand(imapfake.Command{Name: name, Capability: c, States: states, Run: run})
	}
	for _, tt := range []struct {
		want    string
		options []imapfake.Option
	}{
		{`command "": the name is no atom`, []imapfake.Option{command("", "", imapfake.AnyState)}},
		{`command "X Y": the name is no atom`, []imapfake.Option{command("X Y", "", imapfake.AnyState)}},
		{`command "UID": the name is no atom`, []imapfake.Option{command("UID", "", imapfake.AnyState)}},
		{`command "Ä": the name is no atom`, []imapfake.Option{command("Ä", "", imapfake.AnyState)}},
		{`command "X": the states are none of a session's`, []imapfake.Option{command("X", "", 0)}},
		{`command "X": the states are none of a session's`, []imapfake.Option{command("X", "", 8)}},
		{`command "X": there is no function`, []imapfake.Option{imapfake.WithCommand(imapfake.Command{Name: "X", States: imapfake.AnyState})}},
		{`capability "X Y" is no atom`, []imapfake.Option{command("X", "x y", imapfake.AnyState)}},
		{"there is a command NOOP already", []imapfake.Option{command("noop", "", imapfake.AnyState)}},
		{"there is a command X already", []imapfake.Option{command("X", "", imapfake.AnyState), command("x", "", imapfake.AnyState)}},
		{`there is no command "X" to override`, []imapfake.Option{imapfake.OverrideCommand("X", run)}},
		{`there is no command "" to override`, []imapfake.Option{imapfake.OverrideCommand("", run)}},
		{`override of command "NOOP": there is no function`, []imapfake.Option{imapfake.OverrideCommand("NOOP", nil)}},
		{`"every command": there is no function`, []imapfake.Option{imapfake.OverrideEveryCommand(nil)}},
		{"there is a FETCH item FLAGS already", []imapfake.Option{imapfake.WithFetchItem(imapfake.FetchItem{Name: "flags", Value: item})}},
		{`FETCH item "X[]": the name`, []imapfake.Option{imapfake.WithFetchItem(imapfake.FetchItem{Name: "X[]", Value: item})}},
		{`FETCH item "All": the name`, []imapfake.Option{imapfake.WithFetchItem(imapfake.FetchItem{Name: "All", Value: item})}},
		{`FETCH item "X": there is no function`, []imapfake.Option{imapfake.WithFetchItem(imapfake.FetchItem{Name: "X"})}},
		{`there is no FETCH item "X" to override`, []imapfake.Option{imapfake.OverrideFetchItem("x", func(*mailstore.Message, string) string { return "" })}},
		{`override of FETCH item "FLAGS": there is no function`, []imapfake.Option{imapfake.OverrideFetchItem("FLAGS", nil)}},
		{"there is a SEARCH key SEEN already", []imapfake.Option{imapfake.WithSearchKey(imapfake.SearchKey{Name: "Seen", Parse: key})}},
		{`SEARCH key "1X": the name`, []imapfake.Option{imapfake.WithSearchKey(imapfake.SearchKey{Name: "1X", Parse: key})}},
		{`SEARCH key "": the name`, []imapfake.Option{imapfake.WithSearchKey(imapfake.SearchKey{Parse: key})}},
		{`SEARCH key "X": there is no function`, []imapfake.Option{imapfake.WithSearchKey(imapfake.SearchKey{Name: "X"})}},
		{`there is no SEARCH key "X" to override`, []imapfake.Option{imapfake.OverrideSearchKey("X", func(*mailstore.Message, bool) bool { return true })}},
		{`override of SEARCH key "SEEN": there is no function`, []imapfake.Option{imapfake.OverrideSearchKey("SEEN", nil)}},
		{"there is a STATUS item UNSEEN already", []imapfake.Option{imapfake.WithStatusItem(imapfake.StatusItem{Name: "Unseen", Value: count})}},
		{`STATUS item "a(": the name`, []imapfake.Option{imapfake.WithStatusItem(imapfake.StatusItem{Name: "a(", Value: count})}},
		{`STATUS item "X": there is no function`, []imapfake.Option{imapfake.WithStatusItem(imapfake.StatusItem{Name: "X"})}},
		{`there is no STATUS item "X" to override`, []imapfake.Option{imapfake.OverrideStatusItem("X", func(mailstore.Status, string) string { return "" })}},
		{`override of STATUS item "UNSEEN": there is no function`, []imapfake.Option{imapfake.OverrideStatusItem("UNSEEN", nil)}},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			s := imapfake.New(mailstore.New(), tt.options...)
			if err := s.Err(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Err() = %v, want %q in it", err, tt.want)
			}
		})
	}
}
