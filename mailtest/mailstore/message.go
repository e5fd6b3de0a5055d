package mailstore

import (
	"bytes"
	"sync"
	"time"
	"weak"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// Content is the octets of a message. It never changes, and every copy of the
// message, in any mailbox and account, shares it.
type Content struct {
	raw []byte

	mu    sync.Mutex
	parts weak.Pointer[structure.Part]
}

// NewContent returns a Content of exactly the octets of raw, which must not be
// changed afterwards.
func NewContent(raw []byte) *Content {
	return &Content{raw: raw}
}

// NormalizedContent returns a Content of raw with every bare LF made CRLF, as
// mail is transmitted (RFC 5321 §2.3.8). raw may be changed afterwards.
func NormalizedContent(raw []byte) *Content {
	bare := 0
	for i, c := range raw {
		if c == '\n' && (i == 0 || raw[i-1] != '\r') {
			bare++
		}
	}
	if bare == 0 {
		return &Content{raw: bytes.Clone(raw)}
	}
	out := make([]byte, 0, len(raw)+bare)
	for i, c := range raw {
		if c == '\n' && (i == 0 || raw[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, c)
	}
	return &Content{raw: out}
}

// Raw returns the octets, which must not be changed.
func (c *Content) Raw() []byte { return c.raw }

// Size returns the number of octets.
func (c *Content) Size() int64 { return int64(len(c.raw)) }

// Structure returns the index of the message's MIME parts. It takes more memory than all the rest
// that a message has beside its octets, and so is built when it is asked for, and kept until the
// garbage collector wants the memory.
func (c *Content) Structure() *structure.Part {
	c.mu.Lock()
	defer c.mu.Unlock()
	parts := c.parts.Value()
	if parts == nil {
		parts = structure.Parse(c.raw)
		c.parts = weak.Make(parts)
	}
	return parts
}

// Message is one state of a message in a mailbox: a plain value that must not be
// changed. A change of its flags makes another Message with the same UID.
type Message struct {
	UID imap.UID
	// ID identifies the message in its account through copies and moves.
	ID uint64
	// ModSeq is the mailbox's modification sequence at the last change (RFC 7162 §3.1).
	ModSeq uint64
	// Flags holds system flags and keywords in one fixed order, without \Recent,
	// which belongs to a session (see [View.IsRecent]).
	Flags []imap.Flag
	// InternalDate is when the message was delivered (RFC 3501 §2.3.3).
	InternalDate time.Time
	// SaveDate is when the message came to this mailbox (RFC 8514).
	SaveDate time.Time
	*Content
	place *place // of an account with labels: see Labels
}

// HasFlag tells whether the message has the flag; flags are compared without case.
func (m *Message) HasFlag(flag imap.Flag) bool { return containsFlag(m.Flags, flag) }

// NewMessage is a message about to be put in a mailbox.
type NewMessage struct {
	// Content is an empty message's when nil.
	Content *Content
	// Flags are stored in one fixed order, each once, \Recent left out.
	Flags []imap.Flag
	// InternalDate is time.Now() when zero.
	InternalDate time.Time
}
