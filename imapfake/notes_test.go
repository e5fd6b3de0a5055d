package imapfake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
)

// notedSession is a session that first keeps a rule and then breaks it, in its last
// command. Commands that are joined by " | " are sent at once.
type notedSession struct {
	rule         string
	loggedOut    bool // it doesn't begin with LOGIN and SELECT INBOX
	keep, broken []string
}

func notedSessions() []notedSession {
	var statuses []string
	for i := range 9 {
		statuses = append(statuses, fmt.Sprintf("s%d STATUS x (MESSAGES)", i))
	}
	return []notedSession{
		{rule: "append-line-ends",
			keep:   []string{"a APPEND INBOX {10+}\r\na: b\r\n\r\nxx", "b CREATE {3+}\r\na\rb"},
			broken: []string{"c APPEND INBOX {6+}\r\na: b\n\n"}},
		{rule: "check", keep: []string{"a NOOP"}, broken: []string{"b CHECK"}},
		{rule: "cleartext-password", loggedOut: true,
			keep:   []string{"a AUTHENTICATE CRAM-MD5 | *"},
			broken: []string{"b AUTHENTICATE PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA=="}},
		{rule: "delete-selected",
			keep:   []string{"a CREATE x", "b DELETE x", "c CREATE y", "d SELECT y", "e SELECT INBOX", "f DELETE y", "g DELETE nope", "h CREATE z", "i SELECT z"},
			broken: []string{"j DELETE z"}},
		{rule: "enable-selected", loggedOut: true,
			keep:   []string{"a LOGIN alice@example.org secret", "b ENABLE CONDSTORE"},
			broken: []string{"c SELECT INBOX", "d UNSELECT", "e ENABLE CONDSTORE"}},
		{rule: "enable-useless", keep: []string{"a ENABLE CONDSTORE FROB"}, broken: []string{"b ENABLE CONDSTORE idle"}},
		{rule: "fetch-rfc822",
			keep:   []string{"a FETCH 1 (RFC822.SIZE BODY.PEEK[])"},
			broken: []string{"b UID FETCH 1 (UID rfc822.header)"}},
		{rule: "list-everything",
			keep:   []string{`a LIST "" %`, `b LIST "" "a*"`, `c LIST a/ *`, `d LIST (SUBSCRIBED) "" *`, `e LIST "" (* %)`, `f LSUB "" *`},
			broken: []string{`g LIST "" "*"`}},
		{rule: "list-option-twice",
			keep:   []string{`a LIST (SUBSCRIBED REMOTE) "" %`},
			broken: []string{`b LIST (REMOTE SUBSCRIBED remote) "" %`}},
		{rule: "list-reference", keep: []string{"a LIST b/ %", `b LSUB "" b`}, broken: []string{"c LSUB b %"}},
		{rule: "long-line",
			keep:   []string{"a SEARCH UID " + strings.Repeat("1,", 4000) + "1", "b CREATE {9000+}\r\n" + strings.Repeat("x", 9000)},
			broken: []string{"c SEARCH UID " + strings.Repeat("1,", 4100) + "1"}},
		{rule: "notify-seen",
			keep:   []string{"a NOTIFY SET (SELECTED (MessageNew (UID BODY.PEEK[TEXT]) MessageExpunge))"},
			broken: []string{"b NOTIFY SET (SELECTED (MessageNew (UID BODY[TEXT]) MessageExpunge))"}},
		{rule: "pipelined-numbers",
			keep: []string{"a FETCH 1 UID | b STORE 1 FLAGS () | c SEARCH 1 | d FETCH 1 UID",
				"e NOOP | f UID FETCH 1 FLAGS | g SEARCH UID 1 | h UID SEARCH ALL", "i FETCH 1 UID"},
			broken: []string{"j UID FETCH 1 FLAGS | k SEARCH ALL | l SEARCH 1"}},
		{rule: "status-many", keep: slices.Concat(statuses, []string{"a NOOP"}, statuses), broken: []string{"b STATUS x (MESSAGES)"}},
		{rule: "status-selected",
			keep:   []string{"a STATUS x (MESSAGES)", "b UNSELECT", "c STATUS INBOX (MESSAGES)", "d EXAMINE INBOX"},
			broken: []string{"e STATUS inbox (MESSAGES)"}},
		{rule: "tag-reused", keep: []string{"a NOOP", "b NOOP", "a NOOP"}, broken: []string{"a CAPABILITY"}},
	}
}

// says sends commands and reads up to the last one's answer.
func (c *client) says(commands string) (last string) {
	c.t.Helper()
	all := strings.Split(commands, " | ")
	c.send(all...)
	for _, command := range all {
		if tag, name, found := strings.Cut(command, " "); found {
			c.until(tag)
			name, _, _ = strings.Cut(strings.TrimPrefix(name, "UID "), " ")
			last = tag + " " + name
			if strings.HasPrefix(command, tag+" UID ") {
				last = tag + " UID " + name
			}
		}
	}
	return last
}

// of returns the notes of one rule.
func of(rule string, notes []imapfake.Note) []imapfake.Note {
	return slices.DeleteFunc(notes, func(n imapfake.Note) bool { return n.Rule != rule })
}

