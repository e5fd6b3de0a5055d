package pop3fake_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

const (
	benchMessages = 1000
	benchOctets   = 10 << 10
)

// benchContent returns a message of benchOctets octets.
func benchContent() string {
	line := strings.Repeat("x", 76) + "\r\n"
	text := "Subject: benchmark\r\n\r\n" + strings.Repeat(line, benchOctets/len(line))
	return text[:benchOctets-2] + "\r\n"
}

// loopback returns a listener on 127.0.0.1.
func loopback(b *testing.B) net.Listener {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// BenchmarkRetrievePipelined downloads a maildrop by RETR commands that are all sent at
// once; BenchmarkLoopbackCopy is the speed that the machine allows.
func BenchmarkRetrievePipelined(b *testing.B) {
	f := start(b, nil)
	content := mailstore.NewContent([]byte(benchContent()))
	if _, err := f.inbox().Append(slices.Repeat([]mailstore.NewMessage{{Content: content}}, benchMessages)...); err != nil {
		b.Fatal(err)
	}
	server := pop3fake.New(f.store)
	defer server.Close()
	l := loopback(b)
	go server.Serve(l)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	c := &client{t: b, conn: conn, in: bufio.NewReader(conn)}
	c.line()
	c.send("USER alice\r\nPASS secret\r\n")
	c.line()
	c.line()

	var commands strings.Builder
	response := 0
	for n := range benchMessages {
		fmt.Fprintf(&commands, "RETR %d\r\n", n+1)
		response += len(fmt.Sprintf("+OK %d octets\r\n", benchOctets)) + benchOctets + len(".\r\n")
	}
	b.SetBytes(int64(response))
	for b.Loop() {
		c.send(commands.String())
		if _, err := io.CopyN(io.Discard, c.in, int64(response)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoopbackCopy(b *testing.B) {
	l := loopback(b)
	octets := bytes.Repeat([]byte(benchContent()), benchMessages)
	served := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			served <- err
			return
		}
		defer conn.Close()
		for err == nil {
			if _, err = io.ReadFull(conn, make([]byte, 1)); err == nil {
				_, err = conn.Write(octets)
			}
		}
		served <- err
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	in := bufio.NewReader(conn)
	b.SetBytes(int64(len(octets)))
	for b.Loop() {
		if _, err := conn.Write([]byte("x")); err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, in, int64(len(octets))); err != nil {
			b.Fatal(err)
		}
	}
	conn.Close()
	l.Close()
	if err := <-served; !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
}

// BenchmarkListOfLargeMaildrop logs in and asks for STAT and LIST of 10,000 messages of
// 10 KiB that no session has measured before.
func BenchmarkListOfLargeMaildrop(b *testing.B) {
	f := start(b, nil)
	for range 10_000 {
		f.deliver(benchContent())
	}
	for b.Loop() {
		c := f.logIn()
		c.send("STAT\r\nLIST\r\nQUIT\r\n")
		if _, err := io.Copy(io.Discard, c.in); err != nil {
			b.Fatal(err)
		}
		c.conn.Close()
	}
}
