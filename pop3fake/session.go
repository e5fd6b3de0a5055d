package pop3fake

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

const (
	// maxCommand is the longest command in octets, beside its CRLF (RFC 2449 §4), also of
	// an AUTH with its initial response (RFC 5034 §4).
	maxCommand = 255 - len("\r\n")
	// maxResponse is the longest response to a SASL challenge: as long as a mechanism may
	// need (RFC 5034 §4).
	maxResponse = 64 << 10
	// maxStrikes is how many malformed commands in a row end a session, as in Dovecot.
	maxStrikes = 20
)

// states is a set of the states of a session (RFC 1939 §3). UPDATE isn't one of
// them: no command is read in it.
type states uint8

const (
	authorization states = 1 << iota
	transaction
)

func (s states) String() string {
	if s == authorization {
		return "AUTHORIZATION"
	}
	return "TRANSACTION"
}

// session is one connection's conversation; all of it runs in the connection's
// goroutine. Errors of writing stay with the connection and come out of its next
// Flush, so that handlers needn't look at them.
type session struct {
	srv       *Server
	conn      *mailwire.Conn
	record    *mailwire.SessionRecorder
	state     states
	timestamp string           // of the greeting, for APOP
	user      string           // what the last command was, if it was a successful USER
	claimed   string           // the same for the command before the one in progress
	drop      *maildrop        // in the TRANSACTION state
	token     *mailstore.Token // that the client logged in by, nil: by another means
	utf8      bool             // in UTF-8 mode (RFC 6856 §2.1)
	recent    bool             // the name began with "recent:", see [WithRecentMode]
	capaDue   bool             // STLS has made what was known of capabilities void
	commands  int              // how many the session has come to
	filters   []func(string) string
	held      []byte      // the response that filters are to see
	stuffed   []byte      // memory for byte-stuffing
	values    map[any]any // kept for overrides
	panicking error       // a function of the test's author did
	hungUp    bool        // nothing more is answered
	strikes   int         // malformed commands in a row
	ended     bool        // no further command is read
	end       mailwire.SessionEnd
}

func newSession(srv *Server, conn *mailwire.Conn) *session {
	return &session{srv: srv, conn: conn, state: authorization}
}

// serve greets the client and answers its commands. Whatever ends the session, only
// QUIT has deleted anything by then (RFC 1939 §6).
func (s *session) serve() {
	s.record = s.srv.sessions.Open(s.conn, s.state.String())
	s.conn.SetWriteLimit(s.srv.autologout)
	s.end = mailwire.EndedByServer
	defer func() { s.record.Close(s.end, 0) }()
	defer s.release()
	s.greet()
	for !s.ended {
		if err := s.serveCommand(); err != nil {
			s.end = mailwire.EndOf(err)
			return
		}
	}
	s.record.Close(s.end, 0) // before the client can know
	s.conn.Flush()
}

func (s *session) greet() {
	greeting := s.srv.greeting
	if s.srv.offers(APOP) && s.sasl().KnowsPasswords() {
		s.timestamp = newTimestamp(s.conn.Session())
		greeting = strings.TrimPrefix(greeting+" "+s.timestamp, " ")
	}
	s.ok(greeting)
}

// release closes the maildrop, if it is open, and lets others at it.
func (s *session) release() {
	if s.drop != nil {
		if s.srv.seen == SeenAtEnd {
			s.drop.markSeen(slices.Sorted(maps.Keys(s.drop.retrieved)))
		}
		s.drop.close()
		s.drop = nil
	}
}

// serveCommand reads and answers one command. An error means that the connection
// is of no more use, or was silent for too long, which gets no answer (RFC 1939 §3).
func (s *session) serveCommand() error {
	s.conn.Commit()
	line, err := s.readLine(maxCommand)
	s.claimed, s.user = s.user, ""
	s.commands++
	if err == nil {
		s.began(line)
	}
	defer func() {
		s.sendHeld()
		s.filters = nil
		s.record.Done(0)
	}()
	if errors.Is(err, mailwire.ErrLineTooLong) {
		s.hideSecret(string(line))
	}
	switch {
	case s.srv.lineLimit != "" && errors.Is(err, mailwire.ErrLineTooLong):
		s.ended = true
		err = Refuse(s.srv.lineLimit)
	case err != nil:
	case s.token.Expired():
		s.ended = true
		err = tokenExpired()
	default:
		err = s.execute(line)
	}
	if err == nil || s.hungUp {
		s.strikes = 0
		return nil
	}
	if v, ok := errors.AsType[*verbatim](err); ok {
		s.write("-ERR " + v.text + "\r\n")
		return nil
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		s.refuse(r)
		return nil
	}
	return err
}

// readLine returns the next line of up to limit octets, after sending the answers to those
// before it unless the client has sent more already (RFC 2449 §6.6). Of one that is too long
// it returns what [mailwire.Conn.ReadLine] does, too.
func (s *session) readLine(limit int) ([]byte, error) {
	s.sendHeld()
	if !s.conn.HasLine() {
		if err := s.conn.Flush(); err != nil {
			return nil, err
		}
		if s.srv.autologout > 0 {
			s.conn.SetReadDeadline(time.Now().Add(s.srv.autologout))
		}
	}
	line, err := s.conn.ReadLine(limit)
	if errors.Is(err, mailwire.ErrLineTooLong) {
		tooLong := malformed("line of more than %d octets (RFC 2449 section 4, RFC 5034 section 4)", limit+len("\r\n"))
		tooLong.cause = err
		return line, tooLong
	}
	return line, err
}

// refusal is an error that the client is told of.
type refusal struct {
	code      string // response code (RFC 2449 §8), if any
	text      string
	cause     error // nil: none but what the text says
	malformed bool  // the command was against the rules, rather than not to be fulfilled
}

func (r *refusal) Error() string { return r.text }

func (r *refusal) Unwrap() error { return r.cause }

func refused(format string, args ...any) *refusal {
	return &refusal{text: fmt.Sprintf(format, args...)}
}

func malformed(format string, args ...any) *refusal {
	return &refusal{text: fmt.Sprintf(format, args...), malformed: true}
}

// refuse answers -ERR, and ends the session with a client that doesn't speak POP3.
func (s *session) refuse(r *refusal) {
	text := r.text
	s.strikes++
	if !r.malformed {
		s.strikes = 0
	}
	if s.strikes == maxStrikes {
		text = "closing after too many malformed commands in a row; " + text
		s.ended = true
	}
	if s.srv.shows(r.code) {
		text = "[" + r.code + "] " + text
	}
	s.write("-ERR " + text + "\r\n")
}

func (s *session) ok(text string) { s.write("+OK " + text + "\r\n") }

// endLines ends a multi-line response.
func (s *session) endLines() { s.write(".\r\n") }
