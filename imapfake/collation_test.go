package imapfake_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
)

// RFC 5051: titlecase, and what is composed taken apart.
func TestTextIsComparedByUnicodeCasemap(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("plain text. ", 50)
	for _, test := range []struct {
		text, needle string
		found        bool
	}{
		{"plain", "PLAIN", true},
		{"plain", "plains", false},
		{"café au lait", "CAFÉ", true},
		{"café au lait", "cafe", true},
		{"cafe", "café", false},
		{"cafe\u0301", "CAFÉ", true},
		{"caf\u00e9 noir", "fe\u0301 n", true},
		{"ＦＵＬＬ width", "full w", true},
		{"\u01c6 \u01c5", "\u01c4 \u01c4", true}, // one letter in three cases
		{"300 \u212a", "300 k", true},
		{"ПРИВЕТ мир", "привет", true},
		{"ПРИВЕТ мир", "hello", false},
		{"naïve and naïve", "ve and nai", true},
		{"ä " + filler + "x" + filler + " ö needle", " needle", true},
		{"ä " + filler + "x" + filler + " ö needle", "x" + filler[:30], true},
		{"ä " + filler + " ö", "a  plain", false},
		{"\xff broken \xc3", "broken", true},
		{"zzZ", "ZZz", true},
		{"aab", "ab", true},
		{"[x] {y}", "] {Y", true},
		// Whichever octet is rare elsewhere abounds here.
		{strings.Repeat("bbb fff wow ", 200) + "nowhere to be found", "Nowhere to be FOUND", true},
		{strings.Repeat("nowhere to be foun ", 50) + "nowhere to be found", "nowhere to be found", true},
		{strings.Repeat("nowhere to be foun ", 50), "nowhere to be found", false},
		{strings.Repeat("ab", 20) + "aab", "AAB", true},
		{strings.Repeat("z", 50), strings.Repeat("z", 50), true},
		{strings.Repeat("z", 50), strings.Repeat("z", 51), false},
	} {
		f := newFixture(t)
		f.deliver("Content-Type: text/plain; charset=utf-8\r\n\r\n" + test.text)
		f.deliver("Subject: x" + strings.ReplaceAll(test.text, " ", "\r\n ") + "x\r\n\r\n")
		c := f.selected()
		for _, key := range []string{"BODY", "TEXT"} {
			got := c.ok("SEARCH 1 %s {%d+}\r\n%s", key, len(test.needle), test.needle)[0]
			if test.found != strings.HasPrefix(got, "* SEARCH 1") {
				t.Errorf("%s %q in %.40q: %s", key, test.needle, test.text, got)
			}
		}
		got := c.ok("SEARCH 2 SUBJECT {%d+}\r\n%s", len(test.needle), test.needle)[0]
		inHeader := c.ok("SEARCH 2 TEXT {%d+}\r\n%s", len(test.needle), test.needle)[0]
		if got != inHeader {
			t.Errorf("SUBJECT %q: %s, but TEXT: %s", test.needle, got, inHeader)
		}
	}
}

// FuzzSearchedText looks for a part of a text, in which it must be.
func FuzzSearchedText(f *testing.F) {
	f.Add("All work and no play", uint8(4), uint8(6))
	f.Add("naïve café, ＦＵＬＬ \u212a e\u0301", uint8(1), uint8(12))
	f.Add("bbbbbbbwwbbbbwbbwbbffbbfwfbbbwbf wb", uint8(26), uint8(7))
	f.Fuzz(func(t *testing.T, text string, from, length uint8) {
		text = strings.ToValidUTF8(text, "")
		text = strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, text)
		if strings.ContainsFunc(text, unicode.IsMark) {
			t.Skip() // decomposing may reorder them, so that a part of the text need not be in it
		}
		runes := []rune(text)
		start := min(int(from), len(runes))
		needle := string(runes[start:min(start+int(length), len(runes))])
		x := newFixture(t)
		x.deliver("Content-Type: text/plain; charset=utf-8\r\n\r\n"+text, "Content-Type: text/plain; charset=\"utf8\"\r\n\r\n"+text)
		c := x.selected()
		if got := c.ok("SEARCH BODY {%d+}\r\n%s", len(needle), needle)[0]; got != "* SEARCH 1 2" {
			t.Errorf("%q in %q: %s", needle, text, got)
		}
	})
}

// FuzzReturnOptions sends any return options and sources to SEARCH, SORT and ESEARCH.
func FuzzReturnOptions(f *testing.F) {
	for _, seed := range []string{"ALL COUNT", "MIN MAX SAVE", "PARTIAL 1:2 UPDATE", "PARTIAL -1:-4294967295 CONTEXT", "RELEVANCY"} {
		f.Add(seed, "selected subtree (a b)")
	}
	f.Fuzz(func(t *testing.T, options, sources string) {
		x := newFixture(t)
		x.deliver(hello, nested)
		x.selected().fuzz("SEARCH RETURN (" + options + ") FUZZY TEXT hello")
		x.selected().fuzz("UID SORT RETURN (" + options + ") (REVERSE SIZE) UTF-8 OR $ *")
		x.selected().fuzz(fmt.Sprintf("ESEARCH IN (%s) RETURN (%s) ALL", sources, options))
	})
}
