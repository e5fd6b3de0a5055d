package imapfake

import "example.org/mailfakes/mailtest/mailstore/structure"

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
func envelopeField(f *structure.Field) int {
	for i := range envelopeFields {
		if name := envelopeFields[i].name; len(f.Name) == len(name) && f.Is(name) {
			return i
		}
	}
	return -1
}

// envelope is where the fields of an ENVELOPE are in a message. It can read one message
// after another, which spares the memory.
type envelope struct {
	raw        []byte
	header     structure.Span
	last       [len(envelopeFields)][]byte // the value of each, nil if absent; of several the last
	again      uint                        // which are there more than once, as bits
	from, list []structure.Address         // From, and the list at hand
}

func (e *envelope) read(raw []byte, header structure.Span) {
	*e = envelope{raw: raw, header: header, from: e.from[:0], list: e.list[:0]}
	for f := range structure.Fields(raw, header) {
		if i := envelopeField(&f); i >= 0 {
			if e.last[i] != nil {
				e.again |= 1 << i
			}
			e.last[i] = f.Value.Of(raw)
		}
	}
	e.from = e.addresses(e.from, envelopeFrom)
}

// addresses appends to dst those of field i: of all fields of that name, as RFC 5322
// §4.5.3 wants it of destinations.
func (e *envelope) addresses(dst []structure.Address, i int) []structure.Address {
	if e.last[i] == nil {
		return dst
	}
	if e.again&(1<<i) == 0 {
		return structure.Addresses(dst, e.last[i])
	}
	for f := range structure.Fields(e.raw, e.header) {
		if f.Is(envelopeFields[i].name) {
			dst = structure.Addresses(dst, f.Value.Of(e.raw))
		}
	}
	return dst
}

// envelope writes a message's ENVELOPE, which it reads with e. Values are as they stand in
// the header, unfolded, encoded words and all. Of a field given twice the addresses are
// joined, and any other value is the last one's, as in Dovecot.
func (o *output) envelope(e *envelope, raw []byte, header structure.Span) {
	e.read(raw, header)
	o.byte('(')
	for i := range envelopeFields {
		if i > 0 {
			o.byte(' ')
		}
		switch {
		case !envelopeFields[i].addresses:
			o.fieldValue(e.last[i])
			continue
		case i == envelopeFrom:
			o.addresses(e.from)
			continue
		}
		e.list = e.addresses(e.list[:0], i)
		if len(e.list) == 0 && (i == envelopeSender || i == envelopeReplyTo) {
			// RFC 3501 §7.4.2: what is absent or empty is the same as From.
			o.addresses(e.from)
			continue
		}
		o.addresses(e.list)
	}
	o.byte(')')
}

// fieldValue writes a header field's value, NIL for a field that is absent.
func (o *output) fieldValue(value []byte) {
	if value == nil {
		o.text("NIL")
		return
	}
	o.octets(structure.Unfold(value))
}

// addresses writes a list of address structures (RFC 3501 §7.4.2).
func (o *output) addresses(list []structure.Address) {
	if len(list) == 0 {
		o.text("NIL")
		return
	}
	o.byte('(')
	for i := range list {
		a := &list[i]
		o.byte('(')
		o.noctets(a.Name)
		o.byte(' ')
		o.noctets(a.Route)
		switch a.Kind {
		case structure.GroupStart:
			o.byte(' ')
			o.octets(a.Mailbox)
			o.text(" NIL)")
		case structure.GroupEnd:
			o.text(" NIL NIL)")
		default:
			o.byte(' ')
			o.octets(a.Mailbox)
			o.byte(' ')
			o.octets(a.Host)
			o.byte(')')
		}
	}
	o.byte(')')
}
