package mailwire

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// connect returns both ends of a connection that is closed with the test.
func connect(t testing.TB) (net.Conn, *Conn, *Transcript) {
	t.Helper()
	tr := new(Transcript)
	client, server := pipe(memoryAddr("client"), memoryAddr("server"))
	conn := NewConn(server, IMAP, tr)
	t.Cleanup(func() { conn.Close(); client.Close() })
	return client, conn, tr
}

// checkTranscript compares the transcript without its times.
func checkTranscript(t *testing.T, tr *Transcript, want ...string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(tr.String()) {
		_, line, _ = strings.Cut(strings.TrimSuffix(line, "\n"), " imap#1 ")
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transcript: %s", diff)
	}
}

func mustReadLine(t *testing.T, c *Conn, want string) {
	t.Helper()
	if line, err := c.ReadLine(8192); string(line) != want || err != nil {
		t.Fatalf("read line %q, %v, want %q", line, err, want)
	}
}

func TestConnSessionReadsAsATranscript(t *testing.T) {
	t.Parallel()
	client, conn, tr := connect(t)
	conn.WriteString("* OK ready\r\n")
	conn.Flush()
	mustWrite(t, client, "a1 LOGIN alice {6}\r\nsecret\r\na2 NOOP\n")
	mustReadLine(t, conn, "a1 LOGIN alice {6}")
	literal, err := conn.ReadLiteral(6)
	if string(literal) != "secret" || err != nil {
		t.Fatalf("read literal %q, %v", literal, err)
	}
	mustReadLine(t, conn, "")
	if got := conn.Buffered(); got != len("a2 NOOP\n") {
		t.Errorf("buffered %d octets", got)
	}
	conn.Mask("secret")
	conn.WriteString("a1 OK\r\n")
	conn.Flush()
	mustReadLine(t, conn, "a2 NOOP")
	conn.WriteString("never sent")
	conn.Close()
	conn.Close()
	if got, _ := io.ReadAll(client); string(got) != "* OK ready\r\na1 OK\r\n" {
		t.Errorf("client got %q", got)
	}
	checkTranscript(t, tr,
		"-- open mem client",
		"S: * OK ready",
		"C: a1 LOGIN alice {6}",
		"C: ***",
		"S: a1 OK",
		`C: a2 NOOP\x0a\`,
		"-- closed",
	)
}

func TestConnMasksSecretsHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	client, conn, tr := connect(t)
	long := strings.Repeat("0123456789", 1000)
	mustWrite(t, client, `a1 LOGIN "pa\"ss" "pa\"ss"`+"\r\n+"+long+"\r\n")
	mustReadLine(t, conn, `a1 LOGIN "pa\"ss" "pa\"ss"`)
	conn.Mask(`pa"ss`)
	conn.Mask("")
	conn.Commit()
	conn.Mask("LOGIN") // too late
	if _, err := conn.ReadLiteral(int64(1 + len(long))); err != nil {
		t.Fatal(err)
	}
	conn.Mask(long) // of which the transcript has only the beginning
	mustReadLine(t, conn, "")
	conn.Commit()
	checkTranscript(t, tr,
		"-- open mem client",
		`C: a1 LOGIN "***" "***"`,
		`C: +***\`,
		`C: \{9745 octets}`,
		"C:",
	)
}

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
	if len(conn.in) > inputBuffer {
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

func TestReadLineGrowsUpToItsLimit(t *testing.T) {
	t.Parallel()
	client, conn, _ := connect(t)
	long := strings.Repeat("x", 65536)
	go io.WriteString(client, long+"\r\na2 NOOP\r\n"+long+"x\r\n")
	for _, want := range []string{long, "a2 NOOP"} {
		if line, err := conn.ReadLine(65536); string(line) != want || err != nil {
			t.Fatalf("read a line of %d octets, %v", len(line), err)
		}
	}
	if _, err := conn.ReadLine(65536); err != ErrLineTooLong {
		t.Errorf("error is %v", err)
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

func TestWriteLiteralElidesTheMessageInTheTranscriptOnly(t *testing.T) {
	t.Parallel()
	for _, size := range []int{elideOver, 10_000, 100_000} {
		client, conn, tr := connect(t)
		message := "Subject: x\r\n" + strings.Repeat("y", size-12)
		conn.WriteString("+OK\r\n")
		if err := conn.WriteLiteral([]byte(message)); err != nil {
			t.Fatal(err)
		}
		conn.WriteString("\r\n.\r\n")
		conn.Flush()
		conn.Close()
		if got, _ := io.ReadAll(client); string(got) != "+OK\r\n"+message+"\r\n.\r\n" {
			t.Errorf("client got %d octets", len(got))
		}
		if size <= elideOver {
			checkTranscript(t, tr, "-- open mem client",
				"S: +OK", "S: Subject: x", "S: "+message[12:], "S: .", "-- closed")
			continue
		}
		checkTranscript(t, tr, "-- open mem client",
			"S: +OK", "S: Subject: x", fmt.Sprintf(`S: \{%d octets}`, size-12), "S:", "S: .", "-- closed")
	}
}

func TestWriteFlushesByItselfPast64KiB(t *testing.T) {
	t.Parallel()
	client, conn, _ := connect(t)
	line := strings.Repeat("x", 1022) + "\r\n"
	for range 64 {
		conn.WriteString(line)
	}
	client.SetReadDeadline(time.Now().Add(-1))
	if len(conn.out) != flushOver {
		t.Errorf("%d octets wait", len(conn.out))
	}
	client.SetReadDeadline(time.Time{})
	conn.WriteString(line)
	if len(conn.out) != 0 {
		t.Errorf("%d octets still wait", len(conn.out))
	}
	if _, err := io.ReadFull(client, make([]byte, 65*1024)); err != nil {
		t.Error(err)
	}
	conn.WriteString(line)
	conn.Flush()
	if cap(conn.out) > outputRetained {
		t.Errorf("an idle connection keeps %d octets", cap(conn.out))
	}
	big := strings.Repeat("z", 3*directOver)
	go conn.WriteString(big)
	got := make([]byte, 1024+len(big))
	if _, err := io.ReadFull(client, got); err != nil || string(got) != line+big {
		t.Errorf("a big string changed on its way: %v", err)
	}
}

func TestWritingALineThroughAvailableBufferDoesNotAllocate(t *testing.T) {
	// Not parallel: AllocsPerRun counts those of other goroutines too.
	conn := NewConn(discardConn{}, IMAP, nil)
	allocated := testing.AllocsPerRun(1000, func() {
		line := append(conn.AvailableBuffer(), "* 1 FETCH (FLAGS (\\Seen))\r\n"...)
		if _, err := conn.Write(line); err != nil {
			t.Error(err)
		}
	})
	if allocated > 0 {
		t.Errorf("%v allocations", allocated)
	}
}

// discardConn is a peer that takes everything and says nothing.
type discardConn struct{ net.Conn }

func (discardConn) RemoteAddr() net.Addr        { return nil }
func (discardConn) Write(p []byte) (int, error) { return len(p), nil }
func (discardConn) Close() error                { return nil }

func TestWriteErrorsStickAndAreNoted(t *testing.T) {
	t.Parallel()
	client, conn, tr := connect(t)
	client.Close()
	conn.WriteString("* BYE\r\n")
	if err := conn.Flush(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("flush: %v", err)
	}
	if _, err := conn.WriteString("x"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write: %v", err)
	}
	if err := conn.Flush(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("second flush: %v", err)
	}
	checkTranscript(t, tr, "-- open mem client", "S: * BYE",
		"-- write: write mem server->client: io: read/write on closed pipe (0 of 7 octets sent)")
}

func TestCloseFromElsewhereEndsReadingAndWriting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, conn, tr := connect(t)
		mustWrite(t, client, "a1 NO")
		time.AfterFunc(time.Hour, func() { conn.Close() })
		if _, err := conn.ReadLine(100); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read line: %v", err)
		}
		if _, err := conn.ReadLiteral(100); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read literal: %v", err)
		}
		conn.WriteString("x")
		if err := conn.Flush(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("flush: %v", err)
		}
		checkTranscript(t, tr, "-- open mem client", `C: a1 NO\`, "-- closed")
	})
}

func TestCloseUnblocksAWriterWhoseClientDoesNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, conn, _ := connect(t)
		time.AfterFunc(time.Hour, func() { conn.Close() })
		if err := conn.WriteLiteral(make([]byte, 1<<20)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write: %v", err)
		}
	})
}

func TestReadingAndWritingCanGoOnAtOnce(t *testing.T) {
	t.Parallel()
	client, conn, _ := connect(t)
	go io.Copy(io.Discard, client)
	go func() {
		for range 1000 {
			io.WriteString(client, "DONE\r\n")
		}
		client.(*memoryConn).CloseWrite()
	}()
	written := make(chan struct{})
	go func() {
		defer close(written)
		for range 1000 {
			conn.WriteString("* 1 EXISTS\r\n")
			conn.Flush()
		}
	}()
	for range 1000 {
		mustReadLine(t, conn, "DONE")
	}
	<-written
}

func TestStartTLSDropsWhatWasInjectedBefore(t *testing.T) {
	t.Parallel()
	client, conn, tr := connect(t)
	server, err := ServerTLS()
	if err != nil {
		t.Fatal(err)
	}
	trust, err := ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, client, "a1 STARTTLS\r\na2 DELETE INBOX\r\n")
	mustReadLine(t, conn, "a1 STARTTLS")
	go func() {
		answer, err := bufio.NewReaderSize(client, 16).ReadString('\n')
		if answer != "a1 OK begin\r\n" {
			t.Errorf("answer %q, %v", answer, err)
		}
		secure := tls.Client(client, trust)
		io.WriteString(secure, "a3 NOOP\r\n")
		secure.Close()
	}()
	conn.WriteString("a1 OK begin\r\n")
	if conn.TLS() != nil {
		t.Error("TLS before it started")
	}
	if err := conn.StartTLS(server); err != nil {
		t.Fatal(err)
	}
	mustReadLine(t, conn, "a3 NOOP")
	if state := conn.TLS(); state == nil || !state.HandshakeComplete {
		t.Errorf("state is %v", state)
	}
	if err := conn.StartTLS(server); err == nil {
		t.Error("TLS started twice")
	}
	if _, err := conn.ReadLine(100); err != io.EOF {
		t.Errorf("after the client closed: %v", err)
	}
	checkTranscript(t, tr,
		"-- open mem client",
		"C: a1 STARTTLS",
		"S: a1 OK begin",
		"C: a2 DELETE INBOX",
		"-- dropped before TLS: the client's last 17 octets",
		"-- TLS 1.3 started, "+tls.CipherSuiteName(conn.TLS().CipherSuite),
		"C: a3 NOOP",
		"-- closed by the client",
	)
}

func TestStartTLSGivesUpOnASilentClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, conn, tr := connect(t)
		server, err := ServerTLS()
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := conn.StartTLS(server); err == nil || time.Since(begin) != handshakeLimit {
			t.Errorf("gave up after %v: %v", time.Since(begin), err)
		}
		checkTranscript(t, tr, "-- open mem client", "-- TLS failed: context deadline exceeded")
	})
	_, conn, _ := connect(t)
	if err := conn.StartTLS(nil); err == nil {
		t.Error("TLS started without a configuration")
	}
}

func TestIdleConnIsSmall(t *testing.T) {
	t.Parallel()
	client, conn, _ := connect(t)
	mustWrite(t, client, "a1 IDLE\r\n")
	mustReadLine(t, conn, "a1 IDLE")
	conn.WriteString("+ idling\r\n")
	conn.Flush()
	if got := cap(conn.in) + cap(conn.out) + cap(conn.heard.text); got > 7<<10 {
		t.Errorf("an idle connection holds %d octets of buffers", got)
	}
}

func FuzzReadLine(f *testing.F) {
	f.Add([]byte("a1 NOOP\r\n\n\r\r\nlonger than that\r\nhalf"), 8, uint8(3))
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
			if len(line) > limit {
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

// checkStream checks that the client's records account for all of the input.
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

// scriptConn is a client that sends input in pieces and then closes.
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
