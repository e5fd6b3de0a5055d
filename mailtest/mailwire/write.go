package mailwire

import (
	"errors"
	"fmt"
	"net"
	"time"
)

const (
	// flushOver is how much output is buffered before it is sent unasked.
	flushOver = 128 << 10
	// directOver is the size from which on octets are sent without being copied
	// to the buffer. Below, copying costs less than a system call.
	directOver = 32 << 10
	// outputRetained is the largest output buffer kept between commands.
	outputRetained = 16 << 10
	// writePiece is how much is written at once at most, apart from what was buffered.
	writePiece = 256 << 10
	// availableMinimum is what AvailableBuffer has room for at least.
	availableMinimum = 512
)

// Write appends p to the output and sends that once it is past 128 KiB. After
// an error all further writing returns it.
func (c *Conn) Write(p []byte) (int, error) {
	if err := c.put(p, len(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteString is Write for a string.
func (c *Conn) WriteString(s string) (int, error) {
	if len(s) > directOver {
		return c.Write([]byte(s))
	}
	c.reserve(len(s))
	return c.Write(append(c.out[len(c.out):], s...))
}

// AvailableBuffer returns an empty slice with room for some hundred octets.
// Appending to it and handing it to Write at once doesn't allocate; it may
// outgrow its room.
func (c *Conn) AvailableBuffer() []byte {
	c.reserve(availableMinimum)
	return c.out[len(c.out):]
}

// WriteLiteral is Write for the octets of a message. The transcript shows no
// more than their beginning if they are over 4 KiB. They aren't retained.
func (c *Conn) WriteLiteral(p []byte) error {
	shown := len(p)
	if shown > elideOver {
		shown = len(headOf(p, literalHead))
	}
	return c.put(p, shown)
}

// put appends p to the output; the transcript gets the first shown octets.
func (c *Conn) put(p []byte, shown int) error {
	if c.writeError != nil {
		return c.writeError
	}
	c.takeTurn()
	c.sent.Add(int64(len(p)))
	if len(p) > directOver {
		return c.send(p, shown)
	}
	c.reserve(len(p))
	c.out = append(c.out, p...)
	if rest := len(p) - shown; rest > 0 {
		c.outElided = append(c.outElided, elision{at: len(c.out) - rest, present: rest, octets: int64(rest)})
	}
	if len(c.out) > flushOver {
		return c.send(nil, 0)
	}
	return nil
}

// reserve makes room in the output buffer for n octets. It grows in few steps,
// because an idle connection needs little and a busy one all of it.
func (c *Conn) reserve(n int) {
	need := len(c.out) + n
	if need <= cap(c.out) {
		return
	}
	size := flushOver + directOver
	switch {
	case need <= 1<<10:
		size = 1 << 10
	case need <= outputRetained:
		size = outputRetained
	case need > size:
		size = need
	}
	grown := make([]byte, len(c.out), size)
	copy(grown, c.out)
	c.out = grown
}

// Flush sends the output in one write to the network, after committing the
// input to the transcript. Without output it does nothing. No response may be unfinished:
// what was pushed is sent next.
func (c *Conn) Flush() error {
	defer c.giveTurn()
	if c.writeError != nil {
		return c.writeError
	}
	if len(c.out) == 0 {
		return nil
	}
	err := c.send(nil, 0)
	if cap(c.out) > outputRetained {
		c.out = nil
	}
	return err
}

// send records and sends the output buffer and, after it, direct.
func (c *Conn) send(direct []byte, shown int) error {
	if in := c.interceptor(); in != nil {
		c.writeError = in.write(c.out, direct)
		c.out, c.outElided = c.out[:0], c.outElided[:0]
		return c.writeError
	}
	if err := c.recordOutput(direct, shown); err != nil {
		return err
	}
	total := len(c.out) + len(direct)
	sent, err := c.writeNetwork(c.nc, c.out, direct)
	c.out, c.outElided = c.out[:0], c.outElided[:0]
	c.writeError = c.writeFailed(err, sent, total)
	return c.writeError
}

// writeNetwork writes head and, after it, tail.
func (c *Conn) writeNetwork(nc net.Conn, head, tail []byte) (sent int64, err error) {
	for err == nil && len(head)+len(tail) > 0 {
		piece := tail[:min(len(tail), writePiece)]
		if limit := time.Duration(c.writeLimit.Load()); limit > 0 {
			_ = c.raw.SetWriteDeadline(time.Now().Add(limit)) // a connection that is gone fails below
		}
		n := 0
		switch {
		case len(piece) == 0:
			n, err = nc.Write(head)
		case len(head) == 0:
			n, err = nc.Write(piece)
		default:
			both := net.Buffers{head, piece}
			var octets int64
			octets, err = both.WriteTo(nc) // one system call on a socket
			n = int(octets)
		}
		sent += int64(n)
		head, tail = nil, tail[len(piece):]
	}
	return sent, err
}

// writeFailed records why writing failed, and returns the error that the server gets.
func (c *Conn) writeFailed(err error, sent int64, total int) error {
	if err == nil {
		return nil
	}
	if err = c.afterClose(err); !errors.Is(err, net.ErrClosed) {
		c.note(fmt.Sprintf("write: %v (%d of %d octets sent)", err, sent, total))
	}
	return err
}

func (c *Conn) network() net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nc
}

// recordOutput records what is about to be sent: it must be in the transcript
// before the client can react to it.
func (c *Conn) recordOutput(direct []byte, shown int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.writeError = c.recordOutputLocked(now, c.out, c.outElided); c.writeError != nil {
		return c.writeError
	}
	if len(direct) == 0 || c.tapped(Server, direct) {
		return nil
	}
	var rest []elision
	if shown < len(direct) {
		rest = []elision{{at: shown, octets: int64(len(direct) - shown)}}
	}
	c.transcript.record(c.newRecord(Server, now, direct[:shown]), rest)
	return nil
}

func (c *Conn) recordOutputLocked(now time.Time, text []byte, elided []elision) error {
	if c.closed {
		return fmt.Errorf("mailwire: write: %w", net.ErrClosed)
	}
	c.commit()
	if !c.tapped(Server, text) {
		c.transcript.record(c.newRecord(Server, now, text), elided)
	}
	return nil
}

// recordBatch is recordOutput for what rules have made of the output, or pushed.
func (c *Conn) recordBatch(b *batch) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.pushed && !c.closed {
		c.recordPushed(b.text, b.skips)
		return nil
	}
	return c.recordOutputLocked(time.Now(), b.text, b.skips)
}
