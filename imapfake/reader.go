package imapfake

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailwire"
)

// Limits on what is read before a command is known to make sense.
const (
	maxLine             = 64 << 10
	maxLiteral          = 64 << 10 // of any string but APPEND's message
	maxLiteralLoggedOut = 8 << 10
	maxLiterals         = 1000
	maxTogether         = 16 // messages of the largest size that one command may bring
)

// readCommand reads one command with its literals. A *imap.Error answers one that
// is refused, with the tag if it is known; any other error is the connection's.
func (s *session) readCommand() (received, error) {
	r := reading{session: s}
	r.readLine()
	if r.pending && r.refused == nil {
		r.parse()
	}
	for r.pending {
		r.readLiteral(false, r.admitString)
	}
	return r.cmd, cmp.Or(r.err, r.refused)
}

// reading is a command on its way in.
type reading struct {
	*session
	cmd     received
	refused error // the answer, if it is not to be carried out
	err     error // the connection's, which ends it
	// pending: its last line announces a literal of size octets, which the client sends
	// when it is asked if sync.
	pending bool
	size    int64
	sync    bool
}

// readLine reads the next line. A refused command is read on: its literals are no commands.
func (r *reading) readLine() {
	r.pending = false
	line, err := r.readCommandLine(r.cmd.text == nil)
	tooLong := errors.Is(err, mailwire.ErrLineTooLong)
	if err != nil && !tooLong {
		r.err = err
		return
	}
	if r.refused == nil {
		r.refused = r.cmd.add(line, tooLong, r.srv.appearance.maxCommand)
	} else if r.isSecret(&r.cmd) {
		r.hideLine(line)
	}
	if r.size, r.sync, r.pending = r.announced(line); !r.pending {
		return
	}
	r.hideSecret(&r.cmd) // before what was read is committed
	if r.sync && r.conn.Buffered() > 0 {
		// It is read past, so that nothing in it is taken for a command.
		r.refused, r.sync = cmp.Or(r.refused, errTooEarly()), false
	}
	if r.refused == nil && !r.sync {
		r.refused = r.checkUnasked(&r.cmd, r.size)
	}
}

// readLiteral reads the pending literal, if it is admitted, and the line after it.
func (r *reading) readLiteral(message bool, admit admission) {
	if r.refused == nil {
		r.refused = admit(r.size)
	}
	if r.refused != nil && r.sync {
		r.pending = false
		return
	}
	if r.err = r.takeLiteral(&r.cmd, r.size, message, r.sync, r.refused != nil); r.err != nil {
		r.pending = false
		return
	}
	r.readLine()
}

// parse refuses a command that could not be carried out, before its first literal is read.
// One that brings messages is parsed as it comes, and tells by that which literals they are.
func (r *reading) parse() {
	row, known := r.table.commands[r.cmd.name]
	switch {
	case !known:
		r.refused = unknownCommand(r.cmd.name)
		return
	case row.states&r.state == 0:
		r.refused = row.notAllowed(r.state)
		return
	case !row.stores:
		return
	}
	p := r.parser(&r.cmd)
	p.next = func(admit admission) bool {
		if r.refused == nil {
			r.refused = p.refused
		}
		if admit == nil {
			r.readLiteral(false, r.admitString)
		} else {
			r.readLiteral(true, func(octets int64) error { return r.admitMessage(octets, admit) })
		}
		if r.err != nil || r.refused != nil {
			return false
		}
		p.text, p.literals = r.cmd.text, r.cmd.literals[len(r.cmd.literals)-1:]
		return true
	}
	act := row.parse(p, r.session)
	p.end()
	if r.pending && r.refused == nil {
		r.refused = p.failure(r.cmd.name, row.section())
	}
	r.cmd.parsed = &parsed{p, act}
}

// readCommandLine reads a line of a command. Before the first, none is in progress, and
// NOTIFY may have the client told of something (RFC 5465 §3.1).
func (s *session) readCommandLine(first bool) ([]byte, error) {
	if first && s.notify.pushes() && !s.conn.HasLine() {
		return s.readWhilePushing(s.notify.pushLevel())
	}
	return s.conn.ReadLine(maxLine)
}

// errTooEarly answers a client that didn't wait for "+" before it sent a literal.
func errTooEarly() error { return bad("the literal was sent before it was asked for (RFC 3501 §4.3)") }

