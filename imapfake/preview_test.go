package imapfake_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
)

// preview returns the preview of a message.
func (c *client) preview(seq int) string {
	c.t.Helper()
	value := c.fetchItem(strconv.Itoa(seq), "PREVIEW")
	if quoted, ok := strings.CutPrefix(value, `"`); ok {
		return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(strings.TrimSuffix(quoted, `"`))
	}
	size, text, _ := strings.Cut(value, "\r\n")
	if size != fmt.Sprintf("{%d}", len(text)) {
		c.t.Fatalf("literal of %s octets has %d", size, len(text))
	}
	return text
}

// The texts are what Dovecot 2.4 makes of the same messages.
func TestPreviewIsTheTextThatAMessageBeginsWith(t *testing.T) {
	t.Parallel()
	multipart := func(subtype string, parts ...string) string {
		return "Content-Type: multipart/" + subtype + "; boundary=b\n\n--b\n" + strings.Join(parts, "\n--b\n") + "\n--b--\n"
	}
	const html = "Content-Type: text/html\n\n"
	for message, want := range map[string]string{
		"\nHello  world,\nthis is\ta test.\n\n> quoted line\nafter quote\n": "Hello world, this is a test. after quote",
		"\n> quoted line\n> more\n":                                         ">quoted line more",
		"\n  >not quoted\x00\x0b so\x01":                                    ">not quoted so\x01",
		"\n>q1\n\n>q2\nafter\n>q3\n":                                        "after",
		"\n\ufeffx\r\n\r\n\r\ny":                                            "x y",
		"\n\n\n":                                                            "",
		"":                                                                  "",
		"\n" + strings.Repeat("x", 201):                                     strings.Repeat("x", 200),
		"\n" + strings.Repeat("x", 199) + " y":                              strings.Repeat("x", 199),
		"\n>" + strings.Repeat("x", 201):                                    ">" + strings.Repeat("x", 199),
		"\n\n" + strings.Repeat(" \t\n", 1000) + "late":                     "late",
		"Content-Type: text/plain; charset=utf-8\n\n" + strings.Repeat("é", 201):                                      strings.Repeat("é", 200),
		"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nca=E9 =\nfoo\n": "caé foo",
		"MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\naGVsbG8gd29ybGQ=\n":                                  "hello world",
		"MIME-Version: 1.0\nContent-Transfer-Encoding: x-uuencode\n\nhello\n":                                         "",
		"Content-Type: text/calendar\n\ncal text\n":                                                                   "cal text",
		"Content-Type: image/png\n\nxx\n":                                                                             "",
		"Content-Type: message/rfc822\n\nSubject: in\n\ninner\n":                                                      "",

		multipart("mixed", "Content-Type: image/png\n\nxx", "Content-Type: text/plain\n\nplain"):                 "plain",
		multipart("mixed", "\n", "Content-Type: text/plain\n\nsecond"):                                           "",
		multipart("alternative", html+"html", "Content-Type: text/plain\n\nplain"):                               "plain",
		multipart("alternative", "Content-Type: text/x\n\nother", html+"<b>html</b>"):                            "html",
		multipart("alternative", html+"worse", "Content-Type: text/x\n\nother", html+"better"):                   "better",
		multipart("alternative", "Content-Type: image/png\n\nxx", "Content-Type: text/x\n\nother"):               "other",
		multipart("alternative", "Content-Type: multipart/related; boundary=c\n\n--c\n\nnested\n--c--"):          "",
		multipart("mixed", "Content-Type: multipart/alternative; boundary=c\n\n--c\n\nnested\n--c--", "\nlater"): "nested",
	} {
		f := newFixture(t)
		f.deliver(message)
		if got := f.selected().preview(1); got != want {
			t.Errorf("preview of %q is %q, want %q", message, got, want)
		}
	}
}

