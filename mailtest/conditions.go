package mailtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// UntilArrived is met while a message with a subject is in a mailbox, which may come to exist later.
func (a *Account) UntilArrived(mailbox, subject string) Condition {
	return a.until(fmt.Sprintf("%q in %s", subject, mailbox), mailbox, func(messages []Message) bool {
		return len(withSubject(messages, subject)) > 0
	})
}

// UntilCount is met while a mailbox has n messages; 0: it is empty.
func (a *Account) UntilCount(mailbox string, n int) Condition {
	return Condition{
		What: fmt.Sprintf("%s in %s of %s", counted(n, "message"), mailbox, a.Name()),
		Met: func() (bool, string) {
			b, err := a.Account.Mailbox(mailbox)
			if err != nil {
				return false, err.Error()
			}
			got := int(b.Messages().Len())
			return got == n, fmt.Sprintf("%d", got)
		},
	}
}

// UntilFlagged is met while there are messages with a subject in a mailbox, and all of them have a flag.
func (a *Account) UntilFlagged(mailbox, subject string, flag imap.Flag) Condition {
	return a.until(fmt.Sprintf("%s on %q in %s", flag, subject, mailbox), mailbox, func(messages []Message) bool {
		named := withSubject(messages, subject)
		return len(named) > 0 && !slices.ContainsFunc(named, func(m Message) bool {
			return !slices.ContainsFunc(m.Flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(flag)) })
		})
	})
}

// UntilGone is met while no message with a subject is in any mailbox of the account.
func (a *Account) UntilGone(subject string) Condition {
	return Condition{
		What: fmt.Sprintf("no %q in any mailbox of %s", subject, a.Name()),
		Met: func() (bool, string) {
			for _, info := range a.Mailboxes() {
				b, err := a.Account.Mailbox(info.Name)
				if err == nil && len(withSubject(snapshot(b.Messages()), subject)) > 0 {
					return false, "it is in " + info.Name
				}
			}
			return true, ""
		},
	}
}

// until is met while the messages of a mailbox are as they should.
func (a *Account) until(what, mailbox string, met func([]Message) bool) Condition {
	return Condition{What: what + " of " + a.Name(), Met: func() (bool, string) {
		b, err := a.Account.Mailbox(mailbox)
		if err != nil {
			return false, err.Error()
		}
		messages := snapshot(b.Messages())
		return met(messages), inWords(messages)
	}}
}

// inWords returns what a failure tells of messages: the last ones.
func inWords(messages []Message) string {
	if len(messages) == 0 {
		return "it is empty"
	}
	var list []string
	for _, m := range messages[max(0, len(messages)-maxReported):] {
		list = append(list, fmt.Sprintf("%q %v", m.Subject, m.Flags))
	}
	return fmt.Sprintf("it has %d, %s", len(messages), strings.Join(list, ", "))
}

func withSubject(messages []Message, subject string) []Message {
	return slices.DeleteFunc(slices.Clone(messages), func(m Message) bool { return m.Subject != subject })
}

// UntilLoggedIn is met while a session of the account is open, over either protocol.
func (a *Account) UntilLoggedIn() Condition {
	return Condition{What: "a session of " + a.Name(), Met: func() (bool, string) {
		open := a.Sessions().Open()
		return len(open) > 0, counted(len(a.srv.Sessions().Open()), "session") + " open, none of that account"
	}}
}

// UntilIdle is met while a session of the account is in IDLE (RFC 2177). What is delivered from
// then on is told at once.
func (a *Account) UntilIdle() Condition {
	return Condition{What: "IDLE of " + a.Name(), Met: func() (bool, string) {
		open := a.Sessions().Open()
		return slices.ContainsFunc(open, func(s Session) bool { return s.Idle }), counted(len(open), "session") + " open, none idle"
	}}
}

// UntilSent is met from when the account's clients have sent a command n times, over all sessions, and
// were answered, or are idle by it. [Check] says what the pattern is.
func (a *Account) UntilSent(n int, pattern string) Condition {
	return Condition{What: fmt.Sprintf("%s %q from %s", counted(n, "time"), pattern, a.Name()), Met: func() (bool, string) {
		sent := 0
		for _, s := range a.Sessions().matching(pattern) {
			for _, c := range s.Commands {
				if c.Status != "" || s.Idle && c.Name == "IDLE" {
					sent++
				}
			}
		}
		return sent >= n, fmt.Sprintf("%d so far", sent)
	}}
}

// UntilNoSessions is met while no session is open, over either protocol.
func (s *Server) UntilNoSessions() Condition { return s.Fakes.untilNoSessions() }

func (f *Fakes) untilNoSessions() Condition {
	return Condition{What: "the end of all sessions", Met: func() (bool, string) {
		open := f.Sessions().Open()
		names := make([]string, len(open))
		for i := range open {
			names[i] = open[i].String()
		}
		return len(open) == 0, "open are " + strings.Join(names, ", ")
	}}
}
