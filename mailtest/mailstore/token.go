package mailstore

import (
	"crypto/sha256"
	"sync"
	"time"
)

// Token is an access token (RFC 6750) by which its holder logs in as an account. Its
// methods are safe for concurrent use; a nil token never expires.
type Token struct {
	account *Account

	mu      sync.Mutex
	expires time.Time     // zero: never
	moved   chan struct{} // closed, and replaced, when expires changes
}

// tokenKey is what a token is found by. It is a hash so that the time which that takes says
// nothing of the tokens that there are.
type tokenKey [sha256.Size]byte

// AddToken lets the holder of an access token log in to the account until it expires; the
// zero time means never. A token that the account has already expires then instead, also
// in sessions that logged in by it. One that another account has is taken from it.
func (a *Account) AddToken(token string, expires time.Time) {
	s, key := a.store, tokenKey(sha256.Sum256([]byte(token)))
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[key]
	if t != nil && t.account == a {
		t.setExpiry(expires)
		return
	}
	if t != nil {
		t.setExpiry(time.Now())
	}
	if s.tokens == nil {
		s.tokens = make(map[tokenKey]*Token)
	}
	s.tokens[key] = &Token{account: a, expires: expires, moved: make(chan struct{})}
}

// ExpireToken makes an access token of the account expire now. Sessions that logged in by
// it are ended at their next command, and in IDLE at once.
func (a *Account) ExpireToken(token string) { a.AddToken(token, time.Now()) }

// Token returns an access token that an account has or had, nil if there is no such.
func (s *Store) Token(token string) *Token {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tokens[sha256.Sum256([]byte(token))]
}

// Account returns whose token it is.
func (t *Token) Account() *Account { return t.account }

// Expired tells whether the token's time is over.
func (t *Token) Expired() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.expires.IsZero() && !time.Now().Before(t.expires)
}

// WaitExpired waits until the token's time is over, and returns false if done is closed
// before that.
func (t *Token) WaitExpired(done <-chan struct{}) bool {
	if t == nil {
		<-done
		return false
	}
	for !t.Expired() {
		expires, moved := t.expiry()
		timer := time.NewTimer(time.Until(expires))
		over := timer.C
		if expires.IsZero() {
			over = nil
		}
		select {
		case <-over:
		case <-moved:
		case <-done:
			timer.Stop()
			return false
		}
		timer.Stop()
	}
	return true
}

// expiry returns when the token expires and a channel that is closed when that changes.
func (t *Token) expiry() (time.Time, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.expires, t.moved
}

func (t *Token) setExpiry(expires time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expires = expires
	close(t.moved)
	t.moved = make(chan struct{})
}
