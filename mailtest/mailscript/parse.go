package mailscript

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// maxText is how many octets a conversation may have once attached messages are in it.
const maxText = 64 << 20

// Parse reads a script. The name is for messages, and for [Differences]. An error
// names the line.
func Parse(name string, text []byte) (*Script, error) {
	s := &Script{Name: name, captures: make(map[string]symbol)}
	s.lines = strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	conversation := len(s.lines)
	for i, line := range s.lines {
		if isHeading(line) {
			conversation = i
			break
		}
	}
	// Attachments first: the conversation refers to them.
	if n, err := s.parseAttachments(conversation); err != nil {
		return nil, fmt.Errorf("mailscript: %s line %d: %w", name, n+1, err)
	}
	if err := s.parseConversation(s.lines[:conversation]); err != nil {
		return nil, err
	}
	return s, nil
}

// derive returns another script about the same messages.
func (s *Script) derive(text string) (*Script, error) {
	other := &Script{Name: s.Name, Messages: s.Messages, captures: make(map[string]symbol), lines: strings.Split(text, "\n")}
	return other, other.parseConversation(other.lines)
}

func (s *Script) parseConversation(lines []string) error {
	session := sessionKey{mailwire.IMAP, 1}
	for i, line := range lines {
		line = strings.TrimLeft(line, " \t") // as the log of a test indents it
		if line == "" || line[0] == '#' {
			continue
		}
		st, err := s.parseLine(line, session)
		if err == nil {
			st.first, st.lines = i, []int{i}
			session = st.session
			err = s.add(st)
		}
		if err != nil {
			return fmt.Errorf("mailscript: %s line %d: %w", s.Name, i+1, err)
		}
	}
	return nil
}

// add adds a line to the step that it continues, or makes it a new one. A response
// that another session's lines interrupt goes on with the next line of its own.
func (s *Script) add(st step) error {
	if s.size += len(st.text); s.size > maxText {
		return fmt.Errorf("the conversation has more than %d octets", maxText)
	}
	last := len(s.steps) - 1
	for last >= 0 && s.steps[last].session != st.session {
		last--
	}
	if last >= 0 && s.steps[last].dir == st.dir && st.dir != mailwire.Note {
		before := &s.steps[last]
		if last == len(s.steps)-1 || st.dir == mailwire.Server && st.session.protocol == mailwire.IMAP && !framed(before.text) {
			before.text = append(before.text, st.text...)
			before.lines = append(before.lines, st.lines...)
			return nil
		}
	}
	s.steps = append(s.steps, st)
	return nil
}

// parseLine reads one line of the conversation.
func (s *Script) parseLine(line string, session sessionKey) (st step, err error) {
	head, text, prefix := splitLine(line)
	st.prefix = prefix
	seconds, source := "0", fmt.Sprintf("%s#%d", session.protocol, session.number)
	mark := head[len(head)-1]
	for _, column := range head[:len(head)-1] {
		if strings.Contains(column, "#") {
			source = column
		} else {
			seconds = column
		}
	}
	// What the columns may hold is mailwire's to say.
	records, err := mailwire.ParseTranscript(strings.NewReader(seconds + " " + source + " " + mark))
	switch {
	case err != nil:
		return st, errors.Unwrap(err)
	case len(records) == 0: // what the columns make is a comment there
		return st, fmt.Errorf("%q isn't the beginning of a line", line[:min(len(line), 40)])
	}
	st.session, st.dir = sessionKey{records[0].Protocol, records[0].Session}, records[0].Dir
	if st.dir == mailwire.Note {
		st.text = symbols([]byte(text))
		return st, nil
	}
	var complete bool
	if st.text, complete, err = s.parseText([]byte(text), st.dir); err != nil {
		return st, err
	}
	// An elision stands in a line of its own, whose end means nothing.
	if elided := len(st.text) == 1 && st.text[0].isElision(); complete && !elided {
		st.text = append(st.text, '\r', '\n')
	}
	return st, nil
}

