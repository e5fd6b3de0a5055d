package mailreplay

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailwire"
)

const (
	// maxLine is how long a client's line may be, and maxCommand a command with its literals.
	maxLine    = 64 << 10
	maxCommand = 64 << 20
)

// session is a connection and the script that it is served by.
type session struct {
	server   *Server
	conn     *mailwire.Conn
	protocol mailwire.Protocol
	script   *script           // nil: the log has none for it
	number   int               // of the connection, from 1
	at       int               // the next group
	tags     map[string]string // the log's, to the client's

	record   *mailwire.SessionRecorder
	quitting bool // the last command was LOGOUT or QUIT
}

// errOver ends a session that has deviated.
var errOver = errors.New("the client deviated")

func (s *Server) handle(p mailwire.Protocol, conn *mailwire.Conn) {
	c := &session{server: s, conn: conn, protocol: p, number: s.number(conn), tags: make(map[string]string)}
	scripts := s.scripts[p]
	c.record = s.records[p].Open(conn, "")
	var err error
	defer func() { c.ended(err) }()
	switch {
	case s.over():
		err = errOver
	case c.number > len(scripts):
		err = c.deviate(nil, "", fmt.Sprintf("this is connection %d of %s, and the log has %d", c.number, p, len(scripts)))
	default:
		c.script = scripts[c.number-1]
		err = c.run()
	}
	// Whatever else ends the session is in the transcript.
	if errors.Is(err, errOver) {
		c.refuse()
	}
}

// refuse tells the client why there is nothing more.
func (c *session) refuse() {
	text := "* BYE the replay is over: the client deviated from the log\r\n"
	if c.protocol == mailwire.POP3 {
		text = "-ERR the replay is over: the client deviated from the log\r\n"
	}
	c.conn.WriteString(text)
	c.conn.Flush()
}

func (c *session) run() error {
	if err := c.sendAll(c.script.greeting); err != nil {
		return err
	}
	for c.at < len(c.script.groups) || !c.script.closes {
		c.conn.Commit()
		got, err := c.read()
		if err != nil {
			return err
		}
		if c.server.over() {
			return errOver
		}
		c.began(got)
		c.quitting = got.quits()
		err = c.answer(got)
		c.record.Done(0)
		if err != nil {
			return err
		}
	}
	return nil
}

// deviate reports that the client sent something else, or nothing.
func (c *session) deviate(want *group, got, problem string) error {
	d := &Deviation{Log: c.server.name(), Protocol: c.protocol, Session: c.number, Got: got, Problem: problem}
	if want != nil {
		d.Line, d.Want = want.line, want.String()
	}
	c.server.deviate(d)
	return errOver
}

// answer finds the group that a command belongs to and answers as it does.
func (c *session) answer(got *command) error {
	if c.at == len(c.script.groups) {
		return c.answerBeyond(got)
	}
	next := c.script.groups[c.at]
	problem := c.server.match.differs(next, got)
	if problem == "" && !(c.server.match == ByCommand && next.unknown && c.asksOnly(got)) {
		c.at++
		return c.play(next, got)
	}
	if c.server.match == ByCommand {
		if at, ok := c.skipTo(got); ok {
			if err := c.skip(at); err != nil {
				return err
			}
			next = c.script.groups[at]
			c.at = at + 1
			return c.play(next, got)
		}
	}
	if done, err := c.answerExtra(got); done || err != nil {
		return err
	}
	if meant := c.meant(got); meant != nil {
		next, problem = meant, c.server.match.differs(meant, got)
	}
	return c.deviate(next, got.masked(), problem)
}

// answerBeyond answers a command after the last one of the log.
func (c *session) answerBeyond(got *command) error {
	if got.quits() && !c.script.quits {
		c.script.closes = true
		if c.protocol == mailwire.POP3 {
			return c.send("+OK bye\r\n")
		}
		return c.send("* BYE bye\r\n" + got.tag + " OK done\r\n")
	}
	if done, err := c.answerExtra(got); done || err != nil {
		return err
	}
	return c.deviate(nil, got.masked(), "the log ends before this")
}

// play answers a command by what the log has.
func (c *session) play(g *group, got *command) error {
	c.server.reach(g)
	c.tags[g.tag] = got.tag
	if got.logsIn() && (g.unknown || g.logsIn()) {
		if err := c.playLogin(g, got); err != nil {
			return err
		}
	} else if err := c.playItems(g, g.items); err != nil {
		return err
	}
	if got.name() == "STARTTLS" || got.name() == "STLS" || got.name() == "COMPRESS" {
		return c.upgrade(g, got)
	}
	return nil
}

// playItems sends what the log has, and reads what the client says in between.
func (c *session) playItems(g *group, items []item) error {
	for i := range items {
		it := &items[i]
		if it.Dir == mailwire.Client {
			if err := c.readReply(g, it); err != nil {
				return err
			}
			continue
		}
		if err := c.sendItem(it); err != nil {
			return err
		}
	}
	return c.conn.Flush()
}

