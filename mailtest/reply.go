package mailtest

import (
	"fmt"
	"slices"
	"strings"
)

// Reply returns an answer to the message, to be completed by its Text: to whom it came from (or
// ReplyTo says), from whom it was for, with "Re:" before its subject, and with In-Reply-To and
// References by which clients put both in one thread.
//
//	hello := mailtest.Mail{From: "bob@example.org", To: "alice@example.org", Subject: "hello"}
//	answer := hello.Reply()
//	answer.Text = "hello yourself"
func (m Mail) Reply() Mail {
	to := m.ReplyTo
	if to == "" {
		to = m.from()
	}
	return Mail{From: m.To, To: to, Subject: prefixed("Re: ", m.Subject), RepliesTo: &m}
}

// Forward returns a message that has this one attached, as message/rfc822, from whom it was
// for and with "Fwd:" before its subject.
func (m Mail) Forward(to string) Mail {
	return Mail{From: m.To, To: to, Subject: prefixed("Fwd: ", m.Subject), Attachments: []Attachment{{Mail: &m}}}
}

// from returns what From is in the message.
func (m Mail) from() string {
	if m.From == "" {
		return "sender@example.org"
	}
	return m.From
}

// prefixed puts a prefix before a subject that doesn't have it.
func prefixed(prefix, subject string) string {
	bare := strings.TrimSpace(prefix)
	if len(subject) >= len(bare) && strings.EqualFold(subject[:len(bare)], bare) {
		return subject
	}
	return strings.TrimSpace(prefix + subject)
}

// derivedID returns the Message-ID of a message that isn't given one.
func derivedID(digest string) string { return digest + "@example.org" }

// maxThread is how many messages can answer each other, so that a loop of them ends.
const maxThread = 1000

// answer fills InReplyTo and References in from what the message answers.
func (m *Mail) answer(nested int) error {
	var above []Mail // nearest first
	for parent := m.RepliesTo; parent != nil; parent = parent.RepliesTo {
		if len(above) == maxThread {
			return fmt.Errorf("a thread of more than %d messages", maxThread)
		}
		above = append(above, *parent)
	}
	m.RepliesTo = nil
	for i := len(above) - 1; i >= 0; i-- {
		parent := above[i]
		id := parent.MessageID
		if id == "" {
			parent.RepliesTo = nil // its place in the thread is filled in already
			digest, err := parent.digest(nested + 1)
			if err != nil {
				return err
			}
			id = derivedID(digest)
		}
		child := m
		if i > 0 {
			child = &above[i-1]
		}
		child.follow(&parent, id)
	}
	return nil
}

// follow makes the message an answer to one with an ID (RFC 5322 §3.6.4).
func (m *Mail) follow(parent *Mail, id string) {
	if m.InReplyTo == "" {
		m.InReplyTo = id
	}
	if m.References == nil {
		thread := parent.References
		if len(thread) == 0 && parent.InReplyTo != "" {
			thread = []string{parent.InReplyTo}
		}
		m.References = append(slices.Clip(thread), id)
	}
}
