package imapfake

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// session is one connection's conversation. All of it runs in the connection's
// goroutine, but for the updates during IDLE and NOTIFY.
type session struct {
	srv     *Server
	conn    *mailwire.Conn
	record  *mailwire.SessionRecorder
	out     output
	state   States
	account *mailstore.Account
	leave   func()           // takes the session out of those of the account
	token   *mailstore.Token // that the client logged in by, nil: by another means
	// anonymous: it logged in by AUTH=ANONYMOUS, as nobody in particular.
	anonymous bool
	view      *mailstore.View
	table     *table // what it knows
	// examined: the mailbox was opened by EXAMINE; toldRights are those on it that the client knows of.
	examined   bool
	toldRights mailstore.Rights
	enabled    map[imap.Cap]bool
	// condStore: flags are told with modification sequences (RFC 7162 §3.1).
	condStore bool
	expunged  []imap.UID   // messages that the command in progress has expunged
	brought   []imap.UID   // messages that it has put in the selected mailbox
	vanished  bool         // VANISHED was told since the last command
	withheld  bool         // there are expunges that the client could not be told of yet
	tag       string       // of the command in progress
	code      string       // response code for the tagged OK of the command in progress
	after     func() error // runs once the tagged OK is written
	ended     bool         // no further command is read
	hungUp    bool         // and the command in progress is not answered
	end       mailwire.SessionEnd
	bodies    []uint32 // UIDs of the messages that the command in progress has sent whole

	commands   int               // how many have been read
	identified bool              // by ID (RFC 2971)
	clientID   map[string]string // what the last ID told
	values     map[any]any       // of the test's own commands

	habits    habits   // what the notes' rules remember
	saved     numSet   // the UIDs that "$" stands for (RFC 5182)
	contexts  contexts // of searches whose results are kept up to date (RFC 5267)
	notify    *notifications
	keyResets uint64 // of the selected mailbox, that the client has been told of (RFC 4467)
}

func newSession(srv *Server, conn *mailwire.Conn) *session {
	s := &session{leave: func() {}, srv: srv, conn: conn, out: output{conn: conn}, table: srv.table, state: notAuthenticated}
	if s.rev2() {
		s.beRev2()
	}
	return s
}

func (s *session) serve() {
	s.record = s.srv.sessions.Open(s.conn, s.state.String())
	s.conn.SetWriteLimit(s.srv.autologout)
	defer s.conn.Close()
	defer func() { s.record.Close(s.end, 0) }()
	defer s.unselect()
	defer s.unfollow()
	defer func() { s.srv.service.Fail(s.out.panicking) }()
	defer func() { s.leave() }()
	s.out.text("* OK ").text(s.greeting()).crlf()
	for !s.ended {
		if err := s.serveCommand(); err != nil {
			if !s.ended {
				s.hangUp(err)
			}
			return
		}
	}
	s.leave() // before the client knows that it may come back
	s.record.Close(s.end, len(s.out.buf))
	s.out.flush()
}

// hangUp ends the session after err; a client that only was too slow is told so.
func (s *session) hangUp(err error) {
	s.noteEnd(err)
	defer func() { s.end = mailwire.EndOf(err) }()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.bye("autologout: no command for " + inWords(s.srv.autologout) + " (RFC 3501 5.4)")
		s.out.flush()
	}
}

// reply sends a request to continue amid a command and returns the line that the client
// answers, of one that is too long what there is of it.
func (s *session) reply(request string) (string, error) {
	s.out.text("+ ").text(request).crlf()
	if err := s.out.flush(); err != nil {
		return "", s.replyFailed(err)
	}
	s.awaitClient()
	line, err := s.conn.ReadLine(maxLine)
	if err != nil {
		err = s.replyFailed(err)
	}
	return string(line), err
}

// replyFailed ends the session after err, which kept it from reading a line amid a
// command, and returns the command's error; only a line that is too long is just that.
func (s *session) replyFailed(err error) error {
	if errors.Is(err, mailwire.ErrLineTooLong) {
		return bad(fmt.Sprintf("line over %d octets (RFC 7162 §4)", maxLine))
	}
	if !s.ended {
		s.hangUp(err)
		s.ended = true
	}
	return err
}

