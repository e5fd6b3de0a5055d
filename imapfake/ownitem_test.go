package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// scores are a FETCH item, a SEARCH key and a STATUS item of one capability.
func scores() []imapfake.Option {
	score := func(m *mailstore.Message) int { return int(m.Size()) % 10 }
	return []imapfake.Option{
		imapfake.WithFetchItem(imapfake.FetchItem{Name: "X-SCORE", Capability: "X-SCORE", Value: func(m *mailstore.Message) imapfake.Value {
			return imapfake.Number(score(m))
		}}),
		imapfake.WithSearchKey(imapfake.SearchKey{Name: "X-SCORE", Capability: "X-SCORE", Parse: func(args *imapfake.Args) func(*mailstore.Message) bool {
			least := args.Number()
			return func(m *mailstore.Message) bool { return score(m) >= int(least) }
		}}),
		imapfake.WithStatusItem(imapfake.StatusItem{Name: "X-SCORE", Capability: "X-SCORE", Value: func(st mailstore.Status) imapfake.Value {
			var values imapfake.List
			for _, m := range st.Messages.All() {
				values = append(values, imapfake.Number(score(m)))
			}
			return values
		}}),
	}
}

func TestItemsAndKeysOfOnesOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, scores()...)
	f.deliver("a: b\r\n\r\n", "a: bc\r\n\r\n")
	c := f.selected()
	if caps := c.ok("CAPABILITY")[0]; strings.Count(caps, " X-SCORE") != 1 {
		t.Errorf("X-SCORE is not listed once: %s", caps)
	}
	c.run("FETCH 1:2 (uid x-score)", "* 1 FETCH (UID 1 X-SCORE 8)", "* 2 FETCH (UID 2 X-SCORE 9)", "T OK FETCH completed")
	c.run("SEARCH (X-SCORE 9) OR ALL NOT X-SCORE 8", "* SEARCH 2", "T OK SEARCH completed")
	c.run("SEARCH X-SCORE", "T BAD SEARCH: expected a space and an argument, found end of the line (RFC 3501 9)")
	c.run("SEARCH X-SCORE a", `T BAD SEARCH: expected a number, found "a" (RFC 3501 9)`)
	c.ok("UNSELECT")
	c.run("STATUS INBOX (MESSAGES X-SCORE)", "* STATUS INBOX (MESSAGES 2 X-SCORE (8 9))", "T OK STATUS completed")
}

func TestItemsAndKeysOfOnesOwnGoWithTheirCapability(t *testing.T) {
	t.Parallel()
	f := newFixture(t, append(scores(), imapfake.WithoutCapabilities("X-SCORE"))...)
	c := f.selected()
	c.run("UID FETCH 1 X-SCORE", `T BAD UID FETCH: unknown FETCH item "X-SCORE" (RFC 3501 9)`)
	c.run("SEARCH X-SCORE 1", `T BAD SEARCH: unknown search key "X-SCORE" (RFC 3501 6.4.4)`)
	c.run("STATUS INBOX (X-SCORE)", `T BAD STATUS: unknown STATUS item "X-SCORE" (RFC 3501 9)`)
}

func TestStringsOfAKeyOfOnesOwnComeFromTheCharset(t *testing.T) {
	t.Parallel()
	var got []string
	f := newFixture(t, imapfake.WithSearchKey(imapfake.SearchKey{Name: "XIS", Parse: func(args *imapfake.Args) func(*mailstore.Message) bool {
		got = append(got, args.AString())
		return func(*mailstore.Message) bool { return true }
	}}))
	c := f.selected()
	c.run("SEARCH CHARSET ISO-8859-1 XIS {1+}\r\n\xe4", "* SEARCH", "T OK SEARCH completed")
	c.run("SEARCH XIS {1+}\r\n\xe4", `T BAD SEARCH: the string "\xe4" is not in the charset of the search (RFC 3501 9)`)
	if len(got) != 2 || got[0] != "ä" {
		t.Errorf("the key got %q", got)
	}
}

func TestOverrideOfAFetchItemChangesWhatIsSent(t *testing.T) {
	t.Parallel()
	f := newFixture(t,
		// A server that returns no body for RFC822.
		imapfake.OverrideFetchItem("RFC822", func(*mailstore.Message, string) string { return "" }),
		imapfake.OverrideFetchItem("BODY.PEEK", func(m *mailstore.Message, original string) string {
			return strings.ReplaceAll(original, "{2}\r\nhi", "{2}\r\nHI")
		}),
		imapfake.OverrideFetchItem("UID", func(_ *mailstore.Message, original string) string { return original + "0" }),
		imapfake.OverrideFetchItem("UID", func(_ *mailstore.Message, original string) string { return original + "1" }))
	f.deliver("a: b\r\n\r\nhi")
	c := f.selected()
	c.run("FETCH 1 (RFC822.SIZE RFC822)", `* 1 FETCH (FLAGS (\Seen \Recent) RFC822.SIZE 10)`, "T OK FETCH completed")
	c.run("FETCH 1 (RFC822 RFC822.SIZE)", "* 1 FETCH (RFC822.SIZE 10)", "T OK FETCH completed")
	c.run("FETCH 1 (BODY.PEEK[TEXT]<0.9> BODY[TEXT])", "* 1 FETCH (BODY[TEXT]<0> {2}", "HI BODY[TEXT] {2}", "hi)", "T OK FETCH completed")
	c.run("FETCH 1 UID", "* 1 FETCH (UID 101)", "T OK FETCH completed")
}

