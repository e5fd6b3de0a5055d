package mailreplay

import (
	"regexp"
	"slices"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// needless are commands that ByCommand lets a client leave out or add: nothing that is
// said later depends on them.
var needless = map[string]bool{
	"CAPABILITY": true, "CAPA": true, "ID": true, "NOOP": true, "STARTTLS": true, "STLS": true, "USER": true,
}

// asksOnly tells whether a command is one that says nothing about mail.
func (c *session) asksOnly(got *command) bool { return needless[got.name()] }

// skipTo returns the group that a command belongs to if the client left out what it may.
func (c *session) skipTo(got *command) (int, bool) {
	for i := c.at; i < len(c.script.groups); i++ {
		g := c.script.groups[i]
		if i > c.at && c.server.match.differs(g, got) == "" {
			return i, true
		}
		if g.isRequired() {
			break
		}
	}
	return 0, false
}

// isRequired tells whether ByCommand doesn't let a client leave the command out.
func (g *group) isRequired() bool { return g.unknown || !needless[g.name()] }

// meant returns the group that a deviating command is most like: the next one that is required, if it
// is the same command. nil: there is none.
func (c *session) meant(got *command) *group {
	groups := c.script.groups[c.at:]
	i := slices.IndexFunc(groups, (*group).isRequired)
	if c.server.match != ByCommand || i < 0 || groups[i].unknown || groups[i].name() != got.name() {
		return nil
	}
	return groups[i]
}

// skip sends what the log has in the groups up to at that isn't the answer to their commands.
func (c *session) skip(at int) error {
	for ; c.at < at; c.at++ {
		g := c.script.groups[c.at]
		c.server.reach(g)
		if g.name() != "NOOP" || c.protocol == mailwire.POP3 {
			continue
		}
		if err := c.sendAll(slices.DeleteFunc(slices.Clone(g.items), func(it item) bool { return it.tagged })); err != nil {
			return err
		}
	}
	return nil
}

// answerExtra answers a command that the log doesn't have here, if that does no harm.
func (c *session) answerExtra(got *command) (bool, error) {
	login := !c.script.logsIn && (got.logsIn() || got.name() == "USER")
	if !login && (c.server.match == Strict || !needless[got.name()]) {
		return false, nil
	}
	if login && got.name() != "USER" {
		if mechanism, given := initialResponse(got); mechanism != "" && !given {
			if err := c.challenge(mechanism); err != nil {
				return true, err
			}
		}
	}
	text := ""
	switch name := got.name(); {
	case c.protocol == mailwire.POP3 && name == "CAPA":
		text = c.capa()
	case c.protocol == mailwire.POP3:
		text = "+OK\r\n"
	case name == "CAPABILITY":
		text = "* CAPABILITY " + c.capabilities() + "\r\n"
	case name == "ID":
		text = "* ID NIL\r\n"
	}
	if c.protocol == mailwire.IMAP {
		text += got.tag + " OK done\r\n"
	}
	c.record.Answer("OK", "")
	if err := c.send(text); err != nil {
		return true, err
	}
	if name := got.name(); (name == "STARTTLS" || name == "STLS") && c.conn.TLS() == nil {
		return true, c.start(name)
	}
	return true, nil
}

// capabilityList is how IMAP lists capabilities, as a response or as a code.
var capabilityList = regexp.MustCompile(`(?i)(?:^\* |^\S+ (?:OK|PREAUTH) \[)CAPABILITY ([^\]\r\n]*)`)

// capabilities returns the last list that the log has up to here, or the first after it.
func (c *session) capabilities() string {
	list := ""
	for i, items := range c.said() {
		for _, it := range items {
			if m := capabilityList.FindSubmatch(it.Text); m != nil && (list == "" || i <= c.at) {
				list = strings.TrimSpace(string(m[1]))
			}
		}
	}
	if list == "" {
		return "IMAP4rev1"
	}
	return list
}

// said returns the greeting and what the server said to each command.
func (c *session) said() [][]item {
	said := [][]item{c.script.greeting}
	for _, g := range c.script.groups {
		said = append(said, g.items)
	}
	return said
}

// capa returns the answer to CAPA that the log has anywhere, or that there is none.
func (c *session) capa() string {
	for _, g := range c.script.groups {
		if g.name() == "CAPA" && len(g.items) > 0 && len(g.items[0].Gaps) == 0 {
			return string(g.items[0].Text)
		}
	}
	return "-ERR unknown command\r\n"
}
