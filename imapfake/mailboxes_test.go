package imapfake_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names returns the names that LIST shows, with \Noselect where it applies.
func (c *client) names() string {
	c.t.Helper()
	var names []string
	for _, line := range c.ok(`LIST "" *`) {
		_, name, _ := strings.Cut(line, `"/" `)
		if strings.Contains(line, `\Noselect`) {
			name = "(" + name + ")"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (c *client) wantNames(want string) {
	c.t.Helper()
	if diff := cmp.Diff(want, c.names()); diff != "" {
		c.t.Errorf("mailboxes (-want +got):\n%s", diff)
	}
}

func TestCreateMakesMailboxesAndNamesAboveThem(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	c.run("CREATE a/b/c", "T OK CREATE completed")
	c.run("CREATE later/", "T OK CREATE completed")
	c.run("CREATE inbox/Sub", "T OK CREATE completed")
	c.wantNames("(a) (a/b) INBOX INBOX/Sub a/b/c later")
	c.run("CREATE a", "T OK CREATE completed")
	c.wantNames("(a/b) INBOX INBOX/Sub a a/b/c later")
	for name, want := range map[string]string{
		"a":                             `T NO [ALREADYEXISTS] create mailbox "a": already exists`,
		"a/b/c/":                        `T NO [ALREADYEXISTS] create mailbox "a/b/c": already exists`,
		"inbox":                         `T NO [ALREADYEXISTS] create mailbox "INBOX": already exists`,
		`""`:                            `T NO [CANNOT] create mailbox "": invalid name`,
		"/":                             `T NO [CANNOT] create mailbox "": invalid name`,
		"/a":                            `T NO [CANNOT] create mailbox "/a": invalid name`,
		"a//d":                          `T NO [CANNOT] create mailbox "a//d": invalid name`,
		"&AAo-":                         `T NO [CANNOT] create mailbox "\n": invalid name`,
		"a&b":                           `T NO [CANNOT] mailbox name "a&b" is not modified UTF-7 (RFC 3501 5.1.3)`,
		"&2D0-":                         `T NO [CANNOT] mailbox name "&2D0-" is not modified UTF-7 (RFC 3501 5.1.3)`,
		"{3+}\r\na\nb":                  `T NO [CANNOT] mailbox name "a\nb" is not modified UTF-7 (RFC 3501 5.1.3)`,
		strings.Repeat("x", 1001):       `T NO [CANNOT] create mailbox "xxx…`,
		strings.Repeat("x/", 100) + "x": `T NO [CANNOT] create mailbox "x/x…`,
	} {
		c.run("CREATE "+name, want)
	}
}

func TestDeleteLeavesInferiorMailboxes(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	for _, name := range []string{"a", "a/b", "a/b/c"} {
		c.ok("CREATE %s", name)
	}
	c.run("DELETE a", "T OK DELETE completed")
	c.wantNames("(a) INBOX a/b a/b/c")
	c.run("DELETE a", `T NO [HASCHILDREN] delete mailbox "a": has inferior names`)
	c.run("DELETE a/b/c", "T OK DELETE completed")
	c.run("DELETE a/b", "T OK DELETE completed")
	c.wantNames("INBOX")
	c.run("DELETE a", `T NO [NONEXISTENT] delete mailbox "a": no such mailbox`)
	c.run("DELETE Inbox", `T NO [CANNOT] delete mailbox "INBOX": not possible with INBOX`)
	c.run("DELETE &-&", `T NO [CANNOT] mailbox name "&-&" is not modified UTF-7 (RFC 3501 5.1.3)`)
}

func TestDeletingTheSelectedMailboxDeselectsIt(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	for _, name := range []string{"box", "INBOX/Sub"} {
		c.ok("CREATE %s", name)
		c.ok("SELECT %s", name)
		c.run("DELETE nope", "T NO…")
		c.run("CHECK", "T OK CHECK completed")
		c.run("DELETE "+strings.Replace(name, "INBOX", "inbox", 1), "T OK DELETE completed")
		c.run("CHECK", "T BAD CHECK is not allowed in the authenticated state (RFC 3501 6)")
	}
}

func TestRenameTakesInferiorMailboxesAlong(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	c := f.login()
	c.ok("CREATE a/b/c")
	c.ok("CREATE a/b")
	c.ok("CREATE ab")
	c.run("RENAME a/b x/y", "T OK RENAME completed")
	c.wantNames("(x) INBOX ab x/y x/y/c")
	c.run("RENAME x z", "T OK RENAME completed")
	c.wantNames("(z) INBOX ab z/y z/y/c")
	for arguments, want := range map[string]string{
		"nope x":    `T NO [NONEXISTENT] rename mailbox "nope": no such mailbox`,
		"ab z/y":    `T NO [ALREADYEXISTS] rename mailbox "z/y": already exists`,
		"ab ab":     `T NO [ALREADYEXISTS] rename mailbox "ab": already exists`,
		"ab inbox":  `T NO [ALREADYEXISTS] rename mailbox "INBOX": already exists`,
		"z z/y/q":   `T NO [CANNOT] rename mailbox "z/y/q": invalid name`,
		"ab a//b":   `T NO [CANNOT] rename mailbox "a//b": invalid name`,
		"ab &":      `T NO [CANNOT] mailbox name "&" is not modified UTF-7 (RFC 3501 5.1.3)`,
		"ab":        "T BAD RENAME: expected a space and an argument, found end of the line (RFC 3501 9)",
		"ab x y":    `T BAD RENAME: unexpected " y" after the arguments (RFC 3501 9)`,
		"& ab nope": `T BAD RENAME: unexpected " nope" after the arguments (RFC 3501 9)`,
	} {
		c.run("RENAME "+arguments, want)
	}
	c.wantNames("(z) INBOX ab z/y z/y/c")
}

func TestRenamingTheSelectedMailboxKeepsItSelected(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	c.ok("CREATE box")
	c.ok("SELECT box")
	c.run("RENAME box other", "T OK RENAME completed")
	c.run("APPEND other {4+}\r\na: b", "* 1 EXISTS", "* 1 RECENT", "T OK [APPENDUID 2 1] APPEND completed")
}

func TestRenamingInboxMovesItsMessages(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	f.deliver("a: 1\r\n\r\n", "a: 2\r\n\r\n")
	c := f.selected()
	c.ok("CREATE INBOX/Sub")
	c.run("RENAME INBOX old", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 0 RECENT", "T OK RENAME completed")
	c.wantNames("INBOX INBOX/Sub old")
	c.run("STATUS old (MESSAGES UNSEEN UIDNEXT)", "* STATUS old (MESSAGES 2 UNSEEN 2 UIDNEXT 3)", "T OK STATUS completed")
	c.run("APPEND INBOX {4+}\r\na: b", "* 1 EXISTS", "* 1 RECENT", "T OK [APPENDUID 1 3] APPEND completed")
	c.run("RENAME INBOX old", `T NO [ALREADYEXISTS] rename mailbox "old": already exists`)
}

func TestSubscriptionsOutliveTheirMailbox(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).login()
	c.ok("CREATE a/b")
	c.run("SUBSCRIBE a/b", "T OK SUBSCRIBE completed")
	c.run("SUBSCRIBE a/b", "T OK SUBSCRIBE completed")
	c.run("SUBSCRIBE inbox", "T OK SUBSCRIBE completed")
	c.run("SUBSCRIBE nope", `T NO [NONEXISTENT] subscribe to "nope": no such mailbox`)
	both := []string{`* LSUB () "/" INBOX`, `* LSUB () "/" a/b`, "T OK LSUB completed"}
	c.run(`LSUB "" *`, both...)
	c.run("DELETE a/b", "T OK DELETE completed")
	c.run(`LSUB "" *`, both...)
	c.run("UNSUBSCRIBE a/b", "T OK UNSUBSCRIBE completed")
	c.run("UNSUBSCRIBE a/b", "T OK UNSUBSCRIBE completed")
	c.run("UNSUBSCRIBE Inbox", "T OK UNSUBSCRIBE completed")
	c.run(`LSUB "" *`, "T OK LSUB completed")
}
