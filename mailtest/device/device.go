// Package device simulates what people read mail on: a device that uses IMAP, whose
// mail stays on the server, and one that uses POP3, which has its own copies.
//
// A device is a real client: all that it knows it learnt over its connection. It is
// not safe for concurrent use. In a test the devices of package [example.org/mailfakes/mailtest] are
// shorter.
package device

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore/structure"
)

// ErrOffline is what a device without a connection answers to what needs one.
var ErrOffline = errors.New("the device is offline")

// Message is a message as a device shows it.
type Message struct {
	// ID is what the protocol calls it by: a UID or a POP3 unique-id.
	ID    string
	Raw   []byte
	Flags []imap.Flag
}

// Subject returns the decoded subject.
func (m *Message) Subject() string {
	value, _ := structure.Value(m.Raw, structure.Parse(m.Raw).Header, "Subject")
	return structure.DecodeHeader(value)
}

// Login is how a device reaches its account.
type Login struct {
	Dial           func() (net.Conn, error)
	Name, Password string
}

func withSubject(op string, messages []Message, subject string) ([]Message, error) {
	var found []Message
	for _, m := range messages {
		if m.Subject() == subject {
			found = append(found, m)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("device: %s: no message with the subject %q", op, subject)
	}
	return found, nil
}

func addFlag(flags []imap.Flag, flag imap.Flag) []imap.Flag {
	for _, f := range flags {
		if strings.EqualFold(string(f), string(flag)) {
			return flags
		}
	}
	return append(flags, flag)
}
