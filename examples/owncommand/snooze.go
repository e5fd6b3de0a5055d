// Package owncommand has a client of a command that only one company's server knows, and the
// test suite that its author wrote with a fake that knows it too: UID XSNOOZE puts a message
// aside until a time.
package owncommand

import (
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Snoozer puts messages of an INBOX aside.
type Snoozer struct {
	Dial           func() (net.Conn, error)
	User, Password string
}

var (
	// ErrUnsupported is what Snooze fails with if the server has no XSNOOZE.
	ErrUnsupported = errors.New("the server can't snooze")
	// ErrPast is what it fails with if the time is over already.
	ErrPast = errors.New("the time is in the past")
)

// Snooze puts a message aside until a time, and returns its UID in the mailbox Snoozed.
func (s *Snoozer) Snooze(uid imap.UID, until time.Time) (imap.UID, error) {
	nc, err := s.Dial()
	if err != nil {
		return 0, fmt.Errorf("snooze %d: %w", uid, err)
	}
	c := conn{textproto.NewConn(nc)}
	defer c.Close()
	moved, err := s.snooze(c, uid, until)
	if err != nil {
		return 0, fmt.Errorf("snooze %d: %w", uid, err)
	}
	return moved, nil
}

func (s *Snoozer) snooze(c conn, uid imap.UID, until time.Time) (imap.UID, error) {
	if _, err := c.ReadLine(); err != nil { // the greeting
		return 0, err
	}
	if _, err := c.command("LOGIN %q %q", s.User, s.Password); err != nil {
		return 0, err
	}
	caps, err := c.command("CAPABILITY")
	if err != nil {
		return 0, err
	}
	if !slices.Contains(strings.Fields(caps), "XSNOOZE") {
		return 0, ErrUnsupported
	}
	if _, err := c.command("SELECT INBOX"); err != nil {
		return 0, err
	}
	answer, err := c.command("UID XSNOOZE %d %d", uid, until.Unix())
	if err != nil {
		return 0, err
	}
	var was, is imap.UID
	for line := range strings.Lines(answer) {
		if _, err := fmt.Sscanf(line, "* XSNOOZE %d %d", &was, &is); err == nil && was == uid {
			return is, nil
		}
	}
	return 0, fmt.Errorf("no XSNOOZE in %q", answer)
}

// conn is a connection on which one command follows the other.
type conn struct{ *textproto.Conn }

// command sends a command and returns the untagged lines of its answer.
func (c conn) command(format string, args ...any) (untagged string, err error) {
	if err := c.PrintfLine("a "+format, args...); err != nil {
		return "", err
	}
	for {
		line, err := c.ReadLine()
		switch {
		case err != nil:
			return "", err
		case strings.HasPrefix(line, "a OK"):
			return untagged, nil
		case strings.HasPrefix(line, "a NO [XPAST]"):
			return "", ErrPast
		case strings.HasPrefix(line, "a "):
			return "", errors.New(line)
		}
		untagged += line + "\n"
	}
}
