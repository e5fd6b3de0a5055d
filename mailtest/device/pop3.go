package device

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/textproto"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Policy says what a POP3 device does with mail on the server that it has downloaded.
type Policy int

const (
	// KeepOnServer leaves it there and remembers its unique-ids.
	KeepOnServer Policy = iota
	// DeleteAfterDownload deletes it.
	DeleteAfterDownload
)

// POP3 is a device that downloads mail and shows its own copies. With a server that has no
// unique-ids it downloads everything each time, and knows messages by their content.
type POP3 struct {
	login    Login
	policy   Policy
	offline  bool
	messages []Message
	known    map[string]bool // unique-ids that were downloaded once
}

// NewPOP3 returns a device that connects for the time of each [POP3.Sync].
func NewPOP3(login Login, policy Policy) *POP3 {
	return &POP3{login: login, policy: policy, known: make(map[string]bool)}
}

// Messages returns the mail that is on the device, connected or not.
func (d *POP3) Messages() []Message { return d.messages }

// GoOffline takes the connection away.
func (d *POP3) GoOffline() { d.offline = true }

// GoOnline gives the connection back.
func (d *POP3) GoOnline() { d.offline = false }

// MarkRead marks the messages with a subject as read. Only this device knows.
func (d *POP3) MarkRead(subject string) error {
	found, err := withSubject("mark read", d.messages, subject)
	for _, f := range found {
		i := slices.IndexFunc(d.messages, func(m Message) bool { return m.ID == f.ID })
		d.messages[i].Flags = addFlag(d.messages[i].Flags, imap.FlagSeen)
	}
	return err
}

// Delete removes the messages with a subject from this device, and from nowhere else.
func (d *POP3) Delete(subject string) error {
	found, err := withSubject("delete", d.messages, subject)
	d.messages = slices.DeleteFunc(d.messages, func(m Message) bool {
		return slices.ContainsFunc(found, func(f Message) bool { return f.ID == m.ID })
	})
	return err
}

// Sync downloads what is new and does as the policy says with it on the server.
func (d *POP3) Sync() error {
	if err := d.sync(); err != nil {
		return fmt.Errorf("device: sync over POP3: %w", err)
	}
	return nil
}

func (d *POP3) sync() error {
	if d.offline {
		return ErrOffline
	}
	nc, err := d.login.Dial()
	if err != nil {
		return err
	}
	s := pop3Session{textproto.NewConn(nc)}
	defer s.Close()
	if err := s.reply(); err != nil {
		return err
	}
	if err := s.useUTF8(); err != nil {
		return err
	}
	for _, command := range []string{"USER " + d.login.Name, "PASS " + d.login.Password} {
		if err := s.command(command); err != nil {
			return err
		}
	}
	listing, err := s.multiline("UIDL")
	withoutIDs := err != nil // a server without UIDL
	if withoutIDs {
		listing, err = s.multiline("LIST")
	}
	if err != nil {
		return err
	}
	alike := make(map[string]int) // messages of this session, by content
	for line := range strings.Lines(string(listing)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		number, id := fields[0], fields[1]
		var octets []byte
		if withoutIDs {
			if id, octets, err = s.identify(number, alike); err != nil {
				return err
			}
		}
		if err := d.take(s, number, id, octets); err != nil {
			return err
		}
	}
	return s.command("QUIT")
}

// take gets a message that is new to the device, unless it has the octets already, and
// deletes it if so set.
func (d *POP3) take(s pop3Session, number, id string, octets []byte) error {
	if !d.known[id] {
		if octets == nil {
			var err error
			if octets, err = s.retrieve(number); err != nil {
				return err
			}
		}
		d.messages = append(d.messages, Message{ID: id, Raw: octets})
		d.known[id] = true
	}
	if d.policy == DeleteAfterDownload {
		return s.command("DELE " + number)
	}
	return nil
}

// pop3Session is the client's side of RFC 1939.
type pop3Session struct{ *textproto.Conn }

// useUTF8 asks for messages in UTF-8 if the server has them (RFC 6856 §2.1).
func (s pop3Session) useUTF8() error {
	caps, err := s.multiline("CAPA")
	if err != nil {
		return nil // a server without CAPA
	}
	for line := range strings.Lines(string(caps)) {
		if tag := strings.Fields(line); len(tag) > 0 && strings.EqualFold(tag[0], "UTF8") {
			err = s.command("UTF8")
		}
	}
	return err
}

// reply reads a status line.
func (s pop3Session) reply() error {
	line, err := s.ReadLine()
	if err == nil && !strings.HasPrefix(line, "+OK") {
		err = fmt.Errorf("the server answered %q", line)
	}
	return err
}

// identify returns a message and what to know it by.
func (s pop3Session) identify(number string, alike map[string]int) (id string, octets []byte, err error) {
	octets, err = s.retrieve(number)
	sum := fmt.Sprintf("%x", sha256.Sum256(octets))
	alike[sum]++
	return fmt.Sprint(sum, "-", alike[sum]), octets, err
}

// retrieve returns the octets of a message.
func (s pop3Session) retrieve(number string) ([]byte, error) {
	octets, err := s.multiline("RETR " + number)
	return bytes.ReplaceAll(octets, []byte("\n"), []byte("\r\n")), err
}

func (s pop3Session) command(line string) error {
	if err := s.PrintfLine("%s", line); err != nil {
		return err
	}
	if err := s.reply(); err != nil {
		verb, _, _ := strings.Cut(line, " ")
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// multiline sends a command whose answer has more lines, and returns those with
// their stuffing undone and LF as line end.
func (s pop3Session) multiline(line string) ([]byte, error) {
	if err := s.command(line); err != nil {
		return nil, err
	}
	return s.ReadDotBytes()
}
