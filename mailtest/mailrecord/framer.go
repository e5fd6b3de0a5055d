package mailrecord

import (
	"bytes"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

const (
	// gatheredLine is how much of a line is looked at.
	gatheredLine = 64 << 10
	// gatheredEnd is how much is kept of the end of a longer one: a literal's announcement.
	gatheredEnd = 64
	// maxPending is how many unanswered commands are kept track of.
	maxPending = 10_000
)

// kind is where octets stand.
type kind int

const (
	aLine    kind = iota // of a command or of a response
	aStep                // a line of the client amid a command: SASL, DONE
	aLiteral             // IMAP: octets of a literal
	aBody                // POP3: a line of an answer of several lines, its end included
)

// command is what a client wants.
type command struct {
	tag, name, argument string
	open                bool // IMAP: the client waits to be asked for a literal
	done                bool // IMAP: the client has ended IDLE
}

// piece is a part of what passes: octets that arrived together, of one line or literal.
type piece struct {
	kind
	text        []byte
	first, last bool     // of its line or literal
	follows     bool     // the line goes on after a literal
	whole       []byte   // the line so far; its end is missing unless last
	size        int64    // of the literal that the line announces or the text belongs to
	cmd         *command // the client's; the server's: the one that it completes or, with aBody, answers
	completes   bool     // the command is answered
}

// framer divides what passes in a session into lines and literals, and keeps track of
// commands. It is not safe for concurrent use.
type framer struct {
	protocol mailwire.Protocol
	client   half
	server   half
	current  *command   // the client's
	pending  []*command // not answered, oldest first
	greeted  bool
	answer   *command // POP3: the server is amid its answer
}

// half is a direction.
type half struct {
	line    []byte
	left    int64 // octets of the literal
	size    int64
	started bool // the literal has
	follows bool
}

// take returns what p begins with.
func (h *half) take(p []byte) piece {
	if h.left > 0 {
		n := min(h.left, int64(len(p)))
		pc := piece{kind: aLiteral, text: p[:n], first: !h.started, last: n == h.left, size: h.size}
		h.started = true
		if h.left -= n; h.left == 0 {
			h.follows = true
		}
		return pc
	}
	end := bytes.IndexByte(p, '\n') + 1
	pc := piece{last: end > 0, first: len(h.line) == 0, follows: h.follows}
	if end == 0 {
		end = len(p)
	}
	pc.text = p[:end]
	if h.line = append(h.line, pc.text...); len(h.line) > gatheredLine {
		tail := h.line[len(h.line)-gatheredEnd:]
		h.line = append(h.line[:gatheredLine/2], tail...)
	}
	pc.whole = h.line
	if pc.last {
		h.line, h.follows = nil, false
	}
	return pc
}

// announce begins the literal that a whole line announces.
func (h *half) announce(pc *piece) (waits bool) {
	size, nonSync, ok := mailwire.LiteralSize(trimEnd(pc.whole))
	if !ok {
		return false
	}
	pc.size = size
	h.left, h.size, h.started = size, size, false
	h.follows = true // also if it is empty
	return !nonSync
}

func trimEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

// fromClient returns what p, which isn't empty, begins with.
func (f *framer) fromClient(p []byte) piece {
	pc := f.client.take(p)
	if pc.kind == aLiteral {
		pc.cmd = f.current
		pc.cmd.open = false
		return pc
	}
	if pc.cmd = f.current; pc.follows {
		pc.cmd.open = false
	} else if pc.cmd = f.stepOf(); pc.cmd != nil {
		pc.kind = aStep
		pc.cmd.done = pc.last
		return pc
	}
	if !pc.last {
		return pc
	}
	if !pc.follows {
		pc.cmd = f.parse(pc.whole)
		f.current = pc.cmd
		f.pending = append(f.pending, pc.cmd)
		if len(f.pending) > maxPending {
			f.pending = f.pending[1:]
		}
	}
	pc.cmd.open = f.protocol == mailwire.IMAP && f.client.announce(&pc)
	return pc
}

// stepOf returns the command that the client's next line belongs to.
func (f *framer) stepOf() *command {
	if len(f.pending) == 0 {
		return nil
	}
	c := f.pending[len(f.pending)-1]
	if c.exchanges(f.protocol) || f.protocol == mailwire.IMAP && c.name == "IDLE" && !c.done {
		return c
	}
	return nil
}

// exchanges tells whether lines that the client sends, until it has the answer, are its
// part of a SASL exchange (RFC 3501 §6.2.2, RFC 5034 §4).
func (c *command) exchanges(p mailwire.Protocol) bool {
	if p == mailwire.POP3 {
		return c.name == "AUTH" && c.argument != ""
	}
	return c.name == "AUTHENTICATE"
}

// parse takes a command's first line apart.
func (f *framer) parse(line []byte) *command {
	words := strings.Fields(string(trimEnd(line)))
	c := new(command)
	if f.protocol == mailwire.IMAP && len(words) > 0 {
		c.tag, words = words[0], words[1:]
	}
	if len(words) > 0 {
		c.name, words = strings.ToUpper(words[0]), words[1:]
	}
	if c.name == "UID" && len(words) > 0 {
		c.name, words = "UID "+strings.ToUpper(words[0]), words[1:]
	}
	c.argument = strings.ToUpper(strings.Join(words, " "))
	return c
}

// fromServer returns what p, which isn't empty, begins with.
func (f *framer) fromServer(p []byte) piece {
	pc := f.server.take(p)
	if pc.kind == aLiteral {
		return pc
	}
	if f.protocol == mailwire.POP3 {
		return f.pop3(pc)
	}
	if !pc.last {
		return pc
	}
	if !pc.follows {
		f.tagged(&pc)
	}
	f.server.announce(&pc)
	return pc
}

// tagged finds the command that a response completes.
func (f *framer) tagged(pc *piece) {
	tag, _, _ := bytes.Cut(trimEnd(pc.whole), []byte(" "))
	for i, c := range f.pending {
		if c.tag != string(tag) || c.tag == "*" || c.tag == "+" {
			continue
		}
		pc.cmd, pc.completes = c, true
		f.pending = append(f.pending[:i:i], f.pending[i+1:]...)
		if c == f.current && c.open {
			f.client.left, f.client.follows = 0, false // it won't be sent
		}
		return
	}
}

func (f *framer) pop3(pc piece) piece {
	if f.answer != nil {
		pc.kind, pc.cmd = aBody, f.answer
		if pc.last && string(trimEnd(pc.whole)) == "." {
			pc.completes, f.answer = true, nil
		}
		return pc
	}
	if !pc.last {
		return pc
	}
	line := trimEnd(pc.whole)
	switch {
	case !f.greeted:
		f.greeted = true
	case len(f.pending) == 0, string(line) == "+", bytes.HasPrefix(line, []byte("+ ")):
	default:
		pc.cmd = f.pending[0]
		f.pending = f.pending[1:]
		if bytes.HasPrefix(line, []byte("+OK")) && pc.cmd.multiline() {
			f.answer = pc.cmd
		} else {
			pc.completes = true
		}
	}
	return pc
}

// multiline tells whether +OK to a POP3 command begins an answer of several lines.
func (c *command) multiline() bool {
	return mailwire.IsPOP3Multiline(strings.TrimSpace(c.name + " " + c.argument))
}

// isMessage tells whether a POP3 command's answer is a message.
func (c *command) isMessage() bool { return c.name == "RETR" || c.name == "TOP" }
