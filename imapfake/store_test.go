package imapfake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

// set changes the flags of messages of INBOX as another session would.
func (f *fixture) set(op imap.StoreFlagsOp, flag imap.Flag, numbers ...imap.UID) {
	f.t.Helper()
	if _, err := f.inbox.Store(numbers, op, []imap.Flag{flag}); err != nil {
		f.t.Fatal(err)
	}
}

func TestStoreChangesFlagsAndTellsThem(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello, hello)
	c := f.selected()
	const ok = "T OK STORE completed"
	c.run(`STORE 1 FLAGS (\Seen \Answered)`, `* 1 FETCH (FLAGS (\Answered \Seen \Recent))`, ok)
	c.run(`STORE 1 +FLAGS \Draft \Flagged`, `* 1 FETCH (FLAGS (\Answered \Flagged \Seen \Draft \Recent))`, ok)
	c.run(`STORE 1 -FLAGS (\answered \DELETED)`, `* 1 FETCH (FLAGS (\Flagged \Seen \Draft \Recent))`, ok)
	// RFC 3501 §6.4.6: the new value is returned, changed or not.
	c.run(`store 1 +flags \seen`, `* 1 FETCH (FLAGS (\Flagged \Seen \Draft \Recent))`, ok)
	c.run(`STORE 1 +FLAGS ()`, `* 1 FETCH (FLAGS (\Flagged \Seen \Draft \Recent))`, ok)
	c.run(`STORE 2:1 FLAGS \Seen \SEEN \seen`, `* 1 FETCH (FLAGS (\Seen \Recent))`, `* 2 FETCH (FLAGS (\Seen \Recent))`, ok)
	c.run(`STORE 1:* FLAGS ()`, `* 1 FETCH (FLAGS (\Recent))`, `* 2 FETCH (FLAGS (\Recent))`, ok)
	c.run(`NOOP`, "T OK NOOP completed")
}

func TestStoreSilentTellsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.selected()
	c.run(`STORE 1 FLAGS.SILENT (\Seen)`, "T OK STORE completed")
	c.run(`STORE 1 +FLAGS.SILENT \Draft`, "T OK STORE completed")
	c.run(`UID STORE 1 -flags.silent (\Seen)`, "T OK UID STORE completed")
	c.run(`NOOP`, "T OK NOOP completed")
	c.run(`FETCH 1 FLAGS`, `* 1 FETCH (FLAGS (\Draft \Recent))`, "T OK FETCH completed")
}

func TestUIDStoreTellsUIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello, hello, hello)
	f.inbox.Expunge(uids(1))
	c := f.selected()
	c.run(`UID STORE 3,1 FLAGS (\Seen)`, `* 2 FETCH (UID 3 FLAGS (\Seen \Recent))`, "T OK UID STORE completed")
	c.run(`UID STORE 9:* +FLAGS (\Draft)`, `* 2 FETCH (UID 3 FLAGS (\Seen \Draft \Recent))`, "T OK UID STORE completed")
	c.run(`UID STORE 9 FLAGS (\Seen)`, "T OK UID STORE completed")
}

func TestStoreAnnouncesKeywordsBeforeTheFirstFetchThatShowsThem(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c, watcher := f.selected(), f.selected()
	const known = `(\Answered \Flagged \Deleted \Seen \Draft `
	first := []string{"* FLAGS " + known + "$Work)", "* OK [PERMANENTFLAGS " + known + `$Work \*)] flags that can be changed`}
	second := []string{"* FLAGS " + known + "$Work Foo)", "* OK [PERMANENTFLAGS " + known + `$Work Foo \*)] flags that can be changed`}

	c.run("STORE 1 +FLAGS $Work", append(first, `* 1 FETCH (FLAGS ($Work \Recent))`, "T OK STORE completed")...)
	watcher.run("FETCH 1 FLAGS", append(first, `* 1 FETCH (FLAGS ($Work))`, "T OK FETCH completed")...)
	c.run("STORE 1 +FLAGS.SILENT (Foo)", append(second, "T OK STORE completed")...)
	watcher.run("NOOP", append(second, `* 1 FETCH (UID 1 FLAGS ($Work Foo))`, "T OK NOOP completed")...)
	// Known keywords, in the spelling that came first.
	c.run("STORE 1 FLAGS (FOO $work)", `* 1 FETCH (FLAGS ($Work Foo \Recent))`, "T OK STORE completed")
	// A keyword that is only taken away isn't learnt.
	c.run("STORE 1 -FLAGS (none)", `* 1 FETCH (FLAGS ($Work Foo \Recent))`, "T OK STORE completed")
}

