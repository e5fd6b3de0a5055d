package imapfake_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestSortOrdersByEachCriterion(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(
		"Subject: Re: [list] beta\r\nFrom: \"Zed\" <a@x>\r\nTo: Team: c@x;\r\nDate: Fri, 1 Mar 2024 00:30:00 +0200\r\n\r\nlonger text",
		"Subject: =?utf-8?q?=C3=84lpha?=\r\nFrom: <C@x>\r\nTo: =?utf-8?q?=C3=A9mile?= <z@x>\r\nCc: b@x\r\nDate: Thu, 29 Feb 2024 23:00:00 +0000\r\n\r\n",
		"Subject: fwd: BETA (fwd)\r\nFrom: b@x, a@x\r\nTo: f@x\r\nCc: a@x\r\n\r\ntext",
	)
	c := f.selected()
	for criteria, want := range map[string]string{
		"ARRIVAL": "1 2 3", "REVERSE ARRIVAL": "1 2 3", // all delivered at once, and REVERSE keeps equals as they are
		"SUBJECT": "2 1 3", "REVERSE SUBJECT": "1 3 2", "SUBJECT REVERSE SIZE": "2 1 3", "SUBJECT SIZE": "2 3 1",
		"DATE": "3 1 2", // without a Date, by the internal date
		"FROM": "1 3 2", "TO": "3 1 2", "CC": "1 3 2", "SIZE": "3 1 2",
		"DISPLAYFROM": "3 2 1", "DISPLAYTO": "2 3 1", "REVERSE DISPLAYFROM": "1 2 3",
	} {
		c.run("SORT ("+criteria+") UTF-8 ALL", "* SORT "+want, "T OK SORT completed")
	}
	c.run("SORT (SIZE) iso-8859-1 SUBJECT {5+}\r\n\xe4lpha", "* SORT 2", "T OK SORT completed")
	c.run("SORT (SIZE) UTF-8 DRAFT", "* SORT", "T OK SORT completed")
	f.inbox.Expunge(uids(1))
	c.run("UID SORT (FROM) UTF-8 NOT 1", "* SORT 3 2", "* 1 EXPUNGE", "* 2 RECENT", "T OK UID SORT completed")
	for _, arguments := range []string{
		"", " ()", " (SIZE)", " (SIZE) UTF-8", " (REVERSE) UTF-8 ALL", " (REVERSE REVERSE SIZE) UTF-8 ALL", " (FOO) UTF-8 ALL", " SIZE UTF-8 ALL", " (SIZE)  ALL",
		" RETURN ALL (SIZE) UTF-8 ALL", " RETURN (FOO) (SIZE) UTF-8 ALL",
	} {
		c.run("SORT"+arguments, "T BAD SORT: …")
	}
	c.run("SORT (SIZE) x-none ALL", "T NO [BADCHARSET] …")
}

func TestESortReturnsWhatIsAskedForInOrder(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("Subject: c\r\n\r\n", "Subject: a\r\n\r\n", "Subject: b\r\n\r\n", "Subject: d\r\n\r\n")
	c := f.selected()
	for options, want := range map[string]string{
		"": " ALL 2:3,1,4", "MIN MAX COUNT": " MIN 2 MAX 4 COUNT 4", "PARTIAL 2:3": " PARTIAL (2:3 3,1)",
	} {
		c.run("SORT RETURN ("+options+") (SUBJECT) UTF-8 ALL", `* ESEARCH (TAG "T")`+want, "T OK SORT completed")
	}
	c.run("UID SORT RETURN (SAVE) (SUBJECT) UTF-8 2:3", "T OK UID SORT completed")
	c.run("SEARCH $", "* SEARCH 2 3", "T OK SEARCH completed")
}

func TestBaseSubject(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	// RFC 5256 §2.1: each of these is about z.
	same := []string{
		"z", "Re: [x] Re [y]: z", "z (FWD) (fwd) ", "[FWD: [fwd: z]]", "fw: fwd [1] : z", "Fwd:[fwd: z (fwd)] ", "  [x]  z", "RE :z", "Z",
		"[]z", "[x] [y] z", "=?utf-8?q?Re:_z?=", "Re:\r\n z",
	}
	// And of these no two are about the same.
	others := []string{"re z", "[x]", "[x] [y]", "[a[b] z", "[fwd: z] x", "Rez", "", "z [fwd", "[fwd: z"}
	for _, subject := range append(same, others...) {
		f.deliver("Subject: " + subject + "\r\n\r\n")
	}
	c := f.selected()
	want := "(1 "
	for i := range same[1:] {
		want += fmt.Sprintf("(%d)", i+2)
	}
	want += ")"
	for i := range others {
		want += fmt.Sprintf("(%d)", len(same)+i+1)
	}
	c.run("THREAD ORDEREDSUBJECT UTF-8 ALL", "* THREAD "+want, "T OK THREAD completed")
}

func TestBaseSubjectsTakeTimeInProportion(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const many = 100_000
	f.deliver(
		"Subject: "+strings.Repeat("[a]", many)+"z\r\n\r\n",
		"Subject: "+strings.Repeat("Re: [a]", many)+strings.Repeat("[fwd:", many)+"z\r\n\r\n",
		"Subject: "+strings.Repeat("[fwd: [a] ", many)+"z"+strings.Repeat(" (fwd)]", many)+"\r\n\r\n",
	)
	f.selected().run("THREAD ORDEREDSUBJECT UTF-8 1,3", "* THREAD (1 3)", "T OK THREAD completed")
	f.selected().run("SORT (SUBJECT) UTF-8 ALL", "* SORT 1 3 2", "T OK SORT completed")
}

func TestBaseSubjectNeedNotBeThere(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("Subject: Re:\r\n\r\n", "\r\n", "Subject: (fwd)\r\n\r\n", "Subject: [fwd:]\r\n\r\n", "Subject: a\r\n\r\n")
	f.selected().run("THREAD ORDEREDSUBJECT UTF-8 ALL", "* THREAD (1 (2)(3)(4))(5)", "T OK THREAD completed")
}
