package mailwire

import (
	"bytes"
	"strings"
)

// Line is a line of a transcript that lies either in a literal or outside of one.
type Line struct {
	Record
	// Literal tells that the line belongs to an IMAP literal, or to a message that POP3
	// sends after +OK.
	Literal bool
}

// Lines divides records, as [Transcript.Records] and [ParseTranscript] return them, where
// literals end, and tells what lies in them. Where the records don't say, because octets are
// masked or the beginning of a session is missing, it guesses.
func Lines(records []Record) []Line {
	type sessionKey struct {
		protocol Protocol
		number   int
	}
	var lines []Line
	framings := make(map[sessionKey]*framing)
	for _, r := range records {
		key := sessionKey{r.Protocol, r.Session}
		f := framings[key]
		if f == nil {
			f = &framing{greeted: !bytes.HasPrefix(r.Text, []byte("open"))}
			framings[key] = f
		}
		switch {
		case r.Dir == Note:
			lines = append(lines, Line{Record: r})
		case r.Protocol == POP3:
			lines = append(lines, Line{r, f.pop3(r)})
		default:
			lines = f.imap(lines, r)
		}
	}
	return lines
}

// framing is where a session stands between commands, answers and literals.
type framing struct {
	left  [Server + 1]int64 // IMAP: octets of the literal, by direction
	after [Server + 1]bool  // IMAP: a literal has ended, the response or command goes on

	greeted  bool     // POP3: the server has
	commands []string // POP3: in upper case, those that aren't answered yet
	exchange bool     // POP3: the client's next line is its part of a SASL exchange
	inAnswer bool     // POP3: up to the line with a dot
	message  bool     // and that answer is a message
}

// imap appends r to lines, in two if a literal ends in it.
func (f *framing) imap(lines []Line, r Record) []Line {
	left := &f.left[r.Dir]
	if *left > 0 {
		inside, rest := r, r
		if *left < int64(len(r.Text)) && !masked(r) {
			inside.Text, rest.Text = r.Text[:*left:*left], r.Text[*left:]
		} else {
			rest.Text = nil
		}
		*left = max(0, *left-int64(len(inside.Text))-r.Elided)
		if masked(r) { // by fewer octets or by more
			*left = 0
		}
		f.after[r.Dir] = *left == 0
		lines = append(lines, Line{inside, true})
		if r = rest; len(r.Text) == 0 {
			return lines
		}
	}
	if r.Dir == Server && !f.after[Server] && len(r.Text) > 0 && r.Text[0] != '*' && r.Text[0] != '+' {
		// Once a command is answered, the server has had its literals or won't have them.
		f.left[Client] = 0
	}
	*left, f.after[r.Dir] = announced(r.Text), false
	return append(lines, Line{Record: r})
}

func masked(r Record) bool { return r.Dir == Client && bytes.Contains(r.Text, asterisks) }

// announced returns the length of the literal that begins after a whole line; 0: none does.
func announced(line []byte) int64 {
	size, _, ok := literalAtEnd(line)
	if !ok || !bytes.HasSuffix(line, crlf) {
		return 0
	}
	return size
}

// pop3 takes a line and tells whether it belongs to a message.
func (f *framing) pop3(r Record) bool {
	switch {
	case r.Dir == Client && f.exchange:
		f.exchange = false
	case r.Dir == Client:
		f.commands = append(f.commands, strings.ToUpper(string(bytes.TrimSpace(r.Text))))
	case f.inAnswer && string(r.Text) != ".\r\n":
		return f.message
	case f.inAnswer:
		f.inAnswer = false
	case !f.greeted:
		f.greeted = true
	case bytes.HasPrefix(r.Text, []byte("+ ")), string(r.Text) == "+\r\n": // RFC 5034 §4
		f.exchange = true
	case len(f.commands) > 0:
		f.message, f.inAnswer = multiline(f.commands[0])
		f.inAnswer = f.inAnswer && bytes.HasPrefix(r.Text, []byte("+OK"))
		f.commands = f.commands[1:]
	}
	return false
}

// multiline tells whether the answer to a POP3 command goes on after +OK, and whether it
// is a message.
func multiline(command string) (message, more bool) {
	name, argument, _ := strings.Cut(command, " ")
	switch strings.ToUpper(name) {
	case "RETR", "TOP":
		return true, true
	case "CAPA", "XTND":
		return false, true
	case "LIST", "UIDL", "AUTH", "LANG":
		return false, argument == ""
	}
	return false, false
}