func TestWhatIsNoted(t *testing.T) {
	t.Parallel()
	documented := docRows(t, "What is noted")
	for _, test := range notedSessions() {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			transcript := mailwire.NewTranscript(0)
			f := newFixture(t, imapfake.WithTranscript(transcript))
			f.deliver("a: b\r\n\r\n")
			c := f.dial()
			if !test.loggedOut {
				c.says("1 LOGIN alice@example.org secret")
				c.says("2 SELECT INBOX")
			}
			for _, commands := range test.keep {
				c.says(commands)
			}
			if got := of(test.rule, f.server.Notes()); len(got) > 0 {
				t.Fatalf("noted without reason: %v", got)
			}
			var last string
			for _, commands := range test.broken {
				last = c.says(commands)
			}
			want := noteOf(t, documented, test.rule, last)
			if diff := cmp.Diff([]imapfake.Note{want}, of(test.rule, f.server.Notes())); diff != "" {
				t.Error(diff)
			}
			if line := fmt.Sprintf("imap#1 -- note %s: %s (%s)\n", want.Rule, want.Text, want.RFC); !strings.Contains(transcript.String(), line) {
				t.Errorf("no line %s in the transcript:\n%s", line, transcript)
			}
		})
	}
}

// noteOf returns the note that the documentation promises.
func noteOf(t *testing.T, documented []docRow, rule, command string) imapfake.Note {
	t.Helper()
	for _, row := range documented {
		if row.name == rule {
			return imapfake.Note{Session: 1, Protocol: mailwire.IMAP, Command: command, Rule: rule, Text: row.text, RFC: row.rfc}
		}
	}
	t.Fatalf("the documentation has no rule %s", rule)
	return imapfake.Note{}
}

func TestEveryRuleOfTheNotesHasASession(t *testing.T) {
	t.Parallel()
	shown := []string{"capability-after-tls", "idle-long", "no-logout"} // below
	for _, test := range notedSessions() {
		shown = append(shown, test.rule)
	}
	slices.Sort(shown)
	var documented []string
	for _, row := range docRows(t, "What is noted") {
		documented = append(documented, row.name)
	}
	if diff := cmp.Diff(shown, documented); diff != "" {
		t.Error(diff)
	}
}

func TestCapabilitiesThatAreNotAskedForAgainAfterStartTLSAreNoted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := noteOf(t, docRows(t, "What is noted"), "capability-after-tls", "a LOGIN")
	want.Session = 2
	asks, doesNot := f.dial(), f.dial()
	asks.startTLS()
	asks.says("a CAPABILITY")
	asks.says("b LOGIN alice@example.org secret")
	doesNot.startTLS()
	doesNot.says("a LOGIN alice@example.org secret")
	doesNot.says("b NOOP")
	if diff := cmp.Diff([]imapfake.Note{want}, f.server.Notes()); diff != "" {
		t.Error(diff)
	}
}

func TestIdleOfMoreThan29MinutesIsNoted(t *testing.T) {
	t.Parallel()
	want := noteOf(t, docRows(t, "What is noted"), "idle-long", "b IDLE")
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		c := f.login()
		for _, idle := range []struct {
			tag     string
			minutes time.Duration
		}{{"a", 29}, {"b", 30}} {
			c.send(idle.tag + " IDLE")
			c.wants("+ idling")
			time.Sleep(idle.minutes*time.Minute - time.Nanosecond)
			c.send("DONE")
			c.wants(idle.tag + " OK IDLE completed")
		}
		if diff := cmp.Diff([]imapfake.Note{want}, of("idle-long", f.server.Notes())); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAClientThatGoesWithoutLogoutIsNoted(t *testing.T) {
	t.Parallel()
	want := noteOf(t, docRows(t, "What is noted"), "no-logout", "")
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		polite, curt, probe, idle := f.login(), f.login(), f.dial(), f.login()
		polite.says("a LOGOUT")
		curt.conn.Close()
		synctest.Wait()
		probe.conn.Close() // which has never said a word
		synctest.Wait()
		idle.send("a IDLE")
		idle.wants("+ idling")
		idle.conn.Close()
		synctest.Wait()
		second, fourth := want, want
		second.Session, fourth.Session = 2, 4
		if diff := cmp.Diff([]imapfake.Note{second, fourth}, of("no-logout", f.server.Notes())); diff != "" {
			t.Error(diff)
		}
	})
}

// What the server ends is none of the client's doing.
func TestAServerThatGoesIsNotNoted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.login()
		time.Sleep(time.Hour)
		f.login()
		f.server.Close()
		if got := of("no-logout", f.server.Notes()); len(got) > 0 {
			t.Errorf("noted %v", got)
		}
	})
}

func TestPasswordsAreNotNotedWhereTLSIsNotOffered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities("STARTTLS"))
	f.dial().says("a LOGIN alice@example.org secret")
	f = newFixture(t)
	c := f.dial()
	c.startTLS()
	c.says("a CAPABILITY")
	c.says("b LOGIN alice@example.org secret")
	if got := f.server.Notes(); len(got) > 0 {
		t.Errorf("noted %v", got)
	}
}

func TestACommandThatIsRefusedIsNotNoted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.selected()
	c.says("a STATUS INBOX (FROB)")
	c.says("b LIST b")
	c.says("c CHECK now")
	if got := slices.DeleteFunc(f.server.Notes(), func(n imapfake.Note) bool { return n.Command[0] == 'T' }); len(got) > 0 {
		t.Errorf("noted %v", got)
	}
}

func TestOnlyTheLastThousandNotesAreKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.selected()
	for i := range 1001 {
		c.says(fmt.Sprintf("%d CHECK", i))
	}
	notes := f.server.Notes()
	if first, last := notes[0], notes[len(notes)-1]; len(notes) != 1000 || first.Command != "1 CHECK" || last.String() != "imap#1 1000 CHECK: check: CHECK, which IMAP4rev2 dropped, in place of NOOP (RFC 9051 Appendix E)" {
		t.Errorf("%d notes from %v to %v", len(notes), first, last)
	}
}
