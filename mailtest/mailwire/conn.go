package mailwire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// handshakeLimit bounds a TLS handshake.
const handshakeLimit = 30 * time.Second

// Conn is a server's end of a connection: it frames what the client sends,
// buffers what the server answers, and records both in a transcript.
//
// One goroutine reads, one at a time writes, and the two may be different.
// Mask, Commit, Push, HangUp, Reset and Close may be called from anywhere. StartTLS counts as
// reading and as writing.
//
// After Close, reading and writing fail with an error that wraps
// net.ErrClosed.
type Conn struct {
	raw        net.Conn // as it was accepted
	protocol   Protocol
	session    int
	transcript *Transcript
	done       chan struct{} // closed by Close
	faults     *Faults       // nil: none can come
	intercepts atomic.Pointer[interceptor]

	// mu guards what the reading goroutine, the writing one and Close share. No
	// network is used with it held. The reading goroutine, which alone changes
	// the input buffer, looks into it without.
	mu     sync.Mutex
	nc     net.Conn // raw, or TLS over it; only StartTLS changes it
	closed bool
	ended  bool // a note says why there is no more input
	tap    Tap  // gets the octets in place of the transcript
	turn   turn // to write

	in       []byte // in[r:w] is input that wasn't consumed yet
	r, w     int
	recorded int  // how much of it is in heard or the transcript already
	behind   bool // the last read filled the buffer, so that more may wait
	heard    excerpt

	// What came and what was sent or is to be, within TLS and compression, in octets.
	received, sent atomic.Int64
	writeLimit     atomic.Int64 // a time.Duration

	// The reading goroutine's.
	sentBefore int64     // how much was sent when input came last; -1: none came
	overlong   *lineEnds // of a line whose rest is to be dropped

	// The writing goroutine's.
	writing    bool // it has the turn
	out        []byte
	outElided  []elision
	writeError error
}

// NewConn returns the server's end of nc, gives it the transcript's next
// session number and records that it is open. Without a transcript nothing is
// recorded.
func NewConn(nc net.Conn, p Protocol, t *Transcript) *Conn {
	if t == nil {
		t = NewTranscript(-1)
	}
	note := "open"
	if addr := nc.RemoteAddr(); addr != nil {
		note += " " + addr.Network() + " " + addr.String()
	}
	c := &Conn{raw: nc, nc: nc, protocol: p, transcript: t, session: t.open(p, note), done: make(chan struct{}), sentBefore: -1}
	c.turn.free.L = &c.mu
	return c
}

// Session returns the connection's number in its transcript, from 1.
func (c *Conn) Session() int { return c.session }

// LocalAddr returns the server's address.
func (c *Conn) LocalAddr() net.Addr { return c.raw.LocalAddr() }

// RemoteAddr returns the client's address.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

// SetReadDeadline makes reading fail with os.ErrDeadlineExceeded from t on; the
// zero time means never. It may be called from anywhere, and also interrupts
// a read that is under way.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.raw.SetReadDeadline(t) }

// SetWriteLimit makes writing fail with os.ErrDeadlineExceeded when the client takes longer than
// that to make room for 256 KiB, because it reads too little or nothing; 0 means never. It may be
// called from anywhere, and holds for what is written next.
func (c *Conn) SetWriteLimit(d time.Duration) { c.writeLimit.Store(int64(d)) }

// TLS returns the state of TLS, and nil on a plain connection.
func (c *Conn) TLS() *tls.ConnectionState {
	c.mu.Lock()
	nc := c.nc
	c.mu.Unlock()
	if d, compressed := nc.(*deflated); compressed {
		nc = d.Conn
	}
	conn, ok := nc.(*tls.Conn)
	if !ok {
		return nil
	}
	state := conn.ConnectionState()
	return &state
}

// StartTLS sends what is buffered and goes on in TLS, as the server. What the
// client sent in the clear after the command that led here is dropped: it
// could come from an attacker and would be taken for the client's own (RFC
// 9051 §6.2.1). The handshake has to end within 30 seconds. After an error the
// connection can only be closed.
func (c *Conn) StartTLS(cfg *tls.Config) error {
	if cfg == nil {
		return errors.New("mailwire: start TLS: no configuration")
	}
	if c.TLS() != nil {
		return errors.New("mailwire: start TLS: already started")
	}
	if c.Compressed() {
		return errors.New("mailwire: start TLS: compression is active")
	}
	if err := c.Flush(); err != nil {
		return err
	}
	if err := c.moment(onTLS); err != nil {
		return err
	}
	c.takeTurn() // what is pushed waits for TLS
	defer c.giveTurn()
	c.dropInput("dropped before TLS")
	conn := tls.Server(c.raw, cfg)
	ctx, cancel := context.WithTimeout(context.Background(), handshakeLimit)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		if err = c.afterClose(err); !errors.Is(err, net.ErrClosed) {
			c.note("TLS failed: " + err.Error())
		}
		return fmt.Errorf("mailwire: start TLS: %w", err)
	}

	c.mu.Lock()
	c.nc = conn
	c.mu.Unlock()
	state := conn.ConnectionState()
	c.note(tls.VersionName(state.Version) + " started, " + tls.CipherSuiteName(state.CipherSuite))
	return nil
}

// dropInput drops what is buffered of the input and notes it.
func (c *Conn) dropInput(why string) {
	n := c.Buffered()
	if n == 0 {
		return
	}
	c.consume(c.w - c.r)
	if in := c.interceptor(); in != nil {
		in.raw = nil
	}
	c.note(fmt.Sprintf("%s: the client's last %d octets", why, n))
}

// Close closes the connection and records it, without sending what is
// buffered. It may be called from anywhere and repeatedly.
func (c *Conn) Close() error { return c.closeWith("closed") }

// closeWith is Close with a note that says why.
func (c *Conn) closeWith(note string) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	close(c.done)
	c.hearUnread()
	c.noteEnd(note)
	c.turn.free.Broadcast()
	nc := c.nc
	c.mu.Unlock()
	if in := c.intercepts.Load(); in != nil {
		return in.close(nc)
	}
	return nc.Close()
}

// Mask has every occurrence of secret in the input that isn't committed to
// the transcript shown as "***"; also where it stands in an IMAP quoted
// string. Other encodings, such as base64, have to be masked on their own.
func (c *Conn) Mask(secret string) {
	if secret == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if quoted := quotedSpecials.Replace(secret); quoted != secret {
		c.heard.mask(quoted)
	}
	c.heard.mask(secret)
}

// Commit adds the input consumed so far to the transcript, after which Mask
// doesn't reach it. A server calls it before it reads a new command; sending
// output and Close do it too.
func (c *Conn) Commit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commit()
}

func (c *Conn) commit() {
	if c.heard.empty() {
		return
	}
	c.transcript.record(c.newRecord(Client, c.heard.since, c.heard.text), c.heard.elisions)
	c.heard.reset()
}

// note records something about the connection, after the input so far.
func (c *Conn) note(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noteLocked(text)
}

func (c *Conn) noteLocked(text string) {
	c.commit()
	c.transcript.record(c.newRecord(Note, time.Now(), []byte(text)), nil)
}

func (c *Conn) newRecord(dir Direction, at time.Time, text []byte) Record {
	return Record{Session: c.session, Protocol: c.protocol, Dir: dir, Time: at, Text: text}
}

// afterClose makes err wrap net.ErrClosed if the connection was closed.
func (c *Conn) afterClose(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed && !errors.Is(err, net.ErrClosed) {
		return net.ErrClosed
	}
	return err
}
