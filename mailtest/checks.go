package mailtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailsasl"
)

// Check looks at what clients did and returns what is wrong with it, with the session and the
// command. Commands are named by patterns: a name, such as "UID FETCH", and after that words which
// the arguments contain in this order, such as "UID STORE \Seen"; case doesn't matter, and "" is
// every command. A test may bring its own checks.
type Check func(Sessions) error

// WantClients fails the test unless what clients of both servers did so far passes the checks.
func (s *Server) WantClients(checks ...Check) {
	s.tb.Helper()
	if err := s.Sessions().Check(checks...); err != nil {
		s.tb.Error(err)
	}
}

// WantClients fails the test unless what the account's clients did so far, in sessions that have
// logged in, passes the checks.
func (a *Account) WantClients(checks ...Check) {
	a.tb.Helper()
	if err := a.Sessions().Check(checks...); err != nil {
		a.tb.Error(err)
	}
}

// Check returns what the checks have to say of the sessions, or nil. If a session has had so many
// commands that some were forgotten, that is an error too.
func (s Sessions) Check(checks ...Check) error {
	var errs []error
	for i := range s {
		if n := s[i].Forgotten; n > 0 {
			errs = append(errs, fmt.Errorf("mailtest: %s: %s forgotten, so nothing can be said of it", &s[i], counted(n, "command")))
		}
	}
	for i, check := range checks {
		if check == nil {
			errs = append(errs, fmt.Errorf("mailtest: check %d is nil", i+1))
			continue
		}
		if err := check(s); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// NeverSent checks that no client sent a command.
func NeverSent(pattern string) Check {
	return never("which is never to be sent", matcher(pattern))
}

// never checks that no command is one that breaks a rule.
func never(rule string, breaks func(*Command) bool) Check {
	return func(sessions Sessions) error {
		for i := range sessions {
			for j := range sessions[i].Commands {
				if c := &sessions[i].Commands[j]; breaks(c) {
					return wrong(&sessions[i], c, "%s", rule)
				}
			}
		}
		return nil
	}
}

func wrong(s *Session, c *Command, format string, args ...any) error {
	return fmt.Errorf("mailtest: %s: %s, %s", s, c, fmt.Sprintf(format, args...))
}

// AtMost checks that all clients together sent a command at most n times.
func AtMost(n int, pattern string) Check {
	matches := matcher(pattern)
	return func(sessions Sessions) error {
		left := n
		return never(fmt.Sprintf("of which %d may be sent in all", n), func(c *Command) bool {
			if matches(c) {
				left--
			}
			return left < 0
		})(sessions)
	}
}

// AtLeast checks that all clients together sent a command at least n times.
func AtLeast(n int, pattern string) Check {
	return func(sessions Sessions) error {
		if got := sessions.matching(pattern).count(); got < n {
			return fmt.Errorf("mailtest: %q: sent %s in %s, want %d or more", pattern, counted(got, "time"), counted(len(sessions), "session"), n)
		}
		return nil
	}
}

// SentBefore checks that in each session with a command of the second kind, one of the first kind
// came before.
func SentBefore(first, second string) Check {
	isFirst, isSecond := matcher(first), matcher(second)
	return func(sessions Sessions) error {
		for i := range sessions {
			for j := range sessions[i].Commands {
				c := &sessions[i].Commands[j]
				if isFirst(c) {
					break
				}
				if isSecond(c) {
					return wrong(&sessions[i], c, "with no %q before", first)
				}
			}
		}
		return nil
	}
}

// NoPasswordBeforeTLS checks that no client sent a password or an access token as it is
// without TLS: by LOGIN and PASS, or by the SASL mechanisms PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER.
func NoPasswordBeforeTLS() Check {
	return never("with a password or token, came without TLS", func(c *Command) bool {
		switch c.Name {
		case "LOGIN", "PASS":
			return !c.TLS
		case "AUTHENTICATE", "AUTH":
			args := c.Args()
			return !c.TLS && len(args) > 0 && mailsasl.IsCleartext(args[0])
		}
		return false
	})
}

// OnlyUIDCommands checks that no IMAP client named messages by their sequence numbers, or asked for these.
func OnlyUIDCommands() Check {
	forms := []string{"FETCH", "STORE", "COPY", "MOVE", "SEARCH", "SORT", "THREAD", "REPLACE"}
	return never("in place of its UID form", func(c *Command) bool { return slices.Contains(forms, c.Name) })
}

// FetchedNoBodyTwice checks that no message was sent whole to the clients of an account more than once,
// be it by FETCH or by RETR, in one session or in several. Parts of messages, and partial
// fetches, don't count.
func FetchedNoBodyTwice() Check {
	type body struct {
		user, mailbox    string
		uidValidity, uid uint32
	}
	type fetch struct{ session, command int }
	return func(sessions Sessions) error {
		before := make(map[body]fetch)
		for i := range sessions {
			for j, c := range sessions[i].Commands {
				for _, uid := range c.Bodies {
					b := body{sessions[i].User, c.Mailbox, c.UIDValidity, uid}
					if first, twice := before[b]; twice {
						s := &sessions[first.session]
						return wrong(&sessions[i], &c, "which had the message with UID %d in %s sent again after %s: %s",
							uid, c.Mailbox, s, &s.Commands[first.command])
					}
					before[b] = fetch{i, j}
				}
			}
		}
		return nil
	}
}

// NeverSetSeen checks that no IMAP client set \Seen on a message: it fetched bodies by BODY.PEEK or
// BINARY.PEEK, or in a mailbox opened by EXAMINE (RFC 3501 §6.4.5), and never added the flag.
func NeverSetSeen() Check {
	return func(sessions Sessions) error {
		for i := range sessions {
			readOnly := false
			for j := range sessions[i].Commands {
				c := &sessions[i].Commands[j]
				switch {
				case c.Status == "OK" && (c.Name == "SELECT" || c.Name == "EXAMINE"):
					readOnly = strings.EqualFold(c.Code, "READ-ONLY")
				case !readOnly && setsSeen(c):
					return wrong(&sessions[i], c, `which sets \Seen`)
				}
			}
		}
		return nil
	}
}

func setsSeen(c *Command) bool {
	args := c.Args()
	switch strings.TrimPrefix(c.Name, "UID ") {
	case "FETCH":
		return len(args) > 1 && slices.ContainsFunc(fetchItems(args[1]), func(item string) bool {
			return item == "BODY[" || item == "BINARY[" || item == "RFC822" || item == "RFC822.TEXT"
		})
	case "STORE":
		flags := strings.Join(args[min(1, len(args)):], " ")
		return !strings.HasPrefix(flags, "-") && slices.ContainsFunc(words(flags), func(word string) bool {
			return strings.EqualFold(word, string(imap.FlagSeen))
		})
	}
	return false
}

// fetchItems returns the items of a FETCH in capitals, without what stands in brackets.
func fetchItems(arg string) []string {
	var items strings.Builder
	depth := 0
	for _, c := range strings.ToUpper(arg) {
		if c == ']' {
			depth--
		}
		if depth == 0 && c != ']' {
			items.WriteRune(c)
		}
		if c == '[' {
			depth++
			items.WriteRune(' ')
		}
	}
	return words(items.String())
}

// words returns what stands between spaces and parentheses.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ()", r) })
}
