package mailwire

import (
	"bufio"
	"compress/flate"
	"errors"
	"io"
	"net"
)

// StartCompression sends what is buffered and goes on with DEFLATE (RFC 1951) in both
// directions, as RFC 4978 wants it. The transcript keeps showing what is compressed.
// Each Flush is complete for the client. It counts as reading and as writing, and fails
// if compression is on already or the client sent more than the command that led here.
func (c *Conn) StartCompression() error {
	if c.Compressed() {
		return errors.New("mailwire: start compression: already started")
	}
	if c.Buffered() > 0 {
		return errors.New("mailwire: start compression: the client didn't wait")
	}
	if err := c.Flush(); err != nil {
		return err
	}
	c.takeTurn() // what is pushed waits to be compressed
	defer c.giveTurn()
	c.mu.Lock()
	c.nc = newDeflated(c.nc)
	c.mu.Unlock()
	c.note("DEFLATE started")
	return nil
}

// Deflate is the client's side of [Conn.StartCompression]: a connection that compresses
// what is written and decompresses what is read. Nothing of nc may be read already.
func Deflate(nc net.Conn) net.Conn { return newDeflated(nc) }

// Compressed tells whether StartCompression has succeeded.
func (c *Conn) Compressed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.nc.(*deflated)
	return ok
}

// deflated is a connection with DEFLATE over it. Whatever it is sent, it holds no more
// than the window of 32 KiB and what the caller asked for.
type deflated struct {
	net.Conn
	source *source
	r      io.Reader
	w      *flate.Writer
	out    *bufio.Writer // so that a command isn't several packets, of which a server that closes reads but one
}

func newDeflated(nc net.Conn) *deflated {
	src := &source{Conn: nc}
	out := bufio.NewWriterSize(nc, inputBuffer)
	w, _ := flate.NewWriter(out, flate.BestSpeed) // the level is valid
	r := &inflater{in: bufio.NewReaderSize(src, inputBuffer)}
	return &deflated{Conn: nc, source: src, r: r, w: w, out: out}
}

func (d *deflated) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	if d.source.err != nil {
		// DEFLATE has no end of its own here: the connection's is the end.
		err = d.source.err
	}
	return n, err
}

// Write sends p so that the client can decompress all of it at once.
func (d *deflated) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	if err != nil {
		return n, err
	}
	if err := d.w.Flush(); err != nil {
		return n, err
	}
	return n, d.out.Flush()
}

// source remembers why a connection gives no more.
type source struct {
	net.Conn
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if err != nil {
		s.err = err
	}
	return n, err
}
