package pop3fake

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"example.org/mailfakes/mailtest/mailstore"
)

// retr is RETR (RFC 1939 §5).
func (s *session) retr(args []string) error {
	n, m, err := s.present(args[0])
	if err != nil {
		return err
	}
	t := s.drop.transmission(n, m)
	s.ok(fmt.Sprintf("%d octets", t.size))
	s.sendLines(m.Raw(), t)
	s.noteRetrieved(n)
	s.record.Bodies(s.drop.uidValidity, []uint32{uint32(m.UID)})
	return nil
}

// top is TOP (RFC 1939 §7).
func (s *session) top(args []string) error {
	lines, err := strconv.ParseUint(args[1], 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		lines = math.MaxUint64 // there is no limit in the RFC
	case err != nil:
		return malformed("number of lines %s isn't a decimal number", excerpt(args[1]))
	}
	_, m, err := s.present(args[0])
	if err != nil {
		return err
	}
	s.ok("top of message follows")
	content := topOf(m, lines)
	s.sendLines(content, transmitted(content))
	return nil
}

// present is [maildrop.message] for a message whose content is wanted. IMAP may have
// expunged it since login; its number, size and unique-id stay, but not its octets.
func (s *session) present(arg string) (uint32, *mailstore.Message, error) {
	n, m, err := s.drop.message(arg)
	if err == nil && !s.drop.view.Live(m.UID) {
		return 0, nil, refused("message %d is gone, another session expunged it", n)
	}
	if err == nil {
		err = s.checkUTF8(n, m)
	}
	return n, m, err
}

// topOf returns the header of a message, with the blank line after it if there is
// one, and that many lines of the body.
func topOf(m *mailstore.Message, lines uint64) []byte {
	raw := m.Raw()
	end := m.Structure().Header.End
	for ; lines > 0 && end < len(raw); lines-- {
		i := bytes.IndexByte(raw[end:], '\n')
		if i < 0 {
			return raw
		}
		end += i + 1
	}
	return raw[:end]
}

// maxStuffed is the largest buffer for byte-stuffing that a session keeps.
const maxStuffed = 64 << 10

// sendLines sends content, of which t is known, as the rest of a multi-line response.
func (s *session) sendLines(content []byte, t transmission) {
	if t.changes(content) {
		s.stuffed = t.dotStuffed(s.stuffed[:0], content)
		content = s.stuffed
	}
	s.writeBody(content)
	s.endLines()
	if cap(s.stuffed) > maxStuffed {
		s.stuffed = nil
	}
}
