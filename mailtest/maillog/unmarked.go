package maillog

import (
	"regexp"
	"strings"

	"example.org/mailfakes/mailtest/mailwire"
)

// classifier tells who said the lines of a log that doesn't.
type classifier struct {
	b       *builder
	pop3    []string                   // commands without an answer, oldest first
	literal [mailwire.Server + 1]int64 // octets of one that are still to come, by direction
	rest    [mailwire.Server + 1]bool  // a literal has ended, its line goes on
	listing bool                       // a POP3 response of several lines goes on
	answer  bool                       // a line of the client answers a challenge
	tags    map[string]bool            // commands without an answer
}

func newClassifier(b *builder) *classifier { return &classifier{b: b, tags: make(map[string]bool)} }

var idlingDone = regexp.MustCompile(`(?i)^DONE$`)

// line adds a line, unless nobody of the two can have said it.
func (c *classifier) line(l line) {
	text := l.text
	m := taggedStatus.FindStringSubmatch(text)
	if c.literal[mailwire.Server] > 0 && m != nil && c.tags[m[1]] {
		c.literal[mailwire.Server] = 0 // the log lacks its rest
	}
	switch {
	case c.within(mailwire.Server):
		c.say(l, mailwire.Server)
	case c.within(mailwire.Client):
		c.say(l, mailwire.Client)
	case c.listing:
		c.listing = text != "."
		c.say(l, mailwire.Server)
	case strings.HasPrefix(text, "+OK"), strings.HasPrefix(text, "-ERR"):
		if len(c.pop3) > 0 {
			c.listing = mailwire.IsPOP3Multiline(c.pop3[0]) && text[0] == '+'
			c.pop3 = c.pop3[1:]
		}
		c.say(l, mailwire.Server)
	case text == "+", strings.HasPrefix(text, "+ "):
		c.answer = true
		c.say(l, mailwire.Server)
	case m != nil:
		delete(c.tags, m[1])
		c.answer = false
		c.say(l, mailwire.Server)
	case strings.HasPrefix(text, "* "):
		c.say(l, mailwire.Server)
	case isIMAPCommand(text):
		tag, _, _ := strings.Cut(text, " ")
		c.tags[tag] = true
		c.say(l, mailwire.Client)
	case isPOP3Command(text) && c.isPOP3():
		c.pop3 = append(c.pop3, text)
		c.say(l, mailwire.Client)
	case c.answer && (idlingDone.MatchString(text) || !strings.Contains(text, " ") && text != ""):
		c.answer = false
		c.say(l, mailwire.Client)
	}
}

func (c *classifier) isPOP3() bool { return guessProtocol(c.b.session("").lines) == mailwire.POP3 }

// within tells whether the next line is part of what that side has begun.
func (c *classifier) within(dir mailwire.Direction) bool { return c.literal[dir] > 0 || c.rest[dir] }

// say adds a line and follows its literals.
func (c *classifier) say(l line, dir mailwire.Direction) {
	if dir == mailwire.Client {
		c.b.client(l.number, "", l.text)
	} else {
		c.b.server(l.number, "", l.text)
	}
	text := l.text
	if c.literal[dir] > 0 {
		if n := int64(len(text)) + 2; c.literal[dir] >= n {
			c.literal[dir] -= n
			c.rest[dir] = c.literal[dir] == 0
			return
		}
		text = text[min(int64(len(text)), c.literal[dir]):]
	}
	c.literal[dir], c.rest[dir] = 0, false
	if size, _, ok := mailwire.LiteralSize([]byte(text)); ok {
		c.literal[dir], c.rest[dir] = size, size == 0
	}
}

func isGoIMAP(lines []line) bool {
	said := 0
	for _, l := range lines {
		if taggedStatus.MatchString(l.text) || untagged.MatchString(l.text) || strings.HasPrefix(l.text, "+OK") {
			said++
		}
	}
	return said >= 2
}

// readGoIMAP reads what go-imap writes to its DebugWriter: the octets of both sides, as they
// come.
func readGoIMAP(b *builder, lines []line) error {
	c := newClassifier(b)
	for _, l := range lines {
		c.line(l)
	}
	return nil
}

// opensslConnected is how openssl s_client begins.
var opensslConnected = regexp.MustCompile(`^CONNECTED\([0-9A-Fa-f]+\)`)

// readOpenSSL reads a paste of openssl s_client: what it says about TLS isn't said by anyone.
func readOpenSSL(b *builder, lines []line) error {
	c := newClassifier(b)
	for _, l := range lines {
		if opensslConnected.MatchString(l.text) {
			b.end("")
			c = newClassifier(b)
			continue
		}
		if strings.HasPrefix(l.text, opensslTag+" ") {
			continue // -starttls asked that, and shows the last answer
		}
		if l.text == opensslVerified {
			continue // no tagged response
		}
		c.line(l)
	}
	return nil
}

// opensslTag is the tag of what openssl s_client -starttls imap sends itself.
const opensslTag = "."

// opensslVerified is what openssl s_client says of a certificate that it trusts.
const opensslVerified = "Verification: OK"

var (
	javaMailLine       = regexp.MustCompile(`^DEBUG (IMAPS?|POP3S?): `)
	javaMailConnect    = regexp.MustCompile(`^DEBUG (?:IMAPS?|POP3S?): (?:trying to connect|connecting) to host`)
	javaMailSuppressed = regexp.MustCompile(`^DEBUG IMAPS?: (LOGIN|AUTHENTICATE \S+) command trace suppressed`)
	javaMailResult     = regexp.MustCompile(`^DEBUG IMAPS?: (?:LOGIN|AUTHENTICATE \S+) command result: (.*)$`)
	javaMailPOP3       = regexp.MustCompile(`^DEBUG POP3S?: authentication command (succeeded|failed)`)
)

// readJavaMail reads what JavaMail and Jakarta Mail print with mail.debug. Logging in isn't shown.
func readJavaMail(b *builder, lines []line) error {
	c := newClassifier(b)
	for _, l := range lines {
		secret := javaMailSuppressed.FindStringSubmatch(l.text)
		result := javaMailResult.FindStringSubmatch(l.text)
		pop3 := javaMailPOP3.FindStringSubmatch(l.text)
		switch {
		case javaMailConnect.MatchString(l.text):
			b.end("")
			c = newClassifier(b)
		case secret != nil && secret[1] == "LOGIN":
			b.client(l.number, "", unknownTag+" LOGIN "+Mask+" "+Mask)
		case secret != nil:
			b.client(l.number, "", unknownTag+" "+secret[1]+" "+Mask)
		case result != nil:
			b.server(l.number, "", result[1])
		case pop3 != nil:
			b.client(l.number, "", "AUTH PLAIN "+Mask)
			status := "+OK"
			if pop3[1] == "failed" {
				status = "-ERR [AUTH] authentication failed"
			}
			b.server(l.number, "", status)
		case !strings.HasPrefix(l.text, "DEBUG"):
			c.line(l)
		}
	}
	return nil
}