// readReply reads what the client answers amid a command, such as DONE.
func (c *session) readReply(g *group, it *item) error {
	line, err := c.readLine()
	if err != nil {
		return err
	}
	want := bytes.TrimSuffix(elided(it.Step), []byte("\r\n"))
	if bytes.Equal(want, []byte(maillog.Mask)) {
		if !bytes.Equal(line, []byte("*")) {
			c.conn.Mask(string(line))
		}
		return nil
	}
	alike := equalMasked(want, line) || c.server.match == Any ||
		c.server.match == ByCommand && bytes.EqualFold(want, line)
	if alike {
		return nil
	}
	d := group{command: command{protocol: c.protocol, line: it.Line, text: want}}
	return c.deviate(&d, string(line), "another line amid "+g.name())
}

// upgrade starts what the client has asked for, if the server agreed.
func (c *session) upgrade(g *group, got *command) error {
	if !g.agreed() {
		return nil
	}
	return c.start(got.name())
}

// agreed tells whether the answer is OK.
func (g *group) agreed() bool {
	return slices.ContainsFunc(g.items, func(it item) bool { return it.tagged && agrees.Match(it.Text) })
}

var agrees = regexp.MustCompile(`(?i)^(\+OK|\S+ OK\b)`)

// start starts TLS or compression.
func (c *session) start(name string) error {
	if name == "COMPRESS" {
		return c.conn.StartCompression()
	}
	config, err := c.server.tls()
	if err != nil {
		return err
	}
	return c.conn.StartTLS(config)
}

func (c *session) sendAll(items []item) error {
	for i := range items {
		if err := c.sendItem(&items[i]); err != nil {
			return err
		}
	}
	return c.conn.Flush()
}

func (c *session) send(text string) error {
	c.conn.WriteString(text)
	return c.conn.Flush()
}

// correlator is where a response names the command that it belongs to (RFC 4466 §2.6.2).
var correlator = regexp.MustCompile(`(?i)^(\* ESEARCH \(TAG ")([^"]*)("\))`)

// sendItem sends a response, with the client's tag and all its octets.
func (c *session) sendItem(it *item) error {
	text, shift := it.Text, 0
	if it.tagged {
		c.answered(text)
	}
	if it.tagged && c.protocol == mailwire.IMAP {
		tag := tagOf(text)
		if mine, ok := c.tags[tag]; ok {
			text = append([]byte(mine), text[len(tag):]...)
			shift = len(mine) - len(tag)
		}
	} else if m := correlator.FindSubmatch(text); m != nil {
		if mine, ok := c.tags[string(m[2])]; ok {
			text = []byte(string(m[1]) + mine + string(m[3]) + string(text[len(m[0]):]))
			shift = len(mine) - len(m[2])
		}
	}
	from := 0
	for _, gap := range it.Gaps {
		at := max(from, gap.At+shift)
		c.conn.Write(text[from:at])
		pad := paddingAfter(c.protocol, text[:at], gap.Octets)
		if err := pad.writeTo(c.conn.WriteLiteral, gap.Octets); err != nil {
			return err
		}
		from = at
	}
	_, err := c.conn.Write(text[from:])
	return err
}

// readLine sends what is buffered before it waits.
func (c *session) readLine() ([]byte, error) {
	if err := c.conn.Flush(); err != nil {
		return nil, err
	}
	line, err := c.conn.ReadLine(maxLine)
	if errors.Is(err, mailwire.ErrLineTooLong) {
		// It isn't shown: it may be a password.
		return nil, c.deviate(nil, "", fmt.Sprintf("a line of more than %d octets", maxLine))
	}
	if err != nil {
		return nil, err
	}
	return bytes.Clone(line), nil
}

// read reads a command with its literals, which it asks the client for (RFC 3501 §4.3).
func (c *session) read() (*command, error) {
	line, err := c.readLine()
	if err != nil {
		return nil, err
	}
	got := &command{protocol: c.protocol, text: line}
	if c.protocol == mailwire.POP3 {
		c.mask(got)
		return got, nil
	}
	tag, rest, _ := bytes.Cut(line, []byte(" "))
	got.tag, got.text = string(tag), rest
	for {
		size, nonSync, ok := mailwire.LiteralSize(line)
		if !ok || !nonSync && c.refuses() {
			break
		}
		if int64(len(got.text))+size > maxCommand {
			return nil, c.deviate(nil, got.masked(), fmt.Sprintf("a command of more than %d octets", maxCommand))
		}
		if !nonSync {
			if err := c.send("+ OK\r\n"); err != nil {
				return nil, err
			}
		}
		literal, err := c.conn.ReadLiteral(size)
		if err != nil {
			return nil, err
		}
		if line, err = c.readLine(); err != nil {
			return nil, err
		}
		got.text = append(append(append(got.text, "\r\n"...), literal...), line...)
	}
	c.mask(got)
	return got, nil
}

// refuses tells whether the log has the next command's literal refused.
func (c *session) refuses() bool {
	return c.at < len(c.script.groups) && c.script.groups[c.at].refused
}

// mask keeps a password out of the transcript.
func (c *session) mask(got *command) {
	if got.name() == "PASS" {
		_, password := got.cut()
		c.conn.Mask(password)
	} else if from, args := got.secretFrom(), got.args(); from > 0 && len(args) >= from {
		for _, secret := range args[from-1:] {
			c.conn.Mask(secret)
		}
	}
}
