package mailrecord_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.org/mailfakes/mailtest/mailrecord"
	"example.org/mailfakes/mailtest/mailwire"
)

// log is a transcript's text form, written as it happens.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// said returns the lines of the log without times and addresses.
func (l *log) said() string {
	var said strings.Builder
	for line := range strings.Lines(l.String()) {
		_, line, _ = strings.Cut(line, " ")
		if _, note, ok := strings.Cut(line, " -- open "); ok {
			line = strings.Replace(line, " "+note, "\n", 1)
		}
		said.WriteString(line)
	}
	return said.String()
}

// record starts a recorder of a server in memory that is what serve does on a connection,
// and returns how clients connect to it.
func record(t *testing.T, c mailrecord.Config, serve func(net.Conn)) (dial func() net.Conn, l *log) {
	t.Helper()
	up := mailwire.NewListener("upstream")
	if c.Protocol == "" {
		c.Protocol = mailwire.IMAP
	}
	c.Dial = func(ctx context.Context) (net.Conn, error) { return up.DialContext(ctx) }
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			nc, err := up.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { serve(nc) })
		}
	})
	t.Cleanup(func() {
		up.Close()
		serving.Wait()
	})
	return start(t, c)
}

// start starts a recorder in memory, until the test ends.
func start(t *testing.T, c mailrecord.Config) (dial func() net.Conn, l *log) {
	t.Helper()
	l = new(log)
	c.Transcript = mailwire.NewTranscript(-1)
	c.Transcript.SetLive(l)
	if c.UpstreamTLS == nil {
		var err error
		if c.UpstreamTLS, err = mailwire.ClientTLS(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := mailrecord.New(c)
	if err != nil {
		t.Fatal(err)
	}
	listener := mailwire.NewListener("recorder")
	go r.Serve(listener)
	t.Cleanup(func() {
		r.Close()
		if t.Failed() {
			t.Logf("recorded:\n%s", l)
		}
	})
	return func() net.Conn {
		nc, err := listener.DialContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		nc.SetDeadline(time.Now().Add(30 * time.Second))
		return nc
	}, l
}

// say writes and wants exactly that to come back.
func say(t *testing.T, nc net.Conn, out, want string) {
	t.Helper()
	if _, err := io.WriteString(nc, out); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	if n, err := io.ReadFull(nc, got); err != nil || string(got) != want {
		t.Fatalf("after %q came %q, %v; want %q", out, got[:n], err, want)
	}
}

// conversation returns a server that reads and writes in turn, beginning with writing, and then closes.
func conversation(t *testing.T, turns ...string) func(net.Conn) {
	return func(nc net.Conn) {
		defer nc.Close()
		for i, turn := range turns {
			if i%2 == 0 {
				if _, err := io.WriteString(nc, turn); err != nil {
					t.Error(err)
				}
				continue
			}
			got := make([]byte, len(turn))
			if n, err := io.ReadFull(nc, got); err != nil || string(got) != turn {
				t.Errorf("the server got %q, %v; want %q", got[:n], err, turn)
				return
			}
		}
	}
}

func TestEveryOctetPassesAsItIs(t *testing.T) {
	t.Parallel()
	dial, l := record(t, mailrecord.Config{}, conversation(t,
		"* OK hi\n", "a NOOP\nb  noop  \r\nc \xff\x00\r\n", "* BAD \x00\xff\r\na OK\nb OK {3}\r\nabc\r\n* hal", "c", "f\r\n", "rest"))
	nc := dial()
	say(t, nc, "", "* OK hi\n")
	say(t, nc, "a NOOP\nb  noop  \r\nc \xff\x00\r\n", "* BAD \x00\xff\r\na OK\nb OK {3}\r\nabc\r\n* hal")
	say(t, nc, "c", "f\r\n")
	say(t, nc, "rest", "")
	if rest, err := io.ReadAll(nc); len(rest) > 0 || err != nil {
		t.Errorf("then came %q, %v", rest, err)
	}
	nc.Close()
	want := `imap#1 -- open
imap#1 S: * OK hi\x0a\
imap#1 C: a NOOP\x0a\
imap#1 C: b  noop \x20
imap#1 C: c \xff\x00
imap#1 S: * BAD \x00\xff
imap#1 S: a OK\x0a\
imap#1 S: b OK {3}
imap#1 S: abc
`
	if got := l.said(); !strings.HasPrefix(got, want) {
		t.Errorf("recorded\n%s\nwant\n%s", got, want)
	}
	if _, err := mailwire.ParseTranscript(strings.NewReader(l.String())); err != nil {
		t.Error(err)
	}
}

func TestAnEndAndAResetPassInBothDirections(t *testing.T) {
	t.Parallel()
	t.Run("client ends", func(t *testing.T) {
		t.Parallel()
		dial, l := record(t, mailrecord.Config{}, func(nc net.Conn) {
			defer nc.Close()
			io.WriteString(nc, "* OK hi\r\n")
			sent, err := io.ReadAll(nc)
			fmt.Fprintf(nc, "* %q %v\r\n", sent, err)
		})
		nc := dial()
		say(t, nc, "a NO", "* OK hi\r\n")
		nc.(interface{ CloseWrite() error }).CloseWrite()
		if got, err := io.ReadAll(nc); string(got) != "* \"a NO\" <nil>\r\n" || err != nil {
			t.Errorf("after the client's end came %q, %v", got, err)
		}
		if want := "C: a NO\\\nimap#1 -- closed by the client\n"; !strings.Contains(l.said(), want) {
			t.Errorf("recorded\n%s", l)
		}
	})
	t.Run("server ends", func(t *testing.T) {
		t.Parallel()
		heard := make(chan string, 1)
		dial, l := record(t, mailrecord.Config{}, func(nc net.Conn) {
			defer nc.Close()
			io.WriteString(nc, "* BYE")
			nc.(interface{ CloseWrite() error }).CloseWrite()
			sent, _ := io.ReadAll(nc)
			heard <- string(sent)
		})
		nc := dial()
		if got, err := io.ReadAll(nc); string(got) != "* BYE" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		io.WriteString(nc, "still here")
		nc.Close()
		if got := <-heard; got != "still here" {
			t.Errorf("after its end the server heard %q", got)
		}
		if want := "S: * BYE\\\nimap#1 -- closed by the server\n"; !strings.Contains(l.said(), want) {
			t.Errorf("recorded\n%s", l)
		}
	})
}

// reset closes a socket as a host does that has no memory of it.
func reset(nc net.Conn) {
	nc.(*net.TCPConn).SetLinger(0)
	nc.Close()
}

func TestAResetPassesOverSockets(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"client", "server"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			up, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer up.Close()
			r, err := mailrecord.New(mailrecord.Config{Protocol: mailwire.POP3, Upstream: up.Addr().String()})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go r.Serve(l)
			client, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			server, err := up.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			say(t, server, "+OK\r\n", "")
			say(t, client, "QUIT\r\n", "+OK\r\n")
			say(t, server, "", "QUIT\r\n")
			resets, other := client, server
			if who == "server" {
				resets, other = server, client
			}
			reset(resets)
			other.SetReadDeadline(time.Now().Add(30 * time.Second))
			if n, err := other.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the other side reads %d, %v", n, err)
			}
		})
	}
}

