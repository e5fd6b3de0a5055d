package mailwire

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
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
	if !conn.HasLine() {
		t.Error("the next command isn't a line")
	}
	if got := conn.Buffered(); got != len("a2 NOOP\n") {
		t.Errorf("buffered %d octets", got)
	}
	conn.Mask("secret")
	conn.WriteString("a1 OK\r\n")
	conn.Flush()
	mustReadLine(t, conn, "a2 NOOP")
	if conn.HasLine() {
		t.Error("another command came")
	}
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

// discardConn is a peer that takes everything and says nothing.
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

func TestCloseAmidALiteralLeavesItsBeginningInTheTranscript(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, conn, tr := connect(t)
		mustWrite(t, client, "half")
		time.AfterFunc(time.Hour, func() { conn.Close() })
		if _, err := conn.ReadLiteral(100); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read literal: %v", err)
		}
		checkTranscript(t, tr, "-- open mem client", "-- closed", `C: half\`)
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

// checkStream checks that the client's records account for all of the input.
// scriptConn is a client that sends input in pieces and then closes.
