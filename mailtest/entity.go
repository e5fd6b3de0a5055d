package mailtest

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message/textproto"
)

// entity is a MIME entity (RFC 2045 §2.4): a multipart of others, or one with an
// encoded body of its own.
type entity struct {
	multipart string            // the subtype, such as "mixed"
	params    map[string]string // of a multipart, beside its boundary
	parts     []entity

	fields []string
	body   []byte
}

// entity returns the body of the message with everything attached to it.
func (m Mail) entity(now time.Time, nested int) (entity, error) {
	if m.Enveloped != nil {
		return m.enveloped()
	}
	e, err := m.content(now, nested)
	if err == nil && m.Report != nil {
		e, err = m.Report.entity(e, now, nested)
	}
	if err == nil && m.Signature != nil {
		e, err = e.signed(m.Signature)
	}
	return e, err
}

// content returns text, HTML and attachments.
func (m Mail) content(now time.Time, nested int) (entity, error) {
	var related, attached, bodies []entity
	for i, a := range m.Attachments {
		e, err := a.entity(fmt.Sprintf("Attachments[%d]", i), now, nested)
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
		e, err := m.textEntity("Text", "text/plain", m.Text)
		if err != nil {
			return entity{}, err
		}
		bodies = append(bodies, e)
	}
	if m.HTML != "" {
		e, err := m.textEntity("HTML", "text/html", m.HTML)
		if err != nil {
			return entity{}, err
		}
		if len(related) > 0 {
			// RFC 2387 §3.1 asks for the root's type.
			e = entity{multipart: "related", params: map[string]string{"type": "text/html"}, parts: slices.Insert(related, 0, e)}
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

func (m Mail) textEntity(label, mediaType, text string) (entity, error) {
	if err := checkText(text); err != nil {
		return entity{}, fmt.Errorf("%s: %w", label, err)
	}
	if text != "" && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r") {
		text += "\n"
	}
	charset, octets, err := inCharset(m.Charset, withCRLF(text))
	if err != nil {
		return entity{}, fmt.Errorf("%s in charset %q: %w", label, m.Charset, err)
	}
	encoding, body, err := encodedAs(m.Encoding, octets)
	if err != nil {
		return entity{}, fmt.Errorf("%s: %w", label, err)
	}
	var h headerBuilder
	h.add(label, "Content-Type", mime.FormatMediaType(mediaType, map[string]string{"charset": charset}))
	h.add(label, "Content-Transfer-Encoding", encoding)
	return entity{fields: h.lines, body: body}, h.err
}

func (a Attachment) entity(label string, now time.Time, nested int) (entity, error) {
	if err := a.load(now, nested); err != nil {
		return entity{}, fmt.Errorf("%s.%w", label, err)
	}
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

	encoding, body, err := a.encoded(mediaType)
	if err != nil {
		return entity{}, fmt.Errorf("%s.%w", label, err)
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
	maps.Copy(params, e.params)
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
