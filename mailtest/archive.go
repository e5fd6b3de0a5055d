package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/tools/txtar"

	"example.org/mailfakes/mailtest/mailstore"
)

// The form of an archive
//
// An account is kept in the form of txtar: text files, one after the other. The first, whose
// name is "mailboxes", lists each mailbox and its messages; the others are the messages, with LF
// for CRLF.
//
//	-- mailboxes --
//	INBOX uidvalidity=1 uidnext=5
//		1 2024-01-02T15:04:05Z \Seen $Forwarded
//		4 2024-01-03T15:04:05+01:00 base64
//	"Sent Mail" uidvalidity=2 uidnext=1 subscribed \Sent
//	-- INBOX/1 --
//	From: bob@example.org
//	…
//
// A mailbox's name is quoted as in Go unless it is one word. After a message's UID and internal
// date come its flags; "base64" says that its octets are kept so, because text can't hold
// them: lines that don't end in CRLF, octets that aren't UTF-8, a line that txtar would take for its
// own.

const (
	indexFile     = "mailboxes"
	encodedBase64 = "base64"
)

// Dump returns an account as text in the form of txtar: its mailboxes, and their messages with UIDs,
// flags and internal dates. What it was made from doesn't show: equal accounts give equal
// text, so that it can be compared with a file. [Load] reads it. Messages in the text are lines
// that end in LF, to be read and edited; see the comment on the form in archive.go.
func Dump(a *mailstore.Account) []byte {
	archive := new(txtar.Archive)
	var index strings.Builder
	for _, info := range a.Mailboxes() {
		box, err := a.Mailbox(info.Name)
		if err != nil {
			continue // a name without a mailbox
		}
		status := box.Status()
		fmt.Fprintf(&index, "%s uidvalidity=%d uidnext=%d", word(info.Name), status.UIDValidity, status.UIDNext)
		if info.Subscribed {
			index.WriteString(" subscribed")
		}
		for _, use := range info.SpecialUse {
			index.WriteString(" " + string(use))
		}
		index.WriteByte('\n')
		for _, m := range status.Messages.All() {
			data, encoding := encodeMessage(m.Raw())
			fmt.Fprintf(&index, "\t%d %s%s", m.UID, m.InternalDate.Format(time.RFC3339), encoding)
			for _, f := range m.Flags {
				index.WriteString(" " + string(f))
			}
			index.WriteByte('\n')
			archive.Files = append(archive.Files, txtar.File{Name: messageFile(info.Name, m.UID), Data: data})
		}
	}
	archive.Files = slices.Insert(archive.Files, 0, txtar.File{Name: indexFile, Data: []byte(index.String())})
	return txtar.Format(archive)
}

func messageFile(mailbox string, uid imap.UID) string {
	return fmt.Sprintf("%s/%d", word(mailbox), uid)
}

// word returns a name as one word, quoted if need be.
func word(name string) string {
	quoted := strconv.Quote(name)
	if quoted != `"`+name+`"` || name == "" || strings.ContainsAny(name, " \t") || strings.ContainsAny(name[:1], `"#`) {
		return quoted
	}
	return name
}

// encodeMessage returns a message as lines of text, or as base64, which encoding then says.
func encodeMessage(raw []byte) (data []byte, encoding string) {
	data = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	if back, err := decodeMessage(data, ""); err == nil && bytes.Equal(back, raw) && utf8.Valid(raw) && !hasMarker(data) {
		return data, ""
	}
	encoded := base64.StdEncoding.EncodeToString(raw)
	var lines []byte
	for len(encoded) > 76 {
		lines = append(append(lines, encoded[:76]...), '\n')
		encoded = encoded[76:]
	}
	return append(append(lines, encoded...), '\n'), " " + encodedBase64
}

// decodeMessage is the reverse of encodeMessage.
func decodeMessage(data []byte, encoding string) ([]byte, error) {
	if encoding == encodedBase64 {
		return base64.StdEncoding.DecodeString(string(bytes.ReplaceAll(data, []byte("\n"), nil)))
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(slices.Clip(data), '\n')
	}
	return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")), nil
}

// hasMarker tells whether txtar would take a line of the text for the beginning of a file.
func hasMarker(data []byte) bool {
	parsed := txtar.Parse(append([]byte("-- x --\n"), data...))
	return len(parsed.Files) != 1
}