// bye announces the end of the session and makes it so.
func (s *session) bye(text string) {
	s.out.text("* BYE ").text(printable(text)).crlf()
	s.ended, s.end = true, mailwire.EndedByServer
}

// serveCommand reads and answers one command. An error means that the connection
// is of no more use.
func (s *session) serveCommand() error {
	s.habits.waited(s.conn.Buffered() == 0)
	if !s.conn.HasLine() {
		if err := s.out.flush(); err != nil {
			return err
		}
		s.awaitClient()
	}
	cmd, err := s.readCommand()
	if err != nil {
		return s.refuse(cmd, err)
	}
	s.began(&cmd)
	if s.token.Expired() {
		s.expire()
	} else {
		s.execute(cmd.name, s.parser(&cmd), cmd.tag)
	}
	s.record.Done(len(s.out.buf))
	s.conn.Commit()
	return nil
}

// refuse answers a command that could not be read, or returns the error of a
// connection that is gone.
func (s *session) refuse(cmd received, err error) error {
	refused, ok := errors.AsType[*imap.Error](err)
	if !ok {
		return err
	}
	s.hideSecret(&cmd)
	s.began(&cmd)
	tag := cmd.tag
	if tag == "" {
		tag = "*"
	}
	s.out.text(tag)
	s.status(refused)
	s.record.Done(len(s.out.buf))
	s.conn.Commit()
	return nil
}

// logIn makes the session the account's, until token, if not nil, expires.
func (s *session) logIn(account *mailstore.Account, token *mailstore.Token) error {
	leave, err := s.srv.loggedIn.enter(account)
	if err != nil {
		return err
	}
	s.leave = leave
	s.account, s.token = account, token
	s.state = authenticated
	for _, ext := range s.table.extensions {
		if ext.onLogin != nil {
			ext.onLogin(s)
		}
	}
	if !s.srv.appearance.noCodes {
		s.code = s.capabilities()
	}
	return nil
}

// unselect closes the selected mailbox, if any.
func (s *session) unselect() {
	if s.view != nil {
		s.view.Close()
		s.view = nil
		s.saved, s.contexts = nil, contexts{}
		s.notify.selects(nil)
		s.state = authenticated
	}
}

// received is a command as it came.
type received struct {
	tag, name string
	text      []byte // all lines, joined where a literal stood
	args      int    // where the arguments begin
	literals  []literal
	parsed    *parsed // nil: it was not parsed as it came
}

// parser returns a parser of a command's arguments.
func (s *session) parser(c *received) *parser {
	return &parser{
		text: c.text, pos: c.args, literals: c.literals,
		utf8: s.out.utf8, quoted8: s.out.utf8 || s.table.rev2 != nil, rev2: s.rev2(),
		secret: s.table.commands[c.name].secret, parsed: c.parsed,
	}
}

// parseHead finds a command's tag and name, and so where its arguments begin.
func (c *received) parseHead() error {
	p := parser{text: c.text}
	tag := p.while(func(c byte) bool { return isAStringChar(c) && c != '+' })
	if tag != "" && (p.peek() == ' ' || !p.more()) {
		c.tag = tag
	}
	if !p.accept(' ') || c.tag == "" {
		return bad("a command starts with a tag, a space and its name (RFC 3501 §2.2.1)")
	}
	// A client that forgot the tag of LOGIN sends a password next.
	c.args, p.secret = p.pos-1, strings.EqualFold(tag, "LOGIN") || strings.EqualFold(tag, "AUTHENTICATE")
	c.name = strings.ToUpper(p.while(isAtomChar))
	if c.name == "UID" && p.accept(' ') {
		c.name += " " + strings.ToUpper(p.while(isAtomChar))
	}
	if c.name == "" {
		return bad("expected a command's name, found " + p.excerpt() + " (RFC 3501 §9, command)")
	}
	c.args = p.pos
	return nil
}
