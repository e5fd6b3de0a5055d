package structure_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// envelope shows addresses as ENVELOPE does, but without quotes.
func envelope(addresses []structure.Address) string {
	orNIL := func(s []byte) string {
		if len(s) == 0 {
			return "NIL"
		}
		return string(s)
	}
	var b strings.Builder
	for _, a := range addresses {
		switch a.Kind {
		case structure.MailboxAddress:
			fmt.Fprintf(&b, "(%s %s %s %s)", orNIL(a.Name), orNIL(a.Route), a.Mailbox, a.Host)
		case structure.GroupStart:
			fmt.Fprintf(&b, "(NIL NIL %s NIL)", a.Mailbox)
		case structure.GroupEnd:
			b.WriteString("(NIL NIL NIL NIL)")
		}
	}
	return b.String()
}

func TestAddressesReadsAnyList(t *testing.T) {
	t.Parallel()
	const nobody = "MISSING_MAILBOX MISSING_DOMAIN"
	for _, test := range []struct{ value, want string }{
		{"", ""},
		{"a@b", "(NIL NIL a b)"},
		{" Bob Smith <bob@x.y> ", "(Bob Smith NIL bob x.y)"},
		{`"Bob, \"B.\" <c>" <bob@x>`, `(Bob, "B." <c> NIL bob x)`},
		{`Bob "the" B. X <b@x>`, "(Bob the B. X NIL b x)"},
		{"=?utf-8?q?B=C3=A9?= <b@x>", "(=?utf-8?q?B=C3=A9?= NIL b x)"},
		{"B\xe9 <b\xe9@x>", "(B\xe9 NIL b\xe9 x)"},
		{"<b@x>,\r\n\t<c@d>", "(NIL NIL b x)(NIL NIL c d)"},
		{"Bob\r\n Smith (c) X <b (d) @ (e) x (f) > (g)", "(Bob Smith X NIL b x)"},
		// Comments as names.
		{"bob@x (Bob)", "(Bob NIL bob x)"},
		{"bob@x (Bob (B\\) \\\\) B) (Two (2))", "(Two (2) NIL bob x)"},
		{"(Pre) bob@x", "(NIL NIL bob x)"},
		{"bob (Bob)", "(Bob NIL bob MISSING_DOMAIN)"},
		{"a@b (A), c@d", "(A NIL a b)(NIL NIL c d)"},
		// Local parts and domains.
		{`"bob smith"@x, "a\"b"@x, ""@x`, `(NIL NIL bob smith x)(NIL NIL a"b x)(NIL NIL  x)`},
		{"b..c@d, .b@d, b.@d", "(NIL NIL b..c d)(NIL NIL .b d)(NIL NIL b. d)"},
		{"b . c @ d (e) . f", "(e NIL b.c d.f)"},
		{`Bob <"b".c@d>`, "(Bob NIL b.c d)"},
		{"b@[127.0.0.1], <c@[IPv6:::1]>", "(NIL NIL b [127.0.0.1])(NIL NIL c [IPv6:::1])"},
		// Routes.
		{"<@r1,@r2:b@x>", "(NIL @r1,@r2 b x)"},
		{"N <@r1 , , @[1.2]: b@x>", "(N @r1,@[1.2] b x)"},
		{"<@r1 b@x>", "(NIL INVALID_ROUTE b x)"},
		{"N <@r1:>", "(N @r1 " + nobody + ")"},
		// Groups.
		{"A Group:b@x,C <c@y>;", "(NIL NIL A Group NIL)(NIL NIL b x)(C NIL c y)(NIL NIL NIL NIL)"},
		{"Undisclosed recipients:;", "(NIL NIL Undisclosed recipients NIL)(NIL NIL NIL NIL)"},
		{`"G, 1": (c) ; (d) , d@e`, "(NIL NIL G, 1 NIL)(NIL NIL NIL NIL)(NIL NIL d e)"},
		{"G: a@b, , c", "(NIL NIL G NIL)(NIL NIL a b)(NIL NIL c MISSING_DOMAIN)(NIL NIL NIL NIL)"},
		{"g1:g2:a@b;,c@d;", "(NIL NIL g1 NIL)(NIL NIL g2 MISSING_DOMAIN)(NIL NIL NIL NIL)"},
		{": b@x;", "(NIL NIL  NIL)(NIL NIL b x)(NIL NIL NIL NIL)"},
		// Null members.
		{",a@b, , (c), d@e,", "(NIL NIL a b)(NIL NIL d e)"},
		{" , ", ""},
		{"(c)", ""},
		// Something is missing.
		{"bob", "(NIL NIL bob MISSING_DOMAIN)"},
		{`"bob"`, "(bob NIL " + nobody + ")"},
		{`"bob" (c)`, "(c NIL bob MISSING_DOMAIN)"},
		{"Undisclosed recipients", "(Undisclosed recipients NIL " + nobody + ")"},
		{"Bob <bob>, Bob <>, <>", "(Bob NIL bob MISSING_DOMAIN)(Bob NIL " + nobody + ")(NIL NIL " + nobody + ")"},
		{"@x, Bob @x", "(NIL NIL MISSING_MAILBOX x)(NIL NIL Bob x)"},
		{"b@, c@d", "(NIL NIL b MISSING_DOMAIN)(NIL NIL c d)"},
		{"b@d.", "(NIL NIL b MISSING_DOMAIN)"},
		{"b@d..e", "(NIL NIL b MISSING_DOMAIN)"},
		{"b@[1.2", "(NIL NIL b MISSING_DOMAIN)"},
		{"Bob, B. <b@x>", "(NIL NIL Bob MISSING_DOMAIN)(B. NIL b x)"},
		// What is broken ends the list.
		{"a@b c@d, e@f", "(NIL NIL a b)"},
		{"a@b; c@d", "(NIL NIL a b)"},
		{"a@b>, c@d", "(NIL NIL a b)"},
		{"b@x@y", "(NIL NIL b x)"},
		{"b c@x", "(b c NIL " + nobody + ")"},
		{"Bob <b@x> junk, d@e", "(Bob NIL b x)"},
		{"Bob <b@x, d@e", "(Bob NIL b SYNTAX_ERROR)(NIL NIL d e)"},
		{"Bob <b c@x>", "(Bob NIL b SYNTAX_ERROR)"},
		{"<<b@x>>", "(NIL NIL MISSING_MAILBOX SYNTAX_ERROR)"},
		{`"open <b@x>, c@d`, "(NIL NIL " + nobody + ")"},
		{`a@b, "open\`, "(NIL NIL a b)(NIL NIL " + nobody + ")"},
		{"(open <b@x>, c@d", ""},
		{"b@x (open", "(NIL NIL b MISSING_DOMAIN)"},
		{"[b]@x", "(NIL NIL " + nobody + ")"},
		{"\x00", "(NIL NIL " + nobody + ")"},
	} {
		if diff := cmp.Diff(test.want, envelope(structure.Addresses(nil, []byte(test.value)))); diff != "" {
			t.Errorf("%q: %s", test.value, diff)
		}
	}
}

func TestAddressesReadsLongListsInOneGo(t *testing.T) {
	t.Parallel()
	if n := len(structure.Addresses(nil, []byte(strings.Repeat("Bob <b@x>,\r\n ", 10_000)))); n != 10_000 {
		t.Errorf("%d addresses", n)
	}
	// Each takes minutes if read more than a few times.
	for _, s := range []string{"(", "((a)", `"`, "<", "@", ":", "a:", "a ", "a.", "a@", "a@b.", "<@a,", ",", "\\", "[", "a@[", "a:b@c;", `""`, " "} {
		structure.Addresses(nil, []byte(strings.Repeat(s, 1<<20/len(s))))
	}
}

func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{`"a" <b@c>, d: e@f (g), <@h,@i:j@[k]>;`, "a . b @ c", "(", `"`, "<@", "a@b,", ":", ",;"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		inGroup := false
		for _, a := range structure.Addresses(nil, value) {
			switch a.Kind {
			case structure.MailboxAddress:
				if len(a.Host) == 0 {
					t.Errorf("%+v would be a group in an ENVELOPE", a)
				}
			case structure.GroupStart, structure.GroupEnd:
				if inGroup != (a.Kind == structure.GroupEnd) || len(a.Name)+len(a.Route)+len(a.Host) > 0 {
					t.Errorf("misplaced %+v", a)
				}
				inGroup = !inGroup
			}
		}
		if inGroup {
			t.Error("a group doesn't end")
		}
	})
}

func BenchmarkAddresses(b *testing.B) {
	value := []byte(`Bob Smith <bob@example.org>, alice@example.org (Alice), "C, D" <cd@example.org>`)
	b.ReportAllocs()
	for b.Loop() {
		structure.Addresses(nil, value)
	}
}
