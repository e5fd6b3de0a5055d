package imapfake

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// command is a row of the command table.
type command struct {
	name   string
	states States
	// grammar is where its arguments are defined; empty: RFC 3501 §9.
	grammar string
	// parse reads the arguments, from the space before them on, and returns what
	// the command does; it must not do any of it itself.
	parse func(*parser, *session) action
	// numbers: the command works on messages, so new ones are announced first.
	numbers bool
	// noExpunge: no EXPUNGE may be sent in answer to it (RFC 3501 §7.4.1).
	noExpunge bool
	// stores: it brings messages, whose literals are admitted by its parse.
	stores bool
	// secret: its parse hides a password in the transcript, and so runs in any state.
	secret bool
	// deselects: no mailbox stays selected, even when it fails (RFC 3501 §6.3.1).
	deselects bool
}

// action does what a command asks for. The error, often a *imap.Error, becomes its
// tagged NO or BAD.
type action func(*session) error

// States is a set of session states (RFC 3501 §3), put together with "|".
type States uint8

// The states of a session. LOGOUT is none of them here: no command is read in it.
const (
	NotAuthenticated = notAuthenticated
	Authenticated    = authenticated
	Selected         = selected
	AnyState         = anyState
)

const (
	notAuthenticated States = 1 << iota
	authenticated
	selected

	anyState        = notAuthenticated | authenticated | selected
	authenticatedUp = authenticated | selected
)

