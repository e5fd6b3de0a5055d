package mailrecord

import (
	"bytes"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

// tape writes a session to a transcript: the [mailwire.Tap] of a recorded connection.
type tape struct {
	transcript *mailwire.Transcript
	session    int
	bodies     bool
	redactor   *Redactor // nil: nothing is redacted

	framer   framer
	sides    [mailwire.Server + 1]side
	veil     veil      // of the client's command
	secrets  secrets   // that the client has sent
	asked    *command  // the SASL exchange that the server has begun
	context  string    // the command that the client's literals belong to, as far as it has come
	response string    // the response that the server's belong to
	body     *contents // POP3: the message
}

// side is what is yet to be recorded of a direction.
type side struct {
	since   time.Time
	before  []byte // the end of a literal, which the next line goes on
	line    []byte
	overran bool // the beginning of the line is recorded
	literal *contents
}

func newTape(t *mailwire.Transcript, session int, p mailwire.Protocol) *tape {
	return &tape{transcript: t, session: session, framer: framer{protocol: p}}
}

// Passed is told of octets.
func (t *tape) Passed(dir mailwire.Direction, octets []byte) {
	next := t.framer.fromServer
	if dir == mailwire.Client {
		next = t.framer.fromClient
	}
	for len(octets) > 0 {
		pc := next(octets)
		octets = octets[len(pc.text):]
		switch pc.kind {
		case aLiteral:
			t.literal(dir, pc)
		case aBody:
			t.bodyLine(pc)
		default:
			t.line(dir, pc)
		}
	}
}

// Ended records what isn't whole.
func (t *tape) Ended() {
	client := piece{cmd: t.framer.current, follows: t.framer.client.follows}
	if step := t.framer.stepOf(); step != nil && !client.follows {
		client.kind, client.cmd = aStep, step
	}
	t.endSide(mailwire.Client, client)
	if server := &t.sides[mailwire.Server]; t.body != nil {
		t.add(mailwire.Server, t.body, server.line)
		server.line = nil
		t.endBody()
	}
	t.endSide(mailwire.Server, piece{follows: t.framer.server.follows})

}

// endSide records what isn't whole of a direction; pc says what its line would be.
func (t *tape) endSide(dir mailwire.Direction, pc piece) {
	if t.sides[dir].literal != nil {
		t.endLiteral(dir)
	}
	t.emit(dir, pc, false)
	t.recordBehind(dir, nil, 0)
}

// line gathers a line and records it when it is whole.
func (t *tape) line(dir mailwire.Direction, pc piece) {
	s := &t.sides[dir]
	if len(s.line) == 0 {
		s.since = time.Now()
	}
	s.line = append(s.line, pc.text...)
	if pc.last || len(s.line) > gatheredLine {
		t.emit(dir, pc, pc.last)
	}
}

// emit records what was gathered of a line.
func (t *tape) emit(dir mailwire.Direction, pc piece, last bool) {
	s := &t.sides[dir]
	line, overran := s.line, s.overran
	s.line, s.overran = nil, !last && len(s.line) > 0
	if len(line) == 0 {
		return
	}
	switch {
	case overran && (dir == mailwire.Client && t.veil.on):
		line = maskStep(line)
	case overran:
	case dir == mailwire.Client:
		line = t.clientLine(pc, line)
	default:
		line = t.serverLine(pc, line)
	}
	t.record(dir, s.since, append(s.before, line...), 0)
	s.before = nil
}

// clientLine returns a line of the client as it is shown.
func (t *tape) clientLine(pc piece, line []byte) []byte {
	at := 0
	switch {
	case pc.kind == aStep:
		if pc.cmd.exchanges(t.framer.protocol) {
			t.veil = veil{on: true}
			t.secrets.learn(line)
			return maskStep(line)
		}
		return line
	case !pc.follows:
		t.veil, at = newVeil(t.framer.protocol, line)
		t.context = ""
	}
	shown, secret := t.veil.line(line, at)
	t.secrets.learn(secret)
	if len(t.context) < gatheredLine {
		t.context += string(shown)
	}
	if t.redactor != nil {
		shown = t.redactor.command(pc.cmd, shown)
	}
	return shown
}

// serverLine returns a line of the server as it is shown.
func (t *tape) serverLine(pc piece, line []byte) []byte {
	if bytes.HasPrefix(line, []byte("+ ")) || bytes.HasPrefix(line, []byte("+\r")) {
		c := t.framer.stepOf()
		if c != nil && c.exchanges(t.framer.protocol) {
			first := t.asked != c
			if len(trimEnd(line)) > len("+ ") {
				t.asked = c
			}
			return maskChallenge(line, first)
		}
	}
	if !pc.follows && isRefusal(line) {
		line = t.secrets.hide(line)
	}
	if !pc.follows {
		t.response = ""
	}
	if len(t.response) < gatheredLine {
		t.response += string(line)
	}
	if t.redactor != nil {
		line = t.redactor.response(t.response, line)
	}
	return line
}

// isRefusal tells whether a response may quote what the client sent.
func isRefusal(line []byte) bool {
	status, rest, _ := bytes.Cut(bytes.ToUpper(line[:min(len(line), gatheredEnd)]), []byte(" "))
	if bytes.Equal(status, []byte("-ERR")) {
		return true
	}
	status, _, _ = bytes.Cut(rest, []byte(" "))
	return bytes.Equal(status, []byte("NO")) || bytes.Equal(status, []byte("BAD")) || bytes.Equal(status, []byte("BYE"))
}

// record records octets, if there are any.
func (t *tape) record(dir mailwire.Direction, since time.Time, text []byte, elided int64) {
	if len(text) == 0 && elided == 0 {
		return
	}
	t.transcript.Add(mailwire.Record{
		Session: t.session, Protocol: t.framer.protocol, Dir: dir, Time: since, Text: text, Elided: elided,
	})
}
