package mailwire

import (
	"net"
	"sync"
	"time"
)

// interceptor carries out rules on one connection. It frames both directions, and is told
// of nothing but octets.
//
// The reading goroutine owns what is under "input"; turn is held for "output", by one
// that writes to the client on whoever's behalf; mu guards the rest, and is never held
// while waiting.
type interceptor struct {
	conn   *Conn
	faults *Faults

	// input
	raw   []byte // from the client, not divided yet
	whole []byte // the command that is being gathered
	gather
	inputErr  error // why there is no more
	cutInput  *int  // octets until the input is cut
	passing   int64 // octets of a literal that go to the server as they come
	overlong  bool  // amid a line that is too long to be looked at
	neverRead bool

	ended chan struct{} // closed when dead is set
	turn  chan struct{}
	// output
	rest     []byte // of the server, not a whole response yet
	batch    batch
	swapped  [][]byte // for after the next response
	deferred [][]byte // for after the next tagged response
	later    [][]byte // for the next command
	cut      *int     // octets until the connection is cut
	segment  int      // 0: output isn't divided
	rate     int      // octets a second; 0: as fast as can be
	deaf     bool     // the direction to the client has ended

	mu      sync.Mutex
	wire    wireState
	ready   chunk    // what the server gets next
	feeds   [][]byte // of a gathered command, for when the server asks for them
	feeding *pendingCommand
	fed     chan struct{} // closed and made anew when feeds changes
	dead    error         // a rule has ended the connection
	how     ending        // of the network's
	severed bool          // and so has cutInput, but the server still reads what came before
	quiet   []*time.Timer
	quieted sync.WaitGroup
}

// chunk is input for the server.
type chunk struct {
	text  []byte
	shown bool // the transcript has it already
}

// gather is a command that is being gathered.
type gather struct {
	command *pendingCommand // nil: none
	held    bool            // the server gets it when it is whole
	shown   int             // octets of whole that the transcript has
	literal int64           // size of the literal that comes next, -1: a line does
}

func newInterceptor(c *Conn) *interceptor {
	in := &interceptor{conn: c, faults: c.faults, ended: make(chan struct{}), turn: make(chan struct{}, 1), fed: make(chan struct{}), wire: newWireState(c.protocol)}
	in.literal, in.batch.body = -1, -1
	in.wire.replay(c)
	return in
}

// interceptor returns the connection's, nil as long as there was no rule.
func (c *Conn) interceptor() *interceptor {
	if c.faults == nil {
		return nil
	}
	if in := c.intercepts.Load(); in != nil || len(c.faults.active()) == 0 {
		return in
	}
	if in := newInterceptor(c); c.intercepts.CompareAndSwap(nil, in) {
		in.activity()
	}
	return c.intercepts.Load()
}

// takeTurn waits until nobody else writes to the client.
func (in *interceptor) takeTurn() error {
	select {
	case in.turn <- struct{}{}:
		return nil
	case <-in.ended:
	case <-in.conn.done:
	}
	return in.gone()
}

func (in *interceptor) giveTurn() { <-in.turn }

// offer gives the server input.
func (in *interceptor) offer(text []byte, shown bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ready = chunk{text, shown}
}

// ending is how a rule has ended the connection. The network's is closed when the server
// is done with it, so that a client which connects again finds nothing under way.
type ending uint8

const (
	inOrder ending = iota // with TLS's close_notify, if no rule has done it
	cutOff
	byReset
)

// end has everything fail that the server does with the connection.
func (in *interceptor) end(how ending) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.dead == nil {
		in.dead, in.how = errCut, how
		close(in.ended)
		in.conn.raw.SetDeadline(time.Now()) // wakes who waits for the network
	}
	return in.dead
}

// close closes the network's connection.
func (in *interceptor) close(nc net.Conn) error {
	in.mu.Lock()
	how := in.how
	in.mu.Unlock()
	switch how {
	case cutOff:
		return in.conn.raw.Close()
	case byReset:
		resetNetwork(in.conn.raw)
		return in.conn.raw.Close()
	}
	return nc.Close()
}

// gone returns why the connection is of no more use.
func (in *interceptor) gone() error {
	if err := in.alive(); err != nil {
		return err
	}
	return net.ErrClosed
}

// await waits until the channel is closed or sent to.
func await[T any](in *interceptor, c <-chan T) error {
	select {
	case <-c:
		return nil
	case <-in.ended:
	case <-in.conn.done:
	}
	return in.gone()
}

// wait waits for d, or for ever if it is 0.
func (in *interceptor) wait(d time.Duration) error {
	if d == 0 {
		return await[struct{}](in, nil)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	return await(in, timer.C)
}

// hit describes what is at hand; c is the command that it belongs to.
func (in *interceptor) hit(text []byte, c *pendingCommand) *Hit {
	in.mu.Lock()
	defer in.mu.Unlock()
	h := &Hit{
		Protocol: in.conn.protocol, Session: in.conn.session, User: in.wire.user, ClientID: in.wire.clientID,
		State: in.wire.state, Mailbox: in.wire.mailbox, Text: text, in: in,
	}
	if c != nil {
		h.Command, h.Tag = c.name, c.tag
	}
	return h
}

// moment lets rules fire that are about no octets.
func (in *interceptor) moment(on occasion) error {
	u := &unit{on: on}
	if err := in.apply(u); err != nil {
		return err
	}
	return in.alive()
}

func (in *interceptor) alive() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.dead
}

// moment is for a connection that may have no rules.
func (c *Conn) moment(on occasion) error {
	if in := c.interceptor(); in != nil {
		return in.moment(on)
	}
	return nil
}

// activity starts the wait for silence anew.
func (in *interceptor) activity() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, t := range in.quiet {
		if t.Stop() {
			in.quieted.Done()
		}
	}
	in.quiet = in.quiet[:0]
	if in.dead != nil || in.conn.isDone() {
		return
	}
	for _, h := range in.faults.active() {
		if d := h.rule.quietLimit(); d > 0 {
			in.quieted.Add(1)
			in.quiet = append(in.quiet, time.AfterFunc(d, func() {
				defer in.quieted.Done()
				in.silence(h)
			}))
		}
	}
}

// silence lets a rule fire that waited for it.
func (in *interceptor) silence(h *Injection) {
	if in.conn.isDone() || !in.faults.applies(h) {
		return
	}
	u := &unit{on: onQuiet}
	in.mu.Lock()
	c := in.wire.of("")
	in.mu.Unlock()
	u.Hit = in.hit(nil, c)
	if in.applyRule(h, u) != nil {
		in.end(inOrder)
	}
}

// stop ends the timers, and waits for what they have begun. The connection is closed.
func (in *interceptor) stop() {
	in.mu.Lock()
	for _, t := range in.quiet {
		if t.Stop() {
			in.quieted.Done()
		}
	}
	in.quiet = nil
	in.mu.Unlock()
	in.quieted.Wait()
}

// isDone tells whether the connection was closed.
func (c *Conn) isDone() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}