// String names the states, such as "authenticated or selected".
func (st States) String() string {
	var names []string
	for i, name := range []string{"not authenticated", "authenticated", "selected"} {
		if st&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

// no is the error of a command that fails.
func no(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

// bad is the error of a command that the server doesn't understand.
func bad(text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeBad, Text: text}
}

// statusOf returns the response that an error becomes.
func statusOf(err error) *imap.Error {
	if e, ok := errors.AsType[*imap.Error](err); ok {
		return e
	}
	if why, ok := errors.AsType[mailstore.LoginRefusal](err); ok {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCode(why), Text: why.Error()}
	}
	status := &imap.Error{Type: imap.StatusResponseTypeNo, Text: strings.TrimPrefix(err.Error(), "mailstore: ")}
	switch {
	case errors.Is(err, mailstore.ErrInvalidFlag):
		status.Type, status.Text = imap.StatusResponseTypeBad, cited(status.Text, "RFC 3501 §9, flag")
	case errors.Is(err, mailstore.ErrInvalidEntry):
		status.Type, status.Text = imap.StatusResponseTypeBad, cited(status.Text, "RFC 5464 §3.2")
	case errors.Is(err, mailstore.ErrNoMailbox), errors.Is(err, mailstore.ErrStale):
		status.Code = imap.ResponseCodeNonExistent
	case errors.Is(err, mailstore.ErrExists):
		status.Code = imap.ResponseCodeAlreadyExists
	case errors.Is(err, mailstore.ErrInvalidName), errors.Is(err, mailstore.ErrInbox), errors.Is(err, mailstore.ErrNoSelect),
		errors.Is(err, mailstore.ErrSystemMailbox), errors.Is(err, mailstore.ErrNoLabels):
		status.Code = imap.ResponseCodeCannot
	case errors.Is(err, mailstore.ErrHasChildren):
		status.Code = imap.ResponseCodeHasChildren
	case errors.Is(err, mailstore.ErrOverQuota):
		status.Code = imap.ResponseCodeOverQuota
	case errors.Is(err, mailstore.ErrLimit):
		status.Code = imap.ResponseCodeLimit
	case errors.Is(err, mailstore.ErrAuthentication):
		status.Code = imap.ResponseCodeAuthenticationFailed
	}
	return status
}

// execute carries out one command and answers it.
func (s *session) execute(name string, p *parser, tag string) {
	s.tag, s.code = tag, ""
	s.commands++
	cmd, known := s.table.commands[name]
	if !known {
		cmd.name = name
	}
	perform := s.perform
	if len(s.srv.own.overrides) > 0 {
		perform = s.override
	}
	done, err := perform(cmd, p)
	s.endPanicked()
	if done {
		s.finish(cmd, tag, err)
	} else if !s.ended {
		s.tagged(tag, name, err)
	}
	s.tag, s.out.filters = "", nil
}

// perform parses and runs a command; done tells whether it came to that.
func (s *session) perform(cmd command, p *parser) (done bool, err error) {
	if cmd.parse == nil {
		return false, unknownCommand(cmd.name)
	}
	if cmd.states&s.state == 0 {
		if cmd.secret {
			cmd.parse(p, s)
		}
		return false, cmd.notAllowed(s.state)
	}
	if err := s.checkUIDs(cmd.name); err != nil {
		return false, err
	}
	if cmd.numbers && s.view != nil {
		s.tell(mailstore.SyncArrivals)
	}
	if s.ended {
		return false, nil
	}
	seen := request{command: cmd, tag: s.tag, args: *p}
	p, act := cmd.arguments(p, s)
	failure := p.failure(cmd.name, cmd.section())
	if cmd.deselects && (failure == nil || statusOf(failure).Type != imap.StatusResponseTypeBad) {
		s.deselect()
	}
	if failure != nil {
		return false, failure
	}
	s.code = ""
	seen.named = p.numbers
	s.note(&seen, false)
	err = act(s)
	seen.failed = err != nil
	s.note(&seen, true)
	return true, err
}

// arguments parses a command, unless that was done as it came, and returns the parser that
// knows what is wrong with it.
func (c *command) arguments(p *parser, s *session) (*parser, action) {
	if p.parsed != nil {
		return p.parsed.by, p.parsed.act
	}
	act := c.parse(p, s)
	p.end()
	return p, act
}

// notAllowed is the error of a command that comes in the wrong state.
func (c *command) notAllowed(in States) error {
	return bad(c.name + " is not allowed in the " + in.String() + " state (RFC 3501 §6)")
}

// finish tells the client what else has changed and ends the command.
func (s *session) finish(cmd command, tag string, err error) {
	level := mailstore.SyncAll
	if cmd.noExpunge {
		level = mailstore.SyncNoExpunge
	}
	s.update(level)
	s.brought = nil
	s.highestModSeq()
	if !s.ended || cmd.name == "LOGOUT" && !s.hungUp {
		s.tagged(tag, cmd.name, err)
	}
	if err != nil {
		s.after = nil
	}
	if after := s.after; after != nil {
		s.after = nil
		if err := after(); err != nil {
			s.ended, s.end = true, mailwire.EndOf(err)
		}
	}
}

// failure returns the response to a command that could not be parsed: BAD, or NO if
// nothing is wrong with its grammar, which is in the section given.
func (p *parser) failure(name, grammar string) error {
	if limit, ok := errors.AsType[*imap.Error](p.err); ok {
		return limit
	}
	if p.err != nil {
		return bad(name + ": " + cited(p.err.Error(), grammar))
	}
	return p.refused
}

// section returns where the command's arguments are defined.
func (c *command) section() string { return cmp.Or(c.grammar, "RFC 3501 §9") }

// cited returns why something is refused, with the section that says so, if one does.
func cited(why, section string) string {
	if section == "" || strings.Contains(why, "(RFC ") {
		return why
	}
	return why + " (" + section + ")"
}

func unknownCommand(name string) error {
	return bad(fmt.Sprintf("unknown command %.40s (RFC 3501 §6)", name))
}

// tagged writes the tagged response that ends a command.
func (s *session) tagged(tag, name string, err error) {
	status := &imap.Error{Type: imap.StatusResponseTypeOK, Code: imap.ResponseCode(s.code), Text: name + " completed"}
	if err != nil {
		status = statusOf(err)
	}
	s.code = ""
	s.out.text(tag)
	s.status(status)
}

// status writes what follows the tag of a status response, and ends the line.
func (s *session) status(e *imap.Error) {
	s.answered(e)
	s.out.byte(' ').text(string(e.Type)).byte(' ')
	if e.Code != "" {
		s.out.byte('[').text(string(e.Code)).text("] ")
	}
	s.out.text(printable(e.Text)).crlf()
}

// printable returns text as a response may hold it (RFC 3501 §9, text): one line of ASCII.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			if r == '§' {
				return -1
			}
			return '?'
		}
		return r
	}, text[:min(len(text), 400)])
}
