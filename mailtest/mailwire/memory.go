package mailwire

import (
	"io"
	"math/bits"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// streamLimit is how many octets one direction of a pipe holds before its writer blocks.
	streamLimit = 256 << 10
	// streamRetained is the largest buffer that an emptied direction keeps for later.
	streamRetained = 64 << 10
	// streamMinimum is the smallest buffer that is worth allocating.
	streamMinimum = 512
)

// Pipe returns the two ends of a connection in memory. Unlike net.Pipe it
// behaves like a socket: each direction holds up to 256 KiB, so that a write
// need not wait for its read; after Close or CloseWrite the peer still reads
// what was written before, then io.EOF. Both ends have a method
// CloseWrite() error, as *net.TCPConn has.
//
// Errors are *net.OpError around net.ErrClosed (this end is closed),
// io.ErrClosedPipe (a write that the peer can never read) or
// os.ErrDeadlineExceeded. Both ends are safe for concurrent use, and a blocked
// call is durably blocked in the sense of testing/synctest. An idle pipe holds
// no buffer.
func Pipe() (net.Conn, net.Conn) {
	return pipe(memoryAddr("pipe"), memoryAddr("pipe"))
}

func pipe(a, b net.Addr) (*memoryConn, *memoryConn) {
	there, back := newStream(), newStream()
	return &memoryConn{in: back, out: there, local: a, remote: b},
		&memoryConn{in: there, out: back, local: b, remote: a}
}

// memoryAddr is the address of an end of an in-memory connection.
type memoryAddr string

func (a memoryAddr) Network() string { return "mem" }
func (a memoryAddr) String() string  { return string(a) }

// memoryConn is one end of a pipe.
type memoryConn struct {
	in, out       *stream
	local, remote net.Addr
}

func (c *memoryConn) LocalAddr() net.Addr  { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr { return c.remote }

func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	if err == io.EOF {
		return n, err
	}
	return n, c.opError("read", err)
}

func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.opError("write", err)
}

// CloseWrite ends the direction towards the peer, which reads io.EOF after
// what was written so far; reading goes on.
func (c *memoryConn) CloseWrite() error {
	c.out.closeWrite()
	return nil
}

func (c *memoryConn) Close() error {
	c.out.closeWrite()
	c.in.closeRead()
	return nil
}

// reset ends both directions, as RST does: what is on its way is lost, and the peer gets err.
func (c *memoryConn) reset(err error) {
	c.out.reset(err)
	c.in.reset(err)
}

// drain waits until the peer has read everything, or never can.
func (c *memoryConn) drain() { c.out.drain() }

func (c *memoryConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	return c.opError("set", c.in.setReadDeadline(t))
}

func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	return c.opError("set", c.out.setWriteDeadline(t))
}

func (c *memoryConn) opError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &net.OpError{Op: op, Net: "mem", Source: c.local, Addr: c.remote, Err: err}
}

// stream is one direction of a pipe: a bounded queue of octets. Waiting is
// done on a sync.Cond, never on a mutex, because only the former is durably
// blocking in a synctest bubble.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond // of anything below

	ring []byte // its length is 0 or a power of two
	head int    // index of the first queued octet
	size int    // octets queued
	lost int    // octets that were queued when the reader closed

	writing                     bool // a Write is under way: others wait, so that writes don't mingle
	readClosed, writeClosed     bool
	broken                      error // the connection was reset
	readDeadline, writeDeadline deadline
}

func newStream() *stream {
	s := new(stream)
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readClosed:
			return 0, net.ErrClosed
		case s.broken != nil:
			return 0, os.NewSyscallError("read", s.broken)
		case s.readDeadline.expired:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.size > 0:
			n := s.dequeue(p)
			s.changed.Broadcast()
			return n, nil
		case s.writeClosed:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := false
	defer func() {
		if mine {
			s.writing = false
			s.changed.Broadcast()
		}
	}()
	for {
		switch {
		case s.writeClosed:
			return n, net.ErrClosed
		case s.broken != nil:
			return n, os.NewSyscallError("write", s.broken)
		case s.writeDeadline.expired:
			return n, os.ErrDeadlineExceeded
		case s.readClosed:
			return n, io.ErrClosedPipe
		case n == len(p):
			return n, nil
		case (mine || !s.writing) && s.size < streamLimit:
			mine, s.writing = true, true
			n += s.enqueue(p[n:])
			s.changed.Broadcast()
			continue
		}
		s.changed.Wait()
	}
}

// unread returns how many octets wait for the reader, or will never be read.
func (s *stream) unread() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.size + s.lost)
}

// enqueue takes as much of p as there is room for.
func (s *stream) enqueue(p []byte) int {
	p = p[:min(len(p), streamLimit-s.size)]
	if need := s.size + len(p); need > len(s.ring) {
		ring := make([]byte, 1<<bits.Len(uint(max(need, streamMinimum)-1)))
		s.peek(ring)
		s.ring, s.head = ring, 0
	}
	tail := (s.head + s.size) & (len(s.ring) - 1)
	n := copy(s.ring[tail:], p)
	copy(s.ring, p[n:])
	s.size += len(p)
	return len(p)
}

func (s *stream) dequeue(p []byte) int {
	n := s.peek(p)
	s.size -= n
	s.head = (s.head + n) & (len(s.ring) - 1)
	if s.size == 0 && len(s.ring) > streamRetained {
		s.ring, s.head = nil, 0
	}
	return n
}

// peek copies queued octets to p without removing them.
func (s *stream) peek(p []byte) int {
	p = p[:min(len(p), s.size)]
	n := copy(p, s.ring[s.head:])
	copy(p[n:], s.ring)
	return len(p)
}

func (s *stream) closeWrite() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writeClosed = true
	if s.size == 0 {
		s.ring = nil
	}
	s.writeDeadline.stop()
	s.changed.Broadcast()
}

func (s *stream) closeRead() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readClosed = true
	s.readDeadline.stop()
	s.lost += s.size
	s.ring, s.head, s.size = nil, 0, 0
	s.changed.Broadcast()
}

func (s *stream) reset(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
	s.ring, s.head, s.size = nil, 0, 0
	s.changed.Broadcast()
}

func (s *stream) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.size > 0 && !s.readClosed && !s.writeClosed {
		s.changed.Wait()
	}
}

func (s *stream) setReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readClosed {
		return net.ErrClosed
	}
	s.arm(&s.readDeadline, t)
	return nil
}

func (s *stream) setWriteDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writeClosed {
		return net.ErrClosed
	}
	s.arm(&s.writeDeadline, t)
	return nil
}

// arm sets one of the stream's deadlines; s.mu is held.
func (s *stream) arm(d *deadline, t time.Time) {
	d.stop()
	d.expired = false
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.expired = true
		s.changed.Broadcast()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		// Stop doesn't wait for a timer that has just fired: it may be an old one.
		if d.timer == timer {
			d.expired = true
			s.changed.Broadcast()
		}
	})
	d.timer = timer
}

// deadline is guarded by its stream's mutex.
type deadline struct {
	timer   *time.Timer
	expired bool
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