// Flags are shown as they are when FETCH gets at them, which is after the client was told of
// what was new when the command came.
func TestFetchAnnouncesKeywordsThatComeMeanwhile(t *testing.T) {
	t.Parallel()
	var meanwhile func()
	f := newFixture(t, imapfake.OverrideCommand("FETCH", func(c *imapfake.Call) error {
		c.Filter(func(response string) []string {
			if strings.HasSuffix(response, " RECENT") {
				meanwhile()
			}
			return []string{response}
		})
		return c.Next()
	}))
	f.deliver(hello)
	c := f.selected()
	meanwhile = func() { f.set(imap.StoreFlagsAdd, "$New", 1) }
	f.deliver(hello)
	c.run("FETCH 1 FLAGS", "* 2 EXISTS", "* 2 RECENT",
		`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $New)`,
		`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $New \*)] flags that can be changed`,
		`* 1 FETCH (FLAGS ($New \Recent))`, "T OK FETCH completed")
}

func TestStoreRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello)
	c := f.selected()
	for _, arguments := range []string{
		"", " 1", " 1 ", " 1 FLAGS", " 1 FLAGS ", " 1 FOO ()", " 1 FLAGSX ()", " 1 *FLAGS ()", " 1 + FLAGS ()", " 1 ++FLAGS ()", " 1 FLAGS.FOO ()",
		" 1 FLAGS.SILENT", " 1 FLAGS (", " 1 FLAGS )", " 1 FLAGS (a))", " 1 FLAGS (a b", " 1 FLAGS (a  b)", " 1 FLAGS a ", " 1 FLAGS (a) b", " 1 FLAGS a (b)",
		` 1 FLAGS "a"`, ` 1 FLAGS (\)`, ` 1 FLAGS (\*)`, ` 1 FLAGS (\Foo)`, ` 1 FLAGS (\Recent)`, ` 1 +FLAGS \recent`, ` 1 FLAGS (a\b)`, " 1 FLAGS (a])",
		" 1 FLAGS ({1+}\r\na)", " 2 FLAGS ()", " 1:2 FLAGS ()", " 0 FLAGS ()",
	} {
		c.run("STORE"+arguments, "T BAD …")
	}
	c.run("STORE 1 FLAGS ("+strings.Repeat("x", 256)+")", `T NO [LIMIT] store flags in "INBOX": limit reached: at most 255 octets in a keyword`)
	c.run("APPEND INBOX ("+strings.Repeat("x", 256)+") {1+}\r\na", `T NO [LIMIT] append to "INBOX": limit reached: at most 255 octets in a keyword`)
	c.run("STORE 1 FLAGS ("+manyKeywords(1001)+")", `T NO [LIMIT] store flags in "INBOX": limit reached: at most 1000 keywords in a mailbox`)
	c.run("NOOP", "T OK NOOP completed")
	c.ok("EXAMINE INBOX")
	c.run(`STORE 1 +FLAGS (\Seen)`, "T NO [READ-ONLY] …")
	c.run(`UID STORE 1 +FLAGS ($New)`, "T NO [READ-ONLY] …")
	if m := f.inbox.Messages().At(1); m.Flags != nil {
		t.Errorf("the message has %v", m.Flags)
	}
}

// manyKeywords returns keywords that differ.
func manyKeywords(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprint("k", i)
	}
	return strings.Join(words, " ")
}

// RFC 3501 §6.4.6: a silent STORE keeps quiet about its own change only.
func TestStoreSilentStillTellsWhatAnotherSessionChanged(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello, hello, hello)
	c := f.selected()
	f.set(imap.StoreFlagsAdd, imap.FlagFlagged, 1)
	f.set(imap.StoreFlagsAdd, imap.FlagSeen, 2) // which is no change any more for c
	c.run(`STORE 1:3 +FLAGS.SILENT (\Seen)`,
		`* 1 FETCH (UID 1 FLAGS (\Flagged \Seen \Recent))`, `* 2 FETCH (UID 2 FLAGS (\Seen \Recent))`, "T OK STORE completed")
	c.run("NOOP", "T OK NOOP completed")
}

func TestStoreTellsFlagsOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(hello, hello)
	c := f.selected()
	f.set(imap.StoreFlagsAdd, imap.FlagFlagged, 1, 2)
	c.run(`STORE 1 +FLAGS (\Seen)`,
		`* 1 FETCH (FLAGS (\Flagged \Seen \Recent))`, `* 2 FETCH (UID 2 FLAGS (\Flagged \Recent))`, "T OK STORE completed")
	c.run("NOOP", "T OK NOOP completed")
}
