package mailwire

import (
	"crypto/tls"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// maxSessions is how many sessions that have ended are kept.
	maxSessions = 1000
	// sessionLogLimit is about how many octets all commands may take.
	sessionLogLimit = 16 << 20
	// commandOverhead is about what a command takes beside its text.
	commandOverhead = 300
)

// SessionLog keeps what clients did in all sessions of a server: those that are open and the last
// thousand of the others, with about 16 MiB of commands. The zero value is ready for use, and its
// methods are safe for concurrent use.
type SessionLog struct {
	mu       sync.Mutex
	sessions []*SessionRecorder // in the order in which they were opened
	ended    int                // how many of them have
	size     int                // octets
	changed  chan struct{}      // closed at the next change; nil: nobody waits
}

// SessionRecorder records one session in a [SessionLog]. Its methods are called by one
// goroutine at a time; the log may be read meanwhile.
type SessionRecorder struct {
	log  *SessionLog
	conn *Conn
	// unread counts what the client hasn't read; nil: nobody knows.
	unread func() int64

	session  Session // without its commands, and without what conn knows until it ends
	commands []*recorded
	current  *recorded
	consumed int64 // octets that came before the current command
	sent     int64 // octets that were sent before its answer
}

// recorded is a command in the log.
type recorded struct {
	Command
	size int // octets that it counts for; 0: it is forgotten
}

// Open begins the record of the session on c.
func (l *SessionLog) Open(c *Conn, state string) *SessionRecorder {
	r := &SessionRecorder{log: l, conn: c, session: Session{
		Number: c.session, Protocol: c.protocol, State: state, Opened: time.Now(),
	}}
	if addr := c.RemoteAddr(); addr != nil {
		r.session.Remote = addr.String()
	}
	if m, ok := c.raw.(*memoryConn); ok {
		r.unread = m.out.unread
	}
	l.change(func() { l.sessions = append(l.sessions, r) })
	return r
}

// All returns the sessions, oldest first. They are the caller's.
func (l *SessionLog) All() []Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Session, len(l.sessions))
	for i, r := range l.sessions {
		all[i] = r.snapshot()
	}
	return all
}

// Changed returns a channel that is closed when there is something new in what [SessionLog.All] returns,
// be it a session, a command, an answer or another state.
func (l *SessionLog) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

// change changes the log and wakes who waits for that.
func (l *SessionLog) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// snapshot returns the session as it is; the log is locked.
func (r *SessionRecorder) snapshot() Session {
	s := r.session
	if s.IsOpen() {
		r.measure(&s, 0)
	}
	if r.unread != nil && s.TLS == "" && !(s.IsOpen() && r.conn.Compressed()) {
		s.Unread = r.unread()
	}
	s.ClientID = maps.Clone(s.ClientID)
	s.Commands = make([]Command, len(r.commands))
	for i, c := range r.commands {
		s.Commands[i] = c.Command
		s.Commands[i].Bodies = slices.Clone(c.Bodies)
	}
	return s
}

// measure fills in what the connection knows. pending octets of the server's are on their way to it.
func (r *SessionRecorder) measure(s *Session, pending int) {
	s.Received, s.Sent = r.conn.received.Load(), r.conn.sent.Load()+int64(pending)
	if state := r.conn.TLS(); state != nil {
		s.TLS = tls.VersionName(state.Version)
	}
}

// Begin adds a command that has been read, and of which tag, name and arguments are given. It
// belongs to the goroutine that reads the connection, when pending octets are on their way to it.
func (r *SessionRecorder) Begin(c Command, pending int) {
	c.Began, c.TLS = time.Now(), r.conn.TLS() != nil
	r.sent = r.conn.sent.Load() + int64(pending)
	r.log.change(func() {
		r.current = &recorded{Command: c, size: commandOverhead}
		r.commands = append(r.commands, r.current)
		r.log.size += commandOverhead
		r.log.grow(r.current, len(c.Tag)+len(c.Name)+len(c.Raw))
	})
}

// Answer adds how the command in progress is answered, before the client can know; the first answer
// counts. Without a command in progress it does nothing.
func (r *SessionRecorder) Answer(status, code string) {
	if c := r.current; c != nil && c.Status == "" {
		r.log.change(func() {
			c.Status, c.Code = status, code
			c.Mailbox, c.Duration = r.session.Mailbox, time.Since(c.Began)
			r.log.grow(c, len(code))
		})
	}
}

// Elapsed returns how long the command in progress has taken so far, 0 without one.
func (r *SessionRecorder) Elapsed() time.Duration {
	if r.current == nil {
		return 0
	}
	return time.Since(r.current.Began)
}

// Bodies adds which messages were sent whole in answer to the command in progress.
func (r *SessionRecorder) Bodies(uidValidity uint32, uids []uint32) {
	if c := r.current; c != nil && len(uids) > 0 {
		r.log.change(func() {
			c.UIDValidity, c.Bodies = uidValidity, append(c.Bodies, uids...)
			r.log.grow(c, 4*len(uids))
		})
	}
}

// Done ends the command in progress, when pending octets are on their way to the connection. It belongs to
// the goroutine that reads.
func (r *SessionRecorder) Done(pending int) {
	consumed := r.conn.received.Load() - int64(r.conn.Buffered())
	if c := r.current; c != nil {
		r.log.change(func() {
			c.Received = max(0, consumed-r.consumed)
			c.Sent = r.conn.sent.Load() + int64(pending) - r.sent
			r.current = nil
		})
	}
	r.consumed = consumed
}

// Update changes what is known of the session itself; change must be short.
func (r *SessionRecorder) Update(change func(*Session)) {
	r.log.change(func() { change(&r.session) })
}

// Mask has a secret shown as "***" in the command in progress.
func (r *SessionRecorder) Mask(secret string) {
	if c := r.current; c != nil && secret != "" {
		r.log.change(func() { c.Raw = strings.ReplaceAll(c.Raw, secret, "***") })
	}
}

// Close ends the session, once, when pending octets are on their way to the connection.
func (r *SessionRecorder) Close(end SessionEnd, pending int) {
	if !r.session.IsOpen() {
		return
	}
	r.log.change(func() {
		r.measure(&r.session, pending)
		if r.conn.Compressed() {
			r.unread = nil
		}
		r.session.Closed, r.session.End, r.session.Idle = time.Now(), end, false
		r.conn, r.current = nil, nil
		r.log.ended++
		r.log.forget()
	})
}

// grow counts that a command takes more octets; the log is locked.
func (l *SessionLog) grow(c *recorded, octets int) {
	if c.size > 0 {
		c.size += octets
		l.size += octets
		l.forget()
	}
}

// forget drops what is the oldest beyond the limits; the log is locked.
func (l *SessionLog) forget() {
	if l.ended > maxSessions {
		i := slices.IndexFunc(l.sessions, func(r *SessionRecorder) bool { return !r.session.IsOpen() })
		for _, c := range l.sessions[i].commands {
			l.drop(c)
		}
		l.sessions = slices.Delete(l.sessions, i, i+1)
		l.ended--
	}
	for l.size > sessionLogLimit {
		i := slices.IndexFunc(l.sessions, func(r *SessionRecorder) bool { return len(r.commands) > 0 })
		r := l.sessions[i]
		l.drop(r.commands[0])
		r.commands[0], r.commands = nil, r.commands[1:]
		r.session.Forgotten++
	}
}

func (l *SessionLog) drop(c *recorded) {
	l.size -= c.size
	c.size = 0
}
