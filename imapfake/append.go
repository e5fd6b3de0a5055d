package imapfake

import (
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

func appendCommands() []command {
	return []command{{name: "APPEND", states: authenticatedUp, parse: parseAppend}}
}

// literalPlus is LITERAL+ (RFC 7888 §4); the reader of commands asks for it.
func literalPlus() extension { return extension{cap: imap.CapLiteralPlus} }

// appendArguments are what comes before the message in APPEND (RFC 3501 §6.3.11).
type appendArguments struct {
	mailbox string
	flags   []imap.Flag
	date    time.Time
}

func (p *parser) appendArguments() (a appendArguments) {
	p.space()
	a.mailbox = p.mailbox()
	p.space()
	if p.peek() == '(' {
		a.flags = p.settableFlags()
		p.space()
	}
	if p.peek() == '"' {
		a.date = p.dateTime()
		p.space()
	}
	return a
}

// settableFlags reads a list of flags that a client may set (RFC 3501 §9: flag does
// not include \Recent).
func (p *parser) settableFlags() []imap.Flag {
	flags := p.flagList()
	p.refuseRecent(flags)
	return flags
}

// appendMessage tells whether the literal announced at the end of cmd is APPEND's
// message, and of which mailbox; one before may be the mailbox's name.
func (s *session) appendMessage(cmd *received) (mailbox string, ok bool) {
	if cmd.name != "APPEND" {
		return "", false
	}
	p := &parser{text: cmd.text, pos: cmd.args, literals: cmd.literals}
	args := p.appendArguments()
	return args.mailbox, p.err == nil && p.peek() == '{'
}

func parseAppend(p *parser, s *session) action {
	args := p.appendArguments()
	octets := p.literal()
	return func(s *session) error {
		box, err := s.target(args.mailbox)
		if err != nil {
			return err
		}
		if len(octets) == 0 {
			return no(imap.ResponseCodeCannot, "a message has at least one octet")
		}
		message := mailstore.NewMessage{Content: mailstore.NewContent(octets), Flags: args.flags, InternalDate: args.date}
		validity := box.Status().UIDValidity
		uids, err := box.Append(message)
		if err != nil {
			return err
		}
		if s.has(imap.CapUIDPlus) {
			s.code = fmt.Sprintf("APPENDUID %d %d", validity, uids[0])
		}
		return nil
	}
}
