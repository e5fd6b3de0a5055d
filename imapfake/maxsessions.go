package imapfake

import (
	"fmt"
	"sync"

	"example.org/mailfakes/mailtest/mailstore"
)

// WithMaxSessions has a login refused while that many sessions are logged in to the account at
// this server, with [mailstore.LoginTooManySessions].
func WithMaxSessions(n int) Option {
	return func(s *Server) {
		if n < 1 {
			s.fail(fmt.Errorf("imapfake: at most %d sessions of an account", n))
		}
		s.loggedIn.limit = n
	}
}

// loggedIn counts the sessions of each account.
type loggedIn struct {
	limit int // 0: none
	mu    sync.Mutex
	count map[*mailstore.Account]int
}

// enter counts a session, unless there are enough; leave, which may be called more than once,
// takes it out again.
func (l *loggedIn) enter(a *mailstore.Account) (leave func(), err error) {
	if l.limit == 0 {
		return func() {}, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count[a] >= l.limit {
		return nil, mailstore.LoginTooManySessions
	}
	if l.count == nil {
		l.count = make(map[*mailstore.Account]int)
	}
	l.count[a]++
	return sync.OnceFunc(func() { l.leave(a) }), nil
}

func (l *loggedIn) leave(a *mailstore.Account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count[a]--; l.count[a] == 0 {
		delete(l.count, a)
	}
}
