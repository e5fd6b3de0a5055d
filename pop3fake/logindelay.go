package pop3fake

import (
	"fmt"
	"sync"
	"time"

	"example.org/mailfakes/mailtest/mailstore"
)

// WithLoginDelay refuses a login with [LOGIN-DELAY] until d has passed since the account's
// last one, and announces so (RFC 2449 §6.5, in whole seconds).
func WithLoginDelay(d time.Duration) Option {
	return func(s *Server) {
		if d < 0 {
			s.fail(fmt.Errorf("login delay of %v", d))
		}
		s.loginDelay = d
	}
}

// logins remembers when accounts were logged in to.
type logins struct {
	mu   sync.Mutex
	last map[*mailstore.Account]time.Time
}

// wait returns how long an account can't be logged in to yet.
func (l *logins) wait(account *mailstore.Account, delay time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.last[account]
	if !ok {
		return 0
	}
	return time.Until(last.Add(delay))
}

// note remembers a login that was answered +OK, from which RFC 2449 §6.5 counts.
func (l *logins) note(account *mailstore.Account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = make(map[*mailstore.Account]time.Time)
	}
	l.last[account] = time.Now()
}

// checkLoginDelay refuses a login that comes too early. The client has shown by now
// that it knows the password (RFC 2449 §8.1.1).
func (s *session) checkLoginDelay(account *mailstore.Account) error {
	if s.srv.loginDelay == 0 || !s.srv.offers(LoginDelay) {
		return nil
	}
	if wait := s.srv.logins.wait(account, s.srv.loginDelay); wait > 0 {
		return &refusal{code: codeLoginDelay, text: fmt.Sprintf("log in again in %v (RFC 2449 section 6.5)", wait.Round(time.Second/10))}
	}
	return nil
}
