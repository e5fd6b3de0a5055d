package mailscript

import (
	"errors"
	"fmt"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// isHeading tells whether a line is the heading of an attachment.
func isHeading(line string) bool {
	return strings.HasPrefix(line, "-- ") && strings.HasSuffix(line, " --") && len(line) > len("--  --")
}

// parseAttachments reads the lines from the first heading on. On an error it returns the
// index of the line as well.
func (s *Script) parseAttachments(from int) (int, error) {
	var current *Message
	for i, line := range s.lines[from:] {
		var err error
		switch {
		case isHeading(line):
			current, err = s.parseHeading(strings.TrimSuffix(strings.TrimPrefix(line, "-- "), " --"))
		case current != nil:
			err = current.add(line, from+i == len(s.lines)-1)
		case line != "" && line[0] != '#':
			err = errors.New("only a message has text")
		}
		if err != nil {
			return from + i, err
		}
	}
	return 0, nil
}

// add adds a line to the message; what follows the script's last line end is none.
func (m *Message) add(line string, last bool) error {
	if last && line == "" {
		return nil
	}
	octets, complete, err := mailwire.Unescape([]byte(line))
	if complete {
		octets = append(octets, '\r', '\n')
	}
	m.Octets = append(m.Octets, octets...)
	return err
}

// parseHeading reads what stands between the dashes, and returns the message that it
// begins, if it does.
func (s *Script) parseHeading(text string) (*Message, error) {
	kind, rest, _ := strings.Cut(text, " ")
	name, rest, _ := strings.Cut(rest, " ")
	if name == "" {
		return nil, errors.New("an attachment has a name")
	}
	switch kind {
	case "mailbox":
		s.Mailboxes = append(s.Mailboxes, Mailbox{Name: name, Attributes: strings.Fields(rest)})
		return nil, nil
	case "capability":
		s.Capabilities = append(s.Capabilities, append([]string{name}, strings.Fields(rest)...)...)
		return nil, nil
	case "message":
		if _, exists := s.message(name); exists {
			return nil, fmt.Errorf("there are two messages %s", name)
		}
		m := Message{Name: name}
		m.Mailbox, rest, _ = strings.Cut(rest, " ")
		if strings.HasPrefix(rest, "(") {
			end := strings.IndexByte(rest, ')') + 1
			m.Flags, rest = rest[:end], strings.TrimPrefix(rest[end:], " ")
		}
		if m.Date = rest; m.Date != "" && m.Date[0] != '"' {
			return nil, fmt.Errorf("%q is no date in quotes", m.Date)
		}
		s.Messages = append(s.Messages, m)
		return &s.Messages[len(s.Messages)-1], nil
	}
	return nil, fmt.Errorf("an attachment is a mailbox, a message or a capability, not a %q", kind)
}
