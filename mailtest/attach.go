package mailtest

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
)

// load reads what the attachment names instead of holding it.
func (a *Attachment) load(now time.Time, nested int) error {
	switch {
	case a.Mail != nil && (a.Data != nil || a.FS != nil):
		return errors.New("Mail: there is other data as well")
	case a.FS != nil && a.Data != nil:
		return errors.New("FS: there is Data as well")
	case a.FS == nil && a.Path != "":
		return inField("Path", "%q: there is no FS", a.Path)
	case a.Mail != nil:
		raw, err := a.Mail.build(now, nested+1)
		if err != nil {
			return fmt.Errorf("Mail: %w", err)
		}
		a.Data = raw
		if a.ContentType == "" {
			a.ContentType = "message/rfc822"
		}
	case a.FS != nil:
		data, _, err := readFile(a.FS, a.Path)
		if err != nil {
			return fmt.Errorf("FS: %w", err)
		}
		a.Data = data
		if a.Filename == "" {
			a.Filename = path.Base(a.Path)
		}
		if a.ContentType == "" {
			a.ContentType = typeOfName(a.Path)
		}
	}
	return nil
}

// typeOfName returns the media type of a file by its name. The system's table is not asked: it
// is another one on each machine.
func typeOfName(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt", ".log":
		return "text/plain; charset=utf-8"
	case ".html", ".htm":
		return "text/html; charset=utf-8"
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".ics":
		return "text/calendar; charset=utf-8"
	case ".vcf":
		return "text/vcard; charset=utf-8"
	case ".eml":
		return "message/rfc822"
	case ".json":
		return "application/json"
	case ".xml":
		return "application/xml"
	case ".pdf":
		return "application/pdf"
	case ".zip":
		return "application/zip"
	case ".gz":
		return "application/gzip"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".svg":
		return "image/svg+xml"
	case ".webp":
		return "image/webp"
	}
	return ""
}

// encoded returns the attachment's data in its transfer encoding.
func (a Attachment) encoded(mediaType string) (encoding string, body []byte, err error) {
	if strings.HasPrefix(mediaType, "message/") {
		if a.Encoding != "" {
			return "", nil, inField("Encoding", "%q: %s has none (RFC 2046 §5.2)", a.Encoding, mediaType)
		}
		if encoding, body, err = identityEncoded(a.Data); err != nil {
			return "", nil, inField("Data", "%w", err)
		}
		return encoding, body, nil
	}
	if a.Encoding == "" || strings.EqualFold(a.Encoding, "base64") {
		return "base64", base64Lines(a.Data), nil
	}
	if !strings.HasPrefix(mediaType, "text/") {
		// Quoted-printable and lines of text would take CR and LF for line ends.
		return "", nil, inField("Encoding", "%q: only text can have another than base64", a.Encoding)
	}
	if encoding, body, err = encodedAs(a.Encoding, withCRLF(string(a.Data))); err != nil {
		return "", nil, inField("Encoding", "%w", err)
	}
	return encoding, body, nil
}
