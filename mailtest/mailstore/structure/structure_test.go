package structure_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// crlf makes the line breaks of a message those of mail.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// outline shows a part and what is in it on one line: its type, and for a leaf its
// body with its line breaks as they would be in Unix.
func outline(raw []byte, p *structure.Part) string {
	var b strings.Builder
	b.WriteString(p.Type + "/" + p.Subtype)
	switch {
	case p.Message != nil:
		b.WriteString(" [" + outline(raw, p.Message) + "]")
	case p.IsMultipart():
		var parts []string
		for _, child := range p.Parts {
			parts = append(parts, outline(raw, child))
		}
		b.WriteString(" (" + strings.Join(parts, ", ") + ")")
	default:
		fmt.Fprintf(&b, " %q", strings.ReplaceAll(string(p.Body.Of(raw)), "\r\n", "\n"))
	}
	return b.String()
}

const mixed = "Content-Type: multipart/mixed; boundary=x\n\n"

func TestParseFindsThePartsOfAnyMessage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, message, want string }{
		{"simple", "Subject: a\n\nhello\n", `text/plain "hello\n"`},
		{"empty", "", `text/plain ""`},
		{"only a blank line", "\n", `text/plain ""`},
		{"no blank line", "Subject: a\n", `text/plain ""`},
		{"header cut off", "Subject: a", `text/plain ""`},
		{"no header", "\nSubject: a\n\nb", `text/plain "Subject: a\n\nb"`},
		{"lines that aren't fields", "no field\nhere\n\nbody", `text/plain "body"`},
		{"8-bit header", "Subj\xe9ct: \xff\n\nbody", `text/plain "body"`},
		{"preamble and epilogue", mixed + "pre\n--x\n\na\n--x\n\nb\n--x--\nepi\n--x\n\nc", `multipart/mixed (text/plain "a", text/plain "b")`},
		{"line break of the body", mixed + "--x\n\na\n\n--x--", `multipart/mixed (text/plain "a\n")`},
		{"no closing boundary", mixed + "--x\n\na\n--x\n\nb\n", `multipart/mixed (text/plain "a", text/plain "b\n")`},
		{"boundary ends the header", mixed + "--x\nContent-Type: text/html\n--x\n\nb\n--x--", `multipart/mixed (text/html "", text/plain "b")`},
		{"boundary after the blank line", mixed + "--x\nContent-Type: text/html\n\n--x--", `multipart/mixed (text/html "")`},
		{"boundary after boundary", mixed + "--x\n--x\n--x--\n", `multipart/mixed (text/plain "", text/plain "")`},
		{"cut off in a boundary", mixed + "--x\n\na\n--x", `multipart/mixed (text/plain "a")`},
		{"no parts", mixed + "pre\n", `multipart/mixed (text/plain "")`},
		{"closed at once", mixed + "--x--\n", `multipart/mixed (text/plain "")`},
		{"no boundary parameter", "Content-Type: multipart/mixed\n\n--x\n\na\n--x--", `multipart/mixed (text/plain "")`},
		{"empty boundary", "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\na\n----", `multipart/mixed (text/plain "a")`},
		{"boundary in continuations", "Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n\na\n--ab--", `multipart/mixed (text/plain "a")`},
		{"boundary with space at its end", "Content-Type: multipart/mixed; boundary=\"x \"\n\n--x\n\na\n--x--", `multipart/mixed (text/plain "a")`},
		{"space after boundaries", mixed + "--x \t\n\na\n--x-- \n--x\n", `multipart/mixed (text/plain "a")`},
		{"folded line like a boundary", mixed + "--x\nA: b\n --x\nC: d\n\na\n --x\n--x--", `multipart/mixed (text/plain "a\n --x")`},
		{"lines that begin with dashes", mixed + "--x\n\n-- \nsig\n--y\n--x--", `multipart/mixed (text/plain "-- \nsig\n--y")`},
		{"same boundary inside", mixed + "--x\n" + mixed + "--x\n\na\n--x--\n--x\n\nb\n--x--", `multipart/mixed (multipart/mixed (text/plain "a"), text/plain "b")`},
		{
			"boundary inside begins with the one outside",
			mixed + "--x\nContent-Type: multipart/alternative; boundary=xy\n\n--xy\n\na\n--xy\n\nb\n--xy--\n--x\n\nc\n--x--",
			`multipart/mixed (multipart/alternative (text/plain "a", text/plain "b"), text/plain "c")`,
		},
		{
			"boundary outside begins with the one inside",
			"Content-Type: multipart/mixed; boundary=xy\n\n--xy\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\na\n--xy\n\nb\n--xy--",
			`multipart/mixed (multipart/alternative (text/plain "a"), text/plain "b")`,
		},
		{
			"boundary outside ends what is open inside",
			mixed + "--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: message/rfc822\n\nSubject: in\n--x\n\nb\n",
			`multipart/mixed (multipart/mixed (message/rfc822 [text/plain ""]), text/plain "b\n")`,
		},
		{
			"messages in messages",
			"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: a\n\nb",
			`message/rfc822 [message/rfc822 [text/plain "b"]]`,
		},
		{"nothing in a message", "Content-Type: message/rfc822\n\n", `message/rfc822 [text/plain ""]`},
		{"message/global", "Content-Type: Message/Global\n\nA: b\n\nc", `Message/Global [text/plain "c"]`},
		{"message/partial", "Content-Type: message/partial\n\nA: b\n\nc", `message/partial "A: b\n\nc"`},
		{
			"encoded message",
			"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYgoK\n\nYw==\n",
			`message/rfc822 [text/plain "Yw==\n"]`,
		},
		{
			"digest",
			"Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\nb\n--x\nContent-Type: text/plain\n\nc\n--x--",
			`multipart/digest (message/rfc822 [text/plain "b"], text/plain "c")`,
		},
		{"unparsable type", "Content-Type: image\n\na", `text/plain "a"`},
		{"type without subtype", "Content-Type: multipart/; boundary=x\n\n--x\n\na", `text/plain "--x\n\na"`},
		{"text after the type", "Content-Type: image/png, x\n\na", `text/plain "a"`},
		{"type given twice", "Content-Type: text/html\nContent-Type: image/png\n\na", `text/html "a"`},
		{"comments in the type", "Content-Type: (a) text (b) / (c) html (d)\n\na", `text/html "a"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// With bare LFs the same parts are found (but a bare CR is no line break).
			for _, raw := range [][]byte{crlf(test.message), []byte(test.message)} {
				if diff := cmp.Diff(test.want, outline(raw, structure.Parse(raw))); diff != "" {
					t.Errorf("%q: %s", raw, diff)
				}
				checkInvariants(t, raw, structure.Parse(raw))
			}
		})
	}
}

func TestParseTakesBareCRForNoLineBreak(t *testing.T) {
	t.Parallel()
	raw := []byte("Content-Type: multipart/mixed; boundary=x\r\rA: b\r\n\r\npre\r--x\r\ra\r--x--\r")
	if diff := cmp.Diff(`multipart/mixed (text/plain "")`, outline(raw, structure.Parse(raw))); diff != "" {
		t.Error(diff)
	}
}

func TestParseReadsContentFields(t *testing.T) {
	t.Parallel()
	raw := crlf("Content-Type: application/PDF; Name=\"a\n b\\\"c\"; x; =y; name*0=d;; e=f/g; h=; i=\"\"; \"j\"=k; l=\"open\n" +
		"content-disposition: (c) Attachment (d); filename = a.pdf (e) ; size=1\n" +
		"Content-Transfer-Encoding: (x) BASE64 (y)\n" +
		"Content-ID: <a@b> (c)\nContent-ID: <second>\n" +
		"Content-Description: two\n\tlines\n" +
		"Content-MD5: Q2hlY2s=\nContent-Location: http://example.org/\n" +
		"Content-Language: en, de (German),, fr\n\none\ntwo")
	header := bytes.Index(raw, []byte("\r\n\r\n")) + 4
	want := &structure.Part{
		Header: structure.Span{Start: 0, End: header}, Body: structure.Span{Start: header, End: len(raw)},
		Type: "application", Subtype: "PDF",
		Params: []structure.Param{{"Name", `a b"c`}, {"name*0", "d"}, {"e", "f"}, {"h", ""}, {"i", ""}},
		ID:     "<a@b> (c)", Description: "two lines", MD5: "Q2hlY2s=", Location: "http://example.org/", Encoding: "BASE64",
		Disposition: "Attachment", DispositionParams: []structure.Param{{"filename", "a.pdf"}, {"size", "1"}},
		Languages: []string{"en", "de", "fr"},
		Lines:     1,
	}
	if diff := cmp.Diff(want, structure.Parse(raw)); diff != "" {
		t.Error(diff)
	}
}

