package imapfake

import (
	"strings"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// envelopeFields are the fields of ENVELOPE (RFC 3501 §7.4.2).
type envelopeFields struct {
	date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageID []byte
}

// field returns where a header field's value is kept, nil if ENVELOPE doesn't show it.
func (e *envelopeFields) field(name string) *[]byte {
	switch len(name) {
	case 2:
		return pick(name, "To", &e.to, "Cc", &e.cc)
	case 3:
		return pick(name, "Bcc", &e.bcc, "", nil)
	case 4:
		return pick(name, "From", &e.from, "Date", &e.date)
	case 6:
		return pick(name, "Sender", &e.sender, "", nil)
	case 7:
		return pick(name, "Subject", &e.subject, "", nil)
	case 8:
		return pick(name, "Reply-To", &e.replyTo, "", nil)
	case 10:
		return pick(name, "Message-ID", &e.messageID, "", nil)
	case 11:
		return pick(name, "In-Reply-To", &e.inReplyTo, "", nil)
	}
	return nil
}

func pick(name, a string, ifA *[]byte, b string, ifB *[]byte) *[]byte {
	switch {
	case strings.EqualFold(name, a):
		return ifA
	case strings.EqualFold(name, b):
		return ifB
	}
	return nil
}

// envelope writes a message's ENVELOPE. Values are as they stand in the header,
// unfolded, encoded words and all.
func (o *output) envelope(raw []byte, header structure.Span) {
	var e envelopeFields
	for f := range structure.Fields(raw, header) {
		if value := e.field(f.Name); value != nil && *value == nil {
			*value = f.Value.Of(raw)
		}
	}
	o.byte('(')
	o.fieldValue(e.date)
	o.byte(' ')
	o.fieldValue(e.subject)
	o.byte(' ')
	from := structure.Addresses(e.from)
	o.addresses(from)
	for _, value := range [][]byte{e.sender, e.replyTo} {
		o.byte(' ')
		// RFC 3501 §7.4.2: what is absent or empty is the same as From.
		if list := structure.Addresses(value); len(list) > 0 {
			o.addresses(list)
		} else {
			o.addresses(from)
		}
	}
	for _, value := range [][]byte{e.to, e.cc, e.bcc} {
		o.byte(' ')
		o.addresses(structure.Addresses(value))
	}
	o.byte(' ')
	o.fieldValue(e.inReplyTo)
	o.byte(' ')
	o.fieldValue(e.messageID)
	o.byte(')')
}

// fieldValue writes a header field's value, NIL for a field that is absent.
func (o *output) fieldValue(value []byte) {
	if value == nil {
		o.text("NIL")
		return
	}
	o.string(structure.Unfold(value))
}

// addresses writes a list of address structures (RFC 3501 §7.4.2).
func (o *output) addresses(list []structure.Address) {
	if len(list) == 0 {
		o.text("NIL")
		return
	}
	o.byte('(')
	for _, a := range list {
		o.byte('(')
		o.nstring(a.Name)
		o.byte(' ')
		o.nstring(a.Route)
		switch a.Kind {
		case structure.GroupStart:
			o.byte(' ')
			o.string(a.Mailbox)
			o.text(" NIL)")
		case structure.GroupEnd:
			o.text(" NIL NIL)")
		default:
			o.byte(' ')
			o.string(a.Mailbox)
			o.byte(' ')
			o.string(a.Host)
			o.byte(')')
		}
	}
	o.byte(')')
}
