package mailwire

import "bytes"

const (
	// gatheredLine is the longest line of a client that rules look at.
	gatheredLine = 64 << 10
	// gatheredLiteral is the largest literal of a client that rules look at.
	gatheredLiteral = 64 << 20
)

// read gives the server input.
func (in *interceptor) read(p []byte) (n int, shown bool, err error) {
	for {
		if err := in.readable(); err != nil {
			return 0, false, err
		}
		if n, shown := in.take(p); n > 0 {
			return n, shown, nil
		}
		waiting, err := in.fedOrWait()
		if err != nil {
			return 0, false, err
		}
		if waiting {
			continue
		}
		framed, err := in.frame()
		switch {
		case err != nil:
			return 0, false, err
		case framed:
		case in.inputErr != nil && len(in.raw) > 0:
			in.pass(len(in.raw)) // the client gave up amid it
		case in.isSevered():
			return 0, false, in.end(cutOff)
		case in.inputErr != nil:
			return 0, false, in.inputErr
		default:
			if err := in.receive(); err != nil {
				return 0, false, err
			}
		}
	}
}

// take copies what the server gets next.
func (in *interceptor) take(p []byte) (n int, shown bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	n = copy(p, in.ready.text)
	in.ready.text = in.ready.text[n:]
	return n, in.ready.shown
}

// readable waits for ever if nothing is to be read.
func (in *interceptor) readable() error {
	in.mu.Lock()
	dead, neverRead := in.dead, in.neverRead
	in.mu.Unlock()
	if dead == nil && neverRead {
		return in.wait(0)
	}
	return dead
}

// receive reads from the network once. An error that isn't permanent is returned.
func (in *interceptor) receive() error {
	buffer := make([]byte, inputBuffer)
	n, err := in.conn.readNetwork(buffer)
	if n > 0 {
		in.activity()
	}
	if dead := in.alive(); dead != nil {
		return dead
	}
	in.raw = append(in.raw, buffer[:n]...)
	in.inputErr = permanent(err)
	in.mu.Lock()
	left := in.cutInput
	if left != nil {
		*left -= n
	}
	in.mu.Unlock()
	switch {
	case left != nil && *left <= 0:
		return in.cutInputAt(len(in.raw) + *left)
	case n == 0 && in.inputErr == nil:
		return err
	}
	return nil
}

// cutInputAt cuts the connection when n octets more were received than were handled so far.
func (in *interceptor) cutInputAt(n int) error {
	if left := n - len(in.raw); left > 0 {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.cutInput = &left
		return nil
	}
	in.raw, in.inputErr = in.raw[:n], errCut
	in.mu.Lock()
	in.severed, in.how = true, cutOff
	in.mu.Unlock()
	return nil
}

// frame divides what was received; it tells whether there was enough for a step.
func (in *interceptor) frame() (bool, error) {
	if n := min(in.passing, int64(len(in.raw))); n > 0 {
		in.passing -= n
		in.pass(int(n))
		return true, nil
	}
	if in.command != nil && in.literal >= 0 {
		if int64(len(in.raw)) < in.literal {
			return false, nil
		}
		return true, in.takeLiteral()
	}
	end := bytes.IndexByte(in.raw, '\n') + 1
	switch {
	case end == 0 && len(in.raw) < gatheredLine:
		return false, nil
	case end == 0:
		in.overlong = true
		in.pass(len(in.raw))
		return true, nil
	case in.overlong:
		in.overlong = false
		in.pass(end)
		return true, nil
	}
	line := bytes.Clone(in.raw[:end])
	in.consumeRaw(end)
	in.mu.Lock()
	step := in.command == nil && in.wire.stepDue()
	in.mu.Unlock()
	if step {
		return true, in.takeStep(line)
	}
	return true, in.takeLine(line)
}

// pass gives the server octets that no rule looks at.
func (in *interceptor) pass(n int) {
	in.offer(bytes.Clone(in.raw[:n]), false)
	in.consumeRaw(n)
}

func (in *interceptor) consumeRaw(n int) { in.raw = append(in.raw[:0], in.raw[n:]...) }

// takeStep handles a line that is no command.
func (in *interceptor) takeStep(line []byte) error {
	in.mu.Lock()
	c := in.wire.pending[len(in.wire.pending)-1]
	if c.name != "IDLE" {
		in.wire.step(bytes.TrimSpace(line))
	}
	in.mu.Unlock()
	return in.deliver(&unit{on: onStep, command: c}, line)
}

// takeLine handles a line of a command.
func (in *interceptor) takeLine(line []byte) error {
	if in.command == nil {
		in.whole, in.shown = in.whole[:0], 0
		in.command = in.wire.parseCommand(line)
		in.held = in.mayConcern(in.command.name)
	}
	in.whole = append(in.whole, line...)
	size, sync, literal := int64(0), false, false
	if in.conn.protocol == IMAP {
		size, sync, literal = literalInCommand(line)
	}
	switch {
	case !literal:
		return in.takeCommand(line)
	case in.held && size <= gatheredLiteral && len(in.whole)+int(size) <= gatheredLiteral+gatheredLine:
		in.literal = size
		if sync {
			return in.askForLiteral()
		}
		return nil
	}
	return in.letThrough(line, size)
}