func TestParseIgnoresBrokenContentFields(t *testing.T) {
	t.Parallel()
	raw := crlf("Content-Type: image/png\nContent-Transfer-Encoding: base64 or so\nContent-Disposition: ; filename=a\nContent-Language: \"en\" fr\n\n")
	p := structure.Parse(raw)
	if p.Encoding != "" || p.Disposition != "" || p.Languages != nil {
		t.Errorf("got %+v", p)
	}
}

func TestParseAddsUSASCIIToTextWithoutCharset(t *testing.T) {
	t.Parallel()
	ascii := structure.Param{Name: "charset", Value: "us-ascii"}
	for contentType, want := range map[string][]structure.Param{
		"":                          {ascii},
		"bogus":                     {ascii},
		"text/html":                 {ascii},
		"text/plain; format=flowed": {{"format", "flowed"}, ascii},
		"text/plain; CHARSET=utf-8": {{"CHARSET", "utf-8"}},
		"application/xml":           nil,
	} {
		p := structure.Parse(crlf("MIME-Version: 1.0\nContent-Type: " + contentType + "\n\n"))
		if diff := cmp.Diff(want, p.Params); diff != "" {
			t.Errorf("%q: %s", contentType, diff)
		}
	}
}

func TestParseIgnoresContentFieldsOfWhatIsNotMIME(t *testing.T) {
	t.Parallel()
	if p := structure.Parse(crlf("Content-Transfer-Encoding: base64\n\naGk=")); p.Encoding != "" {
		t.Errorf("without MIME-Version: encoding %q", p.Encoding)
	}
	if p := structure.Parse(crlf("Content-Transfer-Encoding: base64\nMIME-Version: 1.0\n\naGk=")); p.Encoding != "base64" {
		t.Errorf("with MIME-Version: encoding %q", p.Encoding)
	}
	p := structure.Parse(crlf(mixed + "--x\nContent-Transfer-Encoding: base64\n\naGk=\n--x--"))
	if encoding := p.Parts[0].Encoding; encoding != "base64" {
		t.Errorf("part of a multipart: encoding %q", encoding)
	}
}

