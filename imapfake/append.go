package imapfake

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

func appendCommands() []command {
	return []command{{name: "APPEND", states: authenticatedUp, parse: parseAppend, stores: true}}
}

// literalPlus is LITERAL+ (RFC 7888 §4); the reader of commands asks for it. §5: LITERAL-
// must not be offered beside it.
func literalPlus() extension {
	return extension{cap: imap.CapLiteralPlus, covers: []imap.Cap{imap.CapLiteralMinus}}
}

// arrival is a message that a command brings (RFC 3501 §6.3.11).
type arrival struct {
	flags  []imap.Flag
	date   time.Time
	octets octetSource
}

// octetSource returns the octets of a message, once the command is carried out.
type octetSource func(*session) ([]byte, error)

// admission refuses a literal of that many octets that can't be of use, before it is sent.
type admission func(octets int64) error

// appendForm is a row of the table of forms that a message has besides a literal
// (RFC 4466 §6.1, append-data).
type appendForm struct {
	name  string
	parse func(*parser, *session, admission) octetSource
}

func parseAppend(p *parser, s *session) action {
	p.space()
	name := p.mailbox()
	arrivals := s.arrivals(p, name)
	return func(s *session) error {
		box, err := s.target(name)
		if err != nil {
			return err
		}
		s.announceConverted(name, mailstore.Place{Account: box.Account(), Name: box.Name()})
		messages, err := s.newMessages(box, arrivals)
		if err != nil {
			return err
		}
		validity := box.UIDValidity()
		uids, err := box.Append(messages...)
		if err != nil {
			return err
		}
		s.bring(box, uids)
		s.code = s.appendUID(validity, uids)
		return nil
	}
}

// arrival reads a message for the mailbox with what comes before it.
func (s *session) arrival(p *parser, mailbox string) (a arrival) {
	p.space()
	if p.peek() == '(' {
		a.flags = p.settableFlags()
		p.space()
	}
	if p.peek() == '"' {
		a.date = p.dateTime()
		p.space()
	}
	a.octets = s.appendData(p, func(octets int64) error {
		box, err := s.target(mailbox)
		if err != nil {
			return err
		}
		return s.checkSize(box, octets)
	})
	return a
}

// appendData reads a message itself, as a literal or in the form of an extension.
func (s *session) appendData(p *parser, admit admission) octetSource {
	start := p.pos
	if form, ok := s.table.appendForms[strings.ToUpper(p.while(isAtomChar))]; ok {
		return form.parse(p, s, admit)
	}
	p.pos = start
	return p.messageLiteral(admit)
}

// messageLiteral reads a literal that is a message, or some of one.
func (p *parser) messageLiteral(admit admission) octetSource {
	octets := p.literalOf(admit)
	return func(*session) ([]byte, error) { return octets, nil }
}

// settableFlags reads a list of flags that a client may set (RFC 3501 §9: flag does
// not include \Recent).
func (p *parser) settableFlags() []imap.Flag {
	flags := p.flagList()
	p.refuseRecent(flags)
	return flags
}

// checkSize refuses a message of that many octets.
func (s *session) checkSize(box *mailstore.Mailbox, octets int64) error {
	if octets == 0 {
		return no(imap.ResponseCodeCannot, "a message has at least one octet")
	}
	if limit := s.appendLimit(box.AppendLimit()); octets > limit {
		return no(imap.ResponseCodeTooBig, fmt.Sprintf("a message has at most %d octets here", limit))
	}
	return nil
}

// newMessages returns the messages that are to be stored in a mailbox.
func (s *session) newMessages(box *mailstore.Mailbox, arrivals []arrival) ([]mailstore.NewMessage, error) {
	messages := make([]mailstore.NewMessage, 0, len(arrivals))
	for _, a := range arrivals {
		octets, err := a.octets(s)
		if err != nil {
			return nil, err
		}
		if err := s.checkSize(box, int64(len(octets))); err != nil {
			return nil, err
		}
		messages = append(messages, mailstore.NewMessage{Content: mailstore.NewContent(octets), Flags: s.rightsOn(box).Changeable(a.flags), InternalDate: a.date})
	}
	return messages, nil
}

// appendUID returns the response code APPENDUID (RFC 4315 §3), empty if there is none to send.
func (s *session) appendUID(validity uint32, uids []imap.UID) string {
	if !s.has(imap.CapUIDPlus) {
		return ""
	}
	code := strconv.AppendUint(append(make([]byte, 0, 40), "APPENDUID "...), uint64(validity), 10)
	return string(appendUIDSet(append(code, ' '), uids))
}