// letThrough gives the server the beginning of a command before the command is whole.
func (in *interceptor) letThrough(line []byte, size int64) error {
	if in.held {
		in.held = false
		line = in.whole // what was gathered so far
	} else if len(in.whole) > gatheredLine {
		in.whole = in.whole[:0] // it is of no more interest
	}
	in.mu.Lock()
	if in.wire.of(in.command.tag) != in.command {
		in.wire.begin(in.command) // the server may refuse it now
	}
	in.mu.Unlock()
	in.offer(bytes.Clone(line), false)
	in.literal = size
	if size > gatheredLiteral || !in.concerned(onLiteral, nil) {
		in.passing, in.literal = size, -1
	}
	return nil
}

// takeLiteral handles a whole literal.
func (in *interceptor) takeLiteral() error {
	u := &unit{on: onLiteral, command: in.command}
	literal := bytes.Clone(in.raw[:in.literal])
	in.consumeRaw(int(in.literal))
	in.literal = -1
	if !in.held {
		if err := in.deliver(u, literal); err != nil {
			return err
		}
		in.whole = append(in.whole, literal...)
		return nil
	}
	u.Hit = in.hit(literal, in.command)
	if err := in.apply(u); err != nil {
		return err
	}
	in.whole = append(in.whole, u.input()...)
	return nil
}

// takeCommand handles the end of a command.
func (in *interceptor) takeCommand(line []byte) error {
	c, held, whole := in.command, in.held, in.whole
	in.command = nil
	if !held && len(whole) != len(line) {
		// The server has the rest, and may have refused it.
		in.mu.Lock()
		if in.wire.of(c.tag) == c && len(whole) <= gatheredLine {
			c.args = in.wire.parseCommand(bytes.Clone(whole)).args
			in.wire.end(c)
			in.wire.begin(c)
		}
		in.mu.Unlock()
		in.offer(line, false)
		return nil
	}
	if err := in.sayLater(); err != nil {
		return err
	}
	c.args = in.wire.parseCommand(bytes.Clone(whole)).args
	u := &unit{on: onCommand, command: c}
	u.Hit = in.hit(bytes.Clone(whole), c)
	if in.shown > 0 {
		in.showGathered(c)
		u.noted = true
	}
	if err := in.apply(u); err != nil {
		return err
	}
	text := u.input()
	if u.answered || len(text) == 0 {
		return nil
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.wire.begin(in.reparsed(c, text))
	feeds := splitAtLiterals(text, in.conn.protocol)
	in.ready = chunk{text: feeds[0], shown: u.noted}
	in.feeds, in.feeding = feeds[1:], c
	return nil
}

// reparsed returns the command as the server gets it: rules may have changed it.
func (in *interceptor) reparsed(c *pendingCommand, text []byte) *pendingCommand {
	changed := in.wire.parseCommand(text)
	c.tag, c.name, c.args = changed.tag, changed.name, changed.args
	return c
}

// deliver applies the rules to input, and gives the server what they make of it.
func (in *interceptor) deliver(u *unit, text []byte) error {
	u.Hit = in.hit(text, u.command)
	if err := in.apply(u); err != nil {
		return err
	}
	in.offer(u.input(), u.noted)
	return nil
}

// input returns what the server gets.
func (u *unit) input() []byte {
	text := u.Text
	if u.dropped {
		text = nil
	}
	return append(append(u.before, text...), u.after...)
}

// mayConcern tells whether there is a rule about commands of that name.
func (in *interceptor) mayConcern(name string) bool {
	hit := &Hit{Command: name}
	for _, h := range in.faults.active() {
		if event := h.rule.event; event.word.occasions == onCommand && event.word.matches(hit, event.args) {
			return true
		}
	}
	return false
}

// sayLater sends responses that were put off until this command.
func (in *interceptor) sayLater() error {
	if err := in.takeTurn(); err != nil {
		return err
	}
	defer in.giveTurn()
	for _, text := range in.later {
		in.batch.add(text, in.conn.protocol, false)
	}
	in.later = nil
	return in.sendBatch()
}

// answerInTurn sends an answer of a rule's; POP3 has no tags, so there it has to wait until the
// commands before it are answered.
func (in *interceptor) answerInTurn(answer []byte) error {
	in.mu.Lock()
	if in.conn.protocol == POP3 && len(in.wire.pending) > 0 {
		in.wire.pending = append(in.wire.pending, &pendingCommand{answer: answer})
		in.mu.Unlock()
		return nil
	}
	in.mu.Unlock()
	return in.say(answer, false)
}

// dueAnswers returns the answers of rules whose turn it is; mu is held.
func (in *interceptor) dueAnswers() (due [][]byte) {
	for len(in.wire.pending) > 0 && in.wire.pending[0].answer != nil {
		due = append(due, in.wire.pending[0].answer)
		in.wire.pending = in.wire.pending[1:]
	}
	return due
}
