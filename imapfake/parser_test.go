package imapfake

import (
	"bytes"
	"strings"
	"testing"
)

// naiveMatch is listPattern by the letter of RFC 3501 §6.3.8, in exponential time.
func naiveMatch(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	switch c := pattern[0]; c {
	case '*', '%':
		for i := 0; ; i++ {
			if naiveMatch(pattern[1:], name[i:]) {
				return true
			}
			if i == len(name) || c == '%' && name[i] == '/' {
				return false
			}
		}
	default:
		return name != "" && name[0] == c && naiveMatch(pattern[1:], name[1:])
	}
}

func FuzzListPattern(f *testing.F) {
	for _, s := range [][2]string{{"", ""}, {"*", "a/b"}, {"%", "a/b"}, {"%/%", "a/b"}, {"a*b%c", "axbyc"}, {"in%", "INBOX"}, {"inbox/*", "INBOX/Sub"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if strings.Count(pattern, "*")+strings.Count(pattern, "%") > 6 || len(pattern)+len(name) > 60 {
			return
		}
		want := naiveMatch(pattern, name)
		if first, rest, nested := strings.Cut(name, "/"); first == "INBOX" {
			// Any spelling of INBOX may be meant.
			for spelling := range 1 << len(first) {
				b := []byte(first)
				for i := range b {
					if spelling>>i&1 == 1 {
						b[i] += 'a' - 'A'
					}
				}
				variant := string(b)
				if nested {
					variant += "/" + rest
				}
				want = want || naiveMatch(pattern, variant)
			}
		}
		if got := newListPattern(pattern, '/').matches(name); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, name, got, want)
		}
	})
}

func FuzzNumSet(f *testing.F) {
	for _, s := range []string{"1", "*", "1:*", "*:1", "5,3:1,2", "4294967295:1", "0", "1:", ",", "4294967296", "1,,2", "007"} {
		f.Add(s, uint32(7))
	}
	f.Fuzz(func(t *testing.T, text string, star uint32) {
		p := &parser{text: []byte(text)}
		set := p.numSet()
		if p.end(); p.err != nil {
			return
		}
		ranges := set.resolve(star)
		in := func(n uint32) (got bool) {
			for i, r := range ranges {
				if r.first > r.last || i > 0 && uint64(ranges[i-1].last)+1 >= uint64(r.first) {
					t.Fatalf("%q with * as %d is %v", text, star, ranges)
				}
				got = got || r.first <= n && n <= r.last
			}
			return got
		}
		for _, r := range set {
			first, last := r.first, r.last
			if first == 0 {
				first = star
			}
			if last == 0 {
				last = star
			}
			first, last = min(first, last), max(first, last)
			for _, n := range []uint32{first, last, first + (last-first)/2} {
				if !in(n) {
					t.Errorf("%q with * as %d is %v, without %d", text, star, ranges, n)
				}
			}
		}
	})
}

// argumentForms are all forms of arguments that the parser knows.
func argumentForms() map[string]func(*parser) {
	return map[string]func(*parser){
		"atom":        func(p *parser) { p.atom() },
		"astring":     func(p *parser) { p.astring() },
		"string":      func(p *parser) { p.string() },
		"nstring":     func(p *parser) { p.nstring() },
		"number":      func(p *parser) { p.number() },
		"mailbox":     func(p *parser) { p.mailbox() },
		"list name":   func(p *parser) { p.listName(isListChar) },
		"flag list":   func(p *parser) { p.flagList() },
		"number set":  func(p *parser) { p.numSet() },
		"date":        func(p *parser) { p.date() },
		"date-time":   func(p *parser) { p.dateTime() },
		"append":      func(p *parser) { parseAppend(p, &session{srv: &Server{}, table: fullTable()}) },
		"nested list": func(p *parser) { p.list(true, func() { p.list(false, func() { p.astring() }) }) },
	}
}

func FuzzParser(f *testing.F) {
	for _, s := range []string{
		"atom", `"quoted \"string\\"`, "{3}", "NIL", "4294967295", "INBOX", "%", `(\Seen a)`, "1:*,3", "1-Feb-1994",
		`"17-Jul-1996 02:44:25 -0700"`, ` INBOX (\Seen) "17-Jul-1996 02:44:25 -0700" {3}`, "((a) (b c))", "&AOQ-", "",
		" INBOX UTF8 (~{3})", ` INBOX CATENATE (URL "/A/;UID=1" TEXT {3})`, " INBOX ~{3}",
	} {
		f.Add([]byte(s), []byte("a\x00b"))
	}
	f.Fuzz(func(t *testing.T, text, data []byte) {
		for name, parse := range argumentForms() {
			p := &parser{text: bytes.Clone(text)}
			if bytes.HasSuffix(text, []byte("}")) {
				p.literals = []literal{{end: len(text), data: data}}
			}
			parse(p)
			if p.err != nil {
				if p.pos != len(text) || p.more() || p.peek() != 0 {
					t.Errorf("%s: the parser goes on after %v", name, p.err)
				}
				p.end() // must not replace the error
			}
			if !bytes.Equal(p.text, text) {
				t.Errorf("%s: the text was changed", name)
			}
		}
	})
}

func TestNumbersStayWithin32Bits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint32{"0": 0, "007": 7, "4294967295": 1<<32 - 1} {
		p := &parser{text: []byte(text)}
		if got := p.number(); got != want || p.err != nil {
			t.Errorf("%s is %d, %v", text, got, p.err)
		}
	}
	for _, text := range []string{"", "-1", "+1", "4294967296", "99999999999999999999", "x"} {
		p := &parser{text: []byte(text)}
		if got := p.number(); p.err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}
