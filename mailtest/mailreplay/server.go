package mailreplay

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"sync"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailwire"
)

// Server serves the sessions of a log. Its methods are safe for concurrent use.
type Server struct {
	log        *maillog.Log
	match      Match
	transcript *mailwire.Transcript
	tls        func() (*tls.Config, error)
	report     func(*Deviation)
	services   map[mailwire.Protocol]*mailwire.Service
	scripts    map[mailwire.Protocol][]*script
	records    map[mailwire.Protocol]*mailwire.SessionLog

	mu        sync.Mutex
	next      map[mailwire.Protocol]int // connections so far
	numbers   map[*mailwire.Conn]int    // of those that wait for their session, from 1
	deviation *Deviation
	reached   map[*group]bool
}

// Option changes how a log is served.
type Option func(*Server)

// WithMatch says how alike what clients send must be to what the log has: [ByCommand] unless
// this says otherwise.
func WithMatch(m Match) Option { return func(s *Server) { s.match = m } }

// WithTranscript records the sessions as they are.
func WithTranscript(t *mailwire.Transcript) Option { return func(s *Server) { s.transcript = t } }

// WithTLS gives the configuration for TLS in place of the process's.
func WithTLS(c *tls.Config) Option {
	return func(s *Server) { s.tls = func() (*tls.Config, error) { return c, nil } }
}

// OnDeviation has f called at the first deviation, before the client can notice it. f must not
// call the server.
func OnDeviation(f func(*Deviation)) Option { return func(s *Server) { s.report = f } }

// New returns a server of the log's sessions.
func New(log *maillog.Log, options ...Option) (*Server, error) {
	s := &Server{
		log: log, match: ByCommand, tls: mailwire.ServerTLS,
		services: make(map[mailwire.Protocol]*mailwire.Service),
		scripts:  make(map[mailwire.Protocol][]*script),
		records:  make(map[mailwire.Protocol]*mailwire.SessionLog),
		next:     make(map[mailwire.Protocol]int),
		reached:  make(map[*group]bool),
		numbers:  make(map[*mailwire.Conn]int),
	}
	for i, option := range options {
		if option == nil {
			return nil, fmt.Errorf("mailreplay: option %d is nil", i+1)
		}
		option(s)
	}
	switch s.match {
	case ByCommand, Strict, Any:
	default:
		return nil, fmt.Errorf("mailreplay: unknown way to match %q; there are command, strict and any", s.match)
	}
	for _, session := range log.Sessions {
		s.scripts[session.Protocol] = append(s.scripts[session.Protocol], compile(session))
	}
	for _, p := range []mailwire.Protocol{mailwire.IMAP, mailwire.POP3} {
		s.records[p] = new(mailwire.SessionLog)
		s.services[p] = &mailwire.Service{
			Protocol: p, Transcript: s.transcript,
			TLS:      func() (*tls.Config, error) { return s.tls() },
			Accepted: func(c *mailwire.Conn) { s.accept(p, c) },
			Handle:   func(c *mailwire.Conn) { s.handle(p, c) },
		}
	}
	return s, nil
}

// Sessions returns how many sessions of a protocol the log has.
func (s *Server) Sessions(p mailwire.Protocol) int { return len(s.scripts[p]) }

// Service returns what serves a protocol. Its Faults may be set before it serves; nil: there
// is no such protocol.
func (s *Server) Service(p mailwire.Protocol) *mailwire.Service { return s.services[p] }

// Record returns what clients did in the sessions of a protocol; nil: there is no such protocol.
func (s *Server) Record(p mailwire.Protocol) *mailwire.SessionLog { return s.records[p] }

// Close ends all sessions and waits for them.
func (s *Server) Close() error {
	var errs []error
	for _, service := range s.services {
		errs = append(errs, service.Close())
	}
	return errors.Join(errs...)
}

// Deviation returns the first deviation; nil: there was none so far.
func (s *Server) Deviation() *Deviation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deviation
}

// Rest returns an error that says what of the log no client has asked for yet; nil: nothing.
func (s *Server) Rest() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missing []string
	for _, p := range []mailwire.Protocol{mailwire.IMAP, mailwire.POP3} {
		for i, script := range s.scripts[p] {
			if i >= s.next[p] {
				missing = append(missing, fmt.Sprintf("session %d of %s", i+1, p))
				continue
			}
			for _, g := range script.groups {
				if !s.reached[g] {
					missing = append(missing, fmt.Sprintf("line %d: %s", g.line, g.shown()))
				}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("mailreplay: %s: no client came to\n  %s", s.name(), strings.Join(missing, "\n  "))
}

func (s *Server) name() string {
	if s.log.Name == "" {
		return "the log"
	}
	return s.log.Name
}

// accept gives a connection its number.
func (s *Server) accept(p mailwire.Protocol, conn *mailwire.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next[p]++
	s.numbers[conn] = s.next[p]
}

// number returns a connection's number, once.
func (s *Server) number(conn *mailwire.Conn) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers[conn]
	delete(s.numbers, conn)
	return n
}

// deviate reports a deviation if it is the first.
func (s *Server) deviate(d *Deviation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deviation != nil {
		return
	}
	s.deviation = d
	if s.report != nil {
		s.report(d)
	}
}

// over tells whether a deviation has ended the replay.
func (s *Server) over() bool { return s.Deviation() != nil }

func (s *Server) reach(g *group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reached[g] = true
}
