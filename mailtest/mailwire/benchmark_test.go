package mailwire

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"strconv"
	"testing"
)

// BenchmarkSend compares what a server sends through a Conn, with its
// transcript, to the bare copy of the same octets over the same loopback
// socket in writes of the size that Conn uses.
func BenchmarkSend(b *testing.B) {
	message := bytes.Repeat([]byte("0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789a\r\n"), 160)
	b.Run("1000 messages of 10 KB", func(b *testing.B) {
		benchmarkSend(b, func(c *Conn) error {
			for i := range 1000 {
				line := append(c.AvailableBuffer(), "* "...)
				line = strconv.AppendInt(line, int64(i), 10)
				c.Write(append(line, " FETCH (BODY[] {10240}\r\n"...))
				c.WriteLiteral(message)
				c.WriteString(")\r\n")
			}
			return c.Flush()
		})
	})
	b.Run("10000 lines", func(b *testing.B) {
		benchmarkSend(b, func(c *Conn) error {
			for i := range 10_000 {
				line := append(c.AvailableBuffer(), "* "...)
				line = strconv.AppendInt(line, int64(i), 10)
				c.Write(append(line, " FETCH (FLAGS (\\Seen) UID 12345)\r\n"...))
			}
			return c.Flush()
		})
	})
	b.Run("10 messages of 1 MB", func(b *testing.B) {
		big := bytes.Repeat(message, 100)
		benchmarkSend(b, func(c *Conn) error {
			for range 10 {
				c.WriteString("* 1 FETCH (BODY[] {1024000}\r\n")
				c.WriteLiteral(big)
				c.WriteString(")\r\n")
			}
			return c.Flush()
		})
	})
}

func benchmarkSend(b *testing.B, send func(*Conn) error) {
	var octets countingConn
	if err := send(NewConn(&octets, IMAP, nil)); err != nil {
		b.Fatal(err)
	}
	plain := make([]byte, octets.sent)

	b.Run("bare", func(b *testing.B) {
		server := loopback(b)
		b.SetBytes(octets.sent)
		for b.Loop() {
			for rest := plain; len(rest) > 0; {
				n := min(len(rest), flushOver)
				if _, err := server.Write(rest[:n]); err != nil {
					b.Fatal(err)
				}
				rest = rest[n:]
			}
		}
	})
	b.Run("conn", func(b *testing.B) {
		server := loopback(b)
		conn := NewConn(server, IMAP, new(Transcript))
		b.SetBytes(octets.sent)
		b.ReportAllocs()
		for b.Loop() {
			if err := send(conn); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("memory", func(b *testing.B) {
		client, server := Pipe()
		defer client.Close()
		go io.Copy(io.Discard, client)
		conn := NewConn(server, IMAP, new(Transcript))
		defer conn.Close()
		b.SetBytes(octets.sent)
		for b.Loop() {
			if err := send(conn); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// loopback returns the server's end of a connection over TCP whose client reads all it gets.
func loopback(b *testing.B) net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 256<<10)
		for {
			if _, err := client.Read(buffer); err != nil {
				return
			}
		}
	}()
	b.Cleanup(func() {
		server.Close()
		<-done
		client.Close()
	})
	return server
}

type countingConn struct {
	discardConn
	sent int64
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.sent += int64(len(p))
	return len(p), nil
}

// BenchmarkReceive is a client that pipelines 10,000 commands.
func BenchmarkReceive(b *testing.B) {
	input := bytes.Repeat([]byte("a1234 UID STORE 12345 +FLAGS.SILENT (\\Seen)\r\n"), 10_000)
	client, server := Pipe()
	conn := NewConn(server, IMAP, new(Transcript))
	defer conn.Close()
	defer client.Close()
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		go client.Write(input)
		for range 10_000 {
			conn.Commit()
			if _, err := conn.ReadLine(8192); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkIdleConn reports the memory of a connection in memory whose session
// has said hello and waits.
func BenchmarkIdleConn(b *testing.B) {
	tr := NewTranscript(-1)
	var conns []io.Closer
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		client, server := Pipe()
		conn := NewConn(server, IMAP, tr)
		go conn.ReadLine(8192)
		conns = append(conns, conn, client)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	sum := after.HeapAlloc + after.StackInuse - before.HeapAlloc - before.StackInuse
	b.ReportMetric(float64(sum)/float64(len(conns)/2), "B/conn")
	for _, c := range conns {
		c.Close()
	}
}
