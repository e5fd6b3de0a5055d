package maillog

import (
	"regexp"
	"strconv"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	imaplibLine    = regexp.MustCompile(`^\s*\d\d:\d\d\.\d\d ([<>]) (b?['"].*['"])$`)
	imaplibLiteral = regexp.MustCompile(`^\s*\d\d:\d\d\.\d\d (read|write) literal size (\d+)$`)
	imaplibNew     = regexp.MustCompile(`^\s*\d\d:\d\d\.\d\d new IMAP4 connection`)
	// pythonRecord begins what either prints; an argument of it may be quoted.
	pythonRecord = regexp.MustCompile(`^(?:\s*\d\d:\d\d\.\d\d |\*\w+\* )(?:(?:[<>] )?b?(['"]))?`)
	poplibLine   = regexp.MustCompile(`^\*(put|get|welcome)\* (b?['"].*['"])$`)
)

// readImaplib reads what Python's imaplib prints. It says how long literals are, not what is in
// them.
func readImaplib(b *builder, lines []line) error {
	b.protocol = mailwire.IMAP
	for _, l := range unwrapped(lines) {
		switch m, lit := imaplibLine.FindStringSubmatch(l.text), imaplibLiteral.FindStringSubmatch(l.text); {
		case imaplibNew.MatchString(l.text):
			b.end("")
		case lit != nil && lit[1] == "read":
			b.elide(l.number, "", mailwire.Server, number(lit[2]))
		case lit != nil:
			b.elide(l.number, "", mailwire.Client, number(lit[2]))
			b.session("").add(l.number, mailwire.Client, "")
		case m != nil && m[1] == "<":
			b.server(l.number, "", pythonBytes(m[2]))
		case m != nil:
			b.client(l.number, "", pythonBytes(m[2]))
		}
	}
	return nil
}

// readPoplib reads what Python's poplib prints. The greeting comes before it can be told to.
func readPoplib(b *builder, lines []line) error {
	b.protocol = mailwire.POP3
	for _, l := range unwrapped(lines) {
		m := poplibLine.FindStringSubmatch(l.text)
		switch {
		case m == nil:
		case m[1] == "put":
			if b.session("").ended {
				b.end("") // a new connection, whose greeting isn't logged
			}
			b.client(l.number, "", string(trimEnd([]byte(pythonBytes(m[2])))))
		case m[1] == "get":
			b.server(l.number, "", string(trimEnd([]byte(pythonBytes(m[2])))))
		}
	}
	return nil
}

// unwrapped returns lines with those joined that were wrapped before their closing quote.
func unwrapped(lines []line) (joined []line) {
	quote := "" // that is still to come
	for _, l := range lines {
		rest := l.text
		switch m := pythonRecord.FindStringSubmatch(l.text); {
		case m != nil:
			joined, quote, rest = append(joined, l), m[1], l.text[len(m[0]):]
		case quote != "":
			joined[len(joined)-1].text += " " + strings.TrimLeft(l.text, " ")
		default:
			joined = append(joined, l)
		}
		if quote != "" && strings.HasSuffix(rest, quote) {
			quote = ""
		}
	}
	return joined
}

func number(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 32)
	return n
}

// pythonBytes returns the octets of a literal of Python's, as repr writes them.
func pythonBytes(literal string) string {
	if literal[0] == 'b' {
		literal = literal[1:]
	}
	if len(literal) < 2 {
		return ""
	}
	literal = literal[1 : len(literal)-1]
	var b []byte
	for i := 0; i < len(literal); i++ {
		if literal[i] != '\\' || i+1 == len(literal) {
			b = append(b, literal[i])
			continue
		}
		i++
		switch c := literal[i]; c {
		case 'r':
			b = append(b, '\r')
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case 'x':
			if octet, err := strconv.ParseUint(literal[i+1:min(i+3, len(literal))], 16, 8); err == nil {
				b = append(b, byte(octet))
				i += 2
			}
		default:
			b = append(b, c)
		}
	}
	return string(b)
}
