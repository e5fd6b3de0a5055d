package mailwire

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestListenerConnectsDialAndAccept(t *testing.T) {
	t.Parallel()
	l := NewListener("imap")
	defer l.Close()
	client, err := l.DialContext(t.Context()) // before Accept, as with a socket
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, server, "* OK")
	server.Close()
	if got, err := io.ReadAll(client); string(got) != "* OK" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	for _, addr := range []net.Addr{l.Addr(), server.LocalAddr(), client.RemoteAddr()} {
		if addr.Network() != "mem" || addr.String() != "imap" {
			t.Errorf("server's address is %s %s", addr.Network(), addr)
		}
	}
	if got := server.RemoteAddr().String(); got != "imap:1" || got != client.LocalAddr().String() {
		t.Errorf("client's address is %s", got)
	}
}

func TestClosedListenerRefusesAndDropsPendingConnections(t *testing.T) {
	t.Parallel()
	l := NewListener("pop3")
	pending, err := l.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := pending.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("pending connection: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept: %v", err)
	}
	_, err = l.DialContext(t.Context())
	if !errors.Is(err, net.ErrClosed) || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial: %v", err)
	}
}

func TestListenerUnblocksAcceptOnClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewListener("imap")
		time.AfterFunc(time.Hour, func() { l.Close() })
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept: %v", err)
		}
	})
}

func TestListenerDialWaitsWhileTheBacklogIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewListener("imap")
		defer l.Close()
		for range backlog {
			if _, err := l.DialContext(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := l.DialContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial with a full backlog: %v", err)
		}
		if _, err := l.DialContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial with an ended context: %v", err)
		}
		time.AfterFunc(time.Minute, func() { l.Accept() })
		if _, err := l.DialContext(t.Context()); err != nil {
			t.Errorf("dial after an accept: %v", err)
		}
	})
}
