package mailscript

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

// session is the client's end of a connection.
type session struct {
	protocol mailwire.Protocol
	conn     net.Conn
	r        *bufio.Reader
	greeted  bool
	closed   bool
	last     string     // the line that the client's last command began with
	ahead    []response // read already, and not compared yet

	// pending are the tags, or of POP3 the commands, that aren't answered yet.
	pending    []string
	literal    int64  // what is still to be sent of a literal
	continuing bool   // the client's next line isn't a command
	command    string // the name of the last one
	mechanism  string // SASL's, if it is an exchange
	sasl       saslClient
	challenge  string // the server's last one
	timestamp  string // at the end of a POP3 greeting (RFC 1939 §7)
}

func newSession(protocol mailwire.Protocol, conn net.Conn) *session {
	return &session{protocol: protocol, conn: conn, r: bufio.NewReader(conn)}
}

func (s *session) close() {
	s.closed = true
	s.conn.Close()
}

func (s *session) startTLS(ctx context.Context, config *tls.Config) error {
	if config == nil {
		return errors.New("no configuration for TLS")
	}
	conn := tls.Client(s.conn, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	s.conn, s.r = conn, bufio.NewReader(conn)
	return nil
}

// compress goes on with DEFLATE in both directions (RFC 4978 §3).
func (s *session) compress() {
	s.conn = mailwire.Deflate(s.conn)
	s.r = bufio.NewReader(s.conn)
}

func (s *session) write(octets []byte, deadline time.Time) error {
	s.conn.SetWriteDeadline(deadline)
	_, err := s.conn.Write(octets)
	return err
}

// awaitEnd reads to the end of the input, which is to have nothing more.
func (s *session) awaitEnd(deadline time.Time) error {
	s.conn.SetReadDeadline(deadline)
	more, err := s.r.ReadString('\n')
	switch {
	case more != "" || len(s.ahead) > 0:
		return fmt.Errorf("the server was to close the connection, and sent %.80q", more)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("the server was to close the connection")
	}
	s.close()
	return nil
}

// track takes notice of what the client is to send, and returns it with the server's
// names and secrets in it, and how many commands begin there.
func (s *session) track(text []byte, who identity) (sent []byte, commands int) {
	for len(text) > 0 {
		var piece []byte
		if s.literal > 0 {
			n := min(s.literal, int64(len(text)))
			piece, text = text[:n], text[n:]
			s.literal -= n
		} else {
			n := bytes.IndexByte(text, '\n') + 1
			if n == 0 {
				n = len(text)
			}
			piece, text = text[:n], text[n:]
			commands += s.trackLine(string(bytes.TrimRight(piece, "\r\n")))
		}
		sent = append(sent, s.personalize(piece, who)...)
	}
	return sent, commands
}

// trackLine takes notice of a line, and returns 1 if a command begins with it.
func (s *session) trackLine(line string) (commands int) {
	if !s.continuing {
		commands = 1
		s.begin(line)
	}
	s.continuing = false
	if size := literalSize(symbols([]byte(line))); size >= 0 && s.protocol == mailwire.IMAP {
		s.literal, s.continuing = size, true
	}
	return commands
}

// begin takes notice of a command.
func (s *session) begin(line string) {
	s.last, s.command, s.mechanism, s.sasl, s.challenge = line, "", "", nil, ""
	words := strings.Fields(line)
	if s.protocol == mailwire.POP3 {
		s.pending = append(s.pending, line)
	} else if len(words) > 0 {
		s.pending = append(s.pending, words[0])
		words = words[1:]
	}
	if len(words) > 0 {
		s.command = strings.ToUpper(words[0])
	}
	if len(words) > 1 && (s.command == "AUTHENTICATE" || s.command == "AUTH") {
		s.mechanism = strings.ToUpper(words[1])
	}
}

// answered takes notice of a response.
func (s *session) answered(r response) {
	s.challenge = strings.TrimRight(strings.TrimPrefix(string(octets(r.text)), "+ "), "\r\n")
	if s.protocol == mailwire.POP3 {
		if i := strings.LastIndexByte(s.challenge, '<'); i >= 0 && s.last == "" {
			s.timestamp = s.challenge[i:]
		}
		if s.continuing = len(r.text) > 0 && r.text[0] == '+' && (len(r.text) < 2 || r.text[1] == ' '); !s.continuing && len(s.pending) > 0 {
			s.pending = s.pending[1:]
		}
		return
	}
	switch p := parseIMAP(r.text); {
	case p.isContinuation():
		s.continuing = true
	case p.isTagged():
		tag := string(octets(p.tag))
		if i := slices.Index(s.pending, tag); i >= 0 {
			s.pending = slices.Delete(s.pending, i, i+1)
		}
		if len(s.pending) == 0 {
			s.literal, s.continuing = 0, false
		}
	}
}

func (s *session) next(deadline time.Time) (r response, err error) {
	if s.closed {
		return r, errors.New("the connection is closed")
	}
	s.conn.SetReadDeadline(deadline)
	if s.protocol == mailwire.POP3 {
		command := ""
		if len(s.pending) > 0 {
			command = s.pending[0]
		}
		r, err = readPOP3(s.r, command)
	} else {
		r, err = readIMAP(s.r)
	}
	switch {
	case err == nil:
		s.answered(r)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errors.New("nothing more came in time")
	case errors.Is(err, io.EOF):
		err = errors.New("the server closed the connection")
	}
	return r, err
}

// awaitContinuation reads up to "+", and tells whether it came: a tagged response says
// that the command is refused.
func (s *session) awaitContinuation(deadline time.Time) (bool, error) {
	for {
		r, err := s.next(deadline)
		if err != nil {
			return false, err
		}
		p := parseIMAP(r.text)
		if p.isContinuation() {
			return true, nil
		}
		s.ahead = append(s.ahead, r)
		if p.isTagged() && len(s.pending) == 0 {
			return false, nil
		}
	}
}

// wanted splits what a step wants into responses, in POP3 to these commands.
func (s *session) wanted(text []symbol, pending []string) ([]response, error) {
	if s.protocol == mailwire.POP3 {
		return wantedPOP3(text, pending)
	}
	return wantedIMAP(text)
}

func (s *session) match(want, got []response, b bindings) (bindings, bool) {
	if s.protocol == mailwire.POP3 {
		return matchPOP3(want, got, b)
	}
	return matchAnswers(want, got, b)
}

// read reads as many responses as are wanted, or what comes instead of them up to
// where the client would go on. The error says why there is no more.
func (s *session) read(want []response, deadline time.Time) (got []response, err error) {
	got, s.ahead = s.ahead, nil
	goal := newGoal(s, want)
	for _, r := range got {
		goal.reached(r)
	}
	for !goal.done(s, len(got)) {
		r, err := s.next(deadline)
		if len(r.text) > 0 {
			got = append(got, r)
		}
		if err != nil {
			return got, err
		}
		goal.reached(r)
	}
	return got, nil
}