func TestALargeLiteralStreamsAndIsElided(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("x", 76) + "\r\n"
	body := strings.Repeat(line, 10_000)
	for _, bodies := range []bool{false, true} {
		t.Run(fmt.Sprint("bodies ", bodies), func(t *testing.T) {
			t.Parallel()
			answer := fmt.Sprintf("* 1 FETCH (BODY[] {%d}\r\n%s UID 7)\r\na OK\r\n", len(body), body)
			dial, l := record(t, mailrecord.Config{Bodies: bodies}, conversation(t, "* OK\r\n", "a FETCH 1 BODY[]\r\n", answer))
			nc := dial()
			say(t, nc, "", "* OK\r\n")
			say(t, nc, "a FETCH 1 BODY[]\r\n", answer)
			got := l.said()
			want := "imap#1 S: " + strings.Repeat("x", 76) + "\n"
			elided := fmt.Sprintf("imap#1 S: \\{%d octets}\nimap#1 S:  UID 7)\n", len(body)-3*len(line))
			if n := strings.Count(got, want); bodies && n != 10_000 || !bodies && (n != 3 || !strings.Contains(got, elided)) {
				t.Errorf("%d lines of the body are recorded, and then\n%s", n, got[max(0, len(got)-300):])
			}
		})
	}
}

func TestALargePOP3MessageIsElidedAndAListIsNot(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("some text\r\n", 1000)
	list := ""
	for i := range 1000 {
		list += fmt.Sprintf("%d uid%d\r\n", i+1, i+1)
	}
	dial, l := record(t, mailrecord.Config{Protocol: mailwire.POP3}, conversation(t, "+OK\r\n", "UIDL\r\nRETR 1\r\nQUIT\r\n",
		"+OK\r\n"+list+".\r\n+OK\r\n"+body+".\r\n+OK bye\r\n"))
	nc := dial()
	say(t, nc, "", "+OK\r\n")
	say(t, nc, "UIDL\r\nRETR 1\r\nQUIT\r\n", "+OK\r\n"+list+".\r\n+OK\r\n"+body+".\r\n+OK bye\r\n")
	got := l.said()
	if !strings.Contains(got, "S: 1000 uid1000\npop3#1 S: .\n") {
		t.Error("the list isn't whole")
	}
	want := strings.Repeat("pop3#1 S: some text\n", 23) + "pop3#1 S: \\{10747 octets}\npop3#1 S: .\npop3#1 S: +OK bye\n"
	if !strings.Contains(got, want) {
		t.Errorf("recorded\n%s\nwant\n%s", got[max(0, len(got)-1000):], want)
	}
}
