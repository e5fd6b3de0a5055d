package mailwire

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Faults are the rules by which a server's connections misbehave, for [Service.Faults].
// The zero value has none, and then costs nothing. It is safe for concurrent use.
//
// Rules sit between the server and the wire, inside of TLS and compression: the server is
// honest and doesn't know of them. The transcript has what passed on the wire, and a note
// "fault:" with the rule each time that one fires. What a rule sends isn't subject to
// rules. Several rules apply in the order in which they were injected.
//
// While there are rules, the server gets one command at a time, the next when it has
// answered, and a command that a rule of [On] may be about is gathered with its literals
// first: the rules ask for the literals in the server's place.
type Faults struct {
	rules atomic.Pointer[[]*Injection]

	mu    sync.Mutex // guards changes of rules, and:
	all   []*Injection
	conns map[*Conn]struct{} // that are open
	err   error
}

// Inject has the rule apply from now on, also to connections that are open.
func (f *Faults) Inject(r Rule) (*Injection, error) {
	if err := r.Err(); err != nil {
		return nil, err
	}
	h := &Injection{rule: r, text: r.String(), faults: f, changed: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, h)
	f.set(append(slices.Clone(f.active()), h))
	if r.quietLimit() > 0 {
		for c := range f.conns {
			c.interceptor().activity()
		}
	}
	return h, nil
}

// Reject returns an injection of a rule that does nothing, and has [Faults.Err] tell err.
func (f *Faults) Reject(r Rule, err error) *Injection {
	f.fail(err)
	return &Injection{rule: r, text: r.String(), faults: f, removed: true, changed: make(chan struct{})}
}

func (f *Faults) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

// open makes a connection one that rules apply to.
func (f *Faults) open(c *Conn) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conns == nil {
		f.conns = make(map[*Conn]struct{})
	}
	f.conns[c] = struct{}{}
}

// forget is called when a connection has been closed, and waits for what rules do.
func (f *Faults) forget(c *Conn) {
	if f == nil {
		return
	}
	f.mu.Lock()
	delete(f.conns, c)
	f.mu.Unlock()
	if in := c.intercepts.Load(); in != nil {
		in.stop()
	}
}

func (f *Faults) set(rules []*Injection) { f.rules.Store(&rules) }

// active returns the rules that apply.
func (f *Faults) active() []*Injection {
	if f == nil {
		return nil
	}
	if rules := f.rules.Load(); rules != nil {
		return *rules
	}
	return nil
}

// applies tells whether the rule wasn't removed.
func (f *Faults) applies(h *Injection) bool { return slices.Contains(f.active(), h) }

// Unfired returns the rules that never fired, those that were removed included.
func (f *Faults) Unfired() []*Injection {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.all), func(h *Injection) bool { return h.Fired() > 0 })
}

// Err tells of the first rule that was rejected, or whose Go function has panicked or ended
// its goroutine.
func (f *Faults) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// protect calls a test author's function; it tells whether it returned.
func (f *Faults) protect(what string, call func()) (ok bool) {
	ok = true
	Protect(what, call, func(err error) {
		ok = false
		f.fail(fmt.Errorf("mailwire: %w", err))
	})
	return ok
}

// errCut ends a connection as a rule wants it.
var errCut = errors.New("mailwire: cut by a fault")
