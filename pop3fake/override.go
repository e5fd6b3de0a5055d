package pop3fake

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// override takes a command's place.
type override struct {
	name  string
	every bool // it takes every command's place
	run   func(*Call) error
}

// OverrideCommand has run called in place of a command, such as "DELE", whatever the session's
// state and the command's arguments are. It can refuse the command by its error, answer by
// itself, or carry the command out by [Call.Next] and change the answer by [Call.Filter]. Of
// several overrides of a command the last given is called first, and its Next calls the one
// before it. If a capability is turned off that brings the command, there is nothing to
// override.
//
// run runs in the session's goroutine, several sessions may call it at once, and it must not
// close the server. If it panics, the session ends with -ERR, and [Server.Close] returns the
// panic with its stack.
func OverrideCommand(name string, run func(*Call) error) Option {
	return func(s *Server) {
		row := override{name: strings.ToUpper(name), run: run}
		switch {
		case run == nil:
			s.fail(fmt.Errorf("override of command %q: there is no function to run", name))
		case s.commands[row.name] == nil:
			s.fail(fmt.Errorf("there is no command %q to override", name))
		}
		s.overrides = append(s.overrides, row)
	}
}

// OverrideEveryCommand is [OverrideCommand] for every command, also those that the server
// doesn't know, which [Call.Next] answers by -ERR.
func OverrideEveryCommand(run func(*Call) error) Option {
	return func(s *Server) {
		if run == nil {
			s.fail(errors.New("override of every command: there is no function to run"))
		}
		s.overrides = append(s.overrides, override{every: true, run: run})
	}
}

// Call is one command that a function given to [OverrideCommand] carries out. It must not
// be used once that has returned, nor by other goroutines.
type Call struct {
	session *session
	name    string
	args    string
	next    func() error
}

// Name returns the command's name in capitals, such as "RETR".
func (c *Call) Name() string { return c.name }

// Args returns the arguments as the client sent them, without the space before them.
func (c *Call) Args() string { return c.args }

// Next carries out the command that is overridden. Its error is what the command would be
// answered by, its answer is out when it returns.
func (c *Call) Next() error { return c.next() }

// Account returns the account that the client is logged in to, nil before.
func (c *Call) Account() *mailstore.Account {
	if c.session.drop == nil {
		return nil
	}
	return c.Mailbox().Account()
}

// Mailbox returns the mailbox that is the client's maildrop, by whose UIDs [Call.Messages]
// has them; nil before login.
func (c *Call) Mailbox() *mailstore.Mailbox {
	if c.session.drop == nil {
		return nil
	}
	return c.session.drop.view.Mailbox()
}

// Messages returns the messages of the maildrop under their message-numbers, deleted ones
// too; none before login.
func (c *Call) Messages() mailstore.Messages {
	if c.session.drop == nil {
		return mailstore.Messages{}
	}
	return c.session.drop.messages
}

// Octets returns the size of message n as LIST tells it; the maildrop has to have it.
func (c *Call) Octets(n uint32) int64 { return c.session.drop.size(n) }

// UniqueID returns the unique-id of message n as UIDL tells it; the maildrop has to have it.
func (c *Call) UniqueID(n uint32) string {
	drop := c.session.drop
	return string(appendUniqueID(nil, drop.messages.At(n), drop.uidValidity))
}

// DropPipelined forgets what the client has sent behind the command without waiting for its
// answer, as far as it has arrived.
func (c *Call) DropPipelined() error { return c.session.conn.Discard(int64(c.session.conn.Buffered())) }

// Session returns the connection's number in the transcript, from 1.
func (c *Call) Session() int { return c.session.conn.Session() }

// Commands returns how many commands the session has come to, with this one.
func (c *Call) Commands() int { return c.session.commands }

// Answer sends text as it is and CRLF, as an answer or as a line of one.
func (c *Call) Answer(text string) { c.session.write(text + "\r\n") }

// Filter has f called with each response that is sent from here until the command has been
// answered, whole: all lines of a multi-line one, byte-stuffed, and the CRLF at its end; also
// with each challenge of AUTH. What f returns is sent instead, as it is. If there are
// several filters, the last one comes first.
func (c *Call) Filter(f func(response string) string) {
	c.session.filters = append(c.session.filters, f)
}

// Refuse returns the error that answers a command by -ERR and text, which begins with a
// response code in brackets if there is one.
func Refuse(text string) error { return &verbatim{text} }

// verbatim is a refusal in the words of the test's author.
type verbatim struct{ text string }

func (v *verbatim) Error() string { return v.text }

// HangUp closes the connection without another word; what was answered before is sent.
func (c *Call) HangUp() {
	c.session.ended, c.session.hungUp, c.session.end = true, true, mailwire.EndedByClosing
}

// Value returns what was kept in the session under a key, nil if nothing was.
func (c *Call) Value(key any) any { return c.session.values[key] }

// SetValue keeps a value in the session, under a key that compares.
func (c *Call) SetValue(key, value any) {
	if c.session.values == nil {
		c.session.values = make(map[any]any)
	}
	c.session.values[key] = value
}

// overridden carries out a command as its overrides have it, or as it is.
func (s *session) overridden(name, args string, run func() error) error {
	next := run
	for _, o := range s.srv.overrides {
		if o.every || o.name == name && s.srv.knows(name) {
			original := next
			next = func() (err error) {
				call := &Call{session: s, name: name, args: args, next: original}
				s.protect("the function of command "+name, func() { err = o.run(call) })
				return err
			}
		}
	}
	err := next()
	if s.panicking != nil {
		s.ended = true
		return &refusal{code: codePermanent, text: firstLine(s.panicking.Error())}
	}
	return err
}

// knows tells whether the server has a command.
func (s *Server) knows(name string) bool {
	cmd := s.commands[name]
	return cmd != nil && s.offers(cmd.capability)
}

// protect calls a function of the test's author; once one has panicked the session is about
// to end and no more is called.
func (s *session) protect(what string, f func()) {
	if s.panicking == nil {
		mailwire.Protect("pop3fake: "+what, f, func(err error) {
			s.panicking = err
			s.srv.service.Fail(err)
		})
	}
}

// write sends text, or holds it back for the filters of the command in progress.
func (s *session) write(text string) {
	s.answered(text)
	if len(s.filters) > 0 {
		s.held = append(s.held, text...)
		return
	}
	s.conn.WriteString(text)
}

// writeLine sends a line that is in the connection's own buffer, or holds it back.
func (s *session) writeLine(line []byte) {
	if len(s.filters) > 0 {
		s.held = append(s.held, line...)
		return
	}
	s.conn.Write(line)
}

// writeBody sends a message, or holds it back.
func (s *session) writeBody(octets []byte) {
	if len(s.filters) > 0 {
		s.held = append(s.held, octets...)
		return
	}
	s.conn.WriteLiteral(octets)
}

// sendHeld sends what the filters make of the response that is complete now.
func (s *session) sendHeld() {
	if len(s.held) == 0 {
		return
	}
	response := string(s.held)
	s.held = s.held[:0]
	for _, f := range slices.Backward(s.filters) {
		s.protect("a filter", func() { response = f(response) })
	}
	s.conn.WriteString(response)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
