package mailreplay

import (
	"bytes"
	"strings"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailwire"
)

// command is what a client sent: one command with its literals.
type command struct {
	protocol mailwire.Protocol
	line     int    // of the log; 0: it was received
	tag      string // of IMAP
	text     []byte // without the tag, and the CRLF at the end
	// wantsLiteral says that the log's client waits for "+" before a literal.
	wantsLiteral bool
	open         bool // the literal that is announced at the end isn't there yet
}

func newCommand(p mailwire.Protocol, st maillog.Step) command {
	c := command{protocol: p, line: st.Line}
	text := elided(st)
	if p == mailwire.IMAP {
		tag, rest, _ := bytes.Cut(text, []byte(" "))
		c.tag, text = string(bytes.TrimRight(tag, "\r\n")), rest
	}
	c.append(text)
	return c
}

// elided returns a step's text with the mask in place of what the log lacks.
func elided(st maillog.Step) []byte {
	var text []byte
	from := 0
	for _, gap := range st.Gaps {
		text = append(append(text, st.Text[from:gap.At]...), maillog.Mask...)
		from = gap.At
	}
	return append(text, st.Text[from:]...)
}

// add appends a literal and what follows it.
func (c *command) add(st maillog.Step) {
	c.text = append(c.text, "\r\n"...)
	c.append(elided(st))
}

func (c *command) append(text []byte) {
	text = bytes.TrimSuffix(text, []byte("\r\n"))
	c.text = append(c.text, text...)
	c.open = false
	if c.protocol == mailwire.IMAP {
		last := text[bytes.LastIndexByte(text, '\n')+1:]
		if _, nonSync, ok := mailwire.LiteralSize(last); ok && !nonSync {
			c.open, c.wantsLiteral = true, true
		}
	}
}

// incomplete tells whether the command ends in the announcement of a literal.
func (c *command) incomplete() bool { return c.open }

// name returns the command's name in capitals, of IMAP's UID commands with "UID ".
func (c *command) name() string {
	name, rest := c.cut()
	if name == "UID" && c.protocol == mailwire.IMAP {
		second, _, _ := strings.Cut(rest, " ")
		return "UID " + strings.ToUpper(strings.TrimRight(second, "\r\n"))
	}
	return name
}

func (c *command) cut() (name, rest string) {
	first, _, _ := strings.Cut(string(c.text), "\r\n")
	name, _, _ = strings.Cut(first, " ")
	return strings.ToUpper(name), string(c.text[min(len(c.text), len(name)+1):])
}

// args returns the arguments, literals and quoted strings as their contents.
func (c *command) args() []string { return new(c.recorded()).Args() }

// recorded returns the command as a record of the session has it.
func (c *command) recorded() mailwire.Command {
	name, rest := c.cut()
	if name == "UID" && c.protocol == mailwire.IMAP {
		_, rest, _ = strings.Cut(rest, " ")
	}
	return mailwire.Command{Tag: c.tag, Name: c.name(), Raw: rest}
}

func (c *command) quits() bool { return c.name() == "LOGOUT" || c.name() == "QUIT" }

// logsIn tells whether the command authenticates.
func (c *command) logsIn() bool {
	switch c.name() {
	case "LOGIN", "AUTHENTICATE":
		return c.protocol == mailwire.IMAP
	case "PASS", "APOP":
		return c.protocol == mailwire.POP3
	case "AUTH":
		return c.protocol == mailwire.POP3 && len(c.args()) > 0
	}
	return false
}

// secretFrom returns the number of the first argument that may be a secret, from 1; 0: none may.
func (c *command) secretFrom() int {
	switch c.name() {
	case "PASS":
		return 1
	case "LOGIN", "AUTHENTICATE", "APOP", "AUTH":
		return 2
	}
	return 0
}

// masked is String without secrets.
func (c *command) masked() string {
	from := c.secretFrom()
	if from == 0 {
		return c.String()
	}
	r := c.recorded()
	r.HideArgs(from)
	return strings.TrimLeft(c.tag+" "+r.Line(), " ")
}

// String returns the command in one line or more, as a person reads it.
func (c *command) String() string {
	if c.tag == "" {
		return string(c.text)
	}
	return c.tag + " " + string(c.text)
}
