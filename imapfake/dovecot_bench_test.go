//go:build linux

package imapfake_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailscript/scripttest"
	"example.org/mailfakes/mailtest/mailwire"
)

// BenchmarkDovecot compares this server, its transcript on, with Dovecot, which keeps its
// mail on disk and answers what it has in its caches; both over loopback TCP.
func BenchmarkDovecot(b *testing.B) {
	dovecot := scripttest.StartDovecot(b, "plugin {\n  quota_rule = *:storage=1G:messages=100000\n}\n", mailwire.IMAP)
	users := 0
	logIn := func(b *testing.B) *rawClient {
		conn, err := dovecot.Dial(b.Context(), mailwire.IMAP)
		if err != nil {
			b.Fatal(err)
		}
		users++
		return logInBenchmark(b, conn, fmt.Sprintf("b%04d@example.org", users))
	}
	benchmarks := append(fetchBenchmarks[:len(fetchBenchmarks):len(fetchBenchmarks)], searchBenchmark)
	for _, bench := range benchmarks {
		if bench.first {
			continue // Dovecot caches ENVELOPEs when it is asked for them first
		}
		messages := bench.content()
		run := func(b *testing.B, c *rawClient) {
			b.SetBytes(int64(len(c.run(b, bench.command, true))))
			for b.Loop() {
				c.run(b, bench.command, false)
			}
		}
		b.Run(bench.name+"/imapfake", func(b *testing.B) {
			run(b, dialBenchmark(b, func(b *testing.B, l net.Listener) { serveImapfake(b, l, messages) }))
		})
		b.Run(bench.name+"/dovecot", func(b *testing.B) {
			c := logIn(b)
			c.upload(b, messages)
			c.run(b, "SELECT INBOX", false)
			run(b, c)
		})
	}
	b.Run("Append1000/imapfake", func(b *testing.B) {
		benchmarkAppend(b, smallMessage, dialBenchmark(b, func(b *testing.B, l net.Listener) { serveImapfake(b, l, nil) }))
	})
	b.Run("Append1000/dovecot", func(b *testing.B) { benchmarkAppend(b, smallMessage, logIn(b)) })
}

// upload puts messages in INBOX, a thousand at a time (RFC 3502).
func (c *rawClient) upload(b *testing.B, messages [][]byte) {
	b.Helper()
	for len(messages) > 0 {
		some := messages[:min(1000, len(messages))]
		messages = messages[len(some):]
		var command strings.Builder
		command.WriteString("APPEND INBOX")
		for _, raw := range some {
			fmt.Fprintf(&command, " {%d+}\r\n%s", len(raw), raw)
		}
		c.run(b, command.String(), false)
	}
}
