package imapfake

import (
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// idle is IDLE (RFC 2177).
func idle() extension {
	return extension{cap: imap.CapIdle, commands: []command{
		{name: "IDLE", grammar: "RFC 2177 §4", states: authenticatedUp, parse: func(*parser, *session) action { return (*session).idle }},
	}}
}

// idle sends updates as they come until the client sends DONE.
func (s *session) idle() error {
	s.idling(true)
	defer s.idling(false)
	s.out.line("+ idling")
	s.update(mailstore.SyncAll)
	if err := s.out.flush(); err != nil || s.ended {
		return err
	}
	// Before pushing begins, which may set another: see push.
	s.awaitClient()
	line, err := s.readWhilePushing(mailstore.SyncAll)
	if err != nil {
		return s.replyFailed(err)
	}
	if !strings.EqualFold(string(line), "DONE") {
		return bad("IDLE is ended by DONE (RFC 2177 3)")
	}
	return nil
}

// readWhilePushing reads a line, and until it is there tells the client of changes as
// they come. While it lasts, the pushing goroutine has all of the session but the reading
// of its connection.
func (s *session) readWhilePushing(level mailstore.SyncLevel) ([]byte, error) {
	done, expired := make(chan struct{}), make(chan struct{})
	var pushing sync.WaitGroup
	pushing.Go(func() { s.push(level, done, expired) })
	if token := s.token; token != nil {
		pushing.Go(func() {
			if token.WaitExpired(done) {
				close(expired)
			}
		})
	}
	line, err := s.conn.ReadLine(maxLine)
	close(done)
	pushing.Wait()
	return line, err
}

// push tells the client of every change, and ends the session when its access token has
// expired, until done is closed.
func (s *session) push(level mailstore.SyncLevel, done, expired <-chan struct{}) {
	var changed <-chan struct{}
	if s.view != nil {
		changed = s.view.Changed()
	}
	noticed := s.notify.changed()
	for {
		select {
		case <-done:
			return
		case <-changed:
			s.tell(level)
		case <-noticed:
			s.tellNotices()
		case <-expired:
			s.expire()
		}
		if err := s.out.flush(); err != nil {
			return
		}
		if s.ended {
			// Nothing more will come of this session: end the read under way.
			s.conn.SetReadDeadline(time.Now())
			return
		}
	}
}
