package mailrecord

import (
	"bytes"
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// editor passes the server's octets on, but for what its lists of capabilities have that
// can't work through a recorder.
type editor struct {
	protocol            mailwire.Protocol
	note                func(string)
	clientTLS, upstream bool // TLS is on
	held                []byte
	passing             bool // the beginning of the line was passed on
	noted               map[string]bool
}

// tls says on which side TLS is on.
func (e *editor) tls(client, upstream bool) { e.clientTLS, e.upstream = client, upstream }

// take returns what is passed on now. A line whose end isn't there is held back if it may
// have capabilities, or hold says so.
func (e *editor) take(pc piece, hold bool) []byte {
	if pc.kind == aLiteral {
		return pc.text
	}
	if e.passing {
		e.passing = !pc.last
		return pc.text
	}
	e.held = append(e.held, pc.text...)
	switch {
	case pc.last:
		return e.line(pc, e.rest())
	case len(e.held) <= gatheredLine && (hold || e.concerns(pc)):
		return nil
	}
	e.passing = true
	return e.rest()
}

// rest returns what is held back.
func (e *editor) rest() []byte {
	held := e.held
	e.held = nil
	return held
}

// capabilityList are what capabilities can stand behind, after the first word of a line.
var capabilityList = []string{"CAPABILITY ", "OK [CAPABILITY ", "PREAUTH [CAPABILITY "}

// concerns tells whether what is held may be the beginning of a list of capabilities.
func (e *editor) concerns(pc piece) bool {
	if !e.clientTLS && !e.upstream || pc.follows {
		return false
	}
	if e.protocol == mailwire.POP3 {
		return pc.kind == aBody && listsMechanisms(pc.cmd)
	}
	_, rest, ok := strings.Cut(strings.ToUpper(string(e.held[:min(len(e.held), gatheredEnd)])), " ")
	if !ok {
		return true
	}
	for _, list := range capabilityList {
		if strings.HasPrefix(list, rest) || strings.HasPrefix(rest, list) {
			return true
		}
	}
	return false
}

func listsMechanisms(c *command) bool { return c.name == "CAPA" || c.name == "AUTH" }

// line returns a whole line as the client gets it; "": not at all.
func (e *editor) line(pc piece, line []byte) []byte {
	switch {
	case !e.concernsWhole(pc, line):
		return line
	case e.protocol == mailwire.IMAP:
		return e.edit(line, "AUTH=")
	case pc.cmd.name == "CAPA" && bytes.HasPrefix(bytes.ToUpper(line), []byte("SASL ")):
		return e.edit(line, "")
	}
	word := string(bytes.TrimSpace(line))
	if e.impossible(word, pc.cmd.name == "AUTH") {
		return nil
	}
	return line
}

func (e *editor) concernsWhole(pc piece, line []byte) bool {
	e.held = line
	defer func() { e.held = nil }()
	return e.concerns(pc)
}

// edit returns a line without the words that can't work; prefix is what mechanisms have.
func (e *editor) edit(line []byte, prefix string) []byte {
	end := len(trimEnd(line))
	if i := bytes.IndexByte(line, ']'); i >= 0 && bytes.IndexByte(line, '[') >= 0 {
		end = i
	}
	var edited []byte
	for i, word := range bytes.Split(line[:end], []byte(" ")) {
		mechanism, ok := cutPrefixFold(string(word), prefix)
		if i > 0 && (ok && e.impossible(mechanism, true) || prefix != "" && e.impossible(string(word), false)) {
			continue
		}
		if i > 0 {
			edited = append(edited, ' ')
		}
		edited = append(edited, word...)
	}
	return append(edited, line[end:]...)
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// impossible tells whether a SASL mechanism, or another capability, can't work, and notes
// it. Channel binding (RFC 5802 §6) and client certificates are about one connection in
// TLS, and here are two; TLS doesn't begin twice.
func (e *editor) impossible(name string, mechanism bool) bool {
	name = strings.ToUpper(name)
	switch {
	case mechanism && (strings.HasSuffix(name, "-PLUS") || name == "EXTERNAL"):
	case !mechanism && (name == "STARTTLS" || name == "STLS") && e.clientTLS:
	default:
		return false
	}
	if !e.noted[name] {
		if e.noted == nil {
			e.noted = make(map[string]bool)
		}
		e.noted[name] = true
		e.note("left out of the capabilities, as it can't work through a recorder: " + name)
	}
	return true
}

var capabilityCode = regexp.MustCompile(`(?i)\[CAPABILITY [^\]]*\] ?`)

// withoutCapabilityCode returns a greeting without its capabilities.
func withoutCapabilityCode(greeting []byte) []byte {
	return capabilityCode.ReplaceAll(greeting, nil)
}

func isOK(p mailwire.Protocol, answer []byte) bool {
	if p == mailwire.POP3 {
		return bytes.HasPrefix(answer, []byte("+OK"))
	}
	_, rest, _ := bytes.Cut(answer, []byte(" "))
	status, _, _ := bytes.Cut(trimEnd(rest), []byte(" "))
	return bytes.EqualFold(status, []byte("OK"))
}
