package mailwire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// echo is a server that answers each line with itself until QUIT.
func echo(c *Conn) {
	for {
		line, err := c.ReadLine(1000)
		if err != nil {
			return
		}
		c.Write(append(append(c.AvailableBuffer(), line...), "\r\n"...))
		if c.Flush() != nil || string(line) == "QUIT" {
			return
		}
		c.Commit()
	}
}

// serve runs the service's accept loop and checks its end after Close.
func serve(t *testing.T, s *Service, loop func(net.Listener) error, l net.Listener) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- loop(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("serve returned %v", err)
		}
	})
}

func mustDial(t *testing.T, l *Listener) net.Conn {
	t.Helper()
	conn, err := l.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestServiceRunsASessionForEachConnection(t *testing.T) {
	t.Parallel()
	tr := new(Transcript)
	imap := &Service{Protocol: IMAP, Transcript: tr, Handle: echo}
	pop3 := &Service{Protocol: POP3, Transcript: tr, Handle: echo}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secure := NewListener("pop3s")
	pop3.TLS = ServerTLS
	serve(t, imap, imap.Serve, plain)
	serve(t, pop3, pop3.ServeTLS, secure)

	trust, err := ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	for session, dial := range []func() (net.Conn, error){
		func() (net.Conn, error) { return net.Dial("tcp", plain.Addr().String()) },
		func() (net.Conn, error) { return tls.Client(mustDial(t, secure), trust), nil },
	} {
		conn, err := dial() // one after the other has ended, so that the numbers are certain
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		mustWrite(t, conn, "hello\r\nQUIT\r\n")
		if got, err := io.ReadAll(conn); string(got) != "hello\r\nQUIT\r\n" || err != nil {
			t.Errorf("session %d: %q, %v", session+1, got, err)
		}
	}
	imap.Close()
	pop3.Close()
	for _, want := range []string{" imap#1 C: hello\n", " pop3#2 -- TLS 1.3 started", " pop3#2 S: QUIT\n", " pop3#2 -- closed\n"} {
		if !strings.Contains(tr.String(), want) {
			t.Errorf("%q isn't in the transcript:\n%s", want, tr)
		}
	}
}

func TestServiceCloseEndsSessionsAndWaitsForThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := 0
		var mu sync.Mutex
		s := &Service{Protocol: IMAP, Transcript: new(Transcript), Handle: func(c *Conn) {
			echo(c)
			time.Sleep(time.Hour) // a session that is slow to end
			mu.Lock()
			ended++
			mu.Unlock()
		}}
		l := NewListener("imap")
		serve(t, s, s.Serve, l)
		client := mustDial(t, l)
		other, server := Pipe()
		s.ServeConn(server)
		defer other.Close()
		s.ServeConn(nil)
		synctest.Wait()
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			mu.Lock()
			if ended != 2 {
				t.Errorf("Close returned after %d of 2 sessions", ended)
			}
			mu.Unlock()
		}
		if _, err := client.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("client: %v", err)
		}
		// Not "closed": a script would wait for that.
		if n := strings.Count(s.Transcript.String(), " -- closed as the server stops\n"); n != 2 {
			t.Errorf("the transcript says so of %d of 2 sessions:\n%s", n, s.Transcript)
		}
	})
}

func TestClosedServiceServesNobody(t *testing.T) {
	t.Parallel()
	var s Service
	s.Handle = func(*Conn) { t.Error("a session began") }
	s.TLS = ServerTLS
	s.Close()
	for _, loop := range []func(net.Listener) error{s.Serve, s.ServeTLS} {
		l := NewListener("imap")
		if err := loop(l); !errors.Is(err, net.ErrClosed) {
			t.Errorf("serve: %v", err)
		}
		if _, err := l.DialContext(t.Context()); err == nil {
			t.Error("the listener is still open")
		}
	}
	client, server := Pipe()
	s.ServeConn(server)
	if _, err := client.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("client: %v", err)
	}
}

func TestServiceThatLacksSomethingSaysSo(t *testing.T) {
	t.Parallel()
	broken := errors.New("no entropy")
	handle := func(*Conn) {}
	for _, test := range []struct {
		serve func(net.Listener) error
		want  string
	}{
		{(&Service{Protocol: IMAP}).Serve, "mailwire: serve imap: no handler"},
		{(&Service{Protocol: POP3, Handle: handle}).ServeTLS, "mailwire: serve pop3 over TLS: no configuration"},
		{(&Service{Protocol: POP3, Handle: handle, TLS: func() (*tls.Config, error) { return nil, broken }}).ServeTLS,
			"mailwire: serve pop3 over TLS: no entropy"},
		{(&Service{Protocol: IMAP, Handle: handle, Err: broken}).Serve, "no entropy"},
	} {
		l := NewListener("x")
		if err := test.serve(l); err == nil || err.Error() != test.want {
			t.Errorf("error %v, want %s", err, test.want)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the listener is still open: %v", err)
		}
		if err := test.serve(nil); err == nil {
			t.Error("served without a listener")
		}
	}
	for _, s := range []*Service{{}, {Handle: handle, Err: broken}} {
		client, server := Pipe()
		s.ServeConn(server)
		if _, err := client.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("without a handler, or with an error: %v", err)
		}
	}
}

