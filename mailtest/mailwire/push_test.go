package mailwire

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
)

func TestPushingDoesNotShowWhatIsYetToBeMasked(t *testing.T) {
	t.Parallel()
	client, server := Pipe()
	defer client.Close()
	transcript := new(Transcript)
	c := NewConn(server, IMAP, transcript)
	defer c.Close()
	client.Write([]byte("a LOGIN alice hunter2\r\n"))
	if _, err := c.ReadLine(100); err != nil {
		t.Fatal(err)
	}
	if err := c.Push([]byte("* 1 EXISTS\r\n")); err != nil {
		t.Fatal(err)
	}
	c.Mask("hunter2")
	c.Commit()
	if got := transcript.String(); strings.Contains(got, "hunter2") || !strings.Contains(got, "* 1 EXISTS") {
		t.Error(got)
	}
}

func TestWhatIsPushedWaitsForTheResponseAndTheEndWaitsForBoth(t *testing.T) {
	t.Parallel()
	client, server := Pipe()
	defer client.Close()
	c := NewConn(server, POP3, nil)
	c.WriteString("+OK half ")
	for _, f := range []func() error{func() error { return c.Push([]byte("pushed\r\n")) }, c.HangUp} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	c.WriteString("a response\r\n")
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(client)
	var lines []string
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	if got := strings.Join(lines, "|"); got != "+OK half a response|pushed" {
		t.Error(got)
	}
	if err := c.Push(nil); !errors.Is(err, net.ErrClosed) {
		t.Error("pushed to a closed connection:", err)
	}
	if _, err := c.Write([]byte("more")); err == nil {
		if err = c.Flush(); err == nil {
			t.Error("written to a closed connection")
		}
	}
}

func TestNoMoreWaitsToBePushedThanIsReasonable(t *testing.T) {
	t.Parallel()
	client, server := Pipe()
	defer client.Close()
	c := NewConn(server, IMAP, nil)
	defer c.Close()
	c.WriteString("* ")
	if err := c.Push(make([]byte, pushLimit)); err != nil {
		t.Error(err)
	}
	if err := c.Push([]byte("x")); err == nil {
		t.Error("no limit")
	}
}

func TestResettingAConnectionThatNobodyReadsSucceeds(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if err := NewConn(server, IMAP, nil).Reset(); err != nil {
		t.Error(err)
	}
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Error("the client got", err)
	}
}
