package imapfake

import (
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// idle is IDLE (RFC 2177).
func idle() extension {
	return extension{cap: imap.CapIdle, commands: []command{
		{name: "IDLE", states: authenticatedUp, parse: func(*parser, *session) action { return (*session).idle }},
	}}
}

// idle sends updates as they come until the client sends DONE. While it lasts, the
// pushing goroutine has the view and the output, this one only reads.
func (s *session) idle() error {
	s.out.line("+ idling")
	if s.view != nil {
		s.tell(mailstore.SyncAll)
	}
	if err := s.out.flush(); err != nil || s.ended {
		return err
	}
	done := make(chan struct{})
	pushed := make(chan struct{})
	go func() {
		defer close(pushed)
		s.push(done)
	}()
	s.conn.SetReadDeadline(time.Now().Add(autologout))
	line, err := s.conn.ReadLine(maxLine)
	close(done)
	<-pushed
	if err != nil {
		if !s.ended {
			s.hangUp(err)
			s.ended = true
		}
		return err
	}
	if !strings.EqualFold(string(line), "DONE") {
		return bad("IDLE is ended by DONE (RFC 2177 3)")
	}
	return nil
}

// push tells the client of every change until done is closed.
func (s *session) push(done <-chan struct{}) {
	if s.view == nil {
		return
	}
	for {
		select {
		case <-done:
			return
		case <-s.view.Changed():
		}
		s.tell(mailstore.SyncAll)
		if err := s.out.flush(); err != nil {
			return
		}
		if s.ended {
			// Nothing more will come of this session: end the read that waits for DONE.
			s.conn.SetReadDeadline(time.Now())
			return
		}
	}
}
