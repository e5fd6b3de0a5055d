package mailstore

import "strings"

// AddCertificate lets a client log in to the account by a certificate in which identity is
// an email address or the common name, compared without case. An account needs no
// other identity than its name. One that another account has is taken from it.
func (a *Account) AddCertificate(identity string) {
	s := a.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.certificates == nil {
		s.certificates = make(map[string]*Account)
	}
	s.certificates[strings.ToLower(identity)] = a
}

// CertificateAccount returns the account of a certificate with this email address or common
// name: that of [Account.AddCertificate], else that of [Store.Account], nil if none is.
func (s *Store) CertificateAccount(identity string) *Account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	key := strings.ToLower(identity)
	if a, ok := s.certificates[key]; ok {
		return a
	}
	return s.find(key)
}
