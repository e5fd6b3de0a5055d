package imapfake

import (
	"fmt"
	"time"
)

// DefaultAutologout is how long a client may be silent unless [WithAutologout] says
// otherwise: the least that RFC 3501 §5.4 allows.
const DefaultAutologout = 30 * time.Minute

// WithAutologout sets how long a client may be silent, in IDLE too (RFC 2177 §3), before the
// session is ended by BYE, or read nothing of an answer, before it is just ended; 0 means for
// ever. RFC 3501 §5.4 asks for 30 minutes at least.
func WithAutologout(d time.Duration) Option {
	return func(s *Server) {
		if d < 0 {
			s.fail(fmt.Errorf("imapfake: autologout after %v", d))
		}
		s.autologout = d
	}
}

// awaitClient begins the time that the client has.
func (s *session) awaitClient() {
	var deadline time.Time
	if s.srv.autologout > 0 {
		deadline = time.Now().Add(s.srv.autologout)
	}
	s.conn.SetReadDeadline(deadline)
}

// inWords returns a duration for human readers.
func inWords(d time.Duration) string {
	if minutes := d / time.Minute; d%time.Minute == 0 && minutes > 1 {
		return fmt.Sprintf("%d minutes", minutes)
	}
	return d.String()
}
