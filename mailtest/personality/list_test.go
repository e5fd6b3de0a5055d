package personality

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMembersOfAList(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		`()`:                                 nil,
		`(a NIL)`:                            {"a", "NIL"},
		`((a b)(c) "d (\" e")`:               {"(a b)", "(c)", `"d (\" e"`},
		"(BODY[] {3}\r\n)\"( UID 1)":         {"BODY[]", "{3}\r\n)\"(", "UID", "1"},
		`(BODY[HEADER.FIELDS (A B)]<0> "x")`: {"BODY[HEADER.FIELDS (A B)]<0>", `"x"`},
		`(a`:                                 nil, `a`: nil, `("a`: nil, "({9}\r\nabc)": nil, `(a) b`: nil, "({99999999999999999999}\r\n)": nil, ``: nil, `(a[)`: nil,
	} {
		if diff := cmp.Diff(want, members(list)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", list, diff)
		}
	}
}

func FuzzMembers(f *testing.F) {
	for _, seed := range []string{`((a b)(c) "d")`, "(BODY[] {3}\r\nabc)", `(BODY[HEADER.FIELDS (A)]<0> NIL)`, `((("`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		rest := list
		for _, m := range members(list) {
			i := strings.Index(rest, m)
			if m == "" || i < 0 {
				t.Fatalf("%q has no member %q there", list, m)
			}
			rest = rest[i+len(m):]
		}
	})
}
