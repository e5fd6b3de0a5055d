package mailwire

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Injection is a rule that has been injected. Its methods are safe for concurrent use.
type Injection struct {
	rule   Rule
	text   string
	faults *Faults

	mu             sync.Mutex
	matched, fired int
	inSession      map[int]int // how often it matched in each session
	removed        bool
	held           []chan struct{} // closed to let one go on
	changed        chan struct{}   // closed when held or removed changes
}

// Rule returns the rule.
func (h *Injection) Rule() Rule { return h.rule }

// Matched returns how often its event happened and its matchers agreed, but for those
// that count: Nth, From, To, Every, Times and Chance.
func (h *Injection) Matched() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.matched
}

// Fired returns how often its actions were carried out.
func (h *Injection) Fired() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fired
}

// Remove ends the rule, and lets go on what it holds.
func (h *Injection) Remove() {
	f := h.faults
	f.mu.Lock()
	f.set(slices.DeleteFunc(slices.Clone(f.active()), func(other *Injection) bool { return other == h }))
	f.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.removed = true
	h.releaseLocked()
}

// Release lets everything go on that the rule's [Rule.Hold] holds now.
func (h *Injection) Release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.releaseLocked()
}

func (h *Injection) releaseLocked() {
	for _, gate := range h.held {
		close(gate)
	}
	h.held = nil
	h.tell()
}

// tell wakes those who wait for a change; h.mu is held.
func (h *Injection) tell() {
	close(h.changed)
	h.changed = make(chan struct{})
}

// Wait returns when the rule holds a connection, or ctx's error.
func (h *Injection) Wait(ctx context.Context) error {
	for {
		h.mu.Lock()
		held, removed, changed := len(h.held), h.removed, h.changed
		h.mu.Unlock()
		switch {
		case held > 0:
			return nil
		case removed:
			return fmt.Errorf("mailwire: wait for %q to hold: it was removed", h.text)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("mailwire: wait for %q to hold (it matched so far: %d): %w", h.text, h.Matched(), ctx.Err())
		}
	}
}

// hold waits for the release, or the end of the connection.
func (h *Injection) hold(in *interceptor) error {
	h.mu.Lock()
	if h.removed {
		h.mu.Unlock()
		return nil
	}
	gate := make(chan struct{})
	h.held = append(h.held, gate)
	h.tell()
	h.mu.Unlock()
	err := await(in, gate)
	if err == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held = slices.DeleteFunc(h.held, func(other chan struct{}) bool { return other == gate })
	h.tell()
	return err
}

// matches tells whether the rule's event and matchers agree, but for those that count.
func (h *Injection) matches(hit *Hit) bool {
	event := h.rule.event
	if event.word.matches != nil && !event.word.matches(hit, event.args) {
		return false
	}
	for _, t := range h.rule.terms {
		if t.word.matches != nil && !t.word.matches(hit, t.args) {
			return false
		}
	}
	return true
}

// count counts a match, and tells whether the rule fires.
func (h *Injection) count(session int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.matched++
	t := tally{matched: h.matched, fired: h.fired + 1, session: session}
	if h.rule.counts() {
		if h.inSession == nil {
			h.inSession = make(map[int]int)
		}
		h.inSession[session]++
		t.inSession = h.inSession[session]
	}
	for _, term := range h.rule.terms {
		if term.word.counts != nil && !term.word.counts(t, term.args) {
			return false
		}
	}
	h.fired++
	return true
}
