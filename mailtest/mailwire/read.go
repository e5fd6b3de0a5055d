package mailwire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

const (
	// inputBuffer is the size of the input buffer; long lines make it grow.
	inputBuffer = 4 << 10
	// inputRetained is the largest one that is kept when it is empty.
	inputRetained = 16 << 10
	// inputAhead is how large it may grow while the client sends more than is read, to
	// spare system calls.
	inputAhead = 256 << 10
	// overlongTail is how much is kept of the end of a line that is too long: enough for
	// a literal's announcement.
	overlongTail = 32
	// heardLimit is how much consumed input waits for its commit at most.
	heardLimit = 64 << 10
	// literalStart is how much memory a literal gets before any of it arrived.
	literalStart = 16 << 10
	// emptyReads is how often in a row a network may return nothing at all.
	emptyReads = 100
)

// ErrLineTooLong is returned by Conn.ReadLine; the line has been read.
var ErrLineTooLong = errors.New("mailwire: line too long")

// quotedSpecials writes a string as it stands in an IMAP quoted string (RFC
// 3501 §9, QUOTED-CHAR).
var quotedSpecials = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Buffered returns how many octets came from the network and weren't consumed
// yet: more than none at the end of a command means that the client didn't
// wait for its answer. It belongs to the reading goroutine.
func (c *Conn) Buffered() int {
	n := c.w - c.r
	if in := c.intercepts.Load(); in != nil {
		n += len(in.raw)
	}
	return n
}

// HasLine tells whether ReadLine would return a line without waiting. It
// belongs to the reading goroutine.
func (c *Conn) HasLine() bool { return bytes.IndexByte(c.unread(), '\n') >= 0 }

func (c *Conn) unread() []byte { return c.in[c.r:c.w] }

// ReadLine returns the next line without its CRLF or LF; it is valid until the
// next call that reads.
//
// When it has more than limit octets (negative means none), all but its first 256 octets and its last
// 32 is dropped as it arrives, and these are returned, joined, with ErrLineTooLong:
// the next call returns the next line. At the end of
// the input the error is io.EOF, and io.ErrUnexpectedEOF if that is amid a line.
// After an error of the network that isn't permanent, such as
// os.ErrDeadlineExceeded, the line can be read again.
func (c *Conn) ReadLine(limit int) ([]byte, error) {
	c.bound()
	limit = max(limit, 0)
	if c.overlong != nil {
		return c.dropLine()
	}
	for scanned := 0; ; {
		if i := bytes.IndexByte(c.unread()[scanned:], '\n'); i >= 0 {
			end := scanned + i
			line := bytes.TrimSuffix(c.unread()[:end], []byte("\r"))
			if len(line) > limit {
				return c.tooLong(limit)
			}
			c.consume(end + 1)
			return line, nil
		}
		// One octet more may be the CR that doesn't count.
		if scanned = c.w - c.r; scanned-1 > limit {
			return c.tooLong(limit)
		}
		if err := c.fill(); err != nil {
			return nil, c.readFailed(err, scanned > 0)
		}
	}
}

// lineEnds is what is kept of a line that is too long.
type lineEnds struct{ head, tail []byte }

// tooLong records the head of a line that is too long and drops the rest.
func (c *Conn) tooLong(limit int) ([]byte, error) {
	// How much is shown mustn't depend on how much arrived at once.
	n := min(limit, literalHead)
	c.overlong = &lineEnds{head: bytes.Clone(c.unread()[:n])}
	c.consume(n)
	return c.dropLine()
}

func (c *Conn) dropLine() ([]byte, error) {
	for {
		i := bytes.IndexByte(c.unread(), '\n')
		if i >= 0 {
			c.dropOverlong(i + 1)
			ends := c.overlong
			c.overlong = nil
			tail := bytes.TrimSuffix(bytes.TrimSuffix(ends.tail, []byte("\n")), []byte("\r"))
			return append(ends.head, tail...), ErrLineTooLong
		}
		c.dropOverlong(c.w - c.r)
		if err := c.fill(); err != nil {
			return nil, c.readFailed(err, true)
		}
	}
}

// dropOverlong drops n octets of a line that is too long, but for its end.
func (c *Conn) dropOverlong(n int) {
	ends := c.overlong
	ends.tail = append(ends.tail, c.unread()[:n]...)
	ends.tail = bytes.Clone(ends.tail[max(0, len(ends.tail)-overlongTail-len(crlf)):])
	c.drop(n)
}

// ReadLiteral returns the next n octets. Memory is taken as they arrive, not
// as they were announced. If the input ends earlier the error is
// io.ErrUnexpectedEOF. After any error the position in the input is lost.
func (c *Conn) ReadLiteral(n int64) ([]byte, error) {
	if n < 0 || n > math.MaxInt {
		return nil, fmt.Errorf("mailwire: read literal of %d octets: invalid length", n)
	}
	c.bound()
	size := int(n)
	literal := make([]byte, 0, min(size, max(literalStart, c.w-c.r)))
	earlier := 0
	for {
		octets, recorded := c.take(size - len(literal))
		literal, earlier = append(literal, octets...), earlier+recorded
		if len(literal) == size {
			break
		}
		arrived, err := c.readMore(&literal, size)
		if err != nil && arrived < size {
			c.hearLiteral(literal[min(earlier, len(literal)):])
			return nil, c.readFailed(err, true)
		}
	}
	c.hearLiteral(literal[earlier:])
	return literal, nil
}

