package mailtest

import (
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Seed is a message to be put in a mailbox: its octets, flags and internal date.
type Seed struct {
	// Raw is the message as it was read. Its lines may end in LF.
	Raw []byte
	// Flags are the system flags and keywords that the message has.
	Flags []imap.Flag
	// InternalDate, when zero, is the time at which the message is put in the mailbox.
	InternalDate time.Time
}

// errNoFS is the error of reading from a file system that is nil.
var errNoFS = errors.New("there is no file system")

// maxMessage is the most octets of a message that is read from disk.
const maxMessage = 256 << 20

// readFile reads a file that holds a message, or less, and returns it with the
// file's modification time. Its errors name the file.
func readFile(fsys fs.FS, name string) ([]byte, time.Time, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, time.Time{}, err
	}
	switch {
	case !info.Mode().IsRegular(): // a pipe would be waited for
		err = errors.New("not a regular file")
	case info.Size() > maxMessage:
		err = fmt.Errorf("larger than %d octets", maxMessage)
	}
	if err != nil {
		return nil, time.Time{}, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	raw, err := fs.ReadFile(fsys, name)
	return raw, info.ModTime(), err
}

// dateField returns the time in a message's Date field, zero if it has none or one
// that can't be understood.
func dateField(raw []byte) time.Time {
	for name, field := range headerFields(raw[:headerEnd(raw)]) {
		if strings.EqualFold(name, "Date") {
			date, err := mail.ParseDate(fieldValue(field))
			if err != nil {
				return time.Time{}
			}
			return date
		}
	}
	return time.Time{}
}
