package mailwire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

func TestWriteLiteralElidesTheMessageInTheTranscriptOnly(t *testing.T) {
	t.Parallel()
	for _, size := range []int{elideOver, 10_000, 100_000} {
		client, conn, tr := connect(t)
		message := "Subject: x\r\n" + strings.Repeat("y", size-12)
		conn.WriteString("+OK\r\n")
		if err := conn.WriteLiteral([]byte(message)); err != nil {
			t.Fatal(err)
		}
		if size > directOver && cap(conn.out) > outputRetained {
			t.Errorf("a message of %d octets was copied", size)
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

func TestWriteFlushesByItselfPast128KiB(t *testing.T) {
	t.Parallel()
	client, conn, _ := connect(t)
	line := strings.Repeat("x", 1022) + "\r\n"
	for range 128 {
		conn.WriteString(line)
	}
	if len(conn.out) != flushOver {
		t.Errorf("%d octets wait", len(conn.out))
	}
	conn.WriteString(line)
	if len(conn.out) != 0 {
		t.Errorf("%d octets still wait", len(conn.out))
	}
	if _, err := io.ReadFull(client, make([]byte, 129*1024)); err != nil {
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
