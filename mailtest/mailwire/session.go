package mailwire

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Session is what one client did on one connection, as its server saw it: a plain value.
type Session struct {
	Number   int // the connection's in the transcript, from 1
	Protocol Protocol
	Remote   string // the client's address
	// State is the session's state in the words of its protocol, such as "authenticated" and
	// "TRANSACTION"; of a session that has ended, the last one.
	State    string
	User     string            // whom it is logged in as, or was last
	ClientID map[string]string // what the client told by ID (RFC 2971), names in lower case
	TLS      string            // the version, such as "TLS 1.3"; empty: none
	Mailbox  string            // that is selected, in POP3 INBOX from login on
	Idle     bool              // IDLE is under way
	Commands []Command         // oldest first
	// Forgotten is how many commands came before those, but weren't kept.
	Forgotten int
	// Received and Sent are the octets that the client and the server sent, within TLS and
	// compression, without what a fault (see [Rule]) made of them.
	Received, Sent int64
	// Unread is how many octets of the server's the client hasn't read, or never will. It is known of
	// connections in memory without TLS and compression.
	Unread int64
	Opened time.Time
	Closed time.Time  // zero: it is open
	End    SessionEnd // how it ended
}

// IsOpen tells whether the session goes on.
func (s *Session) IsOpen() bool { return s.Closed.IsZero() }

// String names the session in few words, such as "imap#3 alice@example.org".
func (s *Session) String() string {
	name := string(s.Protocol) + "#" + strconv.Itoa(s.Number)
	if s.User != "" {
		name += " " + s.User
	}
	return name
}

// SessionEnd says how a session ended.
type SessionEnd string

// How sessions end.
const (
	// EndedByClient: by LOGOUT or QUIT.
	EndedByClient SessionEnd = "by the client"
	// EndedByLeaving: the client closed the connection, or it broke.
	EndedByLeaving SessionEnd = "the client left"
	// EndedBySilence: the client sent nothing for too long (RFC 3501 §5.4, RFC 1939 §3).
	EndedBySilence SessionEnd = "autologout"
	// EndedByServer: the server announced the end, as when an access token expires.
	EndedByServer SessionEnd = "by the server"
	// EndedByClosing: the server closed the connection without a word, as when it is closed itself.
	EndedByClosing SessionEnd = "closed"
)

// EndOf returns how a session ended whose connection failed with err.
func EndOf(err error) SessionEnd {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return EndedBySilence
	case errors.Is(err, net.ErrClosed):
		return EndedByClosing
	}
	return EndedByLeaving
}

// Command is one command of a client's and what the server answered.
type Command struct {
	Tag  string // empty in POP3
	Name string // in capitals, such as "UID FETCH"
	// Raw is the arguments as they came, literals in place. Secrets are "***", and a literal of more
	// than 4 KiB, or a message, is its announcement alone.
	Raw string
	// Status is the answer: OK, NO or BAD, in POP3 OK or ERR. It is empty while there is none, and
	// stays so if the session ended before.
	Status string
	Code   string // the answer's response code with its arguments, without brackets
	TLS    bool   // it came over TLS
	// Mailbox was selected when the command was answered.
	Mailbox string
	// Bodies are the UIDs of the messages that were sent whole in answer, in that mailbox while it had
	// that UIDVALIDITY.
	Bodies      []uint32
	UIDValidity uint32
	// Received and Sent are the octets of the command with all that belongs to it, such as DONE, and
	// of its answer with the untagged responses before.
	Received, Sent int64
	Began          time.Time // when the server had read it
	Duration       time.Duration
}

// Line returns the command as it came, without its tag.
func (c *Command) Line() string {
	if c.Raw == "" {
		return c.Name
	}
	return c.Name + " " + c.Raw
}

// String returns the command and its status in one line of printable text, the arguments cut if
// they are long.
func (c *Command) String() string {
	line := strings.TrimLeft(c.Tag+" "+c.Line(), " ")
	if len(line) > 200 {
		line = line[:200] + "..."
	}
	line = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ReplaceAll(strings.ToValidUTF8(line, "?"), "\r\n", " "))
	if c.Status == "" {
		return line
	}
	return line + " -> " + c.Status
}

// Args returns the arguments one by one: quoted strings and literals as what they stand for,
// parenthesised lists as they came.
func (c *Command) Args() []string {
	if c.Tag == "" {
		return strings.Fields(c.Raw)
	}
	var args []string
	for rest := c.Raw; ; {
		if rest = strings.TrimLeft(rest, " "); rest == "" {
			return args
		}
		n := argument(rest)
		args = append(args, plain(rest[:n]))
		rest = rest[n:]
	}
}

// HideArgs puts "***" in place of the argument with a number, from 1, and all that follow; 0 hides
// nothing. An argument before it that has a space in it and isn't a string is hidden, too: its end
// may be missing.
func (c *Command) HideArgs(from int) {
	at := 0
	for number := 1; ; number++ {
		for at < len(c.Raw) && c.Raw[at] == ' ' {
			at++
		}
		switch {
		case at == len(c.Raw):
			return
		case number == from, from > 0 && c.Tag != "" && isDubious(c.Raw[at:at+argument(c.Raw[at:])]):
			c.Raw = c.Raw[:at] + "***"
			return
		case c.Tag != "":
			at += argument(c.Raw[at:])
		default:
			at += len(strings.SplitN(c.Raw[at:], " ", 2)[0])
		}
	}
}

// isDubious tells whether an argument may be several, as a quote or a bracket lacks its other end.
func isDubious(arg string) bool { return strings.Contains(arg, " ") && plain(arg) == arg }

// argument returns how many octets the argument has that text begins with: up to the first
// space outside of quotes, brackets and literals.
func argument(text string) int {
	depth, at := 0, 0
	for at < len(text) {
		switch text[at] {
		case '"':
			n, _ := quotedLength(text[at:])
			at += n
			continue
		case '{':
			at += literalLength(text[at:])
			continue
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ' ':
			if depth <= 0 {
				return at
			}
		}
		at++
	}
	return len(text)
}

// quotedLength returns how many octets a quoted string has that text begins with, and whether it ends.
func quotedLength(text string) (n int, ends bool) {
	for at := 1; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1, true
		}
	}
	return len(text), false
}

// literalLength returns how many octets a literal has that text begins with, its announcement
// included, and 1 if there is none.
func literalLength(text string) int {
	digits := 1
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	data, ok := strings.CutPrefix(strings.TrimPrefix(text[digits:], "+"), "}\r\n")
	n, err := strconv.ParseUint(text[1:digits], 10, 31)
	if !ok || err != nil || n > uint64(len(data)) {
		return 1
	}
	return len(text) - len(data) + int(n)
}

// plain returns what an argument stands for.
func plain(arg string) string {
	if arg[0] == '"' {
		if n, ends := quotedLength(arg); ends && n == len(arg) {
			return string(unquoted([]byte(arg)))
		}
		return arg
	}
	literal := strings.TrimPrefix(arg, "~") // RFC 3516 §7, literal8
	if strings.HasPrefix(literal, "{") && literalLength(literal) == len(literal) && len(literal) > 1 {
		_, data, _ := strings.Cut(literal, "\r\n")
		return data
	}
	return arg
}
