package mailwire

import "bytes"

// replay comes to the state of a session that was open before its server had rules, as
// far as its transcript tells.
func (s *wireState) replay(c *Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, _, _ := c.transcript.snapshot()
	r := replayer{wireState: s}
	for _, record := range kept {
		if record.Session != c.session || record.Dir == Note {
			continue
		}
		for line := range record.lines() {
			r.line(line.Dir, line.Text)
		}
	}
	for line := range bytes.Lines(c.heard.text) {
		r.line(Client, line)
	}
}

// replayer follows the lines of a transcript, where secrets and long literals are not as they were.
type replayer struct {
	*wireState
	whole []byte // lines of the client that announce a literal
}

func (r *replayer) line(dir Direction, line []byte) {
	if len(line) == 0 {
		return
	}
	if dir == Server {
		on, c := r.classify(line)
		r.told(on, c, line)
		return
	}
	r.whole = append(r.whole, line...)
	if _, _, announces := literalAtEnd(line); announces && r.protocol == IMAP && len(r.whole) < gatheredLine {
		return
	}
	if r.stepDue() {
		r.step(bytes.TrimSpace(line))
	} else if c := r.parseCommand(r.whole); c.name != "" {
		r.begin(c)
	}
	r.whole = nil
}
