package mailrecord

import (
	"bytes"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

const (
	// elideOver and literalHead are what the fakes' transcripts show of literals.
	elideOver   = 4 << 10
	literalHead = 256
	// redactedLiteral is the largest literal that is redacted; a larger one isn't shown.
	redactedLiteral = 64 << 20
)

var crlf = []byte("\r\n")

// contents is a literal, or a message that POP3 sends, on its way to the transcript.
type contents struct {
	secret bool
	limit  int    // how many octets are kept until it ends
	text   []byte // what is kept
	octets int64  // how many there are
}

func (t *tape) newContents(secret bool) *contents {
	c := &contents{secret: secret, limit: elideOver}
	if t.redactor != nil {
		c.limit = redactedLiteral
	}
	if secret {
		c.limit = gatheredLine
	}
	return c
}

// streams tells whether contents are recorded as they come.
func (t *tape) streams(c *contents) bool { return t.bodies && t.redactor == nil && !c.secret }

// add takes octets, and records whole lines if it can.
func (t *tape) add(dir mailwire.Direction, c *contents, p []byte) {
	c.octets += int64(len(p))
	if !t.streams(c) {
		c.text = append(c.text, p[:min(len(p), c.limit-len(c.text))]...)
		return
	}
	c.text = append(c.text, p...)
	end := bytes.LastIndex(c.text, crlf) + len(crlf)
	switch {
	case end < len(crlf) && len(c.text) <= gatheredLine:
		return
	case end < len(crlf):
		end = len(c.text)
	}
	t.recordBehind(dir, c.text[:end], 0)
	c.text = append(c.text[:0], c.text[end:]...)
}

// recordBehind records octets that go on the line that was begun.
func (t *tape) recordBehind(dir mailwire.Direction, text []byte, elided int64) {
	s := &t.sides[dir]
	t.record(dir, s.since, append(s.before, text...), elided)
	s.before = nil
}

// end records what contents have shown so far, but for the beginning of a line, which is
// recorded with its end.
func (t *tape) end(dir mailwire.Direction, c *contents, context string) {
	text := c.text
	switch {
	case c.secret:
		t.secrets.learn(text)
		if text = nil; c.octets > 0 {
			text = []byte(mask)
		}
	case t.streams(c):
	default:
		if t.redactor != nil {
			if text = t.redactor.contents(context, text); c.octets > redactedLiteral {
				text = nil
			}
		}
		if c.octets > elideOver && !(t.bodies && len(text) > 0) {
			text = head(text)
		}
		if elided := c.octets - int64(len(text)); elided > 0 {
			t.recordBehind(dir, text, elided)
			return
		}
	}
	begun := bytes.LastIndex(text, crlf)
	if begun += len(crlf); begun < len(crlf) {
		begun = 0
	}
	if begun > 0 {
		t.recordBehind(dir, text[:begun], 0)
	}
	s := &t.sides[dir]
	s.before = append(s.before, text[begun:]...)
}

// head returns the beginning of long contents, cut after a line if there is one.
func head(text []byte) []byte {
	text = text[:min(len(text), literalHead)]
	if i := bytes.LastIndex(text, crlf); i >= 0 {
		text = text[:i+len(crlf)]
	}
	return text
}

// literal takes octets of a literal.
func (t *tape) literal(dir mailwire.Direction, pc piece) {
	s := &t.sides[dir]
	if pc.first {
		s.since = time.Now()
		s.literal = t.newContents(dir == mailwire.Client && t.veil.literal())
	}
	t.add(dir, s.literal, pc.text)
	if pc.last {
		t.endLiteral(dir)
	}
}

func (t *tape) endLiteral(dir mailwire.Direction) {
	s := &t.sides[dir]
	context := t.response
	if dir == mailwire.Client {
		context = t.context
	}
	c := s.literal
	s.literal = nil
	t.end(dir, c, context)
}

// bodyLine takes octets of a POP3 answer of several lines.
func (t *tape) bodyLine(pc piece) {
	s := &t.sides[mailwire.Server]
	if len(s.line) == 0 {
		s.since = time.Now()
	}
	if s.line = append(s.line, pc.text...); !pc.last && len(s.line) <= gatheredLine {
		return
	}
	line := s.line
	s.line = nil
	switch {
	case pc.completes:
		t.endBody()
	case pc.cmd.isMessage():
		if t.body == nil {
			t.body = t.newContents(false)
		}
		t.add(mailwire.Server, t.body, line)
		return
	case t.redactor != nil:
		line = t.redactor.addresses(line)
	}
	t.recordBehind(mailwire.Server, line, 0)
}

// endBody records the message, if there is one.
func (t *tape) endBody() {
	if t.body != nil {
		c := t.body
		t.body = nil
		t.end(mailwire.Server, c, popMessage)
	}
}
