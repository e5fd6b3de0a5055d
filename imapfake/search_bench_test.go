package imapfake_test

import (
	"net"
	"testing"
)

// BenchmarkSearchText searches 10,000 messages of 10 KB for a string that none of them
// holds, in this server and in go-imap's server in memory.
func BenchmarkSearchText(b *testing.B) {
	messages := make([][]byte, 10_000)
	for i := range messages {
		messages[i] = realisticMessage(i, 9600)
	}
	run := func(name string, serve func(*testing.B, net.Listener, [][]byte)) {
		b.Run(name, func(b *testing.B) {
			c := dialBenchmark(b, func(b *testing.B, l net.Listener) { serve(b, l, messages) })
			b.SetBytes(int64(len(messages) * len(messages[0])))
			b.ReportAllocs()
			for b.Loop() {
				c.run(b, `SEARCH TEXT "nowhere to be found"`, false)
			}
		})
	}
	run("imapfake", serveImapfake)
	run("imapmemserver", serveMemory)
}
