package mailwire_test

import (
	"bufio"
	"compress/flate"
	"io"
	"net"
	"testing"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

func TestCompressionStartsOnceAndAfterAPause(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer far.Close()
	conn := mailwire.NewConn(near, mailwire.IMAP, nil)
	defer conn.Close()
	go io.WriteString(far, "a COMPRESS DEFLATE\r\nb NOOP\r\n")
	for _, want := range []string{"a COMPRESS DEFLATE", "b NOOP"} {
		line, err := conn.ReadLine(100)
		if err != nil || string(line) != want {
			t.Fatalf("%q, %v", line, err)
		}
		if pipelined := conn.Buffered() > 0; pipelined {
			if err := conn.StartCompression(); err == nil || conn.Compressed() {
				t.Fatal("compression started amid what the client sent")
			}
		}
	}
	if err := conn.StartCompression(); err != nil || !conn.Compressed() {
		t.Fatal(err)
	}
	if err := conn.StartCompression(); err == nil {
		t.Error("compression started twice")
	}

	// What is flushed can be read whole, without more to come.
	go func() {
		conn.WriteString("* OK\r\n")
		conn.Flush()
	}()
	line, err := bufio.NewReader(flate.NewReader(far)).ReadString('\n')
	if line != "* OK\r\n" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
}

// What zlib makes of two commands with Z_PARTIAL_FLUSH after each.
func TestACommandThatWasFlushedPartiallyIsReadAtOnce(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer far.Close()
	conn := mailwire.NewConn(near, mailwire.IMAP, nil)
	defer conn.Close()
	if err := conn.StartCompression(); err != nil {
		t.Fatal(err)
	}
	for _, command := range []struct{ line, compressed string }{
		{"a NOOP", "\x4a\x54\xf0\xf3\xf7\x0f\xe0\xe5\x02\x08"},
		{"b NOOP", "\xa0\x24\x28\x0d\x10"},
	} {
		go io.WriteString(far, command.compressed)
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if line, err := conn.ReadLine(100); string(line) != command.line || err != nil {
			t.Errorf("%q, %v, want %q", line, err, command.line)
		}
	}
}

func TestACompressedConnectionEndsAsAnyOther(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	conn := mailwire.NewConn(near, mailwire.IMAP, nil)
	defer conn.Close()
	if err := conn.StartCompression(); err != nil {
		t.Fatal(err)
	}
	go func() {
		w, _ := flate.NewWriter(far, flate.BestSpeed)
		io.WriteString(w, "a NOOP\r\n")
		w.Flush()
		far.Close()
	}()
	if line, err := conn.ReadLine(100); string(line) != "a NOOP" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
	if _, err := conn.ReadLine(100); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}