// Load makes the mailboxes of an archive, as [Dump] writes it or a person does, in an account
// that has nothing but an empty INBOX. Internal date and flags of a message may be left out,
// and so may uidvalidity and uidnext of a mailbox. An error names the line of the index and what
// is wrong there, or the file; mailboxes before that are made.
func Load(a *mailstore.Account, archive []byte) error {
	boxes, err := parseArchive(archive)
	if err != nil {
		return fmt.Errorf("mailtest: load: %w", err)
	}
	for i := range boxes {
		if boxes[i].UIDValidity == 0 {
			boxes[i].UIDValidity = uint32(i) + 1
		}
		if err := a.Reinstate(boxes[i]); err != nil {
			return fmt.Errorf("mailtest: load: %w", err)
		}
	}
	return nil
}

func parseArchive(text []byte) ([]mailstore.Reinstated, error) {
	archive := txtar.Parse(text)
	files := make(map[string][]byte)
	for _, f := range archive.Files {
		if _, twice := files[f.Name]; twice {
			return nil, fmt.Errorf("file %q is there twice", f.Name)
		}
		files[f.Name] = f.Data
	}
	index, ok := files[indexFile]
	if !ok {
		return nil, fmt.Errorf("no file %q", indexFile)
	}
	delete(files, indexFile)
	var boxes []mailstore.Reinstated
	n := 0
	for line := range strings.Lines(string(index)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		var err error
		switch {
		case strings.TrimSpace(line) == "" || line[0] == '#':
		case line[0] != '\t':
			var box mailstore.Reinstated
			box, err = parseMailboxLine(line)
			boxes = append(boxes, box)
		case len(boxes) == 0:
			err = errors.New("a message before the first mailbox")
		default:
			err = addMessage(&boxes[len(boxes)-1], line[1:], files)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", indexFile, n, err)
		}
	}
	for _, f := range archive.Files {
		if _, left := files[f.Name]; left {
			return nil, fmt.Errorf("file %q is of no message that %q lists", f.Name, indexFile)
		}
	}
	return boxes, nil
}

// parseMailboxLine reads a mailbox's line: its name, then what it has in any order.
func parseMailboxLine(line string) (box mailstore.Reinstated, err error) {
	name, rest, _ := strings.Cut(line, " ")
	if strings.HasPrefix(line, `"`) {
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return box, fmt.Errorf("mailbox name %.60s: %w", line, err)
		}
		name, _ = strconv.Unquote(quoted)
		rest = line[len(quoted):]
	}
	box.Name = name
	box.UIDNext = 1
	for _, field := range strings.Fields(rest) {
		key, value, _ := strings.Cut(field, "=")
		var n uint64
		switch {
		case strings.HasPrefix(field, `\`):
			box.SpecialUse = append(box.SpecialUse, imap.MailboxAttr(field))
		case field == "subscribed":
			box.Subscribed = true
		case key == "uidvalidity":
			n, err = strconv.ParseUint(value, 10, 32)
			box.UIDValidity = uint32(n)
		case key == "uidnext":
			n, err = strconv.ParseUint(value, 10, 32)
			box.UIDNext = imap.UID(n)
		default:
			err = errors.New("want uidvalidity=N, uidnext=N, subscribed or a special-use attribute")
		}
		if err != nil {
			return box, fmt.Errorf("%q of mailbox %q: %w", field, name, err)
		}
	}
	return box, nil
}

func addMessage(box *mailstore.Reinstated, line string, files map[string][]byte) error {
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return errors.New("want a UID")
	}
	uid, err := strconv.ParseUint(fields[0], 10, 32)
	if err != nil || uid == 0 {
		return fmt.Errorf("%q is no UID", fields[0])
	}
	m := mailstore.ReinstatedMessage{UID: imap.UID(uid)}
	encoding := ""
	for i, field := range fields[1:] {
		if date, err := time.Parse(time.RFC3339, field); i == 0 && err == nil {
			m.InternalDate = date
		} else if field == encodedBase64 {
			encoding = field
		} else {
			m.Flags = append(m.Flags, imap.Flag(field))
		}
	}
	file := messageFile(box.Name, m.UID)
	data, ok := files[file]
	if !ok {
		return fmt.Errorf("no file %q", file)
	}
	delete(files, file)
	raw, err := decodeMessage(data, encoding)
	if err != nil {
		return fmt.Errorf("file %q: %w", file, err)
	}
	m.Content = mailstore.NewContent(raw)
	box.Messages = append(box.Messages, m)
	box.UIDNext = max(box.UIDNext, m.UID+1)
	return nil
}
