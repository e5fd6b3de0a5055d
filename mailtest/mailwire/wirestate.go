package mailwire

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// The states of a session, by their names in RFC 3501 §3 and RFC 1939 §3.
const (
	notAuthenticated = "not-authenticated"
	authenticated    = "authenticated"
	selected         = "selected"
	loggedOut        = "logout"
	authorization    = "authorization"
	transaction      = "transaction"
	update           = "update"
)

// maxPending is how many commands without an answer are kept in mind.
const maxPending = 1000

// wireState is what a session has come to, as far as it can be seen on the wire.
type wireState struct {
	protocol              Protocol
	state                 string
	user, claimed         string // claimed: by a login that isn't answered yet
	clientID, mailbox     string
	greeted               bool
	multi                 bool // amid a multi-line answer of POP3
	pending               []*pendingCommand
	mailboxAsked, idAsked string
}

// pendingCommand is a command that the server has and hasn't answered yet.
type pendingCommand struct {
	tag, name string
	args      []byte
	lie       string // the status that is to be sent for the true one
	mute      bool   // the rest of a multi-line answer isn't sent
	answer    []byte // of one that the server doesn't get, kept until its turn
}

func newWireState(p Protocol) wireState {
	s := wireState{protocol: p, state: notAuthenticated}
	if p == POP3 {
		s.state = authorization
	}
	return s
}

// parseCommand reads the head of a command.
func (s *wireState) parseCommand(text []byte) *pendingCommand {
	line := text
	if n := bytes.IndexByte(text, '\n'); n >= 0 && s.protocol == POP3 {
		line = bytes.TrimRight(text[:n], "\r\n")
	}
	c := new(pendingCommand)
	if s.protocol != POP3 {
		c.tag, line = word(line)
	}
	var name string
	name, c.args = word(line)
	c.name = strings.ToUpper(name)
	if c.name == "UID" && s.protocol == IMAP {
		name, c.args = word(c.args)
		c.name += " " + strings.ToUpper(name)
	}
	return c
}

// word returns the first word of a line, and the rest.
func word(line []byte) (string, []byte) {
	n := bytes.IndexAny(line, " \r\n")
	if n < 0 {
		return string(line), nil
	}
	return string(line[:n]), bytes.TrimPrefix(line[n:], []byte(" "))
}

// begin notes that the server gets a command.
func (s *wireState) begin(c *pendingCommand) {
	if len(s.pending) == maxPending {
		s.pending = s.pending[1:]
	}
	s.pending = append(s.pending, c)
	switch c.name {
	case "LOGIN":
		s.claimed = firstString(c.args)
	case "USER", "APOP":
		s.claimed, _ = word(c.args)
	case "AUTHENTICATE", "AUTH":
		s.claimed = ""
		_, initial := word(c.args)
		s.step(bytes.TrimSpace(initial))
	case "SELECT", "EXAMINE":
		s.mailboxAsked = firstString(c.args)
	case "ID":
		s.idAsked = string(bytes.TrimSpace(c.args))
	}
}

// step looks for the user's name in a step of a SASL exchange.
func (s *wireState) step(line []byte) {
	if s.claimed != "" {
		return
	}
	message, err := base64.StdEncoding.DecodeString(string(line))
	if err != nil || len(message) == 0 {
		return
	}
	text := string(message)
	if fields := strings.Split(text, "\x00"); len(fields) == 3 { // PLAIN (RFC 4616)
		s.claimed = fields[1]
		return
	}
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == 1 }) {
		for _, key := range []string{"n=", "a=", "user="} { // SCRAM (RFC 5802), OAUTHBEARER (RFC 7628), XOAUTH2
			if name, ok := strings.CutPrefix(field, key); ok {
				s.claimed = name
				return
			}
		}
	}
	s.claimed, _, _ = strings.Cut(text, " ") // LOGIN, CRAM-MD5 (RFC 2195)
}

