package imapfake

import (
	"context"
	"fmt"
	"strings"
)

// Push sends octets that no command asked for to the sessions with these numbers, which the
// transcript shows, or to all that are open: as soon as no response is under way, and also
// while the server waits for its client. What they say is up to the caller; the server
// doesn't look at it. It fails if there is no such session.
func (s *Server) Push(raw []byte, sessions ...int) error { return s.service.Push(raw, sessions...) }

// Bye ends sessions as a server does that is going down (RFC 3501 §7.1.5): it sends BYE with
// a text, such as "[UNAVAILABLE] maintenance", and closes the connection. It chooses among
// sessions and fails as [Server.Push] does, or for a text that isn't one line.
func (s *Server) Bye(text string, sessions ...int) error {
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return fmt.Errorf("imapfake: bye: %q isn't one line of text", text)
	}
	if err := s.Push([]byte("* BYE "+text+"\r\n"), sessions...); err != nil {
		return err
	}
	return s.HangUp(sessions...)
}

// HangUp closes connections without a word, once no response is under way; see [Server.Push].
func (s *Server) HangUp(sessions ...int) error { return s.service.HangUp(sessions...) }

// Reset closes connections at once, so that clients get ECONNRESET; see [Server.Push].
func (s *Server) Reset(sessions ...int) error { return s.service.Reset(sessions...) }

// Stop ends all sessions and listeners as [Server.Close] does, but then the server can Serve
// again: it is as if it had crashed and come back, with the same store.
func (s *Server) Stop() {
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	s.service.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx, s.cancel = context.WithCancel(context.Background())
}

// context returns what is done when the server stops.
func (s *Server) context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ctx
}
