package mailscript

import (
	"example.org/mailfakes/mailtest/mailwire"
)

// DefaultAccount is the account that scripts log in to, by their own reckoning.
const DefaultAccount = "alice@example.org"

// Script is a conversation as it should be, with the mail that it is about. It can
// be run any number of times, also concurrently.
type Script struct {
	Name      string
	Mailboxes []Mailbox
	Messages  []Message
	// Capabilities are those that it needs beyond what a server has anyway.
	Capabilities []string

	lines    []string // of the script's text
	steps    []step
	captures map[string]symbol
	size     int // of all steps' texts
}

// Mailbox is a mailbox that is there before the conversation.
type Mailbox struct {
	Name string
	// Attributes are those that the mailbox is to have by RFC 6154. Only the one who
	// runs the script can see to that, before Seed.
	Attributes []string
}

// Message is a message attached to a script.
type Message struct {
	Name    string
	Mailbox string // where it is before the conversation; empty: nowhere
	Flags   string // with its parentheses; empty: none
	Date    string // INTERNALDATE with its quotes; empty: the present
	Octets  []byte
}

// sessionKey names a session of a script.
type sessionKey struct {
	protocol mailwire.Protocol
	number   int
}

// step is a run of lines of one session in one direction.
type step struct {
	session sessionKey
	dir     mailwire.Direction
	first   int      // the index of its first line
	lines   []int    // the indices of all its lines
	text    []symbol // of all lines, with their CRLF
	prefix  string   // what precedes the direction in its first line
}

func (s *Script) message(name string) (*Message, bool) {
	for i := range s.Messages {
		if s.Messages[i].Name == name {
			return &s.Messages[i], true
		}
	}
	return nil, false
}
