package mailtest

import (
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// Session is what one client did on one connection: its commands with their answers, and
// what became of it. It is a plain value.
type Session = mailwire.Session

// Command is one command of a session.
type Command = mailwire.Command

// Sessions is what clients did, oldest session first.
type Sessions []Session

// Sessions returns what clients of this server did so far: the sessions that are open and the
// last thousand of the others. It may be called at any time; what the client was answered
// is in there.
func (e *Endpoint) Sessions() Sessions { return e.server.Sessions() }

// Sessions returns what clients of both servers did so far, as [Endpoint.Sessions] does.
func (f *Fakes) Sessions() Sessions {
	all := append(f.IMAP.Sessions(), f.POP3.Sessions()...)
	slices.SortFunc(all, func(a, b Session) int { return a.Number - b.Number })
	return all
}

// Sessions returns what the account's clients did over both protocols, from those that
// have logged in.
func (a *Account) Sessions() Sessions { return a.srv.Sessions().Of(a.Name()) }

// Of returns the sessions that are or were logged in to an account.
func (s Sessions) Of(account string) Sessions {
	return s.where(func(session *Session) bool { return strings.EqualFold(session.User, account) })
}

// Open returns the sessions that go on.
func (s Sessions) Open() Sessions { return s.where((*Session).IsOpen) }

func (s Sessions) where(keep func(*Session) bool) (kept Sessions) {
	for i := range s {
		if keep(&s[i]) {
			kept = append(kept, s[i])
		}
	}
	return kept
}

// matching returns the sessions with only those commands that a pattern matches.
func (s Sessions) matching(pattern string) Sessions {
	matches := matcher(pattern)
	out := slices.Clone(s)
	for i := range out {
		out[i].Commands = slices.DeleteFunc(slices.Clone(out[i].Commands), func(c Command) bool { return !matches(&c) })
	}
	return out
}

// count returns how many commands there are.
func (s Sessions) count() (n int) {
	for _, session := range s {
		n += len(session.Commands)
	}
	return n
}

// matcher returns what tells whether a command is meant by a pattern: its name, and after that words
// which its arguments contain in this order. Case doesn't matter. "" matches every command.
func matcher(pattern string) func(*Command) bool {
	words := strings.Fields(strings.ToUpper(pattern))
	if len(words) == 0 {
		return func(*Command) bool { return true }
	}
	name, words := words[0], words[1:]
	if name == "UID" && len(words) > 0 {
		name, words = name+" "+words[0], words[1:]
	}
	return func(c *Command) bool {
		if c.Name != name {
			return false
		}
		rest, found := strings.ToUpper(c.Raw), true
		for _, word := range words {
			if _, rest, found = strings.Cut(rest, word); !found {
				return false
			}
		}
		return true
	}
}
