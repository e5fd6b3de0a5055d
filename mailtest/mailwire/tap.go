package mailwire

import (
	"fmt"
	"net"
)

// Tap is told what passes on a connection, for a recorder that shows it in a way of its
// own. Its methods are called one at a time, and must not call the connection's.
type Tap interface {
	// Passed gets octets after they came from the client, or before they go there. They
	// are the connection's.
	Passed(dir Direction, octets []byte)
	// Ended says that a direction has ended, before the transcript says so.
	Ended()
}

// SetTap has t told of all that passes from now on, inside of TLS and compression and
// after what rules make of it. The transcript keeps getting notes, but the octets are t's
// affair. It is called before the first read and write, by one who reads with
// [Conn.Receive] alone.
func (c *Conn) SetTap(t Tap) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tap = t
}

// Receive reads what the client sends, as it comes. Errors are those of [Conn.ReadLine]
// at the end of a line. It counts as reading, and can't be mixed with reading by lines.
func (c *Conn) Receive(p []byte) (int, error) {
	n, _, err := c.read(p)
	if n > 0 {
		return n, nil
	}
	return 0, c.readFailed(err, false)
}

// CloseWrite sends what is buffered and ends the direction to the client, with a note.
// The client can go on sending. It counts as writing.
func (c *Conn) CloseWrite() error {
	if err := c.Flush(); err != nil {
		return err
	}
	c.mu.Lock()
	if !c.closed {
		c.ended = true // that the client then closes, too, says nothing
		c.noteEnd("closed by the server")
	}
	nc := c.nc
	c.mu.Unlock()
	if d, ok := nc.(*deflated); ok {
		nc = d.Conn
	}
	for _, direction := range []net.Conn{nc, c.raw} { // TLS ends before the connection does
		half, ok := direction.(interface{ CloseWrite() error })
		if !ok {
			continue
		}
		if err := half.CloseWrite(); err != nil {
			return fmt.Errorf("mailwire: end the direction to the client: %w", c.afterClose(err))
		}
	}
	return nil
}

// noteEnd records that nothing more comes; c.mu is held.
func (c *Conn) noteEnd(text string) {
	if c.tap != nil {
		c.tap.Ended()
	}
	c.noteLocked(text)
}

// tapped tells the tap of octets, and whether there is one; c.mu is held.
func (c *Conn) tapped(dir Direction, octets []byte) bool {
	if c.tap != nil && len(octets) > 0 {
		c.tap.Passed(dir, octets)
	}
	return c.tap != nil
}

// Note records something about the connection, after the input so far.
func (c *Conn) Note(text string) { c.note(text) }

// Add copies r to the transcript; its session is one of the transcript's.
func (t *Transcript) Add(r Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(r)
}