func TestParseBoundsNesting(t *testing.T) {
	t.Parallel()
	var multiparts strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&multiparts, "Content-Type: multipart/mixed; boundary=%d.\n\n--%d.\n", i, i)
	}
	for _, message := range []string{strings.Repeat("Content-Type: message/rfc822\n\n", 10_000), multiparts.String()} {
		raw := crlf(message)
		root := structure.Parse(raw)
		checkInvariants(t, raw, root)
		depth, deepest := 0, root
		root.Walk(func(path []int, p *structure.Part) bool {
			depth, deepest = depth+1, p
			return true
		})
		if depth != 100 || deepest.Type != "application" || deepest.Subtype != "octet-stream" || deepest.Body.End != len(raw) {
			t.Errorf("depth %d ends with %+v", depth, deepest)
		}
	}
}

func TestParseBoundsParts(t *testing.T) {
	t.Parallel()
	raw := crlf(mixed + strings.Repeat("--x\n\na\n", 20_000) + "--x--\n")
	root := structure.Parse(raw)
	checkInvariants(t, raw, root)
	if n := len(root.Parts); n != 9_999 {
		t.Fatalf("%d parts", n)
	}
	if last := root.Parts[9_998]; last.Body.End != len(raw) {
		t.Errorf("the last part ends at %d, not at the end of the message, %d", last.Body.End, len(raw))
	}
}

