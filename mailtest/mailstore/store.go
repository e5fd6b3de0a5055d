package mailstore

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Limits on what a client can make grow.
const (
	maxKeywords      = 1000
	maxKeywordOctets = 255
	maxMailboxes     = 10_000
	maxSubscriptions = 10_000
	maxNameOctets    = 1000
	maxNameLevels    = 100
	maxAccounts      = 10_000 // that logins make
	maxExpunged      = 100_000
)

// Store holds accounts. Make one with [New].
type Store struct {
	mu     sync.RWMutex
	shared *Account
	events broadcast
	storeState
}

// storeState is what a [Snapshot] has of a store, beside what is in its accounts.
type storeState struct {
	accounts     map[string]*Account // by name in lower case
	metadata     metadata            // of the server, below /shared
	labels       bool                // new accounts have labels
	newMailboxes []NewMailbox        // that new accounts begin with
	uidValidity  uint32              // UIDVALIDITYs of new accounts are greater

	loginPolicy  LoginPolicy
	tokens       map[tokenKey]*Token
	certificates map[string]*Account // by identity in lower case
}

// New returns an empty store.
func New() *Store {
	s := &Store{storeState: storeState{accounts: make(map[string]*Account)}}
	s.shared = emptyAccount(s, sharedNumber)
	return s
}

// Shared returns what holds the mailboxes that no user owns: an account without a name
// and without INBOX, which nobody can log in to. Who may do what with its mailboxes
// is what their access control lists say; without one, nobody may anything.
func (s *Store) Shared() *Account { return s.shared }

// AddAccount makes an account with an empty INBOX. Names are compared without
// case. It fails with [ErrExists] or, for an empty name, one longer than 1000 octets
// or one with control characters, [ErrInvalidName].
func (s *Store) AddAccount(name, password string) (*Account, error) {
	const op = "add account"
	if name == "" || len(name) > maxNameOctets || strings.ContainsFunc(name, isControl) {
		return nil, fail(op, name, ErrInvalidName)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.ToLower(name)
	if _, ok := s.accounts[key]; ok {
		return nil, fail(op, name, ErrExists)
	}
	a := newAccount(s, name, password, uint64(len(s.accounts)))
	if err := a.begin(s.newMailboxes); err != nil {
		return nil, err
	}
	if s.labels {
		a.UseLabels()
	}
	s.accounts[key] = a
	return a, nil
}

// Account returns the account that a client calls name: its full name, or the
// part before the @ as long as only one account has it. It fails with [ErrNoAccount].
func (s *Store) Account(name string) (*Account, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if a := s.find(strings.ToLower(name)); a != nil {
		return a, nil
	}
	return nil, fail("find account", name, ErrNoAccount)
}

func (s *Store) find(key string) *Account {
	if a, ok := s.accounts[key]; ok || key == "" || strings.Contains(key, "@") {
		return a
	}
	var found *Account
	for full, a := range s.accounts {
		if local, _, _ := strings.Cut(full, "@"); local == key {
			if found != nil {
				return nil
			}
			found = a
		}
	}
	return found
}

// Accounts returns all accounts in the order of their names.
func (s *Store) Accounts() []*Account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*Account, 0, len(s.accounts))
	for _, key := range slices.Sorted(maps.Keys(s.accounts)) {
		out = append(out, s.accounts[key])
	}
	return out
}

// isControl tells what no name has (RFC 6855 §3 names them for mailboxes).
func isControl(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
}
