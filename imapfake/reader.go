package imapfake

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

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
		line, err := s.conn.ReadLine(maxLine)
		if errors.Is(err, mailwire.ErrLineTooLong) {
			if cmd.text == nil {
				cmd.text = line
				cmd.parseHead()
			}
			return cmd, bad(fmt.Sprintf("command line over %d octets", maxLine))
		}
		if err != nil {
			return cmd, err
		}
		first := cmd.text == nil
		cmd.text = append(cmd.text, line...)
		if first {
			refused = cmd.parseHead()
		}
		if len(cmd.text) > maxLine && refused == nil {
			refused = bad(fmt.Sprintf("command over %d octets without its literals", maxLine))
		}
		size, sync, ok := s.announced(line)
		if !ok {
			return cmd, refused
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

// announced tells whether a line ends with a literal's size, and whether the client
// waits before it sends the literal.
func (s *session) announced(line []byte) (size int64, sync, ok bool) {
	if !bytes.HasSuffix(line, []byte("}")) {
		return 0, false, false
	}
	open := bytes.LastIndexByte(line, '{')
	if open < 0 || open > 0 && line[open-1] != ' ' && line[open-1] != '(' {
		return 0, false, false
	}
	digits, plus := bytes.CutSuffix(line[open+1:len(line)-1], []byte("+"))
	if plus && !s.has(imap.CapLiteralPlus) {
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
	row, known := s.srv.table.commands[cmd.name]
	if !known {
		return bad("unknown command " + cmd.name)
	}
	if row.states&s.state == 0 {
		return bad(cmd.name + " is not allowed in the " + s.state.String() + " state (RFC 3501 §6)")
	}
	limit := int64(maxLiteral)
	code := imap.ResponseCodeLimit
	if s.state == notAuthenticated {
		limit = maxLiteralLoggedOut
	} else if mailbox, ok := s.appendMessage(cmd); ok {
		limit, code = s.srv.appendLimit, imap.ResponseCodeTooBig
		if _, err := s.target(mailbox); err != nil {
			return err
		}
	}
	for _, l := range cmd.literals {
		size += int64(len(l.data))
	}
	if size > limit || len(cmd.literals) >= maxLiterals {
		return no(code, fmt.Sprintf("literals of %d octets: at most %d are taken here", size, limit))
	}
	return nil
}

// takeLiteral reads a literal into cmd, or past it if the command is refused already.
func (s *session) takeLiteral(cmd *received, size int64, sync, refused bool) error {
	if refused {
		return s.conn.Discard(size)
	}
	if sync {
		s.out.line("+ Ready for literal data")
		if err := s.out.flush(); err != nil {
			return err
		}
	}
	data, err := s.conn.ReadLiteral(size)
	if err != nil {
		return err
	}
	cmd.literals = append(cmd.literals, literal{end: len(cmd.text), data: data})
	return nil
}