// readMore reads once towards a literal of size octets. A small rest goes
// through the buffer, because what follows it arrives along with it.
func (c *Conn) readMore(literal *[]byte, size int) (arrived int, err error) {
	have := len(*literal)
	if have == cap(*literal) {
		grown := make([]byte, have, have+min(have, size-have))
		copy(grown, *literal)
		*literal = grown
	}
	if size-have < inputBuffer && cap(*literal) == size || c.interceptor() != nil {
		return have, c.fill()
	}
	n, _, err := c.read((*literal)[have:min(size, cap(*literal))])
	*literal = (*literal)[:have+n]
	return have + n, err
}

// Discard reads n octets and drops them. Errors are those of ReadLiteral.
func (c *Conn) Discard(n int64) error {
	if n < 0 {
		return fmt.Errorf("mailwire: discard %d octets: invalid length", n)
	}
	c.bound()
	// What the transcript shows of it mustn't depend on how much arrived at once.
	start := int(min(n, literalHead+1))
	for c.w-c.r < start {
		if err := c.fill(); err != nil {
			return c.readFailed(err, true)
		}
	}
	shown := len(headOf(c.unread()[:start], literalHead))
	c.consume(shown)
	for left := n - int64(shown); left > 0; {
		if c.r == c.w {
			if err := c.fill(); err != nil {
				return c.readFailed(err, true)
			}
		}
		dropped := min(left, int64(c.w-c.r))
		c.drop(int(dropped))
		left -= dropped
	}
	return nil
}

// bound commits input if much of it waits.
func (c *Conn) bound() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heard.text)+len(c.heard.elisions) > heardLimit {
		c.commit()
	}
}

// consume advances over n buffered octets, which will be recorded.
func (c *Conn) consume(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	octets := c.in[c.r : c.r+n]
	c.heard.add(octets[c.advance(n):])
}

// drop advances over n buffered octets, whose number will be recorded.
func (c *Conn) drop(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard.elide(int64(n - c.advance(n)))
}

// take advances over at most n buffered octets and returns them, and how many of them were
// recorded; that the others are is the caller's affair.
func (c *Conn) take(n int) (octets []byte, recorded int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	octets = c.unread()
	octets = octets[:min(n, len(octets))]
	return octets, c.advance(len(octets))
}

// advance returns how many of the n octets were recorded before.
func (c *Conn) advance(n int) (earlier int) {
	c.r += n
	earlier = min(n, c.recorded)
	c.recorded -= earlier
	return earlier
}

func (c *Conn) hearLiteral(literal []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	head := literal
	if len(literal) > elideOver {
		head = headOf(literal, literalHead)
	}
	c.heard.add(head)
	c.heard.elide(int64(len(literal) - len(head)))
}

// hearUnread makes the transcript show input that arrived and may never be
// consumed, such as a line that lacks its end; c.mu is held.
func (c *Conn) hearUnread() {
	c.heard.add(c.unread()[c.recorded:])
	c.recorded = c.w - c.r
}

// fill reads from the network once, into the buffer.
func (c *Conn) fill() error {
	c.makeRoom()
	n, shown, err := c.read(c.in[c.w:])
	c.mu.Lock()
	defer c.mu.Unlock()
	if shown && c.recorded == c.w-c.r {
		c.recorded += n
	}
	c.w += n
	c.behind = c.w == len(c.in)
	if n > 0 {
		return nil
	}
	return err
}

func (c *Conn) makeRoom() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.behind && len(c.in) < inputAhead:
		in := make([]byte, min(4*len(c.in), inputAhead))
		c.r, c.w, c.in = 0, copy(in, c.unread()), in
	case c.r == c.w:
		c.r, c.w = 0, 0
		if c.in == nil || len(c.in) > inputRetained && !c.behind {
			c.in = make([]byte, inputBuffer)
		}
	case c.w < len(c.in):
	case c.r > 0:
		c.w = copy(c.in, c.unread())
		c.r = 0
	default:
		c.in = append(c.in, make([]byte, len(c.in))...)
	}
}

// read reads input for the server: what the network brings, unless there are rules. It
// tells whether the transcript has it already.
func (c *Conn) read(p []byte) (n int, shown bool, err error) {
	in := c.interceptor()
	if in == nil {
		n, err = c.readNetwork(p)
		// A rule may have come while it waited.
		if in = c.interceptor(); in == nil || n == 0 {
			return n, false, err
		}
		in.raw, in.inputErr = append(in.raw, p[:n]...), permanent(err)
		in.activity()
	}
	return in.read(p)
}

// permanent returns err unless reading can go on after it.
func permanent(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// readNetwork reads from the network until something comes.
func (c *Conn) readNetwork(p []byte) (int, error) {
	if c.sent.Load() == c.sentBefore { // what came wants more, not an answer
		acknowledge(c.raw)
	}
	for range emptyReads {
		n, err := c.nc.Read(p)
		if n > 0 && c.tap != nil {
			c.mu.Lock()
			c.tapped(Client, p[:n])
			c.mu.Unlock()
		}
		if n > 0 || err != nil {
			c.received.Add(int64(n))
			c.sentBefore = c.sent.Load()
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// readFailed records what arrived and why no more came, and returns the error
// that the caller's caller gets. Within a line or a literal the end of the
// input is unexpected.
func (c *Conn) readFailed(err error, within bool) error {
	c.mu.Lock()
	c.hearUnread()
	switch {
	case c.closed:
		c.commit() // because nobody else will
	case c.ended || errors.Is(err, os.ErrDeadlineExceeded):
	case err == io.EOF:
		c.ended = true
		c.noteEnd("closed by the client")
	default:
		c.ended = true
		c.noteEnd("read: " + err.Error())
	}
	c.mu.Unlock()
	if err = c.afterClose(err); err == io.EOF && within {
		return io.ErrUnexpectedEOF
	}
	return err
}
