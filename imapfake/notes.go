package imapfake

import (
	"errors"
	"net"
	"os"
	"slices"
	"sync"

	"example.org/mailfakes/mailtest/mailwire"
)

// Note is what the server noted of a client; the package documentation lists the rules.
type Note = mailwire.ClientNote

// Notes returns what clients did against the advice of the RFCs, oldest first: the last
// thousand. A command's notes are there before its answer.
func (s *Server) Notes() []Note { return s.notes.All() }

// noteRule is a row of the table of what is carried out, but noted.
type noteRule struct {
	name, text, rfc string
	on              []string // the commands that it is about; nil: every one
	// done: it looks at the command when that is done, not before.
	done bool
	// broken tells whether the client broke it; nil: what notes it is elsewhere.
	broken func(*session, *request) bool
}

// noteTable is noteRules, which never change.
var noteTable = sync.OnceValue(noteRules)

// request is a command as the rules see it.
type request struct {
	command
	tag    string
	args   parser // at the space before the arguments
	named  bool   // it names messages by their numbers
	failed bool
}

// arguments returns a parser of the arguments, after the first space.
func (r *request) arguments() *parser {
	p := r.args
	p.space()
	return &p
}

// habits is what the rules remember of a session.
type habits struct {
	tag           string // of the command before
	hasSelected   bool   // a mailbox was selected once
	capabilityDue bool   // STARTTLS has made what was known of capabilities void
	statuses      int    // STATUS commands since the last other one
	// numbersVoid: the client could not yet know whether the commands before brought EXPUNGE.
	numbersVoid bool
}

// waited tells the rules whether the client waited for the answers to all commands.
func (h *habits) waited(all bool) {
	if all {
		h.numbersVoid = false
	}
}

// learn takes in a command that is done.
func (h *habits) learn(s *session, r *request) {
	h.tag = r.tag
	h.hasSelected = h.hasSelected || s.state == selected
	if h.statuses++; r.name != "STATUS" {
		h.statuses = 0
	}
	// RFC 3501 §5.5.
	h.numbersVoid = h.numbersVoid || !r.noExpunge
	h.capabilityDue = r.name == "STARTTLS" && !r.failed
}

// note notes the rules that a command breaks.
func (s *session) note(r *request, done bool) {
	for _, rule := range noteTable() {
		if rule.done == done && rule.broken != nil && (rule.on == nil || slices.Contains(rule.on, r.name)) && rule.broken(s, r) {
			s.keepNote(rule, r.tag+" "+r.name)
		}
	}
	if done {
		s.habits.learn(s, r)
	}
}

func (s *session) keepNote(rule noteRule, command string) {
	s.srv.notes.Add(s.conn, Note{Command: command, Rule: rule.name, Text: rule.text, RFC: rule.rfc})
}

// noteEnd notes a client that went without LOGOUT, though it had sent commands before.
func (s *session) noteEnd(err error) {
	if s.habits.tag != "" && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
		s.keepNote(noLogout(), "")
	}
}
