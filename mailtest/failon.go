package mailtest

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// leaveLimit is how long clients that have just closed their connections have until the servers
// must have seen it.
const leaveLimit = 2 * time.Second

// FailOnNotes fails the test at its end for each note about a client (see [Endpoint.Notes]), but
// for those of the rules that are excepted by their names. Sessions that are open then have two
// seconds to end, as a client that leaves without LOGOUT is noted when its server sees it. With
// [Start] it is Close that returns them as an error.
func FailOnNotes(except ...string) Option {
	return func(s *settings) { s.ends.notes, s.ends.except = true, append(s.ends.except, except...) }
}

// FailOnOpenSessions fails the test at its end for each session that is still open and, if
// [InMemory], each without TLS and compression whose client never read all that the server sent.
// Sessions that end within two seconds aren't open. With [Start] it is Close that returns them as
// an error.
func FailOnOpenSessions() Option {
	return func(s *settings) { s.ends.open = true }
}

// ends is what must not be at the end.
type ends struct {
	notes, open, unfired bool
	except               []string // rules of notes
}

// leftovers returns what must not be, now that it is the end.
func (f *Fakes) leftovers() (errs []error) {
	if f.ends.open || f.ends.notes {
		ctx, cancel := context.WithTimeout(context.Background(), leaveLimit)
		defer cancel()
		_ = f.Wait(ctx, f.untilNoSessions()) // which are open is found below
	}
	if f.ends.notes {
		for _, note := range append(f.IMAP.Notes(), f.POP3.Notes()...) {
			if !slices.Contains(f.ends.except, note.Rule) {
				errs = append(errs, fmt.Errorf("mailtest: a client broke a rule: %v", note))
			}
		}
	}
	if f.ends.open {
		errs = append(errs, openOf(f.Sessions())...)
	}
	if f.ends.unfired {
		errs = append(errs, unfired(f.IMAP, f.POP3)...)
	}
	return errs
}

// openOf returns which sessions are open or have something unread.
func openOf(sessions Sessions) (errs []error) {
	for i := range sessions {
		s := &sessions[i]
		if s.IsOpen() {
			last := "without a command"
			if n := len(s.Commands); n > 0 {
				last = "last command " + s.Commands[n-1].String()
			}
			errs = append(errs, fmt.Errorf("mailtest: a session is still open: %s, %s", situation(s), last))
		}
		if s.Unread > 0 {
			errs = append(errs, fmt.Errorf("mailtest: a client didn't read the last %s: %s", counted(s.Unread, "octet"), situation(s)))
		}
	}
	return errs
}
