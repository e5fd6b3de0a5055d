package mailwire

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadLineDropsALineThatIsTooLongAndGoesOn(t *testing.T) {
	t.Parallel()
	client, conn, tr := connect(t)
	go io.WriteString(client, "12345678\r\n123456789\r\n"+strings.Repeat("x", 1<<20)+"\r\n12345678\r\n")
	for _, want := range []error{nil, ErrLineTooLong, ErrLineTooLong, nil} {
		line, err := conn.ReadLine(8)
		if err != want || err == nil && string(line) != "12345678" {
			t.Errorf("read %q, %v, want error %v", line, err, want)
		}
	}
	if len(conn.in) > inputAhead {
		t.Errorf("the input buffer grew to %d octets", len(conn.in))
	}
	conn.Commit()
	checkTranscript(t, tr,
		"-- open mem client",
		"C: 12345678",
		`C: 12345678\`, `C: \{3 octets}`,
		`C: xxxxxxxx\`, `C: \{1048570 octets}`,
		"C: 12345678",
	)
}

func TestReadLineTellsEndOfInputFromHalfALine(t *testing.T) {
	t.Parallel()
	client, conn, tr := connect(t)
	mustWrite(t, client, "a1 NOOP\r\na2 NO")
	client.Close()
	mustReadLine(t, conn, "a1 NOOP")
	for range 2 {
		if _, err := conn.ReadLine(100); err != io.ErrUnexpectedEOF {
			t.Errorf("half a line: %v", err)
		}
	}
	checkTranscript(t, tr, "-- open mem client", "C: a1 NOOP", `C: a2 NO\`, "-- closed by the client")

	client, conn, _ = connect(t)
	client.Close()
	if _, err := conn.ReadLine(100); err != io.EOF {
		t.Errorf("nothing at all: %v", err)
	}
}

func TestReadLineGoesOnAfterADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, conn, tr := connect(t)
		mustWrite(t, client, "a1 NO")
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := conn.ReadLine(100); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		conn.SetReadDeadline(time.Time{})
		conn.Commit()
		mustWrite(t, client, "OP\r\n")
		mustReadLine(t, conn, "a1 NOOP")
		conn.Commit()
		checkTranscript(t, tr, "-- open mem client", `C: a1 NO\`, "C: OP")
	})
}

func TestReadLineGoesOnDroppingAfterADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, conn, _ := connect(t)
		mustWrite(t, client, "far too long")
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := conn.ReadLine(5); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		conn.SetReadDeadline(time.Time{})
		mustWrite(t, client, "!\r\nshort\r\n")
		if _, err := conn.ReadLine(5); err != ErrLineTooLong {
			t.Errorf("the rest of the line: %v", err)
		}
		mustReadLine(t, conn, "short")
	})
}

func TestInputThatIsNotCommittedIsBounded(t *testing.T) {
	t.Parallel()
	client, conn, tr := connect(t)
	const lines = 5000
	go io.WriteString(client, strings.Repeat(strings.Repeat("x", 98)+"\r\n", lines))
	for range lines {
		mustReadLine(t, conn, strings.Repeat("x", 98))
		if len(conn.heard.text) > heardLimit+100 || len(conn.in) > inputAhead {
			t.Fatalf("%d octets wait for their commit, in a buffer of %d", len(conn.heard.text), len(conn.in))
		}
	}
	conn.Close()
	if got := len(tr.Records()); got != lines+2 {
		t.Errorf("%d records", got)
	}
}

func TestReadLineGrowsUpToItsLimit(t *testing.T) {
	t.Parallel()
	client, conn, _ := connect(t)
	long := strings.Repeat("x", 65536)
	sent := make(chan struct{})
	go func() {
		io.WriteString(client, long+"\r\na2 NOOP\r\n"+long+"x\r\n")
		close(sent)
	}()
	for _, want := range []string{long, "a2 NOOP"} {
		if line, err := conn.ReadLine(65536); string(line) != want || err != nil {
			t.Fatalf("read a line of %d octets, %v", len(line), err)
		}
	}
	if _, err := conn.ReadLine(65536); err != ErrLineTooLong {
		t.Errorf("error is %v", err)
	}
	<-sent
	mustWrite(t, client, "a3 NOOP\r\n")
	mustReadLine(t, conn, "a3 NOOP")
	if len(conn.in) > inputRetained {
		t.Errorf("the input buffer keeps %d octets", len(conn.in))
	}
}

func TestReadLiteralTakesMemoryAsOctetsArrive(t *testing.T) {
	t.Parallel()
	client, conn, tr := connect(t)
	message := strings.Repeat("0123456789 abcdef\r\n", 50_000)
	go io.WriteString(client, "x\r\n"+message+")\r\n")
	mustReadLine(t, conn, "x")
	got, err := conn.ReadLiteral(int64(len(message)))
	if string(got) != message || err != nil {
		t.Fatalf("read %d octets, %v", len(got), err)
	}
	if cap(got) != len(got) {
		t.Errorf("%d octets have a capacity of %d", len(got), cap(got))
	}
	mustReadLine(t, conn, ")")
	if got, err := conn.ReadLiteral(0); len(got) != 0 || err != nil {
		t.Errorf("empty literal: %q, %v", got, err)
	}

	mustWrite(t, client, "abc")
	client.Close()
	if _, err := conn.ReadLiteral(1 << 40); err != io.ErrUnexpectedEOF { // more than there is memory
		t.Errorf("literal that never came: %v", err)
	}
	for _, n := range []int64{-1, -1 << 63} {
		if _, err := conn.ReadLiteral(n); err == nil {
			t.Errorf("read %d octets", n)
		}
		if err := conn.Discard(n); err == nil {
			t.Errorf("discarded %d octets", n)
		}
	}
	want := []string{"-- open mem client", "C: x"}
	for range literalHead / 19 {
		want = append(want, "C: 0123456789 abcdef")
	}
	want = append(want, fmt.Sprintf(`C: \{%d octets}`, len(message)-literalHead/19*19),
		"C: )", `C: abc\`, "-- closed by the client")
	checkTranscript(t, tr, want...)
}

func TestDiscardShowsHowMuchItDropped(t *testing.T) {
	t.Parallel()
	for _, pieces := range []int{1, 7, 10_000} { // the transcript doesn't depend on them
		client, conn, tr := connect(t)
		input := "hello\r\n" + strings.Repeat("x", 9_993) + "\r\nshort\r\nhalf"
		go func() {
			for rest := input; rest != ""; {
				n := min(pieces, len(rest))
				io.WriteString(client, rest[:n])
				rest = rest[n:]
			}
			client.Close()
		}()
		if err := conn.Discard(10_000); err != nil {
			t.Fatal(err)
		}
		mustReadLine(t, conn, "")
		if err := conn.Discard(5); err != nil {
			t.Fatal(err)
		}
		mustReadLine(t, conn, "")
		if err := conn.Discard(5); err != io.ErrUnexpectedEOF {
			t.Errorf("discard beyond the end: %v", err)
		}
		checkTranscript(t, tr,
			"-- open mem client",
			"C: hello", `C: \{9993 octets}`, "C:",
			"C: short",
			`C: half\`,
			"-- closed by the client",
		)
	}
}

func FuzzReadLine(f *testing.F) {
	f.Add([]byte("a1 NOOP\r\n\n\r\r\nlonger than that\r\nhalf"), 8, uint8(3))
	f.Add([]byte("\n\r\nx"), -2, uint8(0))
	f.Add([]byte("12345678\r\n12345678\r\r\n123456789\n"), 8, uint8(1))
	f.Fuzz(func(t *testing.T, input []byte, limit int, piece uint8) {
		tr := NewTranscript(1 << 30)
		conn := NewConn(&scriptConn{input: input, piece: 1 + int(piece)}, IMAP, tr)
		rest := string(input)
		for {
			line, ending, complete := strings.Cut(rest, "\n")
			if !complete {
				break
			}
			rest = ending
			line = strings.TrimSuffix(line, "\r")
			got, err := conn.ReadLine(limit)
			if len(line) > max(limit, 0) {
				if err != ErrLineTooLong {
					t.Fatalf("line %q: %q, %v", line, got, err)
				}
			} else if string(got) != line || err != nil {
				t.Fatalf("line %q: %q, %v", line, got, err)
			}
		}
		want := io.EOF
		if rest != "" {
			want = io.ErrUnexpectedEOF
		}
		if _, err := conn.ReadLine(limit); err != want {
			t.Fatalf("at the end, with %q: %v", rest, err)
		}
		conn.Close()
		checkStream(t, tr, input)
	})
}

func checkStream(t *testing.T, tr *Transcript, input []byte) {
	t.Helper()
	rest := string(input)
	for _, r := range tr.Records() {
		if r.Dir != Client {
			continue
		}
		if !strings.HasPrefix(rest, string(r.Text)) || int64(len(rest)) < r.Elided {
			t.Fatalf("%q isn't in the transcript:\n%s", rest, tr)
		}
		rest = rest[len(r.Text)+int(r.Elided):]
	}
	if rest != "" {
		t.Fatalf("%q isn't in the transcript:\n%s", rest, tr)
	}
}

type scriptConn struct {
	discardConn
	input []byte
	piece int
}

func (c *scriptConn) Read(p []byte) (int, error) {
	if len(c.input) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.input[:min(c.piece, len(c.input))])
	c.input = c.input[n:]
	return n, nil
}
