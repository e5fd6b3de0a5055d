package mailwire

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"
)

// pushLimit is how many octets wait at most for the end of a response.
const pushLimit = 16 << 20

// turn says who may write to a connection: the session, from the first octet that it
// writes to its next Flush, or one who pushes, in between. Conn.mu guards it, which isn't
// held while the network is used.
type turn struct {
	taken  bool
	free   sync.Cond // is signalled when taken becomes false, or the connection is closed
	pushed []byte    // what waits for the session's Flush
	hangUp bool      // the connection is to be closed after that
}

// takeTurn waits until nobody else writes. It is the session's.
func (c *Conn) takeTurn() {
	if c.writing {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.turn.taken && !c.closed {
		c.turn.free.Wait()
	}
	c.turn.taken, c.writing = true, true
}

// giveTurn ends the session's turn, and sends what was pushed in it.
func (c *Conn) giveTurn() {
	if !c.writing {
		return
	}
	c.writing = false
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endTurn()
}

// endTurn sends what was pushed and ends the turn of who has it; c.mu is held.
func (c *Conn) endTurn() {
	for len(c.turn.pushed) > 0 && !c.closed {
		raw := c.turn.pushed
		c.turn.pushed = nil
		c.mu.Unlock()
		err := c.sendPushed(raw)
		c.mu.Lock()
		if err != nil && !c.closed {
			c.transcript.record(c.newRecord(Note, time.Now(), []byte("push: "+err.Error())), nil)
			c.turn.hangUp = true
		}
	}
	c.turn.pushed = nil
	c.turn.taken = false
	c.turn.free.Broadcast()
	if c.turn.hangUp && !c.closed {
		c.mu.Unlock()
		c.Close()
		c.mu.Lock()
	}
}

// sendPushed sends octets that are no part of a session's answers.
func (c *Conn) sendPushed(raw []byte) error {
	if in := c.interceptor(); in != nil {
		return in.say(raw, false)
	}
	c.mu.Lock()
	nc := c.nc
	c.recordPushed(raw, nil)
	c.mu.Unlock()
	_, err := nc.Write(raw)
	return err
}

// recordPushed doesn't commit what was heard: the session may be about to mask a secret in
// it. c.mu is held.
func (c *Conn) recordPushed(raw []byte, elided []elision) {
	if !c.tapped(Server, raw) {
		c.transcript.record(c.newRecord(Server, time.Now(), raw), elided)
	}
}

// Push sends octets that are no part of a session's answers. That is at once as long as the
// session waits for its client, else as soon as it waits again: never inside of a response.
// It may be called from anywhere, and waits for the network as every writing does.
func (c *Conn) Push(raw []byte) error { return c.push(raw, false) }

// HangUp closes the connection once no response is under way and all is sent that was pushed.
// It may be called from anywhere.
func (c *Conn) HangUp() error { return c.push(nil, true) }

func (c *Conn) push(raw []byte, hangUp bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return fmt.Errorf("mailwire: push: %w", net.ErrClosed)
	case len(c.turn.pushed)+len(raw) > pushLimit:
		return fmt.Errorf("mailwire: push: over %d octets wait to be sent", pushLimit)
	}
	c.turn.pushed = append(c.turn.pushed, bytes.Clone(raw)...)
	c.turn.hangUp = c.turn.hangUp || hangUp
	if !c.turn.taken {
		c.turn.taken = true
		c.endTurn()
	}
	return nil
}

// Reset closes the connection as a host does that has no memory of it: what is on its way
// is lost, and the client gets ECONNRESET, in memory too. It may be called from anywhere.
func (c *Conn) Reset() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return fmt.Errorf("mailwire: reset: %w", net.ErrClosed)
	}
	c.transcript.record(c.newRecord(Note, time.Now(), []byte("reset")), nil)
	c.mu.Unlock()
	resetNetwork(c.raw)
	_ = c.Close() // the network's part of it is closed already
	return nil
}

// resetNetwork has the peer get ECONNRESET.
func resetNetwork(raw net.Conn) {
	switch raw := raw.(type) {
	case *net.TCPConn:
		_ = raw.SetLinger(0) // it fails only on a closed one
		_ = raw.Close()
	case interface{ reset(error) }:
		raw.reset(syscall.ECONNRESET)
	}
}

// Push is [Conn.Push] for the sessions with these numbers, or for all that are open. It
// fails if there is none, or one of those that were named isn't open.
func (s *Service) Push(raw []byte, sessions ...int) error {
	return s.each("push", sessions, func(c *Conn) error { return c.Push(raw) })
}

// HangUp is [Conn.HangUp] for the sessions with these numbers, or for all that are open; it
// fails as [Service.Push] does.
func (s *Service) HangUp(sessions ...int) error { return s.each("hang up", sessions, (*Conn).HangUp) }

// Reset is [Conn.Reset] for the sessions with these numbers, or for all that are open; it
// fails as [Service.Push] does.
func (s *Service) Reset(sessions ...int) error { return s.each("reset", sessions, (*Conn).Reset) }

// each calls f with connections in the order of their sessions.
func (s *Service) each(op string, sessions []int, f func(*Conn) error) error {
	s.mu.Lock()
	conns := slices.SortedFunc(maps.Keys(s.conns), func(a, b *Conn) int { return cmp.Compare(a.session, b.session) })
	s.mu.Unlock()
	done := 0
	var errs error
	for _, n := range sessions {
		if !slices.ContainsFunc(conns, func(c *Conn) bool { return c.session == n }) {
			errs = errors.Join(errs, fmt.Errorf("session %d isn't open", n))
		}
	}
	for _, c := range conns {
		if sessions != nil && !slices.Contains(sessions, c.session) {
			continue
		}
		switch err := f(c); {
		case err == nil:
			done++
		case sessions != nil:
			errs = errors.Join(errs, fmt.Errorf("session %d: %w", c.session, err))
		}
	}
	if errs == nil && done == 0 {
		errs = errors.New("no session is open")
	}
	if errs != nil {
		return fmt.Errorf("mailwire: %s: %w", op, errs)
	}
	return nil
}
