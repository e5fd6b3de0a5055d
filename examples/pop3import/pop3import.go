// Package pop3import is a small application that imports the mail of a POP3 maildrop, and the
// test suite that its author wrote with mailtest: no message is imported twice, and none is
// deleted that was not imported, whatever the server and the connection do.
package pop3import

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
)

// Importer imports the messages of a maildrop, each once.
type Importer struct {
	Dial           func() (net.Conn, error)
	User, Password string
	// Import gets each message. If it fails, the message stays on the server for the next Run.
	Import func(raw []byte) error
	// Delete deletes from the server what is imported.
	Delete bool
	// Imported holds what tells the messages that were imported and may still be on the server.
	// It is to be kept from one Run to the next.
	Imported map[string]bool
}

// Run imports what is new. Its error joins those of Import.
func (p *Importer) Run() error {
	s, err := p.logIn()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer s.Close()
	if err := p.run(s); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

func (p *Importer) logIn() (session, error) {
	nc, err := p.Dial()
	if err != nil {
		return session{}, err
	}
	s := session{textproto.NewConn(nc)}
	_, err = s.status()
	for _, command := range []string{"USER " + p.User, "PASS " + p.Password} {
		if err == nil {
			_, err = s.command(command)
		}
	}
	if err != nil {
		s.Close()
	}
	return s, err
}

func (p *Importer) run(s session) error {
	ids, err := s.uniqueIDs()
	if err != nil {
		return err
	}
	var failed []error
	onServer := make(map[string]bool)
	for i, id := range ids {
		id, err := p.message(s, i+1, id)
		var refused refusal
		if errors.As(err, &refused) || errors.Is(err, errImport) {
			failed = append(failed, fmt.Errorf("message %d: %w", i+1, err))
			continue
		}
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		if p.Delete {
			if _, err := s.command(fmt.Sprintf("DELE %d", i+1)); err != nil {
				return errors.Join(append(failed, err)...)
			}
			continue
		}
		onServer[id] = true
	}
	// RFC 1939 §6: nothing is deleted before QUIT has been answered.
	if _, err := s.command("QUIT"); err != nil {
		return errors.Join(append(failed, err)...)
	}
	p.Imported = onServer // a server may give the others' unique-ids to new messages
	return errors.Join(failed...)
}

var errImport = errors.New("not imported")

// message imports a message unless it was before, and returns what tells it from others: its
// unique-id, or where it has none a digest of its content.
func (p *Importer) message(s session, number int, id string) (string, error) {
	if id != "" && p.Imported[id] {
		return id, nil
	}
	if _, err := s.command(fmt.Sprintf("RETR %d", number)); err != nil {
		return "", err
	}
	raw, err := s.ReadDotBytes()
	if err != nil {
		return "", err
	}
	if id == "" {
		if id = fmt.Sprintf("sha256:%x", sha256.Sum256(raw)); p.Imported[id] {
			return id, nil
		}
	}
	if err := p.Import(raw); err != nil {
		return "", fmt.Errorf("%w: %w", errImport, err)
	}
	if p.Imported == nil {
		p.Imported = make(map[string]bool)
	}
	p.Imported[id] = true
	return id, nil
}

// session is the client's side of POP3 (RFC 1939).
type session struct{ *textproto.Conn }

// refusal is an answer that begins with -ERR.
type refusal string

func (r refusal) Error() string { return string(r) }

func (s session) command(line string) (string, error) {
	if err := s.PrintfLine("%s", line); err != nil {
		return "", err
	}
	return s.status()
}

func (s session) status() (string, error) {
	line, err := s.ReadLine()
	if err != nil {
		return "", err
	}
	text, ok := strings.CutPrefix(line, "+OK")
	if !ok {
		return "", refusal(line)
	}
	return text, nil
}

// uniqueIDs returns the unique-ids of the messages in the order of their numbers, "" for
// those that have none to themselves.
func (s session) uniqueIDs() ([]string, error) {
	_, err := s.command("UIDL")
	if refused := refusal(""); errors.As(err, &refused) { // UIDL is optional (RFC 1939 §7)
		var n int
		text, err := s.command("STAT")
		if err == nil {
			_, err = fmt.Sscan(text, &n)
		}
		return make([]string, n), err
	}
	if err != nil {
		return nil, err
	}
	lines, err := s.ReadDotLines()
	if err != nil {
		return nil, err
	}
	times := make(map[string]int)
	ids := make([]string, len(lines))
	for i, line := range lines {
		_, ids[i], _ = strings.Cut(line, " ")
		times[ids[i]]++
	}
	for i, id := range ids {
		if times[id] > 1 { // what RFC 1939 §7 forbids, and servers do
			ids[i] = ""
		}
	}
	return ids, nil
}
