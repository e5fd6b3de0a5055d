package maillog

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// raw is a line that a reader found in a log, not yet part of a command or response.
type raw struct {
	number int
	dir    mailwire.Direction
	text   []byte // with its CRLF, unless there was none
	elided int64  // octets that follow text and that the log lacks
}

// rawSession is a session as it is being read.
type rawSession struct {
	protocol mailwire.Protocol // "": not known
	lines    []raw
	exact    bool // the log has each octet: what is incomplete broke off
	answered bool // the server has said something
	quitting bool // LOGOUT or QUIT was sent
	ended    bool // and answered
	// literal is how much is still to come of what that direction has announced.
	literal [mailwire.Server + 1]int64
}

// builder collects what a reader finds. Sessions have a key, by which the log tells them
// apart; most logs have one at a time, "".
type builder struct {
	sessions []*rawSession
	current  map[string]*rawSession
	protocol mailwire.Protocol // of new sessions, if it is known
}

func newBuilder() *builder { return &builder{current: make(map[string]*rawSession)} }

func (b *builder) session(key string) *rawSession {
	s := b.current[key]
	if s == nil {
		s = &rawSession{protocol: b.protocol}
		b.current[key] = s
		b.sessions = append(b.sessions, s)
	}
	return s
}

// end makes what comes next under that key another session.
func (b *builder) end(key string) { delete(b.current, key) }

var (
	imapGreeting = regexp.MustCompile(`(?i)^\* (OK|PREAUTH|BYE)\b`)
	// In any other place than the greeting that code comes with a tagged response.
	sureGreeting = regexp.MustCompile(`(?i)^\* (OK|PREAUTH) \[CAPABILITY `)
	quitCommand  = regexp.MustCompile(`(?i)^(QUIT|\S+ LOGOUT)$`)
)

// client adds a line that the client sent.
func (b *builder) client(number int, key, text string) {
	s := b.session(key)
	s.quitting = s.quitting || quitCommand.MatchString(text)
	s.add(number, mailwire.Client, text)
}

// server adds a line that the server sent. A greeting where there was one begins a new
// session, if the log doesn't say so.
func (b *builder) server(number int, key, text string) {
	s := b.session(key)
	if s.ended && (imapGreeting.MatchString(text) || strings.HasPrefix(text, "+OK")) ||
		s.answered && sureGreeting.MatchString(text) {
		b.end(key)
		s = b.session(key)
	}
	s.answered = true
	if s.quitting && (taggedStatus.MatchString(text) || strings.HasPrefix(text, "+OK")) {
		s.ended = true
	}
	s.add(number, mailwire.Server, text)
}

func (s *rawSession) add(number int, dir mailwire.Direction, text string) {
	s.lines = append(s.lines, raw{number: number, dir: dir, text: []byte(text + "\r\n")})
	if left := s.literal[dir]; left > int64(len(text)) {
		s.literal[dir] = max(0, left-int64(len(text)+2))
		return
	}
	s.literal[dir], _, _ = mailwire.LiteralSize([]byte(text))
}

// elide says that this many octets passed at this point.
func (b *builder) elide(number int, key string, dir mailwire.Direction, octets int64) {
	if octets > 0 {
		s := b.session(key)
		s.lines = append(s.lines, raw{number: number, dir: dir, elided: octets})
		s.literal[dir] = max(0, s.literal[dir]-octets)
	}
}

// last returns the last line if it is in that direction.
func (b *builder) last(key string, dir mailwire.Direction) *raw {
	s := b.session(key)
	if n := len(s.lines); n > 0 && s.lines[n-1].dir == dir {
		return &s.lines[n-1]
	}
	return nil
}

// extend appends text to the last line, which was logged in several pieces.
func (b *builder) extend(key string, dir mailwire.Direction, text string) bool {
	r := b.last(key, dir)
	if r == nil || r.elided > 0 {
		return false
	}
	r.text = append(trimEnd(r.text), text+"\r\n"...)
	return true
}

// announced returns the size of the literal that the last line announces, in that direction.
func (b *builder) announced(key string, dir mailwire.Direction) int64 {
	if r := b.last(key, dir); r != nil && r.elided == 0 {
		if size, _, ok := mailwire.LiteralSize(trimEnd(r.text)); ok {
			return size
		}
	}
	return 0
}

// inLiteral tells whether a literal goes on in that direction.
func (b *builder) inLiteral(key string, dir mailwire.Direction) bool {
	return b.session(key).literal[dir] > 0
}

func (b *builder) finish(f Format) (*Log, error) {
	l := &Log{Format: f}
	for _, s := range b.sessions {
		if s.protocol == "" {
			s.protocol = guessProtocol(s.lines)
		}
		framed := framer{session: s}
		framed.run()
		if len(framed.steps) == 0 {
			continue
		}
		l.Sessions = append(l.Sessions, &Session{Protocol: s.protocol, Steps: framed.steps})
		l.Notes = append(l.Notes, framed.notes...)
	}
	if len(l.Sessions) == 0 {
		return nil, fmt.Errorf("maillog: %w", errNoSession)
	}
	slices.SortStableFunc(l.Notes, func(a, b Note) int { return cmp.Compare(a.Line, b.Line) })
	return l, nil
}

var errNoSession = errors.New("the log has no session")

// guessProtocol looks for what only one of the protocols has.
func guessProtocol(lines []raw) mailwire.Protocol {
	for _, r := range lines {
		text := string(trimEnd(r.text))
		switch {
		case r.dir == mailwire.Server && (strings.HasPrefix(text, "+OK") || strings.HasPrefix(text, "-ERR")):
			return mailwire.POP3
		case r.dir == mailwire.Server && (strings.HasPrefix(text, "* ") || taggedStatus.MatchString(text)):
			return mailwire.IMAP
		}
	}
	for _, r := range lines {
		if r.dir == mailwire.Client && isPOP3Command(string(trimEnd(r.text))) {
			return mailwire.POP3
		}
	}
	return mailwire.IMAP
}
