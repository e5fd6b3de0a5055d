package pop3fake

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"sync"
)

// command is a row of the table of commands.
type command struct {
	name       string
	states     states
	capability Capability // that brings it; empty: it is always there
	usage      string     // of its arguments, in the words of RFC 1939 §9
	min, max   int        // how many arguments it takes
	spaces     bool       // its one argument extends to the end of the line
	utf8       bool       // its arguments may be in UTF-8, with the capability for it
	secret     int        // the number of the first argument that transcripts don't show, from 1
	run        func(*session, []string) error
}

// commands returns the table of all commands.
func commands() []command {
	return []command{
		{name: "USER", states: authorization, capability: User, usage: "name", min: 1, max: 1, utf8: true, run: (*session).userName},
		{name: "PASS", states: authorization, capability: User, usage: "string", min: 1, max: 1, spaces: true, utf8: true, secret: 1, run: (*session).pass},
		{name: "APOP", states: authorization, capability: APOP, usage: "name digest", min: 2, max: 2, utf8: true, secret: 2, run: (*session).apop},
		{name: "AUTH", states: authorization, capability: SASL, usage: "[mechanism [initial-response]]", max: 2, secret: 2, run: (*session).auth},
		{name: "STLS", states: authorization, capability: STLS, run: (*session).stls},
		{name: "CAPA", states: authorization | transaction, capability: CAPA, run: (*session).capa},
		{name: "UTF8", states: authorization, capability: UTF8, run: (*session).utf8Mode},
		{name: "LANG", states: authorization | transaction, capability: Lang, usage: "[language-range]", max: 1, run: (*session).lang},
		{name: "STAT", states: transaction, run: (*session).stat},
		{name: "LIST", states: transaction, usage: "[msg]", max: 1, run: (*session).list},
		{name: "UIDL", states: transaction, capability: UIDL, usage: "[msg]", max: 1, run: (*session).uidl},
		{name: "RETR", states: transaction, usage: "msg", min: 1, max: 1, run: (*session).retr},
		{name: "TOP", states: transaction, capability: Top, usage: "msg n", min: 2, max: 2, run: (*session).top},
		{name: "DELE", states: transaction, usage: "msg", min: 1, max: 1, run: (*session).dele},
		{name: "NOOP", states: transaction, run: (*session).noop},
		{name: "RSET", states: transaction, run: (*session).rset},
		{name: "LAST", states: transaction, capability: Last, run: (*session).last},
		{name: "XTND", states: transaction, capability: XTND, usage: "XLST header [msg]", min: 2, max: 3, run: (*session).xtnd},
		{name: "QUIT", states: authorization | transaction, run: (*session).quit},
	}
}

// commandTable has the commands by name. It never changes, so that servers share it.
var commandTable = sync.OnceValue(func() map[string]*command {
	table := make(map[string]*command)
	for _, c := range commands() {
		table[c.name] = &c
	}
	return table
})

// execute runs the command in line.
func (s *session) execute(line []byte) error {
	name, rest, found := strings.Cut(string(line), " ")
	cmd := s.srv.commands[strings.ToUpper(name)]
	s.hideSecret(string(line))
	return s.overridden(strings.ToUpper(name), rest, func() error { return s.perform(cmd, line, name, rest, found) })
}

// perform runs the command in line as the server has it.
func (s *session) perform(cmd *command, line []byte, name, rest string, found bool) error {
	if name == "" {
		return malformed("no command at the start of the line (RFC 1939 section 3)")
	}
	// RFC 1939 §7: a server without a timestamp in its greeting doesn't implement APOP.
	if cmd == nil || !s.srv.offers(cmd.capability) || cmd.capability == APOP && s.timestamp == "" {
		return malformed("unknown command %s", excerpt(name))
	}
	args, err := s.check(cmd, line, rest, found)
	if err == nil {
		s.note(cmd, args)
		err = cmd.run(s, args)
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		r.text = cmd.name + ": " + r.text
	}
	return err
}

// check returns the arguments of the command in line, if it may be run with them now.
func (s *session) check(cmd *command, line []byte, rest string, found bool) ([]string, error) {
	takesUTF8 := cmd.utf8 && s.takesUTF8User()
	if i := bytes.IndexFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f || r > '~' && !takesUTF8 }); i >= 0 {
		return nil, malformed("octet 0x%02X isn't printable ASCII (RFC 1939 section 3)", line[i])
	}
	if cmd.states&s.state == 0 {
		return nil, malformed("only valid in the %v state", cmd.states)
	}
	return cmd.arguments(rest, found)
}

// hideSecret keeps what is secret of a command out of the transcript.
func (s *session) hideSecret(line string) {
	name, rest, _ := strings.Cut(line, " ")
	if cmd := s.srv.commands[strings.ToUpper(name)]; cmd != nil {
		s.conn.Mask(cmd.secretIn(rest))
	}
}

// secretIn returns what transcripts don't show of the arguments in text. It doesn't
// matter whether there are too many of them: a secret may be among those, too.
func (c *command) secretIn(text string) string {
	if c.secret == 0 {
		return ""
	}
	for range c.secret - 1 {
		_, text, _ = strings.Cut(text, " ")
	}
	return text
}

// arguments divides text, which a space stood before if found, into arguments.
func (c *command) arguments(text string, found bool) ([]string, error) {
	var args []string
	switch {
	case !found:
	case c.spaces:
		args = []string{text}
	default:
		args = strings.Split(text, " ")
	}
	for _, arg := range args {
		if arg == "" {
			return nil, malformed("before each argument, and only there, is a single space (RFC 1939 section 3)")
		}
	}
	if len(args) < c.min || len(args) > c.max {
		return nil, malformed("wrong number of arguments (%d), the command is %q", len(args), strings.TrimSpace(c.name+" "+c.usage))
	}
	return args, nil
}

// excerpt returns a client's text for an error message, quoted and not too long:
// responses have 512 octets at most (RFC 2449 §4).
func excerpt(text string) string {
	const limit = 40
	if len(text) > limit {
		return strconv.QuoteToASCII(text[:limit]) + "..."
	}
	return strconv.QuoteToASCII(text)
}
