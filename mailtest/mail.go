package mailtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-message/textproto"
)

// Mail is a message to deliver, written as a literal. The zero value of every
// field means something sensible, and apart from the time nothing is left to
// chance: equal values make equal octets.
type Mail struct {
	// From, To, Cc, Bcc and ReplyTo are address lists as in a header, such as
	// "Bob <bob@example.org>, carol@example.org". From is "sender@example.org" when
	// empty; of the others an empty one makes no field.
	From, To, Cc, Bcc, ReplyTo string
	// Subject is any UTF-8 without line breaks; empty, it makes no field.
	Subject string
	// Date is time.Now in UTC when zero.
	Date time.Time
	// MessageID is the Message-ID with or without angle brackets. When empty it is
	// derived from the message's content, so that equal mails have equal ones.
	MessageID string
	// InReplyTo and References are message IDs with or without angle brackets.
	InReplyTo  string
	References []string
	// RepliesTo is a message that this one answers: InReplyTo and References, where empty, follow
	// from it (RFC 5322 §3.6.4). See [Mail.Reply].
	RepliesTo *Mail
	// Header holds further fields, one in each string ("List-Id: <list.example.org>").
	// They come first and in this order, as if servers on the way had put them
	// there. Fields that Mail makes itself can't be among them.
	Header []string

	// Text and HTML are the body as UTF-8; both together make multipart/alternative.
	// A line may end in LF or CRLF and be of any length. In the message lines end in
	// CRLF, the last one too.
	Text, HTML string
	// Charset is what Text and HTML are written in, such as "iso-8859-1" or "iso-2022-jp"; empty,
	// it is UTF-8. The header stays UTF-8.
	Charset string
	// Encoding is the transfer encoding of Text and HTML: 7bit, 8bit, quoted-printable or
	// base64. When empty it is what suits the text best.
	Encoding string
	// Attachments follow the body, in this order.
	Attachments []Attachment
	// Report makes the message a report on another's delivery; see [Mail.Bounce].
	Report *DeliveryReport
	// Signature makes the message one with a detached S/MIME signature of these octets, which
	// nobody has to be able to verify (RFC 8551 §3.5.3).
	Signature []byte
	// Enveloped, in place of Text, HTML and Attachments, makes the message an encrypted one
	// (RFC 8551 §3.3). Nobody has to be able to decrypt it.
	Enveloped []byte

	// Flags and InternalDate are not part of the message but say how it is stored;
	// a zero InternalDate is the time of delivery (RFC 3501 §2.3).
	Flags        []imap.Flag
	InternalDate time.Time
}

// Attachment is a part of a message that is not its text.
type Attachment struct {
	// Filename is any UTF-8 without control characters; empty, it is left out.
	Filename string
	// ContentType is a media type, with parameters if need be ("text/csv;
	// charset=iso-8859-1"), and application/octet-stream when empty. It can't be a
	// multipart type.
	ContentType string
	// Data is kept octet by octet, except that lines end in CRLF in a message/*
	// type, whose transfer encoding MIME forbids (RFC 2046 §5.2), and in a text type that
	// isn't sent in base64.
	Data []byte
	// FS and Path name a file that has the data. Filename and ContentType, where empty, follow
	// from its name.
	FS   fs.FS
	Path string
	// Mail is a message that is attached as message/rfc822, in place of Data.
	Mail *Mail
	// Encoding is the transfer encoding: 7bit, 8bit, quoted-printable or base64, which it is
	// when empty. In a message/* type it can't be chosen.
	Encoding string
	// Inline says that the part is to be shown in place instead of being offered as
	// a file. With a ContentID, and in a Mail with HTML, it becomes a part of
	// multipart/related, to which HTML refers as "cid:…" (RFC 2387).
	Inline bool
	// ContentID is the Content-ID with or without angle brackets.
	ContentID string
}

// Bytes returns the message as RFC 5322 has it, with CRLF. It fails, naming the
// field, for what a message can't hold: addresses and message IDs that aren't any,
// line breaks in a header field, NUL, text that isn't UTF-8.
//
// Text goes as 7bit, quoted-printable or base64, whatever suits it best.
func (m Mail) Bytes() ([]byte, error) {
	raw, err := m.build(time.Now().UTC(), 0) // not local: the same octets in every place
	if err != nil {
		return nil, fmt.Errorf("mailtest: build mail: %w", err)
	}
	return raw, nil
}

// maxNested is how deep messages can be within messages, so that a loop of them ends.
const maxNested = 8

// build returns the message with now in place of a zero Date. It is within as many others as
// nested says.
func (m Mail) build(now time.Time, nested int) ([]byte, error) {
	digest, err := m.digest(nested)
	if err != nil {
		return nil, err
	}
	if m.Date.IsZero() {
		m.Date = now
	}
	return m.render(digest, now, nested)
}

// digest returns what a Message-ID and boundaries are made of. It doesn't depend on the time.
func (m Mail) digest(nested int) (string, error) {
	if nested > maxNested {
		return "", fmt.Errorf("messages within messages, more than %d deep", maxNested)
	}
	draft, err := m.render("", time.Time{}, nested)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(draft)
	return hex.EncodeToString(digest[:16]), nil
}

// render returns the message with a Message-ID and boundaries made of the digest.
func (m Mail) render(digest string, now time.Time, nested int) ([]byte, error) {
	if err := m.answer(nested); err != nil {
		return nil, fmt.Errorf("RepliesTo: %w", err)
	}
	header := m.header(digest)
	if header.err != nil {
		return nil, header.err
	}
	body, err := m.entity(now, nested)
	if err != nil {
		return nil, err
	}
	header.add("", "MIME-Version", "1.0")
	header.lines = append(header.lines, body.header(digest, 1)...)
	var out bytes.Buffer
	if err := textproto.WriteHeader(&out, rawHeader(header.lines)); err != nil {
		return nil, err
	}
	if err := body.writeBody(&out, digest, 1); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (m Mail) header(digest string) *headerBuilder {
	var h headerBuilder
	for i, line := range m.Header {
		h.addLine(fmt.Sprintf("Header[%d]", i), line)
	}
	h.addDate("Date", m.Date)
	h.addAddresses("From", "From", m.from())
	h.addAddresses("To", "To", m.To)
	h.addAddresses("Cc", "Cc", m.Cc)
	h.addAddresses("Bcc", "Bcc", m.Bcc)
	h.addAddresses("ReplyTo", "Reply-To", m.ReplyTo)
	if m.MessageID == "" {
		m.MessageID = derivedID(digest)
	}
	h.addIDs("MessageID", "Message-ID", m.MessageID)
	if m.InReplyTo != "" {
		h.addIDs("InReplyTo", "In-Reply-To", m.InReplyTo)
	}
	h.addIDs("References", "References", m.References...)
	if m.Subject != "" {
		h.addText("Subject", "Subject", m.Subject)
	}
	return &h
}
