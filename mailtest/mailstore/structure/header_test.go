package structure_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

func TestFieldsYieldsEveryLineOfTheHeader(t *testing.T) {
	t.Parallel()
	raw := crlf(" stray\nFrom me Mon\nSubject: a\n\tb\n \n c\nto : x\nSub ject: y\n: z\nX-Empty:\nlast: a:b\n\nbody: no\n")
	type field struct{ Name, Value, Whole string }
	var got []field
	for f := range structure.Fields(raw, structure.Parse(raw).Header) {
		got = append(got, field{string(f.Name), string(f.Value.Of(raw)), string(f.Span.Of(raw))})
	}
	want := []field{
		{"", "", " stray\r\n"},
		{"", "", "From me Mon\r\n"},
		{"Subject", " a\r\n\tb\r\n \r\n c", "Subject: a\r\n\tb\r\n \r\n c\r\n"},
		{"to", " x", "to : x\r\n"},
		{"", "", "Sub ject: y\r\n"},
		{"", "", ": z\r\n"},
		{"X-Empty", "", "X-Empty:\r\n"},
		{"last", " a:b", "last: a:b\r\n"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestValueFindsTheFirstFieldOfAnyCase(t *testing.T) {
	t.Parallel()
	for _, raw := range [][]byte{crlf("A: 0\nsubject:  one \nSUBJECT: two\nEmpty:\n\n"), []byte("A: 0\nsubject:  one \nSUBJECT: two\nEmpty:")} {
		header := structure.Parse(raw).Header
		if got, ok := structure.Value(raw, header, "Subject"); got != "one" || !ok {
			t.Errorf("Subject is %q, %v", got, ok)
		}
		if got, ok := structure.Value(raw, header, "Empty"); got != "" || !ok {
			t.Errorf("Empty is %q, %v", got, ok)
		}
		for _, name := range []string{"Subjec", "", "\u017fubject"} {
			if got, ok := structure.Value(raw, header, name); got != "" || ok {
				t.Errorf("%q is %q, %v", name, got, ok)
			}
		}
		if diff := cmp.Diff([]string{"one", "two"}, structure.Values(raw, header, "Subject")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestUnfoldPutsAValueOnOneLine(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                      "",
		" \r\n ":                "",
		"  a\tb  ":              "a\tb",
		"a\r\n b":               "a b",
		"a\r\n\tb\r\n   c \r\n": "a b c",
		"a  \r\n \r\n b":        "a b",
		"a\n b":                 "a b",
		"a\rb":                  "a b",
		"\r\n <a@b>":            "<a@b>",
	} {
		if got := string(structure.Unfold([]byte(value))); got != want {
			t.Errorf("%q: %q, not %q", value, got, want)
		}
	}
}

func TestSubsetKeepsOctetsOrderAndBlankLine(t *testing.T) {
	t.Parallel()
	const header = "From me\nSubject: a\n b\nto : x\nSUBJECT: c\nCc: y\n\n"
	for _, test := range []struct {
		name   string
		header string
		names  []string
		not    bool
		want   string
	}{
		{"fields", header, []string{"To", "subject"}, false, "Subject: a\n b\nto : x\nSUBJECT: c\n\n"},
		{"not fields", header, []string{"To", "subject"}, true, "From me\nCc: y\n\n"},
		{"no such field", header, []string{"Date", ""}, false, "\n"},
		{"all fields", header, nil, true, header},
		{"no blank line", "A: b\nC: d", []string{"A"}, false, "A: b\n"},
		{"no blank line, nothing left", "A: b\nC: d", []string{"E"}, false, ""},
		{"no line break", "A: b\nC: d", []string{"C"}, false, "C: d"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			raw := crlf(test.header)
			got := structure.Subset([]byte("dst"), raw, structure.Parse(raw).Header, test.names, test.not)
			if diff := cmp.Diff("dst"+string(crlf(test.want)), string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzFields(f *testing.F) {
	for _, seed := range []string{"", "A: b\r\n c\r\n\r\nd", "A", "A\n:\n \n\n", ":\r\n\t:", "A :b", "A:\r"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		header := structure.Parse(raw).Header
		pos := 0
		var names []string
		for f := range structure.Fields(raw, header) {
			if f.Span.Start != pos || f.Span.Len() == 0 || f.Value.Start < f.Span.Start || f.Value.End < f.Value.Start || f.Span.End < f.Value.End {
				t.Fatalf("field %+v after offset %d", f, pos)
			}
			if value := structure.Unfold(f.Value.Of(raw)); bytes.ContainsAny(value, "\r\n") {
				t.Fatalf("unfolded value %q", value)
			}
			if len(f.Name) > 0 {
				names = append(names, string(f.Name))
			}
			for _, at := range []int{f.Span.Start, (f.Span.Start + f.Span.End) / 2, f.Span.End - 1} {
				if diff := cmp.Diff(f, structure.FieldAround(raw, header, at)); diff != "" {
					t.Fatalf("the field around offset %d: %s", at, diff)
				}
			}
			pos = f.Span.End
		}
		if rest := raw[pos:header.End]; len(rest) > 0 && string(rest) != "\n" && string(rest) != "\r\n" {
			t.Fatalf("fields leave %q", rest)
		}
		chosen := structure.Subset(nil, raw, header, names, false)
		others := structure.Subset(nil, raw, header, names, true)
		if len(chosen)+len(others) != header.Len()+header.End-pos {
			t.Fatalf("subsets %q and %q", chosen, others)
		}
		if !slices.Equal(structure.Subset(nil, raw, header, nil, true), header.Of(raw)) || !bytes.HasSuffix(chosen, raw[pos:header.End]) {
			t.Fatal("subset isn't a subset")
		}
	})
}

func BenchmarkFields(b *testing.B) {
	raw := crlf("Date: Mon, 2 Jan 2006 15:04:05 +0000\nFrom: Bob <bob@example.org>\nTo: Alice <alice@example.org>\nSubject: hello\nMessage-ID: <1@example.org>\n\n")
	header := structure.Parse(raw).Header
	b.ReportAllocs()
	for b.Loop() {
		for range structure.Fields(raw, header) {
		}
	}
}