// Each of these messages takes minutes or all memory if some step of parsing looks
// at the rest of the message again.
func TestParseIsLinearInAnyMessage(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	nest := strings.Repeat("Content-Type: multipart/mixed; boundary=x\n\n--x\n", 98)
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for _, message := range []string{
		mixed + fill("--x\n"), mixed + fill("--"), mixed + fill("--\n"), mixed + fill("\n--y"),
		nest + fill("--x\n"), nest + fill("--y\n"), nest + fill("--x--\n"), nest + fill("a\n"),
		strings.Repeat("Content-Type: message/rfc822\n\n", 98) + fill("a\n"),
		fill(" a\n"), "A" + fill(" a\n"), fill("a:\n"), fill("Content-Type: text/plain\n"), fill(":"),
		"Content-Type: a/b" + fill(";"), "Content-Type: a/b" + fill(";a=b"), "Content-Type: a/b; c=\"" + fill("\\"),
		"Content-Type: a/b" + fill("("), "Content-Type: text/plain" + fill(";charset*0=a"), "Content-Language: " + fill("a,"),
	} {
		raw := []byte(message)
		structure.Parse(raw).Walk(func([]int, *structure.Part) bool { return true })
	}
}

func checkInvariants(t *testing.T, raw []byte, root *structure.Part) {
	t.Helper()
	within(t, structure.Span{Start: 0, End: len(raw)}, raw, root)
	if root.Header.Start != 0 || root.Body.End != len(raw) {
		t.Errorf("the message spans %v and %v of %d octets", root.Header, root.Body, len(raw))
	}
	root.Walk(func(path []int, p *structure.Part) bool {
		found := root.Find(path)
		if found != p && (found == nil || found.Message != p) {
			t.Errorf("path %v leads elsewhere", path)
		}
		return !t.Failed()
	})
}

func within(t *testing.T, outer structure.Span, raw []byte, p *structure.Part) {
	t.Helper()
	h, b := p.Header, p.Body
	if h.Start < outer.Start || h.Start > h.End || h.End != b.Start || b.Start > b.End || b.End > outer.End {
		t.Fatalf("part %v %v isn't in %v", h, b, outer)
	}
	if lines := bytes.Count(b.Of(raw), []byte("\n")); lines != p.Lines {
		t.Fatalf("part %v: %d lines, not %d", b, p.Lines, lines)
	}
	if p.IsMultipart() != (len(p.Parts) > 0) || p.Type == "" || p.Subtype == "" {
		t.Fatalf("part %+v breaks the grammar of BODYSTRUCTURE", p)
	}
	if p.Message != nil {
		within(t, b, raw, p.Message)
		if p.Message.Header.Start != b.Start || p.Message.Body.End != b.End {
			t.Fatalf("message %+v isn't all of its part's body, %v", p.Message, b)
		}
	}
	rest := b
	for _, child := range p.Parts {
		within(t, rest, raw, child)
		rest.Start = child.Body.End
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "A: b\n\nc", mixed + "--x\n\na\n--x--\n", mixed + "--x\n" + mixed + "--x\n--x--\n--x",
		"Content-Type: message/rfc822\n\n" + mixed + "--x\nA: b\n--x\n", "Content-Type: multipart/digest; boundary=\"\"\n\n--\n\n----",
		"Content-Type: multipart/mixed; boundary=y\n\n--y\n" + mixed + "--y\n--x\n\n--y--\n--x--",
	} {
		f.Add([]byte(seed))
		f.Add(crlf(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		root := structure.Parse(raw)
		checkInvariants(t, raw, root)
		root.Walk(func(path []int, p *structure.Part) bool {
			for spec := structure.Whole; spec <= structure.MIME; spec++ {
				if span, ok := root.Section(path, spec); ok && string(span.Of(raw)) != string(raw[span.Start:span.End]) {
					t.Errorf("section %v %v: %v", path, spec, span)
				}
			}
			return true
		})
	})
}

func BenchmarkParse(b *testing.B) {
	simple := crlf("Return-Path: <bob@example.org>\nReceived: from a by b; Mon, 2 Jan 2006 15:04:05 +0000\n" +
		"Date: Mon, 2 Jan 2006 15:04:05 +0000\nFrom: Bob <bob@example.org>\nTo: Alice <alice@example.org>\n" +
		"Subject: hello\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n" +
		"Content-Transfer-Encoding: 8bit\n\n" + strings.Repeat("All work and no play makes Jack a dull boy.\n", 15))
	attachments := crlf(mixed + strings.Repeat("--x\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n"+
		"Content-Disposition: attachment; filename=a.pdf\n\n"+strings.Repeat(strings.Repeat("A", 76)+"\n", 1000), 10) + "--x--\n")
	for name, raw := range map[string][]byte{"Simple1KB": simple, "Attachments800KB": attachments} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				structure.Parse(raw)
			}
		})
	}
}