func TestServiceRefusesSessionsBeyondItsMaximum(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := new(Transcript)
		s := &Service{Protocol: IMAP, Transcript: tr, Handle: echo, MaxSessions: 1}
		l := NewListener("imap")
		serve(t, s, s.Serve, l)
		first := mustDial(t, l)
		synctest.Wait()
		if got, err := io.ReadAll(mustDial(t, l)); len(got) > 0 || err != nil {
			t.Errorf("second client: %q, %v", got, err)
		}
		if !strings.Contains(tr.String(), " imap#2 -- refused: no more sessions than 1 are served at once\n") {
			t.Error(tr)
		}
		first.Close()
		synctest.Wait()
		third := mustDial(t, l)
		mustWrite(t, third, "QUIT\r\n")
		if got, err := io.ReadAll(third); string(got) != "QUIT\r\n" || err != nil {
			t.Errorf("third client: %q, %v", got, err)
		}
	})
}

func TestServiceWaitsOutTemporaryErrorsOfAccept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &Service{Protocol: IMAP, Handle: echo}
		l := NewListener("imap")
		serve(t, s, s.Serve, &flakyListener{Listener: l, failures: 10})
		begin := time.Now()
		client := mustDial(t, l)
		mustWrite(t, client, "QUIT\r\n")
		if got, err := io.ReadAll(client); string(got) != "QUIT\r\n" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if waited := time.Since(begin); waited < time.Second || waited > 10*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &Service{Protocol: IMAP, Handle: echo}
		serve(t, s, s.Serve, &flakyListener{Listener: NewListener("imap"), failures: 1 << 30})
		time.Sleep(time.Minute) // and Close ends the waiting, see serve
	})
}

type flakyListener struct {
	*Listener
	failures int
}

func (l *flakyListener) Accept() (net.Conn, error) {
	if l.failures > 0 {
		l.failures--
		return nil, temporaryError{}
	}
	return l.Listener.Accept()
}

type temporaryError struct{}

func (temporaryError) Error() string   { return "too many open files" }
func (temporaryError) Temporary() bool { return true }

func TestSilentTLSClientDoesNotHoldUpTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := new(Transcript)
		s := &Service{Protocol: IMAP, Transcript: tr, TLS: ServerTLS, Handle: echo}
		l := NewListener("imaps")
		serve(t, s, s.ServeTLS, l)
		silent := mustDial(t, l)
		synctest.Wait()
		trust, err := ClientTLS()
		if err != nil {
			t.Fatal(err)
		}
		client := tls.Client(mustDial(t, l), trust)
		mustWrite(t, client, "QUIT\r\n")
		if got, err := io.ReadAll(client); string(got) != "QUIT\r\n" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if got, err := io.ReadAll(silent); len(got) > 0 || err != nil {
			t.Errorf("silent client: %q, %v", got, err)
		}
		synctest.Wait()
		if !strings.Contains(tr.String(), "30.000000 imap#1 -- TLS failed: context deadline exceeded") {
			t.Error(tr)
		}
	})
}

func TestServiceCanBeClosedWhileClientsCome(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := &Service{Protocol: IMAP, TLS: ServerTLS, Handle: echo}
		l := NewListener("imap")
		var wg sync.WaitGroup
		wg.Go(func() { s.Serve(l) })
		for range 4 {
			wg.Go(func() {
				for {
					client, err := l.DialContext(context.Background())
					if err != nil {
						return
					}
					io.WriteString(client, "QUIT\r\n")
					io.Copy(io.Discard, client)
					client.Close()
				}
			})
		}
		wg.Go(func() { s.Close() })
		s.Close()
		l.Close() // Serve may not have begun
		wg.Wait()
	}
}

func TestSessionsAreNumberedInTheOrderOfAccept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := new(Transcript)
		s := &Service{Protocol: IMAP, Transcript: tr, Handle: echo}
		l := NewListener("imap")
		var want, got []string
		for i := range 10 {
			mustDial(t, l)
			want = append(want, fmt.Sprintf("%d open mem imap:%[1]d", i+1))
		}
		serve(t, s, s.Serve, l)
		synctest.Wait()
		for _, r := range tr.Records() {
			got = append(got, fmt.Sprintf("%d %s", r.Session, r.Text))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCloseReturnsTheFirstFailure(t *testing.T) {
	t.Parallel()
	var s Service
	first := errors.New("first")
	for _, err := range []error{nil, first, errors.New("second")} {
		s.Fail(err)
	}
	for range 2 {
		if err := s.Close(); err != first {
			t.Errorf("error %v", err)
		}
	}
}
