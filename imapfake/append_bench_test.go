package imapfake_test

import (
	"bytes"
	"fmt"
	"net"
	"testing"
)

// BenchmarkAppend compares this server, its transcript on, with go-imap's server in memory.
func BenchmarkAppend(b *testing.B) {
	run := func(name string, message func(int) []byte, serve func(*testing.B, net.Listener, [][]byte)) {
		b.Run(name, func(b *testing.B) {
			benchmarkAppend(b, message, dialBenchmark(b, func(b *testing.B, l net.Listener) { serve(b, l, nil) }))
		})
	}
	run("100B/imapfake", tinyMessage, serveImapfake)
	run("100B/imapmemserver", tinyMessage, serveMemory)
	run("1300B/imapfake", smallMessage, serveImapfake)
	run("1300B/imapmemserver", smallMessage, serveMemory)
}

func tinyMessage(i int) []byte {
	return []byte(crlf(fmt.Sprintf("From: bob@example.org\nTo: alice@example.com\nSubject: report %d\n\nAll is well.\n", i)))
}

func smallMessage(i int) []byte { return realisticMessage(i, 600) }

// benchmarkAppend sends 1000 APPENDs at once.
func benchmarkAppend(b *testing.B, message func(int) []byte, c *rawClient) {
	const messages = 1000
	var commands bytes.Buffer
	for i := range messages {
		raw := message(i)
		fmt.Fprintf(&commands, "A%d APPEND Drop (\\Seen) {%d+}\r\n%s\r\n", i, len(raw), raw)
	}
	b.SetBytes(int64(commands.Len()))
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		c.run(b, "CREATE Drop", false)
		b.StartTimer()
		if _, err := c.Write(commands.Bytes()); err != nil {
			b.Fatal(err)
		}
		c.run(b, "NOOP", false)
		b.StopTimer()
		if want := fmt.Appendf(nil, "(MESSAGES %d)", messages); !bytes.Contains(c.run(b, "STATUS Drop (MESSAGES)", true), want) {
			b.Fatal("not every message was stored")
		}
		c.run(b, "DELETE Drop", false)
		b.StartTimer()
	}
}
