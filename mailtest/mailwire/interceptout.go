package mailwire

import (
	"bytes"
	"fmt"
	"time"
)

// batchRetained is the largest buffer of output that is kept on a connection with rules.
const batchRetained = 4 * flushOver

// write takes output of the server.
func (in *interceptor) write(output ...[]byte) error {
	if err := in.takeTurn(); err != nil {
		return err
	}
	defer in.giveTurn()
	if err := in.alive(); err != nil {
		return err
	}
	in.activity()
	for _, p := range output {
		if err := in.divide(p); err != nil {
			return err
		}
	}
	return in.sendBatch()
}

// divide handles the responses in p, of which the first may have begun before.
func (in *interceptor) divide(p []byte) error {
	if len(in.rest) > 0 {
		in.rest = append(in.rest, p...)
		p = in.rest
	}
	for {
		n := in.responseLength(p)
		if n == 0 {
			break
		}
		if err := in.response(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	if in.rest = append(in.rest[:0], p...); len(in.rest) == 0 && cap(in.rest) > batchRetained {
		in.rest = nil
	}
	return nil
}

func (in *interceptor) responseLength(text []byte) int {
	if in.conn.protocol == IMAP {
		return textLength(text)
	}
	return bytes.IndexByte(text, '\n') + 1
}

// response handles one response of the server; the turn is held.
func (in *interceptor) response(text []byte) error {
	in.mu.Lock()
	on, c := in.wire.classify(text)
	entering := in.wire.entering(on, c, text)
	mute := on == onLine && c != nil && c.mute
	asked := in.feed(on, c, text)
	in.mu.Unlock()

	if entering != "" {
		on |= onState
	}
	var err error
	if !asked {
		err = in.respond(on, c, text, entering, mute)
	}

	in.mu.Lock()
	in.wire.told(on&^onState, c, text)
	answers := in.dueAnswers()
	in.mu.Unlock()
	for _, answer := range answers {
		in.batch.add(answer, in.conn.protocol, false)
	}
	return err
}

// respond applies the rules to a response and sends what they make of it.
func (in *interceptor) respond(on occasion, c *pendingCommand, text []byte, entering string, mute bool) error {
	if c != nil && c.lie != "" && on&onTagged != 0 {
		text = []byte(statusLine(c, c.lie))
		c.mute = bytes.HasPrefix(text, []byte("-ERR"))
	}
	if !in.concerned(on, text) && on&onTagged == 0 && in.swapped == nil {
		if !mute {
			in.batch.add(text, in.conn.protocol, on == onLine)
		}
		return in.sendIfLarge()
	}
	u := &unit{on: on, command: c, dropped: mute, Hit: in.hit(text, c)}
	u.entering = entering
	if err := in.apply(u); err != nil {
		return err
	}
	if u.segment > 0 || u.rate > 0 {
		return in.paced(u)
	}
	return in.emit(u)
}

// concerned tells whether there is a rule about such an event.
func (in *interceptor) concerned(on occasion, text []byte) bool {
	for _, h := range in.faults.active() {
		event := h.rule.event
		if event.word.occasions&on == 0 {
			continue
		}
		if w, ok := event.pattern(); !ok || w.begin(text) {
			return true
		}
	}
	return false
}

// paced emits a response for which a rule has set how it is sent.
func (in *interceptor) paced(u *unit) error {
	if err := in.sendBatch(); err != nil {
		return err
	}
	segment, rate := in.segment, in.rate
	defer func() { in.segment, in.rate = segment, rate }()
	in.segment, in.rate = u.segment, u.rate
	if err := in.emit(u); err != nil {
		return err
	}
	return in.sendBatch()
}

// emit puts a response into the batch, and those that were waiting for it.
func (in *interceptor) emit(u *unit) error {
	if u.passed {
		return nil
	}
	body := u.on&onLine != 0
	in.batch.add(u.before, in.conn.protocol, false)
	u.before = nil
	followers := in.swapped
	if u.moved != behindNext {
		in.swapped = nil
	} else {
		followers = nil
	}
	switch {
	case u.dropped:
	case u.moved == stays:
		in.batch.add(u.Text, in.conn.protocol, body)
	case u.moved == behindNext:
		in.swapped = append(in.swapped, bytes.Clone(u.Text))
	case u.moved == behindTagged:
		in.deferred = append(in.deferred, bytes.Clone(u.Text))
	case u.moved == atCommand:
		in.later = append(in.later, bytes.Clone(u.Text))
	}
	in.batch.add(u.after, in.conn.protocol, false)
	u.after = nil
	if u.on&onTagged != 0 {
		followers = append(followers, in.deferred...)
		in.deferred = nil
	}
	for _, text := range followers {
		in.batch.add(text, in.conn.protocol, false)
	}
	return in.sendIfLarge()
}

func (in *interceptor) sendIfLarge() error {
	if len(in.batch.text) > flushOver {
		return in.sendBatch()
	}
	return nil
}

// say sends octets that the server knows nothing of.
func (in *interceptor) say(octets []byte, hasTurn bool) error {
	if !hasTurn {
		if err := in.takeTurn(); err != nil {
			return err
		}
		defer in.giveTurn()
		in.batch.pushed = true
		defer func() { in.batch.pushed = false }()
	}
	in.batch.add(octets, in.conn.protocol, false)
	return in.sendBatch()
}

// onOutput runs f when it is the caller's turn to write.
func (in *interceptor) onOutput(f func()) error {
	if err := in.takeTurn(); err != nil {
		return err
	}
	defer in.giveTurn()
	f()
	return nil
}

// sendBatch sends what was collected; the turn is held.
func (in *interceptor) sendBatch() error {
	b := &in.batch
	b.endBody()
	defer func() {
		b.text, b.skips = b.text[:0], b.skips[:0]
		if cap(b.text) > batchRetained {
			b.text = nil
		}
	}()
	if in.deaf || len(b.text) == 0 && in.cut == nil {
		return nil
	}
	if in.isSevered() {
		in.deaf = true
		in.conn.note(fmt.Sprintf("write: %v (0 of %d octets sent)", errCut, len(b.text)))
		return nil
	}
	cut := in.cut != nil && len(b.text) >= *in.cut
	if cut {
		b.cutAt(*in.cut)
	} else if in.cut != nil {
		*in.cut -= len(b.text)
	}
	if len(b.text) > 0 {
		if err := in.conn.recordBatch(b); err != nil {
			return err
		}
		if err := in.transmit(b.text); err != nil {
			return err
		}
	}
	if cut {
		return in.end(cutOff)
	}
	return nil
}

func (in *interceptor) isSevered() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.severed
}

// throttleStep is how often a throttled connection sends something.
const throttleStep = 100 * time.Millisecond

// transmit writes to the network, in pieces if a rule wants that.
func (in *interceptor) transmit(text []byte) error {
	if in.segment == 0 && in.rate == 0 {
		return in.writeNetwork(text)
	}
	piece := in.segment
	if in.rate > 0 {
		step := max(1, in.rate/int(time.Second/throttleStep))
		if piece == 0 || piece > step {
			piece = step
		}
	}
	for len(text) > 0 {
		n := min(piece, len(text))
		if in.rate > 0 {
			if err := in.wait(time.Duration(n) * time.Second / time.Duration(in.rate)); err != nil {
				return err
			}
		}
		if err := in.writeNetwork(text[:n]); err != nil {
			return err
		}
		if d, ok := in.conn.raw.(interface{ drain() }); ok && in.segment > 0 {
			d.drain()
		}
		text = text[n:]
	}
	return nil
}

// writeNetwork writes to the network, unless a rule ends that.
func (in *interceptor) writeNetwork(p []byte) error {
	n, err := in.conn.writeNetwork(in.conn.network(), nil, p)
	if err == nil {
		return nil
	}
	if dead := in.alive(); dead != nil {
		return dead
	}
	return in.conn.writeFailed(err, n, len(p))
}

// halfClose ends the direction to the client; the turn is held.
func (in *interceptor) halfClose() error {
	if err := in.sendBatch(); err != nil {
		return err
	}
	in.deaf = true
	for _, nc := range []any{in.conn.network(), in.conn.raw} {
		if c, ok := nc.(interface{ CloseWrite() error }); ok {
			c.CloseWrite()
		}
	}
	return nil
}