func TestOverrideOfASearchKeyChangesWhatMatches(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideSearchKey("TEXT", func(m *mailstore.Message, original bool) bool {
		return original && m.UID != 2 // which the index has missed
	}))
	f.deliver("a: b\r\n\r\n", "a: b\r\n\r\n", "c: d\r\n\r\n")
	f.selected().run("SEARCH TEXT a", "* SEARCH 1", "T OK SEARCH completed")
}

func TestOverrideOfAStatusItemChangesItsValue(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideStatusItem("UNSEEN", func(st mailstore.Status, original string) string {
		if st.Name == "INBOX" {
			return original + "7"
		}
		return original
	}))
	c := f.login()
	c.ok("CREATE a")
	c.run("STATUS INBOX (UNSEEN MESSAGES)", "* STATUS INBOX (UNSEEN 07 MESSAGES 0)", "T OK STATUS completed")
	c.run("STATUS a (UNSEEN MESSAGES)", "* STATUS a (UNSEEN 0 MESSAGES 0)", "T OK STATUS completed")
}

func TestPanicInAnItemOrKeyOfOnesOwnEndsTheSession(t *testing.T) {
	t.Parallel()
	boom := func() bool { panic("boom") }
	options := []imapfake.Option{
		imapfake.WithFetchItem(imapfake.FetchItem{Name: "XBOOM", Value: func(*mailstore.Message) imapfake.Value { boom(); return nil }}),
		imapfake.OverrideFetchItem("UID", func(*mailstore.Message, string) string { boom(); return "" }),
		imapfake.OverrideSearchKey("SEEN", func(*mailstore.Message, bool) bool { return boom() }),
		imapfake.WithSearchKey(imapfake.SearchKey{Name: "XBOOM", Parse: func(*imapfake.Args) func(*mailstore.Message) bool { boom(); return nil }}),
		imapfake.WithSearchKey(imapfake.SearchKey{Name: "XMATCH", Parse: func(*imapfake.Args) func(*mailstore.Message) bool {
			return func(*mailstore.Message) bool { return boom() }
		}}),
		imapfake.WithStatusItem(imapfake.StatusItem{Name: "XBOOM", Value: func(mailstore.Status) imapfake.Value { boom(); return nil }}),
		imapfake.OverrideStatusItem("UNSEEN", func(mailstore.Status, string) string { boom(); return "" }),
	}
	for _, tt := range []struct{ command, untagged, what string }{
		{"FETCH 1 XBOOM", "* 1 FETCH (XBOOM NIL)\r\n", "the function of FETCH item XBOOM"},
		{"FETCH 1 UID", "* 1 FETCH (UID 1)\r\n", "the override of FETCH item UID"},
		{"SEARCH SEEN", "* SEARCH\r\n", "the override of SEARCH key SEEN"},
		{"SEARCH XBOOM", "", "the function of SEARCH key XBOOM"},
		{"SEARCH XMATCH", "* SEARCH\r\n", "the function of SEARCH key XMATCH"},
		{"STATUS INBOX (XBOOM)", "* STATUS INBOX (XBOOM NIL)\r\n", "the function of STATUS item XBOOM"},
		{"STATUS INBOX (UNSEEN)", "* STATUS INBOX (UNSEEN 1)\r\n", "the override of STATUS item UNSEEN"},
	} {
		t.Run(tt.command, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, options...)
			f.deliver("a: b\r\n\r\n")
			c := f.selected()
			c.send("T "+tt.command, "T NOOP")
			c.wantsEnd(tt.untagged + "* BYE imapfake: " + tt.what + " panicked: boom\r\n")
			if err := f.server.Close(); err == nil || !strings.Contains(err.Error(), "boom") {
				t.Errorf("Close() = %v, want the panic", err)
			}
		})
	}
}

func TestPanicDuringIdleEndsTheSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.OverrideSearchKey("SEEN", func(m *mailstore.Message, original bool) bool {
		if m.HasFlag(imap.FlagFlagged) {
			panic("boom")
		}
		return original
	}))
	f.deliver("a: b\r\n\r\n")
	c := f.selected()
	c.ok("SEARCH RETURN (UPDATE) SEEN")
	c.send("T IDLE")
	c.wants("+ idling")
	if _, err := f.inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagFlagged}); err != nil {
		t.Fatal(err)
	}
	c.wantsEnd("* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent))\r\n* BYE imapfake: the override of SEARCH key SEEN panicked: boom\r\n")
}