// splitLine splits a line into its columns, up to and with the direction, and its text.
func splitLine(line string) (columns []string, text, prefix string) {
	rest := line
	for range 3 {
		column, after, _ := strings.Cut(rest, " ")
		columns = append(columns, column)
		prefix, rest = line[:len(line)-len(rest)], after
		if column == "C:" || column == "S:" || column == "--" {
			break
		}
	}
	return columns, rest, prefix
}

// parseText reads a line's text, with its escapes and the script's additions.
func (s *Script) parseText(text []byte, dir mailwire.Direction) (parsed []symbol, complete bool, err error) {
	plain := 0 // where plain text begins that isn't in parsed yet
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		addition, n, err := s.parseAddition(text[i:], dir)
		if err != nil {
			return nil, false, err
		}
		if addition == nil {
			i++ // an escape of mailwire's
			continue
		}
		before, _, err := mailwire.Unescape(text[plain:i])
		if err != nil {
			return nil, false, err
		}
		parsed = append(append(parsed, symbols(before)...), addition...)
		plain = i + n
		i = plain - 1
	}
	rest, complete, err := mailwire.Unescape(text[plain:])
	return append(parsed, symbols(rest)...), complete, err
}

// parseAddition reads what a backslash opens, and returns how many octets of text that
// is; nil: it is an escape as transcripts have them.
func (s *Script) parseAddition(text []byte, dir mailwire.Direction) ([]symbol, int, error) {
	if len(text) < 2 || bytes.IndexByte([]byte("$<.?~(){"), text[1]) < 0 {
		return nil, 0, nil
	}
	if text[1] == '$' {
		return s.parseCapture(text)
	}
	if text[1] == '<' {
		return s.parseReference(text, dir)
	}
	if dir == mailwire.Client {
		return nil, 0, fmt.Errorf("the client can't send %.20q", text)
	}
	switch text[1] {
	case '.':
		if !bytes.HasPrefix(text, []byte(`\...`)) {
			return nil, 0, fmt.Errorf("invalid escape in %.20q", text)
		}
		return []symbol{anything}, len(`\...`), nil
	case '?':
		return []symbol{unknown}, 2, nil
	case '~':
		return []symbol{optional}, 2, nil
	case '(':
		return []symbol{groupOpen}, 2, nil
	case ')':
		return []symbol{groupClose}, 2, nil
	case '{':
		digits, _, ok := bytes.Cut(text[2:], []byte(" octets}"))
		n, err := strconv.ParseUint(string(digits), 10, 64)
		if !ok || err != nil || n == 0 || n > maxElision {
			return nil, 0, fmt.Errorf("invalid elision %.30q", text)
		}
		return []symbol{firstElision + symbol(n)}, 2 + len(digits) + len(" octets}"), nil
	}
	return nil, 0, fmt.Errorf("invalid escape in %.20q", text)
}

func (s *Script) parseCapture(text []byte) ([]symbol, int, error) {
	n := 2
	for n < len(text) && ('a' <= text[n] && text[n] <= 'z' || '0' <= text[n] && text[n] <= '9') {
		n++
	}
	name := string(text[2:n])
	if name == "" {
		return nil, 0, fmt.Errorf("%.20q has no name in small letters and digits", text)
	}
	if _, ok := s.captures[name]; !ok {
		s.captures[name] = firstCapture + symbol(len(s.captures))
	}
	return []symbol{s.captures[name]}, n, nil
}

// parseReference reads \<name>, which becomes a literal.
func (s *Script) parseReference(text []byte, dir mailwire.Direction) ([]symbol, int, error) {
	name, _, ok := bytes.Cut(text[2:], []byte(">"))
	message, found := s.message(string(name))
	if !ok || !found {
		return nil, 0, fmt.Errorf("%.40q is no attached message", text)
	}
	literal := symbols(fmt.Appendf(nil, "{%d}\r\n", len(message.Octets)))
	if dir == mailwire.Client {
		literal = append(literal, syncPoint)
	}
	return append(literal, symbols(message.Octets)...), len(name) + 3, nil
}
