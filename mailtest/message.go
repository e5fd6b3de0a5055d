package mailtest

import (
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// Message is a message as it is at one moment: a plain value to compare, with
// header fields and text decoded to UTF-8.
type Message struct {
	UID          imap.UID
	Flags        []imap.Flag // system flags first, then keywords by name
	InternalDate time.Time
	Size         int64 // octets

	From, To, Cc, Subject string
	Date                  time.Time
	MessageID             string
	Text, HTML            string   // the first part of each kind, lines ended by LF but for the last
	Attachments           []string // filenames
	Parts                 []Part
	Raw                   string
}

// Part is a part of a message that has no parts itself, or an attached message.
type Part struct {
	Type     string // in lower case, such as "text/plain"
	Filename string
	Size     int // octets, without the transfer encoding
}

// IgnoreVolatile makes cmp leave out what differs from run to run or follows from the
// rest: UIDs, dates, sizes, counts, Message-IDs, parts and the raw octets. An empty list equals
// none.
func IgnoreVolatile() cmp.Option {
	return cmp.Options{
		cmpopts.IgnoreFields(Message{}, "UID", "InternalDate", "Size", "Date", "MessageID", "Parts", "Raw"),
		cmpopts.IgnoreFields(MailboxState{}, "UIDValidity", "UIDNext", "Exists", "Unseen"),
		cmpopts.IgnoreFields(AccountState{}, "Octets", "Messages"),
		cmpopts.EquateEmpty(),
	}
}

// Messages returns the mailbox's messages in order.
func (b *Mailbox) Messages() []Message {
	return snapshot(b.Mailbox.Messages())
}

// Messages returns the messages of INBOX in order.
func (a *Account) Messages() []Message {
	a.tb.Helper()
	return a.Mailbox(mailstore.Inbox).Messages()
}

func snapshot(messages mailstore.Messages) []Message {
	out := make([]Message, 0, messages.Len())
	for _, m := range messages.All() {
		s := ParseMessage(m.Raw())
		s.UID, s.Flags, s.InternalDate = m.UID, slices.Clone(m.Flags), m.InternalDate
		out = append(out, s)
	}
	return out
}

// ParseMessage returns what raw octets hold, whatever they are, without what only a
// mailbox knows: UID, flags and internal date.
func ParseMessage(raw []byte) Message {
	root := structure.Parse(raw)
	field := func(name string) string {
		value, _ := structure.Value(raw, root.Header, name)
		return structure.DecodeHeader(value)
	}
	m := Message{
		Size: int64(len(raw)), Raw: string(raw),
		From: field("From"), To: field("To"), Cc: field("Cc"), Subject: field("Subject"),
		MessageID: field("Message-ID"),
	}
	m.Date, _ = structure.Date(field("Date"))
	m.read(raw, root)
	return m
}

// read takes what a part holds into the message.
func (m *Message) read(raw []byte, p *structure.Part) {
	if p.IsMultipart() {
		for _, part := range p.Parts {
			m.read(raw, part)
		}
		return
	}
	name := p.Filename()
	attached := name != "" || strings.EqualFold(p.Disposition, "attachment")
	if p.Message != nil && !attached {
		m.read(raw, p.Message)
		return
	}
	content, _ := structure.Decoded(raw, p)
	m.Parts = append(m.Parts, Part{strings.ToLower(p.Type + "/" + p.Subtype), name, len(content)})
	switch {
	case attached:
		m.Attachments = append(m.Attachments, name)
	case m.Text == "" && isText(p, "plain"):
		m.Text = text(raw, p)
	case m.HTML == "" && isText(p, "html"):
		m.HTML = text(raw, p)
	}
}

func isText(p *structure.Part, subtype string) bool {
	return strings.EqualFold(p.Type, "text") && strings.EqualFold(p.Subtype, subtype)
}

// text returns a part's text, with LF as line end and none at its end.
func text(raw []byte, p *structure.Part) string {
	return strings.TrimSuffix(strings.ReplaceAll(structure.DecodedText(raw, p), "\r\n", "\n"), "\n")
}
