package imapfake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// appearance is how a server presents itself to clients.
type appearance struct {
	greeting    string // "": ours
	noCodes     bool
	unannounced []imap.Cap
	late        []imap.Cap
	maxCommand  int // in octets, literals not counted
}

// WithGreeting sets the whole text of the greeting (RFC 3501 §7.1), after "* OK ". It may begin
// with a response code. The server lists its capabilities in "[CAPABILITY]"; without that code, a
// client has to ask.
func WithGreeting(text string) Option {
	return func(s *Server) {
		if text == "" || strings.ContainsAny(text, "\r\n\x00") {
			s.fail(fmt.Errorf("imapfake: the greeting %q isn't a line of text", text))
		}
		s.appearance.greeting = text
	}
}

// WithoutCapabilityCode leaves the response code CAPABILITY out of the greeting and of the answers
// to LOGIN and AUTHENTICATE, as servers do that are older than RFC 3501.
func WithoutCapabilityCode() Option { return func(s *Server) { s.appearance.noCodes = true } }

// WithUnannounced has CAPABILITY not list these, as some servers do: they are there all the same.
func WithUnannounced(caps ...imap.Cap) Option {
	return func(s *Server) { s.appearance.unannounced = append(s.appearance.unannounced, caps...) }
}

// WithAnnouncedAfterLogin has CAPABILITY list these only once the client has logged in. That is
// how many servers have most of theirs.
func WithAnnouncedAfterLogin(caps ...imap.Cap) Option {
	return func(s *Server) { s.appearance.late = append(s.appearance.late, caps...) }
}

// WithMaxCommand has commands refused that are longer than that many octets, literals not counted;
// RFC 7162 §4 asks servers for 8,192. The default, which is also the most, is 65,536.
func WithMaxCommand(octets int) Option {
	return func(s *Server) {
		if octets <= 0 || octets > maxLine {
			s.fail(fmt.Errorf("imapfake: commands of at most %d octets: not between 1 and %d", octets, maxLine))
		}
		s.appearance.maxCommand = octets
	}
}

// announces tells whether CAPABILITY lists a capability that the server has.
func (s *session) announces(c imap.Cap) bool {
	a := &s.srv.appearance
	is := func(other imap.Cap) bool { return equalCap(c, other) }
	return !slices.ContainsFunc(a.unannounced, is) && (s.state != notAuthenticated || !slices.ContainsFunc(a.late, is))
}

func (s *session) greeting() string {
	text := s.srv.appearance.greeting
	if text == "" {
		text = "[CAPABILITY] mailfakes ready"
		if s.srv.appearance.noCodes {
			text = "mailfakes ready"
		}
	}
	if after, ok := strings.CutPrefix(text, "[CAPABILITY]"); ok {
		text = "[" + s.capabilities() + "]" + after
	}
	return text
}
