package imapfake_test

import (
	"fmt"
	"strings"
	"testing"
)

// reply returns a message of that day of March 2024; references are those of its ancestors.
func reply(id, references, subject string, day int) string {
	raw := fmt.Sprintf("Message-ID: <%s@x>\r\nSubject: %s\r\nDate: %d Mar 2024 10:00:00 +0000\r\n", id, subject, day)
	if references != "" {
		raw += "References: <" + strings.ReplaceAll(references, " ", "@x> <") + "@x>\r\n"
	}
	return raw + "\r\n"
}

// Dovecot gives the same answers, but for the last: to it, a message with a References
// field has no other references, even if there is no valid ID in it.
func TestThreadsByReferences(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		messages                   []string
		subjects, references, refs string
	}{
		"a chain and a branch": {
			messages:   []string{reply("1", "", "a", 1), reply("2", "1", "Re: a", 2), reply("3", "1 2", "Re: a", 3), reply("4", "1", "Re: a", 4)},
			references: "(1 (2 3)(4))", refs: "(1 (2 3)(4))", subjects: "(1 (2)(3)(4))",
		},
		"a parent that isn't there": {
			messages:   []string{reply("1", "0", "a", 2), reply("2", "0", "b", 1), reply("3", "00 000", "c", 3)},
			references: "((2)(1))(3)", refs: "((2)(1))(3)", subjects: "(2)(1)(3)",
		},
		"the same subject": {
			messages:   []string{reply("1", "", "a", 1), reply("2", "", "Re: A", 2), reply("3", "", "b", 3), reply("4", "", "b", 4), reply("5", "", "", 5), reply("6", "", "", 6)},
			references: "(1 2)((3)(4))(5)(6)", refs: "(1)(2)(3)(4)(5)(6)", subjects: "(1 2)(3 4)(5 6)",
		},
		"a reply before what it is a reply to": {
			messages:   []string{reply("2", "", "Re: a", 1), reply("1", "", "a", 2)},
			references: "(2 1)", refs: "(1)(2)", subjects: "(1 2)",
		},
		"a loop": {
			messages:   []string{reply("1", "2", "a", 1), reply("2", "1", "b", 2), reply("3", "3", "c", 3)},
			references: "(2 1)(3)", refs: "(2 1)(3)", subjects: "(1)(2)(3)",
		},
		"the same ID twice": {
			messages:   []string{reply("1", "", "a", 1), reply("1", "", "b", 2), reply("2", "1", "c", 3)},
			references: "(1 3)(2)", refs: "(2)(1 3)", subjects: "(1)(2)(3)",
		},
		"by date, and the thread with the latest message last": {
			messages:   []string{reply("1", "", "a", 3), reply("2", "", "b", 2), reply("3", "2", "c", 9), reply("4", "2", "d", 8)},
			references: "(2 (4)(3))(1)", refs: "(1)(2 (4)(3))", subjects: "(2)(1)(4)(3)",
		},
		"quoted and broken IDs": {
			messages: []string{
				reply("1", "", "a", 1), "In-Reply-To: <\"1\"@x> <9@x>\r\nDate: 2 Mar 2024 10:00:00 +0000\r\n\r\n",
				"References: 1@x <@x> <1>\r\nIn-Reply-To: bad <1@x>\r\nDate: 3 Mar 2024 10:00:00 +0000\r\n\r\n",
			},
			references: "(1 (2)(3))", refs: "(1 (2)(3))", subjects: "(1)(2 3)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.deliver(test.messages...)
			c := f.selected()
			c.run("THREAD REFERENCES UTF-8 ALL", "* THREAD "+test.references, "T OK THREAD completed")
			c.run("THREAD REFS UTF-8 ALL", "* THREAD "+test.refs, "T OK THREAD completed")
			c.run("THREAD ORDEREDSUBJECT UTF-8 ALL", "* THREAD "+test.subjects, "T OK THREAD completed")
		})
	}
}

func TestThreadsOfSomeMessages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("gone", reply("1", "", "a", 1), reply("2", "1", "b", 2), reply("3", "1", "c", 3))
	f.inbox.Expunge(uids(1))
	c := f.selected()
	c.run("UID THREAD REFERENCES UTF-8 NOT 1", "* THREAD ((3)(4))", "T OK UID THREAD completed")
	c.run("THREAD REFERENCES UTF-8 1:2", "* THREAD (1 2)", "T OK THREAD completed")
	c.run("THREAD REFS UTF-8 DRAFT", "* THREAD", "T OK THREAD completed")
	for _, arguments := range []string{"", " FOO UTF-8 ALL", " REFERENCES ALL", " REFERENCES UTF-8", " REFERENCES UTF-8 FOO"} {
		c.run("THREAD"+arguments, "T BAD THREAD: …")
	}
	c.run("THREAD REFS x-none ALL", "T NO [BADCHARSET] …")
}

func TestThreadsTakeTimeInProportion(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var ids strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&ids, " <%d@x>", i)
	}
	f.deliver("References:"+ids.String()+"\r\n\r\n", "References:"+ids.String()+"\r\n\r\n")
	f.selected().run("THREAD REFERENCES UTF-8 ALL", "* THREAD ((1)(2))", "T OK THREAD completed")
}

func TestALongThreadTakesTimeInProportion(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const replies = 50_000
	for i := range replies {
		f.deliver(fmt.Sprintf("Message-ID: <%d@x>\r\nIn-Reply-To: <%d@x>\r\n\r\n", i, i-1))
	}
	c := f.selected()
	for _, algorithm := range []string{"REFERENCES", "REFS"} {
		got := c.ok("THREAD %s UTF-8 ALL", algorithm)
		if !strings.HasPrefix(got[0], "* THREAD (1 2 3 ") || strings.Count(got[0], " ") != replies+1 {
			t.Errorf("%s: %.100s", algorithm, got[0])
		}
	}
}

// FuzzThread sends messages with any header to THREAD and SORT.
func FuzzThread(f *testing.F) {
	f.Add("Message-ID: <1@x>\r\nReferences: <2@x>", "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>", "Subject: Re: [fwd: [a] b (fwd)]")
	f.Add("Message-ID: <\"\\\"1\"@x>", "References: <<a@b><@><c@d", "Subject: =?utf-8?q?re:_=C3=A9?=")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		x := newFixture(t)
		x.deliver(a+"\r\n\r\n", b+"\r\n\r\n", c+"\r\n\r\n", a+"\r\n"+b+"\r\n\r\n")
		client := x.selected()
		for _, algorithm := range []string{"ORDEREDSUBJECT", "REFERENCES", "REFS"} {
			if got := client.ok("THREAD %s UTF-8 ALL", algorithm); len(strings.FieldsFunc(got[0], func(r rune) bool { return r < '0' || r > '9' })) != 4 {
				t.Errorf("%s: %s", algorithm, got)
			}
		}
		client.ok("SORT (SUBJECT FROM DISPLAYTO DATE) UTF-8 ALL")
	})
}