// add takes the next line of the command, or the ends of one that is too long.
func (c *received) add(line []byte, tooLong bool, limit int) error {
	c.text = append(c.text, line...)
	if c.tag == "" {
		if err := c.parseHead(); err != nil {
			return err
		}
	}
	if tooLong || len(c.text) > limit {
		return bad(fmt.Sprintf("command over %d octets, literals not counted (RFC 7162 §4)", limit))
	}
	return nil
}

// announced tells whether a line ends with a literal's size, and whether the client
// waits before it sends the literal.
func (s *session) announced(line []byte) (size int64, sync, ok bool) {
	if !bytes.HasSuffix(line, []byte("}")) {
		return 0, false, false
	}
	open := bytes.LastIndexByte(line, '{')
	before := open - 1
	if before >= 0 && line[before] == '~' && s.takesLiteral8() {
		before--
	}
	if open < 0 || before >= 0 && line[before] != ' ' && line[before] != '(' {
		return 0, false, false
	}
	digits, plus := bytes.CutSuffix(line[open+1:len(line)-1], []byte("+"))
	if plus && !s.has(imap.CapLiteralPlus) && !s.has(imap.CapLiteralMinus) {
		return 0, false, false
	}
	n, err := strconv.ParseUint(string(digits), 10, 63)
	if err != nil {
		return 0, false, false
	}
	return int64(n), !plus, true
}

// admitString refuses a literal that is no message by its size.
func (r *reading) admitString(octets int64) error {
	limit := int64(maxLiteral)
	if r.state == notAuthenticated {
		limit = maxLiteralLoggedOut
	}
	left := limit
	for _, l := range r.cmd.literals {
		if !l.message {
			left -= int64(len(l.data))
		}
	}
	if octets > left || len(r.cmd.literals) >= maxLiterals {
		return no(imap.ResponseCodeLimit, fmt.Sprintf("at most %d literals of %d octets in all are taken here", maxLiterals, limit))
	}
	return nil
}

// admitMessage refuses a literal that is a message, or some of one, by its size, and then as
// the command does.
func (r *reading) admitMessage(octets int64, admit admission) error {
	if err := admit(octets); err != nil {
		return err
	}
	total := uint64(octets)
	for _, l := range r.cmd.literals {
		if l.message {
			total += uint64(len(l.data))
		}
	}
	if len(r.cmd.literals) >= maxLiterals || (total+maxTogether-1)/maxTogether > uint64(r.srv.appendLimit) {
		return no(imap.ResponseCodeLimit, fmt.Sprintf("one command brings at most %d octets here", maxTogether*r.srv.appendLimit))
	}
	return nil
}

// takeLiteral reads a literal into cmd, or past it if the command is refused already.
func (s *session) takeLiteral(cmd *received, size int64, message, sync, refused bool) error {
	if refused {
		return s.pass(cmd, size)
	}
	if sync {
		s.out.line("+ Ready for literal data")
	}
	// The client may hold the literal back until it has the answers to earlier commands.
	if sync || int64(s.conn.Buffered()) < size {
		if err := s.out.flush(); err != nil {
			return err
		}
		s.awaitClient()
	}
	data, err := s.conn.ReadLiteral(size)
	if err != nil {
		return err
	}
	cmd.literals = append(cmd.literals, literal{end: len(cmd.text), data: data, message: message})
	return nil
}

// pass reads past a literal of a command that is refused. One that may be a password is
// none to be shown in a transcript.
func (s *session) pass(cmd *received, size int64) error {
	if !s.isSecret(cmd) {
		return s.conn.Discard(size)
	}
	for size > 0 {
		secret, err := s.conn.ReadLiteral(min(size, maxLiteral))
		s.conn.Mask(string(secret))
		if err != nil {
			return err
		}
		size -= int64(len(secret))
	}
	return nil
}

// isSecret tells whether a command's arguments may have a password or token.
func (s *session) isSecret(cmd *received) bool { return s.table.commands[cmd.name].secret }

// lacksTag tells whether a command that nobody knows is one with a secret, whose tag was forgotten.
func (s *session) lacksTag(cmd *received) bool {
	_, known := s.table.commands[cmd.name]
	return !known && s.table.commands[strings.ToUpper(cmd.tag)].secret
}

// hideSecret has the command, which isn't all there, keep its secret out of the transcript.
func (s *session) hideSecret(cmd *received) {
	if row := s.table.commands[cmd.name]; row.secret {
		row.parse(s.parser(cmd), s)
	}
}
