package imapfake_test

import (
	"net"
	"testing"
)

// searchBenchmark looks for a string that no message holds.
var searchBenchmark = benchmark{"SearchText10000", `SEARCH TEXT "nowhere to be found"`, 10_000, 9600, false}

// BenchmarkSearchText compares this server with go-imap's server in memory.
func BenchmarkSearchText(b *testing.B) {
	messages := searchBenchmark.content()
	run := func(name string, serve func(*testing.B, net.Listener, [][]byte)) {
		b.Run(name, func(b *testing.B) {
			c := dialBenchmark(b, func(b *testing.B, l net.Listener) { serve(b, l, messages) })
			b.SetBytes(int64(len(messages) * len(messages[0])))
			b.ReportAllocs()
			for b.Loop() {
				c.run(b, searchBenchmark.command, false)
			}
		})
	}
	run("imapfake", serveImapfake)
	run("imapmemserver", serveMemory)
}