// stepDue tells whether the client's next line is no command.
func (s *wireState) stepDue() bool {
	if len(s.pending) == 0 {
		return false
	}
	switch last := s.pending[len(s.pending)-1]; last.name {
	case "AUTHENTICATE", "IDLE":
		return s.protocol == IMAP
	case "AUTH":
		return s.protocol == POP3 && len(last.args) > 0
	}
	return false
}

// of returns the command that a response belongs to, nil if there is none.
func (s *wireState) of(tag string) *pendingCommand {
	for _, c := range s.pending {
		if tag == "" || c.tag == tag {
			return c
		}
	}
	return nil
}

// classify tells what a response of the server is, and which command it answers.
func (s *wireState) classify(text []byte) (occasion, *pendingCommand) {
	if !s.greeted {
		return onGreeting, nil
	}
	if s.protocol == POP3 {
		c := s.of("")
		switch {
		case s.multi:
			return onLine, c
		case bytes.HasPrefix(text, []byte("+ ")) && c != nil && c.name == "AUTH":
			return onContinuation, c
		}
		return onTagged, c
	}
	switch text[0] {
	case '*':
		return onUntagged, s.of("")
	case '+':
		return onContinuation, s.of("")
	}
	tag, _ := word(text)
	return onTagged, s.of(tag)
}

// isOK tells whether a status response is of success.
func (s *wireState) isOK(text []byte) bool {
	if s.protocol == POP3 {
		return bytes.HasPrefix(text, []byte("+OK"))
	}
	_, rest := word(text)
	status, _ := word(rest)
	return strings.EqualFold(status, "OK")
}

// entering returns the state that a tagged response or a greeting brings, "" if none.
func (s *wireState) entering(on occasion, c *pendingCommand, text []byte) string {
	if on == onGreeting && bytes.HasPrefix(text, []byte("* PREAUTH")) {
		return authenticated
	}
	if on != onTagged || c == nil || !s.isOK(text) {
		return ""
	}
	imap := s.protocol == IMAP
	switch c.name {
	case "LOGIN", "AUTHENTICATE", "CLOSE", "UNSELECT":
		return authenticated
	case "SELECT", "EXAMINE":
		return selected
	case "UNAUTHENTICATE":
		return notAuthenticated
	case "LOGOUT":
		return loggedOut
	case "QUIT":
		return update
	case "PASS", "APOP", "AUTH":
		if !imap && !s.isMulti(c) {
			return transaction
		}
	}
	return ""
}

// isMulti tells whether a command of POP3 has a multi-line answer (RFC 1939 §3).
func (s *wireState) isMulti(c *pendingCommand) bool {
	_, more := multiline(strings.TrimSpace(c.name + " " + string(c.args)))
	return more
}

// told follows a response.
func (s *wireState) told(on occasion, c *pendingCommand, text []byte) {
	s.greeted = true
	if state := s.entering(on, c, text); state != "" {
		s.enter(state)
	}
	switch {
	case on == onUntagged && c != nil && bytes.HasPrefix(text, []byte("* BAD")):
		s.end(c) // it had no tag (RFC 3501 §7.1.3)
	case on == onTagged && c != nil:
		if c.name == "ID" && s.isOK(text) {
			s.clientID = s.idAsked
		}
		if s.multi = s.protocol == POP3 && s.isOK(text) && s.isMulti(c); !s.multi {
			s.end(c)
		}
	case on == onLine && bytes.Equal(bytes.TrimRight(text, "\r\n"), []byte(".")):
		s.multi = false
		s.end(c)
	}
}

func (s *wireState) enter(state string) {
	switch state {
	case authenticated, transaction:
		if s.mailbox == "" && s.claimed != "" {
			s.user = s.claimed
		}
		s.mailbox = ""
	case selected:
		s.mailbox = s.mailboxAsked
	case notAuthenticated:
		s.user, s.mailbox, s.clientID = "", "", ""
	}
	s.state = state
}

// end removes a command that has been answered.
func (s *wireState) end(c *pendingCommand) {
	for i, other := range s.pending {
		if other == c {
			s.pending = append(s.pending[:i:i], s.pending[i+1:]...)
			return
		}
	}
}
