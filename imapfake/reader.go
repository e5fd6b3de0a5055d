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
)

// readCommand reads one command with its literals. A *imap.Error answers one that
// is refused, with the tag if it is known; any other error is the connection's.
func (s *session) readCommand() (cmd received, err error) {
	var refused error
	for {
		line, err := s.readCommandLine(cmd.text == nil)
		tooLong := errors.Is(err, mailwire.ErrLineTooLong)
		if err != nil && !tooLong {
			return cmd, err
		}
		// A refused command is read on: its literals are no commands.
		if refused == nil {
			refused = cmd.add(line, tooLong, s.srv.appearance.maxCommand)
		} else if s.isSecret(&cmd) {
			s.hideLine(line)
		}
		size, sync, ok := s.announced(line)
		if !ok {
			return cmd, refused
		}
		s.hideSecret(&cmd) // before what was read is committed
		if sync && s.conn.Buffered() > 0 {
			// It is read past, so that nothing in it is taken for a command.
			refused, sync = cmp.Or(refused, errTooEarly()), false
		}
		if refused == nil && !sync {
			refused = s.checkUnasked(&cmd, size)
		}
		if refused == nil {
			refused = s.admit(&cmd, size)
		}
		if refused != nil && sync {
			return cmd, refused
		}
		if err := s.takeLiteral(&cmd, size, sync, refused != nil); err != nil {
			return cmd, err
		}
	}
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

// admit refuses a literal that could not be of use, before it is read.
func (s *session) admit(cmd *received, size int64) error {
	row, known := s.table.commands[cmd.name]
	if !known {
		return unknownCommand(cmd.name)
	}
	if row.states&s.state == 0 {
		return bad(cmd.name + " is not allowed in the " + s.state.String() + " state (RFC 3501 §6)")
	}
	if row.stores {
		isMessage, err := s.admitMessage(cmd, row, size)
		if cmd.message = isMessage; isMessage || err != nil {
			return err
		}
	}
	limit := int64(maxLiteral)
	if s.state == notAuthenticated {
		limit = maxLiteralLoggedOut
	}
	left := limit
	for _, l := range cmd.literals {
		if !l.message {
			left -= int64(len(l.data))
		}
	}
	if size > left || len(cmd.literals) >= maxLiterals {
		return no(imap.ResponseCodeLimit, fmt.Sprintf("at most %d literals of %d octets in all are taken here", maxLiterals, limit))
	}
	return nil
}

// takeLiteral reads a literal into cmd, or past it if the command is refused already.
func (s *session) takeLiteral(cmd *received, size int64, sync, refused bool) error {
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
	}
	data, err := s.conn.ReadLiteral(size)
	if err != nil {
		return err
	}
	cmd.literals = append(cmd.literals, literal{end: len(cmd.text), data: data, message: cmd.message})
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