func TestPreviewOfHTMLIsItsText(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	tests := []struct{ html, want string }{
		{"<html><head><title>T</title><style>p{}</style></head><body><p>Hi &amp; <b>bye</b><br>line&nbsp;two</p><script>x()</script></body></html>",
			"T Hi & bye line\u00a0two"},
		{"a<b>b</b>c<br/>d", "a b c d"},
		{"a<!-- x > y -->b<!-->c-->d<!-- x --e-- >f", "abdf"},
		{"a<![CDATA[<x>&amp;]]>b<!DOCTYPE html>c", "a<x>&amp;b c"},
		{"a<script>1<2</b></script>b<STYLE type='>'>x>y</Style>c<scriptx>d", "a b c d"},
		{"a<script>never ends", "a"},
		{"a<a title='x>y' alt=\"'>\">b</a>c", "a b c"},
		{"a<!-- never ends", "a"},
		{"a<never ends", "a"},
		{"a<![CDATA[never ends", "anever ends"},
		{"&#xE9;&#233;&Eacute;&quot;&apos;&hellip;", "ééÉ\"'…"},
		{"a & b &amp;amp; &nosuch;&#0;&#xD800;&#x110000;&;&#;&ampc&lt d&", "a b &amp; ampclt d"},
		{"x<blockquote>q<blockquote>r</blockquote>\ns</blockquote>t", "x t"},
		{"<blockquote class=z>q<br>r</blockquote >", ">q r"},
		{"</blockquote>a<blockquote>b", "a"},
		{"q\n> r\n&gt; s\nt", "q t"},
		{"line\n&gt; w<br>&gt; z<br>u", "line"},
		{strings.Repeat("<b>", 100_000) + "deep", ""}, // beyond what is read
		{strings.Repeat("<b>", 10_000) + "deep", "deep"},
	}
	for _, test := range tests {
		f.deliver("Content-Type: text/HTML; charset=utf-8\r\n\r\n" + test.html)
	}
	c := f.selected()
	for i, test := range tests {
		if got := c.preview(i + 1); got != test.want {
			t.Errorf("preview of %.80q is %q, want %q", test.html, got, test.want)
		}
	}
}

func TestPreviewTakesTheModifierLazy(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("\r\nhello\r\n", "\r\n\u00e9\r\n")
	c := f.selected()
	const done = "T OK FETCH completed"
	c.run("FETCH 1 (PREVIEW (LAZY))", `* 1 FETCH (PREVIEW "hello")`, done)
	c.run("FETCH 1 preview (lazy lazy)", `* 1 FETCH (PREVIEW "hello")`, done)
	c.run("FETCH 1 (UID PREVIEW FLAGS)", `* 1 FETCH (UID 1 PREVIEW "hello" FLAGS (\Recent))`, done)
	c.run("UID FETCH 2 (PREVIEW (LAZY) UID)", "* 2 FETCH (PREVIEW {2}", "é UID 2)", "T OK UID FETCH completed")
	c.run("FETCH 1 (PREVIEW (FOO))", `T BAD FETCH: unknown PREVIEW modifier "FOO" (RFC 8970 6)`)
	c.run("FETCH 1 (PREVIEW ())", "T BAD FETCH: the list may not be empty (RFC 3501 9)")
	c.run("FETCH 1 (PREVIEW (LAZY)", "T BAD FETCH: expected a space…")
	c.run("FETCH 1 PREVIEW(LAZY)", "T BAD FETCH:…")
}

func FuzzPreview(f *testing.F) {
	for _, seed := range []string{"<b>a</b>", "<!-- -- >", "<![CDATA[x", "<a b='>'", "&amp;&#1;&", "<script></script", "<blockquote>\n>x", "\xff<\x00>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x := newFixture(t)
		x.deliver("Content-Type: text/html; charset=utf-8\r\n\r\n"+text, "Content-Type: text/plain; charset=utf-8\r\n\r\n"+text)
		c := x.selected()
		for seq := range 2 {
			preview := c.preview(seq + 1)
			if utf8.RuneCountInString(preview) > 200 || !utf8.ValidString(preview) || strings.ContainsAny(preview, "\r\n\x00") ||
				strings.Trim(preview, " ") != preview || strings.Contains(preview, "  ") {
				t.Errorf("preview of %q is %q", text, preview)
			}
		}
	})
}

func TestWithoutPreviewItIsUnknown(t *testing.T) {
	t.Parallel()
	c := without(t, imap.CapPreview)
	c.run("FETCH 1 PREVIEW", `T BAD FETCH: unknown FETCH item "PREVIEW" (RFC 3501 9)`)
	c.run("FETCH 1 (PREVIEW (LAZY))", `T BAD FETCH: unknown FETCH item "PREVIEW" (RFC 3501 9)`)
}
