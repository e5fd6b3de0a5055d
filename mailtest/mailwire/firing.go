package mailwire

import "time"

// unit is what rules are applied to: a response, a command, a literal, a step, or, without
// text, a moment.
type unit struct {
	*Hit
	on      occasion
	command *pendingCommand // that it is, or belongs to

	before, after []byte
	dropped       bool
	moved         move
	passed        bool // it was sent already
	segment, rate int  // of this response alone
	noted         bool // of input: the transcript has it
	answered      bool // of a command: the server doesn't get it
}

// responding tells whether the goroutine that handles u has the turn to write.
func (u *unit) responding() bool { return u.on&onOutput != 0 }

// move is where a response goes.
type move uint8

const (
	stays move = iota
	behindNext
	behindTagged
	atCommand
)

// firing is a rule whose actions are carried out.
type firing struct {
	in   *interceptor
	rule *Injection
	unit *unit
	err  error
}

// failed keeps an error that ends the connection.
func (f *firing) failed(err error) {
	if f.err == nil {
		f.err = err
	}
}

// apply lets the rules fire that u is about. An error ends the connection.
func (in *interceptor) apply(u *unit) error {
	for _, h := range in.faults.active() {
		if h.rule.event.word.occasions&u.on == 0 {
			continue
		}
		if err := in.applyRule(h, u); err != nil {
			return err
		}
	}
	return nil
}

func (in *interceptor) applyRule(h *Injection, u *unit) error {
	if u.Hit == nil {
		u.Hit = in.hit(nil, u.command)
	}
	if !h.matches(u.Hit) || !h.count(in.conn.session) {
		return nil
	}
	if err := in.note(h, u); err != nil {
		return err
	}
	f := &firing{in: in, rule: h, unit: u}
	u.firing = f
	defer func() { u.firing = nil }()
	for _, t := range h.rule.terms {
		if t.word.act == nil {
			continue
		}
		f.failed(t.word.act(f, t.args))
		if f.err != nil {
			return f.err
		}
	}
	return nil
}

// note records that a rule fires, behind all that came before.
func (in *interceptor) note(h *Injection, u *unit) error {
	switch {
	case u.responding():
		if err := in.sendBatch(); err != nil {
			return err
		}
	case u.on&onInput != 0 && !u.noted:
		u.noted = true
		in.conn.noteInput(in.wire.masked(u.on, u.command, u.Text))
	}
	in.conn.noteFault("fault: "+h.text, u.on != onQuiet)
	return nil
}

// noteFault records that a rule fires; what was heard is committed unless the session may be
// about to mask a secret in it.
func (c *Conn) noteFault(text string, commit bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if commit {
		c.commit()
	}
	c.transcript.record(c.newRecord(Note, time.Now(), []byte(text)), nil)
}

// noteInput records what the client sent, apart from what the server consumes.
func (c *Conn) noteInput(text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tap != nil {
		return // it was told when the octets came
	}
	c.commit()
	c.heard.begin()
	since := c.heard.since
	shown := text
	if len(text) > elideOver {
		shown = headOf(text, literalHead)
	}
	var rest []elision
	if n := len(text) - len(shown); n > 0 {
		rest = []elision{{at: len(shown), octets: int64(n)}}
	}
	c.transcript.record(c.newRecord(Client, since, shown), rest)
}
