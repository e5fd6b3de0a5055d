package mailreplay

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailwire"
)

// script is a session of the log, in the order in which a client has to be answered that
// doesn't send a command before the one before it was answered.
type script struct {
	protocol mailwire.Protocol
	greeting []item
	groups   []*group
	// closes says that the server ends the session after the last group.
	closes bool
	// quits says that the log's client sent LOGOUT or QUIT.
	quits bool
	// logsIn says that the log has the login, or the greeting makes one needless.
	logsIn bool
}

// group is a command and all that was said until it was answered.
type group struct {
	command        // as the log has it
	at      int    // its place among the session's steps
	unknown bool   // the log lacks the command, but has its answer
	refused bool   // its literal was answered by a status
	items   []item // the answer; of the client, answers to challenges and DONE
	done    bool   // it is answered
}

// item is a response, or a line of the client amid a command.
type item struct {
	maillog.Step
	at     int // its place among the session's steps
	tagged bool
}

func (it *item) isContinuation() bool {
	return it.Dir == mailwire.Server && (bytes.HasPrefix(it.Text, []byte("+ ")) || bytes.HasPrefix(it.Text, []byte("+\r\n")))
}

func compile(s *maillog.Session) *script {
	c := &compiler{script: &script{protocol: s.Protocol}}
	for i := range s.Steps {
		st := s.Steps[i]
		c.at = i
		switch {
		case st.Dir == mailwire.Note:
			c.script.closes = c.script.closes || string(st.Text) == "closed"
			if string(st.Text) == "closed by the client" {
				return c.finish()
			}
		case s.Protocol == mailwire.POP3 && st.Dir == mailwire.Client:
			c.pop3Client(st)
		case s.Protocol == mailwire.POP3:
			c.pop3Server(st)
		case st.Dir == mailwire.Client:
			c.imapClient(st)
		default:
			c.imapServer(st)
		}
	}
	return c.finish()
}

// compiler puts each response behind its command.
type compiler struct {
	script *script
	early  []item // responses whose command comes later in the log, or isn't in it
	heard  bool   // the server has said something
	at     int    // the step at hand
}

// open returns the first group that isn't answered.
func (c *compiler) open() *group {
	for _, g := range c.script.groups {
		if !g.done {
			return g
		}
	}
	return nil
}

func (c *compiler) last() *group {
	if n := len(c.script.groups); n > 0 {
		return c.script.groups[n-1]
	}
	return nil
}

// waiting returns the group that the next line of the client belongs to, if it is no command.
func (c *compiler) waiting() *group {
	g := c.last()
	if g == nil || g.done {
		return nil
	}
	if g.incomplete() || slices.ContainsFunc(g.items, func(it item) bool { return it.isContinuation() }) {
		return g
	}
	return nil
}

func (c *compiler) imapClient(st maillog.Step) {
	if g := c.waiting(); g != nil {
		switch name := g.name(); {
		case g.incomplete():
			g.add(st)
			return
		case name == "IDLE" && !isDone(st.Text):
		case name == "IDLE", name == "AUTHENTICATE":
			g.items = append(g.items, item{Step: st})
			return
		}
	}
	g := &group{command: newCommand(mailwire.IMAP, st), at: c.at}
	c.script.groups = append(c.script.groups, g)
	c.claim(g)
}

func isDone(text []byte) bool { return strings.EqualFold(strings.TrimSpace(string(text)), "DONE") }

// claim gives a group the answer that was logged before it.
func (c *compiler) claim(g *group) {
	for i, it := range c.early {
		if it.tagged && tagOf(it.Text) == g.tag {
			from := i
			for from > 0 && !c.early[from-1].tagged {
				from--
			}
			g.items = append(g.items, c.early[from:i+1]...)
			c.early = slices.Delete(c.early, from, i+1)
			g.done = true
			return
		}
	}
}

var (
	imapStatus = regexp.MustCompile(`(?i)^([^\s*+]\S*) (OK|NO|BAD)( |\r|$)`)
	// imapGreeting isn't one of the untagged OKs that SELECT has, whose codes tell them apart.
	imapGreeting = regexp.MustCompile(`(?i)^\* (PREAUTH|BYE|OK)( (\[(CAPABILITY|ALERT|REFERRAL)|[^\[])|\r|$)`)
)

