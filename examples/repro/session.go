package main

import (
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
)

// session is what small programs have for a mail library: lines over a connection.
type session struct {
	*textproto.Conn
	nc       net.Conn
	greeting string
	tags     int
}

func newSession(nc net.Conn) *session { return &session{Conn: textproto.NewConn(nc), nc: nc} }

// refused is an answer other than OK.
type refused string

func (r refused) Error() string {
	if r == "" {
		return "an empty answer"
	}
	return string(r)
}

// ask sends a command of POP3 and returns its status line, or the error refused.
func (s *session) ask(format string, args ...any) (string, error) {
	if err := s.PrintfLine(format, args...); err != nil {
		return "", err
	}
	return s.status()
}

func (s *session) status() (string, error) {
	line, err := s.ReadLine()
	if err == nil && !strings.HasPrefix(line, "+OK") {
		err = refused(line)
	}
	return line, err
}

// askLines is ask for a multi-line answer, of which it returns the lines.
func (s *session) askLines(format string, args ...any) ([]string, error) {
	if _, err := s.ask(format, args...); err != nil {
		return nil, err
	}
	return s.ReadDotLines()
}

// retrieve is askLines for a message, or a part of one.
func (s *session) retrieve(format string, args ...any) (string, error) {
	lines, err := s.askLines(format, args...)
	if err != nil {
		return "", err
	}
	return strings.Join(lines, "\r\n") + "\r\n", nil
}

// command sends a command of IMAP and returns the responses to it, the tagged one last, or
// the error refused.
func (s *session) command(format string, args ...any) ([]string, error) {
	tag, err := s.send(format, args...)
	if err != nil {
		return nil, err
	}
	return s.until(tag)
}

func (s *session) send(format string, args ...any) (tag string, err error) {
	s.tags++
	tag = fmt.Sprintf("a%d ", s.tags)
	return tag, s.PrintfLine("%s"+format, append([]any{tag}, args...)...)
}

// until reads up to the tagged response.
func (s *session) until(tag string) (responses []string, err error) {
	for {
		r, err := s.response()
		if err != nil {
			return responses, err
		}
		responses = append(responses, r)
		if rest, found := strings.CutPrefix(r, tag); found {
			if !strings.HasPrefix(rest, "OK") {
				err = refused(rest)
			}
			return responses, err
		}
	}
}

var announced = regexp.MustCompile(`\{(\d+)\}$`)

// response reads a line with its literals in place.
func (s *session) response() (string, error) {
	var whole strings.Builder
	for {
		line, err := s.ReadLine()
		if err != nil {
			return whole.String(), err
		}
		whole.WriteString(line)
		size := announced.FindStringSubmatch(line)
		if size == nil {
			return whole.String(), nil
		}
		n, _ := strconv.ParseInt(size[1], 10, 64)
		whole.WriteString("\r\n")
		if _, err := io.CopyN(&whole, s.R, n); err != nil {
			return whole.String(), err
		}
	}
}

// literal returns the first literal of a response.
func literal(response string) (string, bool) {
	before, after, found := strings.Cut(response, "}\r\n")
	if !found {
		return "", false
	}
	n, err := strconv.Atoi(before[strings.LastIndexByte(before, '{')+1:])
	if err != nil || n > len(after) {
		return "", false
	}
	return after[:n], true
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// find returns what a regular expression captures in the first response that it matches.
func find(re string, responses []string) string {
	for _, r := range responses {
		if found := regexp.MustCompile(re).FindStringSubmatch(r); found != nil {
			return found[1]
		}
	}
	return ""
}

// findAll is find for all responses.
func findAll(re string, responses []string) (found []string) {
	for _, r := range responses {
		if m := regexp.MustCompile(re).FindStringSubmatch(r); m != nil {
			found = append(found, m[1])
		}
	}
	return found
}

// bodies returns the literals of the responses to FETCH.
func bodies(responses []string) (found []string) {
	for _, r := range responses {
		if body, ok := literal(r); ok {
			found = append(found, body)
		}
	}
	return found
}
