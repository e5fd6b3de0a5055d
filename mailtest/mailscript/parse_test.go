package mailscript

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTellsWhatIsWrongInWhichLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ script, want string }{
		{"C: a\nhello\n", "mailscript: test line 2: invalid"},
		{"imap#0 C: a\n", `line 1: invalid session "imap#0"`},
		{"1.2.3 imap#1 C: a\n", `invalid time "1.2.3"`},
		{`C: a \...`, "the client can't send"},
		{`S: a \q\%`, "invalid escape"},
		{`S: \.. x`, "invalid escape"},
		{`S: \$ x`, "has no name"},
		{`S: \{0 octets}`, "invalid elision"},
		{`S: \{99999999999 octets}`, "invalid elision"},
		{`C: a APPEND INBOX \<nosuch>`, "is no attached message"},
		{"-- nothing here --\n", "an attachment is a mailbox, a message or a capability"},
		{"-- mailbox --\n", "an attachment has a name"},
		{"-- mailbox a --\ntext\n", "line 2: only a message has text"},
		{"-- message a --\n-- message a --\n", "there are two messages a"},
		{"-- message a INBOX yesterday --\n", "is no date in quotes"},
		{"-- message a --\n\\%\n", "line 2: invalid escape"},
	} {
		_, err := Parse("test", []byte(test.script))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: error %v, want one with %q", test.script, err, test.want)
		}
	}
}

func TestAttachmentsAreRead(t *testing.T) {
	t.Parallel()
	s, err := Parse("test", []byte(`C: a NOOP
-- mailbox Sent \Sent --
-- message one INBOX (\Seen $A) "17-Jul-1996 02:44:25 -0700" --
Subject: caf\xc3\xa9

no end\
-- message two Sent --

-- message three --
-- capability A B --
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Message{
		{Name: "one", Mailbox: "INBOX", Flags: `(\Seen $A)`, Date: `"17-Jul-1996 02:44:25 -0700"`, Octets: []byte("Subject: café\r\n\r\nno end")},
		{Name: "two", Mailbox: "Sent", Octets: []byte("\r\n")},
		{Name: "three"},
	}
	if diff := cmp.Diff(want, s.Messages); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Mailbox{{"Sent", []string{`\Sent`}}}, s.Mailboxes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"A", "B"}, s.Capabilities); diff != "" {
		t.Error(diff)
	}
}

func TestAResponseThatIsInterruptedGoesOn(t *testing.T) {
	t.Parallel()
	s, err := Parse("test", []byte("imap#1 S: * 1 FETCH (BODY[] {6}\nimap#1 S: a\nimap#2 C: x\nimap#1 S: b\nimap#1 S: )\nimap#1 S: a OK\n"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.steps); n != 3 || !framed(s.steps[0].text) {
		t.Errorf("%d steps, the first %q", n, octets(s.steps[0].text))
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"C: a LOGIN x ***\nS: \\...\nS: \\~* 1 RECENT\nS: a OK \\...\n-- closed\n",
		"0.1 imap#1 -- open\n0.2 imap#1 S: * OK\\\n0.2 imap#1 S:  x\n# note\npop3#2 C: RETR 1\nS: \\{12 octets}\n",
		"C: a APPEND INBOX \\<m>\nS: \\(\nS: \\)\nS: \\?\nS: a OK [APPENDUID \\$v 1]\n-- message m INBOX (\\Seen) \"x\" --\na\\x00\\\n-- mailbox b \\Sent --\n-- capability C --\n",
		"0 #1 C: \n0",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("fuzz", text)
		if err != nil {
			return
		}
		for _, st := range s.steps {
			if _, err := wantedIMAP(st.text); err == nil && !framed(st.text) {
				t.Errorf("%q was split into responses", octets(st.text))
			}
			wantedPOP3(st.text, []string{"RETR 1", "NOOP"})
		}
	})
}

func FuzzParseDifferences(f *testing.F) {
	f.Add([]byte("# why\na: b, c\nd: e\nS: \\$tag OK \\...\n\n# x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if d, err := ParseDifferences("fuzz", text); err == nil && len(d.Unused()) != len(d.entries) {
			t.Error("an entry is in use already")
		}
	})
}
