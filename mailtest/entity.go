package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// entity is a MIME entity (RFC 2045 §2.4): a multipart of others, or one with an
// encoded body of its own.
type entity struct {
	multipart string // the subtype, such as "mixed"
	parts     []entity

	fields []string
	body   []byte
}

// entity returns the body of the message with everything attached to it.
func (m Mail) entity() (entity, error) {
	var related, attached, bodies []entity
	for i, a := range m.Attachments {
		e, err := a.entity(fmt.Sprintf("Attachments[%d]", i))
		if err != nil {
			return entity{}, err
		}
		if a.Inline && a.ContentID != "" && m.HTML != "" {
			related = append(related, e)
		} else {
			attached = append(attached, e)
		}
	}
	if m.Text != "" || m.HTML == "" && len(attached) == 0 {
		e, err := textEntity("Text", "text/plain", m.Text)
		if err != nil {
			return entity{}, err
		}
		bodies = append(bodies, e)
	}
	if m.HTML != "" {
		e, err := textEntity("HTML", "text/html", m.HTML)
		if err != nil {
			return entity{}, err
		}
		if len(related) > 0 {
			e = entity{multipart: "related", parts: slices.Insert(related, 0, e)}
		}
		bodies = append(bodies, e)
	}
	if len(bodies) == 2 {
		bodies = []entity{{multipart: "alternative", parts: bodies}}
	}
	if len(attached) > 0 {
		return entity{multipart: "mixed", parts: append(bodies, attached...)}, nil
	}
	return bodies[0], nil
}

func textEntity(label, mediaType, text string) (entity, error) {
	if err := checkText(text); err != nil {
		return entity{}, fmt.Errorf("%s: %w", label, err)
	}
	if text != "" && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r") {
		text += "\n"
	}
	encoding, body := encodedBody(withCRLF(text))
	var h headerBuilder
	h.add(label, "Content-Type", mediaType+"; charset=utf-8")
	h.add(label, "Content-Transfer-Encoding", encoding)
	return entity{fields: h.lines, body: body}, h.err
}

func (a Attachment) entity(label string) (entity, error) {
	var h headerBuilder
	mediaType, params, err := "application/octet-stream", map[string]string(nil), error(nil)
	if a.ContentType != "" {
		mediaType, params, err = mime.ParseMediaType(a.ContentType)
	}
	contentType := mime.FormatMediaType(mediaType, params)
	switch {
	case err != nil:
		h.fail(label+".ContentType", a.ContentType, err)
	case contentType == "" || !strings.Contains(mediaType, "/"):
		h.fail(label+".ContentType", a.ContentType, errors.New("not a media type"))
	case strings.HasPrefix(mediaType, "multipart/"):
		h.fail(label+".ContentType", a.ContentType, errors.New("a multipart can't be attached"))
	}
	h.add(label+".ContentType", "Content-Type", contentType)

	disposition, params := "attachment", map[string]string{}
	if a.Inline {
		disposition = "inline"
	}
	if a.Filename != "" {
		if err := errors.Join(checkText(a.Filename), checkControls(a.Filename)); err != nil {
			h.fail(label+".Filename", a.Filename, err)
		}
		params["filename"] = a.Filename
	}
	h.add(label+".Filename", "Content-Disposition", mime.FormatMediaType(disposition, params))
	if a.ContentID != "" {
		h.addIDs(label+".ContentID", "Content-ID", a.ContentID)
	}

	encoding, body := "base64", base64Lines(a.Data)
	if strings.HasPrefix(mediaType, "message/") {
		if encoding, body, err = identityEncoded(a.Data); err != nil {
			return entity{}, fmt.Errorf("%s.Data: %w", label, err)
		}
	}
	h.add(label, "Content-Transfer-Encoding", encoding)
	return entity{fields: h.lines, body: body}, h.err
}

// header returns the entity's fields; depth is that of the entity.
func (e entity) header(digest string, depth int) []string {
	if e.multipart == "" {
		return e.fields
	}
	params := map[string]string{"boundary": boundary(digest, depth)}
	if e.multipart == "related" {
		params["type"] = "text/html" // RFC 2387 §3.1 asks for the root's type
	}
	var h headerBuilder
	h.add("", "Content-Type", mime.FormatMediaType("multipart/"+e.multipart, params))
	return h.lines
}

func (e entity) writeBody(w io.Writer, digest string, depth int) error {
	if e.multipart == "" {
		_, err := w.Write(e.body)
		return err
	}
	parts := textproto.NewMultipartWriter(w)
	if err := parts.SetBoundary(boundary(digest, depth)); err != nil {
		return err
	}
	for _, part := range e.parts {
		pw, err := parts.CreatePart(rawHeader(part.header(digest, depth+1)))
		if err != nil {
			return err
		}
		if err := part.writeBody(pw, digest, depth+1); err != nil {
			return err
		}
	}
	return parts.Close()
}

// boundary returns the boundary of the multipart at depth: no two of a Mail are at the
// same. None is the beginning of another (RFC 2046 §5.1.2), and "=_" occurs in neither
// quoted-printable nor base64 (RFC 2045 §6.7).
func boundary(digest string, depth int) string {
	return fmt.Sprintf("=_%d_%s", depth, digest)
}

// encodedBody returns text that has CRLF in the transfer encoding that suits it: none,
// or the shorter one of the two.
func encodedBody(text string) (encoding string, body []byte) {
	if isASCII(text) && !hasLongLine(text) {
		return "7bit", []byte(text)
	}
	var quoted bytes.Buffer
	w := quotedprintable.NewWriter(&quoted)
	// Neither call fails: the buffer takes everything.
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	if encoded := base64Lines([]byte(text)); len(encoded) < quoted.Len() {
		return "base64", encoded
	}
	return "quoted-printable", quoted.Bytes()
}

// identityEncoded returns a message's octets with CRLF, and what kind they are.
func identityEncoded(data []byte) (encoding string, body []byte, err error) {
	text := withCRLF(string(data))
	switch {
	case strings.ContainsRune(text, 0):
		return "", nil, errors.New("NUL in a message")
	case hasLongLine(text):
		return "", nil, fmt.Errorf("line longer than %d octets in a message", maxLine)
	case !isASCII(text):
		return "8bit", []byte(text), nil
	}
	return "7bit", []byte(text), nil
}

// base64Lines encodes data in lines as long as they may be (RFC 2045 §6.8).
func base64Lines(data []byte) []byte {
	const octets = 57 // of data in a line of 76 characters
	out := make([]byte, 0, (len(data)/octets+1)*(76+2))
	for chunk := range slices.Chunk(data, octets) {
		out = base64.StdEncoding.AppendEncode(out, chunk)
		out = append(out, "\r\n"...)
	}
	return out
}

// withCRLF returns text with every line end, LF, CR or CRLF, made CRLF.
func withCRLF(text string) string {
	return strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n").Replace(text)
}

func hasLongLine(text string) bool {
	for line := range strings.Lines(text) {
		if len(strings.TrimSuffix(line, "\r\n")) > maxLine {
			return true
		}
	}
	return false
}
