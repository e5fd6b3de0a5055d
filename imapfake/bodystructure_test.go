package imapfake_test

import (
	"testing"
)

func TestFetchBodyStructure(t *testing.T) {
	t.Parallel()
	const (
		plain    = `"text" "plain" ("charset" "us-ascii") NIL NIL "7bit"`
		noFields = `(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)`
	)
	for _, test := range []struct{ name, message, body, structure string }{
		{
			"no MIME", "A: b\n\nc\nd\n",
			"(" + plain + " 6 2)", "(" + plain + " 6 2 NIL NIL NIL NIL)",
		},
		{
			"no body", "A: b\n",
			"(" + plain + " 0 0)", "(" + plain + " 0 0 NIL NIL NIL NIL)",
		},
		{
			"every field of a text", `MIME-Version: 1.0
Content-Type: TEXT/HTML; charset=UTF-8; format="a \"b\""
Content-Transfer-Encoding: Quoted-Printable
Content-ID: <id>
Content-Description: what it is
Content-MD5: md5
Content-Disposition: inline; filename=a.html
Content-Language: en, de
Content-Location: http://example.org/

one
two`,
			`("TEXT" "HTML" ("charset" "UTF-8" "format" "a \"b\"") "<id>" "what it is" "Quoted-Printable" 8 1)`,
			`("TEXT" "HTML" ("charset" "UTF-8" "format" "a \"b\"") "<id>" "what it is" "Quoted-Printable" 8 1` +
				` "md5" ("inline" ("filename" "a.html")) ("en" "de") "http://example.org/")`,
		},
		{
			"neither text nor message", "MIME-Version: 1.0\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n" +
				"Content-Disposition: attachment\n\nAAAA\n",
			`("image" "png" NIL NIL NIL "base64" 6)`,
			`("image" "png" NIL NIL NIL "base64" 6 NIL ("attachment" NIL) NIL NIL)`,
		},
		{
			"multipart", "Content-Type: multipart/alternative; boundary=b\nContent-Language: en\nContent-Disposition: inline\nContent-Location: l\n\n" +
				"--b\n\na\n--b\nContent-Type: text/html\n\n<b>\n--b--\n",
			"((" + plain + ` 1 0)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 3 0) "alternative")`,
			"((" + plain + ` 1 0 NIL NIL NIL NIL)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 3 0 NIL NIL NIL NIL)` +
				` "alternative" ("boundary" "b") ("inline" NIL) ("en") "l")`,
		},
		{
			"multipart in a multipart", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\na\n--c--\n--b--",
			"(((" + plain + ` 1 0) "mixed") "mixed")`,
			"(((" + plain + ` 1 0 NIL NIL NIL NIL) "mixed" ("boundary" "c") NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)`,
		},
		{
			// The grammar of a multipart wants at least one part.
			"multipart without parts", "Content-Type: multipart/mixed; boundary=b\n\nnothing\n",
			"((" + plain + ` 0 0) "mixed")`,
			"((" + plain + ` 0 0 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)`,
		},
		{
			"message", "MIME-Version: 1.0\nContent-Type: message/rfc822\nContent-MD5: x\n\nSubject: s\n\na\nb\n",
			`("message" "rfc822" NIL NIL NIL "7bit" 20 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) (` + plain + " 6 2) 4)",
			`("message" "rfc822" NIL NIL NIL "7bit" 20 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) (` + plain +
				` 6 2 NIL NIL NIL NIL) 4 "x" NIL NIL NIL)`,
		},
		{
			"multipart in a message in a multipart", "Content-Type: multipart/digest; boundary=b\n\n" +
				"--b\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\na\n--c--\n--b--\n",
			`(("message" "rfc822" NIL NIL NIL "7bit" 60 ` + noFields + " ((" + plain + ` 1 0) "mixed") 5) "digest")`,
			`(("message" "rfc822" NIL NIL NIL "7bit" 60 ` + noFields + " ((" + plain + ` 1 0 NIL NIL NIL NIL) "mixed" ("boundary" "c") NIL NIL NIL)` +
				` 5 NIL NIL NIL NIL) "digest" ("boundary" "b") NIL NIL NIL)`,
		},
		{
			"octets that a quoted string can't hold", "MIME-Version: 1.0\nContent-Type: image/png; name=\"\xe9\"\nContent-Description: \xe9\n\n",
			"(\"image\" \"png\" (\"name\" {1}\r\n\xe9) NIL {1}\r\n\xe9 \"7bit\" 0)",
			"(\"image\" \"png\" (\"name\" {1}\r\n\xe9) NIL {1}\r\n\xe9 \"7bit\" 0 NIL NIL NIL NIL)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.deliver(crlf(test.message))
			c := f.selected()
			if got := c.fetchItem("1", "BODY"); got != test.body {
				t.Errorf("BODY\ngot  %s\nwant %s", got, test.body)
			}
			if got := c.fetchItem("1", "BODYSTRUCTURE"); got != test.structure {
				t.Errorf("BODYSTRUCTURE\ngot  %s\nwant %s", got, test.structure)
			}
		})
	}
}
