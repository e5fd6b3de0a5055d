package mailwire

import (
	"bytes"
	"strings"
	"testing"
)

func TestReadLineReturnsTheEndsOfALineThatIsTooLong(t *testing.T) {
	t.Parallel()
	head := []byte("a1 APPEND " + strings.Repeat("x", literalHead-10))
	tail := []byte(strings.Repeat("y", overlongTail-7) + " {310+}")
	for name, middle := range map[string]string{"long": strings.Repeat("z", 100_000), "just too long": ""} {
		for _, end := range []string{"\r\n", "\n"} {
			input := string(head) + middle + string(tail) + end + "a2 NOOP\r\n"
			conn := NewConn(&scriptConn{input: []byte(input), piece: 7}, IMAP, nil)
			line, err := conn.ReadLine(literalHead)
			if err != ErrLineTooLong || !bytes.HasPrefix(line, head) || !bytes.HasSuffix(line, tail) {
				t.Errorf("%s: read %q, %v", name, line, err)
			}
			mustReadLine(t, conn, "a2 NOOP")
		}
	}
}
