package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

var encodedParts = strings.ReplaceAll(`MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Transfer-Encoding: base64

aGkAdGhlcmU=
--x
Content-Transfer-Encoding: x-unknown

hello
--x
Content-Transfer-Encoding: quoted-printable

caf=C3=A9=
 ok
--x--
`, "\n", "\r\n")

func TestBinaryReturnsPartsDecoded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(encodedParts, "Content-Type: text/plain\r\nContent-Transfer-Encoding: BASE64\r\n\r\naGk=\r\n")
	c := f.selected()
	const ok = "T OK FETCH completed"
	c.run("FETCH 1 BINARY.PEEK[1]", "* 1 FETCH (BINARY[1] ~{8}", "hi\x00there)", ok)
	c.run("FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[3])", "* 1 FETCH (BINARY.SIZE[1] 8 BINARY.SIZE[3] 8)", ok)
	c.run("FETCH 1 BINARY.PEEK[3]<2.3>", "* 1 FETCH (BINARY[3]<2> {3}", "fé)", ok)
	c.run("FETCH 1 BINARY.PEEK[1]<3.99>", "* 1 FETCH (BINARY[1]<3> {5}", "there)", ok)
	c.run("FETCH 1 (BINARY.PEEK[4] BINARY.SIZE[4])", "* 1 FETCH (BINARY[4] NIL BINARY.SIZE[4] 0)", ok)
	c.run("FETCH 2 BINARY[1]", `* 2 FETCH (FLAGS (\Seen \Recent) BINARY[1] {2}`, "hi)", ok)
	c.run("FETCH 2 BINARY.SIZE[]", "* 2 FETCH (BINARY.SIZE[] 69)", ok)
}

func TestBinaryOfAnUnknownEncodingFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver(encodedParts)
	c := f.selected()
	const unknown = "T NO [UNKNOWN-CTE] the part's Content-Transfer-Encoding is unknown"
	c.run("FETCH 1 (FLAGS BINARY.PEEK[2])", `* 1 FETCH (FLAGS (\Recent) UID 1)`, unknown)
	c.run("FETCH 1 BINARY.SIZE[2]", "* 1 FETCH (UID 1)", unknown)
	c.run("FETCH 1 UID", "* 1 FETCH (UID 1)", "T OK FETCH completed")
	c.run("FETCH 1 BINARY[1.MIME]", "T BAD FETCH: only part numbers stand in a BINARY section, found \"MIME]\" (RFC 3516 7)")
	c.run("FETCH 1 BINARY", "T BAD FETCH: expected \"[\"…")
}

func TestAppendTakesALiteral8(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	c.run("APPEND INBOX (\\Seen) ~{8+}\r\na: b\r\n\x00c", "T OK [APPENDUID 1 1] APPEND completed")
	c.send("a APPEND INBOX ~{4}")
	c.wants("+ Ready for literal data")
	c.send("a: b")
	c.wants("a OK [APPENDUID 1 2] APPEND completed")
	c.run("APPEND nope ~{4}", "T NO [TRYCREATE]…")
	if raw := string(f.inbox.Messages().At(1).Raw()); raw != "a: b\r\n\x00c" {
		t.Errorf("stored %q", raw)
	}
}

func TestWithoutBinaryThereIsNone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithCapabilities(imap.CapLiteralPlus))
	f.deliver(encodedParts)
	c := f.selected()
	c.run("FETCH 1 BINARY[1]", `T BAD FETCH: unknown FETCH item "BINARY" (RFC 3501 9)`)
	c.run("FETCH 1 BINARY.SIZE[1]", `T BAD FETCH: unknown FETCH item "BINARY.SIZE" (RFC 3501 9)`)
	c.run("APPEND INBOX ~{4+}", `T BAD APPEND: expected "{", found "~{4+}" (RFC 3501 9)`)
}
