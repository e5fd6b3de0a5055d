package pop3fake

// Push sends octets that no command asked for to the sessions with these numbers, which the
// transcript shows, or to all that are open: as soon as no response is under way, and also
// while the server waits for its client. POP3 has no such responses: a client takes them
// for the answer to its next command. It fails if there is no such session.
func (s *Server) Push(raw []byte, sessions ...int) error { return s.service.Push(raw, sessions...) }

// HangUp closes connections without a word, once no response is under way, and deletes
// nothing; see [Server.Push].
func (s *Server) HangUp(sessions ...int) error { return s.service.HangUp(sessions...) }

// Reset closes connections at once, so that clients get ECONNRESET; see [Server.Push].
func (s *Server) Reset(sessions ...int) error { return s.service.Reset(sessions...) }

// Stop ends all sessions and listeners as [Server.Close] does, but then the server can Serve
// again: it is as if it had crashed and come back, with the same store.
func (s *Server) Stop() { s.service.Stop() }

// ForgetLogins forgets when accounts were logged in to and what their clients have fetched: the
// next login to each is not subject to [WithLoginDelay] and [WithFetchedHidden].
func (s *Server) ForgetLogins() {
	s.logins.mu.Lock()
	s.logins.last = nil
	s.logins.mu.Unlock()
	s.fetched.forget()
}
