package mailwire

import (
	"fmt"
	"slices"
	"sync"
)

// ClientNote is what a server noted of a client: it did what its protocol advises
// against (a SHOULD), or forbids but has the server put up with. The server carried the
// command out all the same.
type ClientNote struct {
	Session  int // the connection's number in the transcript, from 1
	Protocol Protocol
	// Command is what the client sent, such as "a3 STATUS" in IMAP and "PASS" in POP3;
	// empty: it is about the session as a whole.
	Command string
	Rule    string // its name, such as "status-selected"
	Text    string // what the client did, in words
	RFC     string // where the rule is, such as "RFC 3501 §6.3.10"
}

// String returns the note in one line.
func (n ClientNote) String() string {
	return fmt.Sprintf("%s#%d %s: %s: %s (%s)", n.Protocol, n.Session, n.Command, n.Rule, n.Text, n.RFC)
}

// maxClientNotes is how many notes are kept.
const maxClientNotes = 1000

// ClientNotes collects the notes of all sessions of a server: the last thousand. The
// zero value is ready for use, and its methods are safe for concurrent use.
type ClientNotes struct {
	mu    sync.Mutex
	notes []ClientNote
}

// Add keeps a note about the client of c, and shows it in the transcript after the
// client's input so far, which it commits.
func (l *ClientNotes) Add(c *Conn, n ClientNote) {
	n.Session, n.Protocol = c.session, c.protocol
	c.note(fmt.Sprintf("note %s: %s (%s)", n.Rule, n.Text, n.RFC))
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.notes) == maxClientNotes {
		l.notes = l.notes[1:]
	}
	l.notes = append(l.notes, n)
}

// All returns the notes, oldest first. They are the caller's.
func (l *ClientNotes) All() []ClientNote {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.notes)
}
