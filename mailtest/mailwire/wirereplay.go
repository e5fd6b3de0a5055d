package mailwire

import (
	"bytes"
	"slices"
)

// replay comes to the state of a session that was open before its server had rules, as
// far as its transcript tells.
func (s *wireState) replay(c *Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, _, _ := c.transcript.snapshot()
	var records []Record
	for _, r := range kept {
		if r.Session == c.session {
			records = slices.AppendSeq(records, r.lines())
		}
	}
	for line := range bytes.Lines(c.heard.text) {
		records = append(records, c.newRecord(Client, c.heard.since, line))
	}
	r := replayer{wireState: s}
	for _, line := range Lines(records) {
		r.line(line)
	}
}

// replayer follows the lines of a transcript.
type replayer struct {
	*wireState
	whole []byte // lines of the client that announce a literal, and the literals
}

func (r *replayer) line(line Line) {
	switch {
	case line.Dir == Note, len(line.Text) == 0:
	case line.Dir == Server && !line.Literal || line.Dir == Server && r.protocol == POP3:
		on, c := r.classify(line.Text)
		r.told(on, c, line.Text)
	case line.Dir == Client:
		r.command(line)
	}
}

func (r *replayer) command(line Line) {
	if r.whole = append(r.whole, line.Text...); len(r.whole) > gatheredLine {
		r.whole = r.whole[:gatheredLine] // a message, which doesn't matter
	}
	if _, _, announces := literalAtEnd(line.Text); line.Literal || announces && r.protocol == IMAP {
		return
	}
	if r.stepDue() {
		r.step(bytes.TrimSpace(line.Text))
	} else if c := r.parseCommand(r.whole); c.name != "" {
		r.begin(c)
	}
	r.whole = nil
}
