package imapfake

import (
	"bytes"
	"strings"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// envelopeFields are the header fields that ENVELOPE shows, in its order
// (RFC 3501 §7.4.2).
var envelopeFields = [...]struct {
	name      string
	addresses bool
}{
	envelopeDate:      {"Date", false},
	envelopeSubject:   {"Subject", false},
	envelopeFrom:      {"From", true},
	envelopeSender:    {"Sender", true},
	envelopeReplyTo:   {"Reply-To", true},
	envelopeTo:        {"To", true},
	envelopeCc:        {"Cc", true},
	envelopeBcc:       {"Bcc", true},
	envelopeInReplyTo: {"In-Reply-To", false},
	envelopeMessageID: {"Message-ID", false},
}

const (
	envelopeDate = iota
	envelopeSubject
	envelopeFrom
	envelopeSender
	envelopeReplyTo
	envelopeTo
	envelopeCc
	envelopeBcc
	envelopeInReplyTo
	envelopeMessageID
)

// envelopeField returns the index of a header field, -1 if ENVELOPE doesn't show it.
func envelopeField(name string) int {
	for i, f := range &envelopeFields {
		if len(f.name) == len(name) && strings.EqualFold(f.name, name) {
			return i
		}
	}
	return -1
}

// messageEnvelope writes the ENVELOPE of a message, which is rendered once.
func (o *output) messageEnvelope(content *mailstore.Content) {
	if o.utf8 { // strings may then be quoted otherwise
		o.envelope(content.Raw(), content.Structure().Header)
		return
	}
	if kept := content.Envelope(); kept != nil {
		o.buf = append(o.buf, kept...)
		return
	}
	o.hand()
	o.envelope(content.Raw(), content.Structure().Header)
	// What went out by itself, a literal, is not here any more.
	if len(o.buf) > 0 && o.buf[0] == '(' {
		content.KeepEnvelope(bytes.Clone(o.buf))
	}
}

// envelope writes a message's ENVELOPE. Values are as they stand in the header,
// unfolded, encoded words and all. Of a field given twice the addresses are joined,
// as RFC 5322 §4.5.3 wants it of destinations, and any other value is the last one's,
// as in Dovecot.
func (o *output) envelope(raw []byte, header structure.Span) {
	var texts [len(envelopeFields)][]byte
	var lists [len(envelopeFields)][]structure.Address
	for f := range structure.Fields(raw, header) {
		switch i := envelopeField(f.Name); {
		case i < 0:
		case !envelopeFields[i].addresses:
			texts[i] = f.Value.Of(raw)
		case lists[i] == nil:
			lists[i] = structure.Addresses(f.Value.Of(raw))
		default:
			lists[i] = append(lists[i], structure.Addresses(f.Value.Of(raw))...)
		}
	}
	for _, i := range []int{envelopeSender, envelopeReplyTo} {
		// RFC 3501 §7.4.2: what is absent or empty is the same as From.
		if len(lists[i]) == 0 {
			lists[i] = lists[envelopeFrom]
		}
	}
	o.byte('(')
	for i, f := range &envelopeFields {
		if i > 0 {
			o.byte(' ')
		}
		if f.addresses {
			o.addresses(lists[i])
		} else {
			o.fieldValue(texts[i])
		}
	}
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
