package imapfake_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// benchmark is a command that is timed.
type benchmark struct {
	name, command  string
	messages, text int  // how many messages of which size it is about
	first          bool // each command is the first about its messages
}

var fetchBenchmarks = []benchmark{
	{"Flags10000", "FETCH 1:* (UID FLAGS)", 10_000, 600, false},
	{"Envelope10000", "FETCH 1:* (ENVELOPE)", 10_000, 600, false},
	{"FirstEnvelope10000", "FETCH 1:* (ENVELOPE)", 10_000, 600, true},
	{"Body1000", "FETCH 1:* (BODY.PEEK[])", 1000, 9600, false},
}

func (bench benchmark) content() [][]byte {
	messages := make([][]byte, bench.messages)
	for i := range messages {
		messages[i] = realisticMessage(i, bench.text)
	}
	return messages
}

// BenchmarkFetch compares this server, its transcript on, with go-imap's server in
// memory, and with nothing but the octets of the same answer, all over loopback TCP.
func BenchmarkFetch(b *testing.B) {
	for _, bench := range fetchBenchmarks {
		messages := bench.content()
		var answer []byte
		run := func(name string, serve func(*testing.B, net.Listener)) {
			b.Run(bench.name+"/"+name, func(b *testing.B) {
				c := dialBenchmark(b, serve)
				answer = c.run(b, bench.command, true)
				b.SetBytes(int64(len(answer)))
				b.ReportAllocs()
				for b.Loop() {
					if bench.first {
						b.StopTimer()
						c = dialBenchmark(b, serve)
						b.StartTimer()
					}
					c.run(b, bench.command, false)
				}
			})
		}
		run("imapfake", func(b *testing.B, l net.Listener) { serveImapfake(b, l, messages) })
		octets := answer
		run("loopback", func(_ *testing.B, l net.Listener) { serveOctets(l, octets) })
		run("imapmemserver", func(b *testing.B, l net.Listener) { serveMemory(b, l, messages) })
	}
}

// realisticMessage returns message i, with about that much text.
func realisticMessage(i, text int) []byte {
	return []byte(crlf(fmt.Sprintf(`Return-Path: <bounces-%[1]d@lists.example.org>
Received: from mx.example.org (mx.example.org [192.0.2.1])
	by mail.example.com with ESMTPS id %[1]d
	for <alice@example.com>; Thu, 29 Feb 2024 12:30:00 +0100
Date: Thu, 29 Feb 2024 12:29:58 +0100
From: Bob Builder <bob.%[1]d@example.org>
To: Alice <alice@example.com>, "Team, the" <team@example.com>
Cc: =?utf-8?q?J=C3=BCrgen?= <juergen@example.com>
Subject: Re: [builders] the quarterly report, draft number %[1]d
Message-ID: <%[1]d.4711@mail.example.org>
In-Reply-To: <%[1]d.4710@mail.example.com>
References: <%[1]d.4709@mail.example.org> <%[1]d.4710@mail.example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

`, i) + strings.Repeat("All work and no play makes Jack a dull boy.\n", text/44)))
}

func serveImapfake(b *testing.B, l net.Listener, messages [][]byte) {
	store := mailstore.New()
	account, err := store.AddAccount("alice", "secret")
	if err != nil {
		b.Fatal(err)
	}
	inbox, err := account.Mailbox("INBOX")
	if err != nil {
		b.Fatal(err)
	}
	for i, raw := range messages {
		flags := []imap.Flag{imap.FlagSeen, "$NotJunk"}[:i%3]
		if _, err := inbox.Append(mailstore.NewMessage{Content: mailstore.NewContent(raw), Flags: flags}); err != nil {
			b.Fatal(err)
		}
	}
	server := imapfake.New(store, imapfake.WithTranscript(new(mailwire.Transcript)))
	b.Cleanup(func() { server.Close() })
	go server.Serve(l)
}

func serveMemory(b *testing.B, l net.Listener, messages [][]byte) {
	user := imapmemserver.NewUser("alice", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		b.Fatal(err)
	}
	for i, raw := range messages {
		flags := []imap.Flag{imap.FlagSeen, "$NotJunk"}[:i%3]
		if _, err := user.Append("INBOX", literalReader{bytes.NewReader(raw)}, &imap.AppendOptions{Flags: flags, Time: time.Now()}); err != nil {
			b.Fatal(err)
		}
	}
	backend := imapmemserver.New()
	backend.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return backend.NewSession(), nil, nil
		},
		InsecureAuth: true,
	})
	b.Cleanup(func() { server.Close() })
	go server.Serve(l)
}

type literalReader struct{ *bytes.Reader }

func (r literalReader) Size() int64 { return r.Reader.Size() }

// serveOctets answers whatever is sent: log in and SELECT with a tagged OK, and every
// other line with these octets.
func serveOctets(l net.Listener, octets []byte) {
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		line := make([]byte, 4096)
		answer := []byte("* OK\r\n")
		for {
			if _, err := conn.Write(answer); err != nil {
				return
			}
			n, err := conn.Read(line)
			if err != nil {
				return
			}
			if answer = octets; !bytes.Contains(line[:n], []byte("FETCH")) {
				answer = []byte("T OK\r\n")
			}
		}
	}()
}

// rawClient reads answers and does no more with them than to find their end.
type rawClient struct {
	net.Conn
	buf []byte
}

// maxLastLine is more than the line that ends an answer has.
const maxLastLine = 8 << 10

// dialBenchmark returns a client that has selected INBOX.
func dialBenchmark(b *testing.B, serve func(*testing.B, net.Listener)) *rawClient {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	serve(b, l)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	c := logInBenchmark(b, conn, "alice")
	c.run(b, "SELECT INBOX", false)
	return c
}

// logInBenchmark returns a client that is logged in.
func logInBenchmark(b *testing.B, conn net.Conn, user string) *rawClient {
	b.Cleanup(func() { conn.Close() })
	c := &rawClient{conn, make([]byte, 256<<10)}
	if _, err := conn.Read(c.buf); err != nil { // the greeting
		b.Fatal(err)
	}
	c.run(b, "LOGIN "+user+" secret", false)
	return c
}

// run sends a command and reads up to the line that ends it; all of it is returned if kept.
func (c *rawClient) run(b *testing.B, command string, kept bool) (answer []byte) {
	b.Helper()
	if _, err := io.WriteString(c.Conn, "T "+command+"\r\n"); err != nil {
		b.Fatal(err)
	}
	tail := 0 // how much at the start of buf is the end of what was read before
	for {
		n, err := c.Read(c.buf[tail:])
		if err != nil {
			b.Fatal(err)
		}
		if kept {
			answer = append(answer, c.buf[tail:tail+n]...)
		}
		n += tail
		last := c.buf[max(0, n-maxLastLine):n]
		if bytes.HasSuffix(last, []byte("\r\n")) {
			line := last[bytes.LastIndexByte(last[:len(last)-2], '\n')+1:]
			if bytes.HasPrefix(line, []byte("T OK")) {
				return answer
			}
			if bytes.HasPrefix(line, []byte("T ")) {
				b.Fatalf("%.60q: %s", command, line)
			}
		}
		tail = copy(c.buf, last)
	}
}
