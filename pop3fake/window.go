package pop3fake

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// window is which messages a login finds where that isn't all of INBOX.
type window struct {
	allMail     bool
	hideFetched bool
	oldest      uint32 // 0: all
	recentDays  int    // 0: there is no such mode
}

// WithAllMail has the maildrop be the account's mailbox of all mail, that with the special use
// \All (RFC 6154), where it has one, without drafts: sent and archived messages are there, too.
func WithAllMail() Option { return func(s *Server) { s.window.allMail = true } }

// WithFetchedHidden keeps from a login what earlier sessions have retrieved by RETR or marked
// by DELE, if they ended by QUIT, whatever is done on the server meanwhile. RFC 1939 has only
// DELE remove messages.
func WithFetchedHidden() Option { return func(s *Server) { s.window.hideFetched = true } }

// WithOldestOnly has a login find at most n messages, the oldest.
func WithOldestOnly(n int) Option {
	return func(s *Server) {
		if n < 1 || n > 1<<31-1 {
			s.fail(fmt.Errorf("a maildrop of the oldest %d messages", n))
		}
		s.window.oldest = uint32(n)
	}
}

// WithRecentMode has a login by "recent:" and a user's name find what was delivered within
// that number of days, also what [WithFetchedHidden] would hide.
func WithRecentMode(days int) Option {
	return func(s *Server) {
		if days < 1 {
			s.fail(fmt.Errorf("recent mode of %d days", days))
		}
		s.window.recentDays = days
	}
}

// storeName returns whom a client means by a name, and remembers in which mode.
func (s *session) storeName(name string) string {
	const prefix = "recent:"
	s.recent = s.srv.window.recentDays > 0 && len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
	if s.recent {
		return name[len(prefix):]
	}
	return name
}

func (w *window) mailbox(account *mailstore.Account) (*mailstore.Mailbox, error) {
	if w.allMail {
		if box := withUse(account, imap.MailboxAttrAll); box != nil {
			return box, nil
		}
	}
	return account.Mailbox(mailstore.Inbox)
}

// withUse returns the account's first mailbox with a special use, nil if there is none.
func withUse(account *mailstore.Account, use imap.MailboxAttr) *mailstore.Mailbox {
	for _, info := range account.Mailboxes() {
		if slices.Contains(info.SpecialUse, use) {
			if box, err := account.Mailbox(info.Name); err == nil {
				return box
			}
		}
	}
	return nil
}

// shown returns what a login finds of the messages.
func (s *Server) shown(account *mailstore.Account, messages mailstore.Messages, recent bool) mailstore.Messages {
	w := s.window
	if w.allMail {
		messages = messages.Kept(func(m *mailstore.Message) bool { return !m.HasFlag(imap.FlagDraft) })
	}
	switch {
	case recent:
		first := time.Now().AddDate(0, 0, -w.recentDays)
		messages = messages.Kept(func(m *mailstore.Message) bool { return !m.InternalDate.Before(first) })
	case w.hideFetched:
		messages = s.fetched.without(account, messages)
	}
	if n := uint32(0); w.oldest > 0 && messages.Len() > w.oldest {
		messages = messages.Kept(func(*mailstore.Message) bool { n++; return n <= w.oldest })
	}
	return messages
}

// fetched remembers what clients have of each account's messages, by their ID.
type fetched struct {
	mu sync.Mutex
	of map[*mailstore.Account]map[uint64]bool
}

// without returns the messages that no client has.
func (f *fetched) without(account *mailstore.Account, messages mailstore.Messages) mailstore.Messages {
	f.mu.Lock()
	defer f.mu.Unlock()
	has := f.of[account]
	if len(has) == 0 {
		return messages
	}
	return messages.Kept(func(m *mailstore.Message) bool { return !has[m.ID] })
}

func (f *fetched) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of = nil
}

// add remembers what a session that ends by QUIT has retrieved or marked, and forgets what
// isn't in the mailbox any more.
func (f *fetched) add(d *maildrop) {
	account, there := d.view.Mailbox().Account(), d.view.Mailbox().Messages()
	f.mu.Lock()
	defer f.mu.Unlock()
	before, now := f.of[account], make(map[uint64]bool)
	for _, m := range there.All() {
		if before[m.ID] {
			now[m.ID] = true
		}
	}
	for n := range d.retrieved {
		now[d.messages.At(n).ID] = true
	}
	for n, m := range d.messages.All() {
		if d.isDeleted(n) {
			now[m.ID] = true
		}
	}
	if f.of == nil {
		f.of = make(map[*mailstore.Account]map[uint64]bool)
	}
	f.of[account] = now
}
