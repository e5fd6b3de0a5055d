package mailwire

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"
)

// Python's imaplib and node-imap send a command so.
func TestAClientThatSendsACommandInPiecesWaitsForNoAcknowledgement(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.(*net.TCPConn).SetNoDelay(false); err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := NewConn(accepted, IMAP, nil)
	defer c.Close()
	go func() {
		for c.serveLiteral() == nil {
		}
	}()

	answers := bufio.NewReader(nc)
	fastest := time.Hour
	for i := range 40 {
		start := time.Now()
		for _, piece := range []string{"A {2+}\r\n", "hi", "\r\n"} {
			if _, err := io.WriteString(nc, piece); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := answers.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if i >= 20 { // the kernel acknowledges the first segments of a connection at once
			fastest = min(fastest, time.Since(start))
		}
	}
	if fastest >= 40*time.Millisecond {
		t.Errorf("the fastest of 20 commands took %v, as long as a delayed acknowledgement", fastest)
	}
}

// serveLiteral reads a line, a literal of two octets and a line, and answers.
func (c *Conn) serveLiteral() error {
	if _, err := c.ReadLine(100); err != nil {
		return err
	}
	if _, err := c.ReadLiteral(2); err != nil {
		return err
	}
	if _, err := c.ReadLine(100); err != nil {
		return err
	}
	if _, err := c.WriteString("A OK\r\n"); err != nil {
		return err
	}
	return c.Flush()
}
