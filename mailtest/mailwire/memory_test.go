package mailwire

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

func TestPipeIsANetConn(t *testing.T) {
	t.Parallel()
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		a, b := Pipe()
		return a, b, func() { a.Close(); b.Close() }, nil
	})
}

func TestPipeDeliversWhatWasWrittenBeforeClose(t *testing.T) {
	t.Parallel()
	a, b := Pipe()
	defer b.Close()
	mustWrite(t, a, "BYE")
	a.Close()
	if got, err := io.ReadAll(b); string(got) != "BYE" || err != nil {
		t.Errorf("read %q, %v after the peer closed", got, err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write to a closed peer: %v", err)
	}
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after Close: %v", err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after Close: %v", err)
	}
	if err := a.SetDeadline(time.Now().Add(time.Hour)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("set deadline after Close: %v", err)
	}
}

func TestPipeReadsOnAfterCloseWrite(t *testing.T) {
	t.Parallel()
	a, b := Pipe()
	defer a.Close()
	defer b.Close()
	mustWrite(t, a, "QUIT")
	if err := a.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(b); string(got) != "QUIT" || err != nil {
		t.Errorf("read %q, %v after CloseWrite", got, err)
	}
	mustWrite(t, b, "+OK")
	b.Close()
	if got, err := io.ReadAll(a); string(got) != "+OK" || err != nil {
		t.Errorf("read %q, %v in the other direction", got, err)
	}
}

func TestPipeBlocksItsWriterWhenFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe()
		defer a.Close()
		defer b.Close()
		a.SetWriteDeadline(time.Now().Add(time.Minute))
		n, err := a.Write(make([]byte, 1<<20))
		if n != streamLimit || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("wrote %d octets, %v to a peer that doesn't read", n, err)
		}
		if _, err := io.ReadFull(b, make([]byte, streamLimit)); err != nil {
			t.Error(err)
		}
		a.SetWriteDeadline(time.Time{})
		mustWrite(t, a, "again")
	})
}

func TestPipeKeepsConcurrentWritesApart(t *testing.T) {
	t.Parallel()
	a, b := Pipe()
	defer b.Close()
	const writers, size = 8, streamLimit + streamLimit/2 // more than fits at once
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			if _, err := a.Write(bytes.Repeat([]byte{byte(i)}, size)); err != nil {
				t.Error(err)
			}
		})
	}
	go func() {
		wg.Wait()
		a.Close()
	}()
	got, err := io.ReadAll(b)
	if err != nil || len(got) != writers*size {
		t.Fatalf("read %d octets, %v", len(got), err)
	}
	for ; len(got) > 0; got = got[size:] {
		if bytes.Count(got[:size], got[:1]) != size {
			t.Fatal("two writes mingled")
		}
	}
}

func TestPipePreservesAStreamOfAnyPieces(t *testing.T) {
	t.Parallel()
	a, b := Pipe()
	defer b.Close()
	random := rand.New(rand.NewPCG(1, 2))
	sent := make([]byte, 2<<20)
	for i := range sent {
		sent[i] = byte(random.Uint32())
	}
	go func() {
		defer a.Close()
		pieces := rand.New(rand.NewPCG(3, 4))
		for rest := sent; len(rest) > 0; {
			n := min(len(rest), pieces.IntN(100_000))
			a.Write(rest[:n])
			rest = rest[n:]
		}
	}()
	var got []byte
	for {
		piece := make([]byte, 1+random.IntN(50_000))
		n, err := b.Read(piece)
		got = append(got, piece[:n]...)
		if err == io.EOF {
			break
		}
	}
	if !bytes.Equal(got, sent) {
		t.Error("the stream changed on its way")
	}
}

func TestPipeReleasesItsBufferWhenIdle(t *testing.T) {
	t.Parallel()
	a, b := Pipe()
	defer a.Close()
	defer b.Close()
	if size := len(a.(*memoryConn).out.ring); size != 0 {
		t.Errorf("an unused pipe holds %d octets", size)
	}
	mustWrite(t, a, string(make([]byte, streamLimit)))
	io.ReadFull(b, make([]byte, streamLimit))
	if size := len(a.(*memoryConn).out.ring); size > streamRetained {
		t.Errorf("an emptied pipe holds %d octets", size)
	}
}

func TestPipeDeadlineThatWasMovedDoesNotFire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe()
		defer a.Close()
		defer b.Close()
		begin := time.Now()
		a.SetReadDeadline(begin.Add(time.Minute))
		a.SetReadDeadline(begin.Add(29 * time.Minute))
		_, err := a.Read(make([]byte, 1))
		if waited := time.Since(begin); !errors.Is(err, os.ErrDeadlineExceeded) || waited != 29*time.Minute {
			t.Errorf("read ended after %v: %v", waited, err)
		}
		a.SetReadDeadline(time.Time{})
		time.AfterFunc(time.Hour, func() { b.Write([]byte("x")) })
		if _, err := a.Read(make([]byte, 1)); err != nil {
			t.Errorf("read without a deadline: %v", err)
		}
	})
}

func mustWrite(t testing.TB, w io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
}
