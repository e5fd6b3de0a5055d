package structure_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

func TestDecodeHeaderDecodesEncodedWords(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                                     "",
		"plain = ?":                            "plain = ?",
		"=?utf-8?q?Caf=C3=A9_=26?= du (x)":     "Café & du (x)",
		"=?UTF-8?B?Q2Fmw6k=?=":                 "Café",
		"a =?iso-8859-1?Q?=E9?= b":             "a é b",
		"=?koi8-r?b?8NLJ18XU?=":                "Привет",
		"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=":   "日本",
		"=?us-ascii*en-us?q?tagged?=":          "tagged",
		"=?utf-8?q?a?= \r\n =?utf-8?q?b?= c":   "ab c",
		"=?utf-8?q?a?= b =?utf-8?q?c?=":        "a b c",
		"=?utf-8?q?with space?=":               "with space",
		"=?x-unknown?q?a?= =?utf-8?q?=C3=A9?=": "=?x-unknown?q?a?= é",
		"=?utf-8?q?=C3=A9?= =?x-unknown?q?a?=": "é =?x-unknown?q?a?=",
		"=?utf-8?x?a?= =?utf-8?q?=C3=A9?=":     "=?utf-8?x?a?= é",
		"=?utf-8?b?*?= =?utf-8?q?=C3=A9?=":     "=?utf-8?b?*?= é",
		"=?utf-8?q?open":                       "=?utf-8?q?open",
		"=?=?utf-8?q?=C3=A9?=":                 "=?é",
		"=??q?a?=":                             "=??q?a?=",
		"=?utf-8?q":                            "=?utf-8?q",
		"=?a b?q?c?=":                          "=?a b?q?c?=",
	} {
		if got := structure.DecodeHeader(value); got != want {
			t.Errorf("%q: %q, not %q", value, got, want)
		}
	}
}

func TestDecodedTextUndoesEncodingAndCharset(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, header, body, want string }{
		{"plain", "", "hello\r\n", "hello\r\n"},
		{"8-bit in us-ascii", "", "caf\xc3\xa9 \xe9", "café \uFFFD"},
		{"charset", "Content-Type: text/plain; charset=ISO-8859-1\r\n", "caf\xe9", "café"},
		{"charset in continuations", "Content-Type: text/plain; charset*0=iso-; charset*1=8859-1\r\n", "caf\xe9", "café"},
		{"unknown charset", "Content-Type: text/plain; charset=x-none\r\n", "a\xe9", "a\uFFFD"},
		{"empty charset", "Content-Type: text/plain; charset=\"\"\r\n", "a", "a"},
		{"html", "Content-Type: text/html; charset=windows-1252\r\n", "<b>\x80</b>", "<b>€</b>"},
		{"no text", "Content-Type: application/pdf\r\n", "hello", ""},
		{"base64", "Content-Transfer-Encoding: BASE64\r\n", "Y2Fm\r\nw6k=\r\n", "café"},
		{"base64 without padding", "Content-Transfer-Encoding: base64\r\n", "Y2Fmw6k", "café"},
		{"base64 with other octets", "Content-Transfer-Encoding: base64\r\n", "*Y2\x00F m\r\n\r\n-w6k=", "café"},
		{"base64 pieces", "Content-Transfer-Encoding: base64\r\n", "YQ==\r\nYmI=\r\nYw==", "abbc"},
		{"base64 cut off", "Content-Transfer-Encoding: base64\r\n", "Y2FmZ", "caf"},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n", "caf=C3=a9=20\r\nsoft=\r\n break", "café \r\nsoft break"},
		{"quoted-printable with bare LF", "Content-Transfer-Encoding: quoted-printable\r\n", "a=\nb\nc", "ab\nc"},
		{"quoted-printable with added space", "Content-Transfer-Encoding: quoted-printable\r\n", "a \t\r\nb= \r\nc ", "a\r\nbc"},
		{"broken quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n", "a=XX b=C c==C3=A9 =", "a=XX b=C c=é "},
		{"unknown encoding", "Content-Transfer-Encoding: x-uuencode\r\n", "as it is", "as it is"},
		{"encoding and charset", "Content-Type: text/plain; charset=utf-16be\r\nContent-Transfer-Encoding: base64\r\n", "AGEA6Q==", "aé"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			raw := []byte("MIME-Version: 1.0\r\n" + test.header + "\r\n" + test.body)
			if got := structure.DecodedText(raw, structure.Parse(raw)); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}

func TestDecodingIsLinear(t *testing.T) {
	t.Parallel()
	// Each takes minutes if read more than a few times.
	for _, s := range []string{"=?", "=?a?q?", "=?a?q?b ", "=?utf-8?q?a?=", "=?utf-8?q?a?= ", "?=", "=?x?q??="} {
		structure.DecodeHeader(strings.Repeat(s, 1<<20/len(s)))
	}
	for _, s := range []string{"=", "=\n", " ", "=A", "\n"} {
		raw := []byte("MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat(s, 1<<20))
		structure.DecodedText(raw, structure.Parse(raw))
	}
}

func FuzzDecodedText(f *testing.F) {
	for _, encoding := range []string{"7bit", "base64", "quoted-printable"} {
		for _, charset := range []string{"utf-8", "iso-2022-jp", "gb18030", "utf-16", "x-none", ""} {
			f.Add(encoding, charset, []byte("Y2Fm=C3=A9\r\n=\x1b$B"))
		}
	}
	f.Fuzz(func(t *testing.T, encoding, charset string, body []byte) {
		raw := []byte("Content-Type: text/plain; charset=\"" + charset + "\"\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + string(body))
		if text := structure.DecodedText(raw, structure.Parse(raw)); !utf8.ValidString(text) || len(text) > 10*len(raw) {
			t.Errorf("%d octets of text: %q", len(text), text)
		}
		structure.DecodeHeader("=?" + charset + "?" + encoding[:min(1, len(encoding))] + "?" + string(body) + "?=")
	})
}
