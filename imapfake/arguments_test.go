package imapfake_test

import (
	"bytes"
	"fmt"
	"testing"

	"example.org/mailfakes/imapfake"
)

// readers read one argument each and return it in Go's notation.
var readers = []struct {
	name string
	read func(*imapfake.Args) string
}{
	{"atom", func(a *imapfake.Args) string { return fmt.Sprintf("%q", a.Atom()) }},
	{"astring", func(a *imapfake.Args) string { return fmt.Sprintf("%q", a.AString()) }},
	{"nstring", func(a *imapfake.Args) string {
		s, ok := a.NString()
		return fmt.Sprintf("%q %t", s, ok)
	}},
	{"literal", func(a *imapfake.Args) string { return fmt.Sprintf("%q", a.Literal()) }},
	{"mailbox", func(a *imapfake.Args) string { return fmt.Sprintf("%q", a.Mailbox()) }},
	{"number", func(a *imapfake.Args) string { return fmt.Sprint(a.Number()) }},
	{"flags", func(a *imapfake.Args) string { return fmt.Sprint(a.Flags()) }},
	{"seqset", func(a *imapfake.Args) string { return fmt.Sprint(a.SeqSet()) }},
	{"uidset", func(a *imapfake.Args) string { return fmt.Sprint(a.UIDSet()) }},
	{"rest", func(a *imapfake.Args) string { return fmt.Sprintf("%q", a.Rest()) }},
	{"list", func(a *imapfake.Args) string {
		var members []string
		a.List(func() {
			if a.Peek() == '(' {
				a.List(func() { members = append(members, fmt.Sprint(a.Number())) })
				return
			}
			members = append(members, a.Atom())
		})
		return fmt.Sprintf("%q", members)
	}},
	{"optional", func(a *imapfake.Args) string {
		if a.Peek() == 0 {
			return "none"
		}
		return a.Atom()
	}},
	{"nothing", func(a *imapfake.Args) string {
		a.List(func() {}) // reads no member
		return ""
	}},
}

func TestArgumentsAreReadByTheirGrammar(t *testing.T) {
	t.Parallel()
	options := make([]imapfake.Option, len(readers))
	for i, r := range readers {
		options[i] = imapfake.WithCommand(imapfake.Command{Name: "X" + r.name, States: imapfake.AnyState, Run: func(c *imapfake.Call) error {
			text := r.read(c.Args())
			if err := c.Args().End(); err != nil {
				return err
			}
			c.Untagged(text)
			return nil
		}})
	}
	c := newFixture(t, options...).dial()
	for _, tt := range []struct{ command, want string }{
		{"XATOM a", `* "a"`},
		{"XATOM (", `T BAD XATOM: expected an atom, found "("`},
		{"XASTRING {3+}\r\n\" \\", `* "\" \\"`},
		{"XASTRING {1+}\r\n\x00", "T BAD XASTRING: NUL octet in a literal (RFC 3501 4.3)"},
		{"XNSTRING NIL", `* "" false`},
		{`XNSTRING ""`, `* "" true`},
		{"XNSTRING a", `T BAD XNSTRING: expected a string, found "a"`},
		{"XLITERAL {2+}\r\n\x01a", `* "\x01a"`},
		{`XLITERAL "a"`, `T BAD XLITERAL: expected "{", found "\"a\""`},
		{"XMAILBOX &AOQ-", `* "ä"`},
		{"XMAILBOX &", "T NO [CANNOT] mailbox name \"&\"…"},
		{"XNUMBER 9223372036854775807", "* 9223372036854775807"},
		{"XNUMBER 9223372036854775808", "T BAD XNUMBER: number 9223372036854775808 is above 9223372036854775807"},
		{`XFLAGS (\Seen x)`, `* [\Seen x]`},
		{"XSEQSET 4:2,*,7:*", "* 4:2,*,7:*"},
		{"XSEQSET 0", "T BAD XSEQSET: 0 is no message number (RFC 3501 9, nz-number)"},
		{"XUIDSET 1,3:*", "* 1,3:*"},
		{"XREST a  {3+}\r\nb\r\n ( ", `* "a  {3+}\r\nb\r\n ( "`},
		{"XREST ", `* ""`},
		{"XREST", "T BAD XREST: expected a space and an argument, found end of the line"},
		{"XLIST (a (1 2) b)", `* ["a" "1" "2" "b"]`},
		{"XLIST ()", "* []"},
		{"XLIST (a", `T BAD XLIST: expected a space and an argument, found end of the line`},
		{"XOPTIONAL", "* none"},
		{"XOPTIONAL a", "* a"},
		{"XOPTIONAL a b", `T BAD XOPTIONAL: unexpected " b" after the arguments`},
		{"XNOTHING (a)", `T BAD XNOTHING: expected a space and an argument, found "a)"`},
	} {
		want := []string{tt.want}
		if tt.want[0] == '*' {
			name := tt.command[:len(tt.command)-len(tt.command[bytes.IndexByte([]byte(tt.command+" "), ' '):])]
			want = append(want, "T OK "+name+" completed")
		}
		c.run(tt.command, want...)
	}
}

// FuzzArgs has an argument reader read anything in any order.
func FuzzArgs(f *testing.F) {
	for i := range readers {
		f.Add([]byte(" a (1 2 (3)) {2+}\r\nxx NIL \"q\" 1:*,3 (\\Seen)"), []byte{byte(i), 10, 3, 2, 1, 7, 6, 9})
	}
	f.Fuzz(func(t *testing.T, arguments, order []byte) {
		fx := newFixture(t, imapfake.WithoutCapabilities("STARTTLS"), imapfake.WithCommand(imapfake.Command{
			Name: "XREAD", States: imapfake.AnyState, Run: func(c *imapfake.Call) error {
				failed := false
				for _, i := range order[:min(len(order), 100)] {
					readers[int(i)%len(readers)].read(c.Args())
					if err := c.Args().Err(); failed && err == nil {
						t.Errorf("the error of %q is gone", c.RawArgs())
					} else {
						failed = err != nil
					}
				}
				return c.Args().End()
			},
		}))
		fx.dial().sendsAll(append(append([]byte("T XREAD"), arguments...), "\r\n"...))
		if err := fx.server.Close(); err != nil {
			t.Error(err)
		}
	})
}