func tagOf(text []byte) string {
	tag, _, _ := bytes.Cut(text, []byte(" "))
	return string(tag)
}

func (c *compiler) imapServer(st maillog.Step) {
	first := !c.heard
	c.heard = true
	if first && imapGreeting.Match(st.Text) {
		c.script.greeting = append(c.script.greeting, item{Step: st})
		return
	}
	it := item{Step: st, at: c.at, tagged: imapStatus.Match(st.Text)}
	if it.tagged {
		c.tagged(it)
		return
	}
	g := c.open()
	if g != nil && g.wantsLiteral && it.isContinuation() {
		g.wantsLiteral = false
		return
	}
	switch {
	case g != nil:
	case len(c.early) > 0 || c.last() == nil:
		// It may belong to what the log has out of order.
		c.early = append(c.early, it)
		return
	default:
		g = c.last()
	}
	g.items = append(g.items, it)
}

// tagged files a tagged response.
func (c *compiler) tagged(it item) {
	tag := tagOf(it.Text)
	for _, g := range c.script.groups {
		if g.tag != tag || g.done {
			continue
		}
		g.refused = g.incomplete()
		g.items, g.done = append(g.items, it), true
		return
	}
	if g := c.open(); g == nil && c.last() != nil {
		// Untagged responses before it were taken for the last command's.
		last := c.last()
		n := len(last.items)
		for n > 0 && !last.items[n-1].tagged && last.items[n-1].Dir == mailwire.Server {
			n--
		}
		if n > 0 && last.items[n-1].tagged {
			c.early = append(c.early, last.items[n:]...)
			last.items = last.items[:n]
		}
	}
	c.early = append(c.early, it)
}

func (c *compiler) pop3Client(st maillog.Step) {
	if g := c.last(); g != nil && !g.done && len(g.items) > 0 && g.items[len(g.items)-1].isContinuation() {
		g.items = append(g.items, item{Step: st})
		return
	}
	c.script.groups = append(c.script.groups, &group{command: newCommand(mailwire.POP3, st), at: c.at})
}

func (c *compiler) pop3Server(st maillog.Step) {
	it := item{Step: st, at: c.at, tagged: true}
	g := c.open()
	switch {
	case it.isContinuation() && g != nil:
		it.tagged = false
		g.items = append(g.items, it)
	case g != nil:
		g.items, g.done = append(g.items, it), true
	case c.last() == nil && c.script.greeting == nil:
		c.script.greeting = []item{it}
	case c.last() == nil:
		c.early = append(c.early, it)
	default:
		last := c.last()
		last.items = append(last.items, it)
	}
}

// finish makes groups of answers whose commands aren't in the log, and completes the rest.
func (c *compiler) finish() *script {
	s := c.script
	for len(c.early) > 0 {
		n := 1 + slices.IndexFunc(c.early, func(it item) bool { return it.tagged })
		if n == 0 {
			break // the log begins amid an answer, or ends amid one
		}
		g := &group{unknown: true, items: c.early[:n:n], done: true}
		g.tag = tagOf(g.items[n-1].Text)
		g.line, g.at = g.items[0].Line, g.items[0].at
		c.early = c.early[n:]
		at := slices.IndexFunc(s.groups, func(h *group) bool { return h.at > g.at })
		if at < 0 {
			at = len(s.groups)
		}
		s.groups = slices.Insert(s.groups, at, g)
	}
	for _, g := range s.groups {
		s.quits = s.quits || g.quits()
		s.logsIn = s.logsIn || g.logsIn() || g.unknown
		for _, it := range g.items {
			s.closes = s.closes || g.quits() && it.tagged || bye.Match(it.Text)
		}
	}
	if s.greeting == nil {
		text := "* OK ready\r\n"
		if s.protocol == mailwire.POP3 {
			text = "+OK ready\r\n"
		}
		s.greeting = []item{{Step: maillog.Step{Dir: mailwire.Server, Text: []byte(text)}}}
	}
	for _, it := range s.greeting {
		s.logsIn = s.logsIn || preauth.Match(it.Text)
		s.closes = s.closes || bye.Match(it.Text)
	}
	return s
}

var (
	preauth = regexp.MustCompile(`(?i)^\* PREAUTH\b`)
	bye     = regexp.MustCompile(`(?i)^\* BYE\b`)
)
