package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"
)

func TestListMatchesReferenceAndPattern(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	for _, name := range []string{"a/b", "a/c", "a/b/d", "ab", `"with space"`, "&AOQ-", "INBOX/x", "inboxes"} {
		c.ok("CREATE %s", name)
	}
	for _, test := range []struct{ arguments, want string }{
		{`"" *`, "INBOX INBOX/x a a/b a/b/d a/c ab inboxes with space &AOQ-"},
		{`"" %`, "INBOX a ab inboxes with space &AOQ-"},
		{`"" %%`, "INBOX a ab inboxes with space &AOQ-"},
		{`"" "*%"`, "INBOX INBOX/x a a/b a/b/d a/c ab inboxes with space &AOQ-"},
		{`"" a/%`, "a/b a/c"},
		{`"" %/%`, "INBOX/x a/b a/c"},
		{`"" a*d`, "a/b/d"},
		{`"" a%b`, "ab"},
		{`"" a%d`, ""},
		{`"" a*b`, "a/b ab"},
		{`"" a`, "a"},
		{`"" a/`, ""},
		{`"" %/`, ""},
		{`"" /a`, ""},
		{`"" A`, ""},
		{`a/ %`, "a/b a/c"},
		{`a %`, "a ab"},
		{`a b`, "ab"},
		{`a/ b/d`, "a/b/d"},
		{`a/b/ ../c`, ""},
		{`a/ /ab`, ""},
		{`"a/" "b"`, "a/b"},
		{`"" inbox`, "INBOX"},
		{`"" iNbOx%`, "INBOX"},
		{`"" iNbOx*`, "INBOX INBOX/x"},
		{`"" inboxes`, "inboxes"},
		{`"" INBOXES`, ""},
		{`in box`, "INBOX"},
		{`"" inbox/X`, ""},
		{`"" inbox/x`, "INBOX/x"},
		{`"" &AOQ-`, "&AOQ-"},
		{`"" &AOQ-*`, "&AOQ-"},
		{`"" "with%"`, "with space"},
		{`"" &AOQ*`, ""},
		{`"" A&B`, ""},
		{`A&B *`, ""},
		{`"" "` + strings.Repeat("*", 1900) + `/x"`, "INBOX/x"},
		{`"" "` + strings.Repeat("%*", 10_000) + `"`, "INBOX INBOX/x a a/b a/b/d a/c ab inboxes with space &AOQ-"},
		{`"" "` + strings.Repeat("*a", 30_000) + `"`, ""},
	} {
		var names []string
		for _, line := range c.ok("LIST %s", strings.ReplaceAll(test.arguments, "%", "%%")) {
			_, name, _ := strings.Cut(line, `"/" `)
			names = append(names, strings.Trim(name, `"`))
		}
		if diff := cmp.Diff(test.want, strings.Join(names, " ")); diff != "" {
			t.Errorf("LIST %.40s (-want +got):\n%s", test.arguments, diff)
		}
	}
}

func TestListShowsAttributes(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	if _, err := f.alice.CreateMailbox("mine/Sent", imap.MailboxAttrSent); err != nil {
		t.Fatal(err)
	}
	f.login().run(`LIST "" *`,
		`* LIST (\HasNoChildren) "/" INBOX`,
		`* LIST (\Noselect \HasChildren) "/" mine`,
		`* LIST (\HasNoChildren \Sent) "/" mine/Sent`,
		"T OK LIST completed")
}

func TestListWithoutAPatternTellsSeparatorAndRoot(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	for reference, root := range map[string]string{
		`""`: `""`, "a": `""`, "a/b/c": "a/", `"with space/x"`: `"with space/"`, "/": "/", "a&b": `""`,
	} {
		c.run("LIST "+reference+` ""`, `* LIST (\Noselect) "/" `+root, "T OK LIST completed")
	}
	c.run(`LSUB "" ""`, "T OK LSUB completed")
}

func TestListArgumentsHaveAGrammar(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	c.run("LIST {0+}\r\n {1+}\r\n*", `* LIST (\HasNoChildren) "/" INBOX`, "T OK LIST completed")
	for arguments, want := range map[string]string{
		``:        "expected a space and an argument, found end of the line (RFC 3501 9)",
		` ""`:     "expected a space and an argument, found end of the line (RFC 3501 9)",
		` "" `:    "expected a mailbox name or pattern, found end of the line (RFC 3501 9)",
		` % *`:    `expected a mailbox name or pattern, found "% *" (RFC 3501 9)`,
		` "" * *`: `unexpected " *" after the arguments (RFC 3501 9)`,
	} {
		c.run("LIST"+arguments, "T BAD LIST: "+want)
		c.run("LSUB"+arguments, "T BAD LSUB: "+want)
	}
}

func TestLSUBHintsAtWhatPercentCannotReach(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	for _, name := range []string{"a/b", "a/c", "d", "d/e", "f/g/h"} {
		c.ok("CREATE %s", name)
		c.ok("SUBSCRIBE %s", name)
	}
	c.run(`LSUB "" %`, `* LSUB (\Noselect) "/" a`, `* LSUB () "/" d`, `* LSUB (\Noselect) "/" f`, "T OK LSUB completed")
	c.run(`LSUB "" %/%`, `* LSUB () "/" a/b`, `* LSUB () "/" a/c`, `* LSUB () "/" d/e`, `* LSUB (\Noselect) "/" f/g`, "T OK LSUB completed")
	c.run(`LSUB f/ %`, `* LSUB (\Noselect) "/" f/g`, "T OK LSUB completed")
	c.run(`LSUB "" a*`, `* LSUB () "/" a/b`, `* LSUB () "/" a/c`, "T OK LSUB completed")
	c.run(`LSUB "" a`, "T OK LSUB completed")
	c.ok("UNSUBSCRIBE d")
	c.run(`LSUB "" d%`, `* LSUB (\Noselect) "/" d`, "T OK LSUB completed")
}
