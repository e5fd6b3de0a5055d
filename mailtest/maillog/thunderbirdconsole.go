package maillog

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.org/mailfakes/mailtest/mailwire"
)

var (
	// consoleEntry begins an entry of Thunderbird's error console about POP3, and on standard
	// output, where it is quoted.
	consoleEntry = regexp.MustCompile(`(?:^|[\s:])((?:mailnews\.pop3(?:\.\w+)?|pop3\.server\d+)\.\d+): ?(.*)$`)
	// consolePlace ends an entry, on its last line or below.
	consolePlace = regexp.MustCompile(` ?Pop3Client\.[\w.]+:\d+:\d+\s*$`)
)

// thunderbirdConsole reads what Thunderbird's error console has with the preference
// mailnews.pop3.loglevel. What was received at once is one entry, which may begin and end within
// a line of the protocol.
type thunderbirdConsole struct {
	b       *builder
	number  int      // of the line that began the entry
	key     string   // of its session, "": no entry is open
	text    []string // its lines
	partial map[string]string
}

// read takes a line, or tells that it isn't of the console.
func (c *thunderbirdConsole) read(l line) bool {
	text := l.text
	if m := consoleEntry.FindStringSubmatch(text); m != nil {
		c.end()
		c.number, c.key, text = l.number, "pop3 "+m[1], m[2]
		if unquoted, err := strconv.Unquote(text); err == nil {
			c.add(unquoted)
			return true
		}
	}
	if c.key == "" {
		return false
	}
	place := consolePlace.FindStringIndex(text)
	if place == nil {
		c.text = append(c.text, text)
		return true
	}
	if text[0] != 'P' { // the place isn't all of the line
		c.text = append(c.text, text[:place[0]])
	}
	c.add(octets(strings.Join(c.text, "\r\n")))
	return true
}

// end ends an entry whose place was left out: then nothing tells that a line goes on.
func (c *thunderbirdConsole) end() {
	if c.key != "" {
		c.add(octets(strings.TrimRight(strings.Join(c.text, "\r\n"), "\r\n")) + "\r\n")
	}
}

// add adds a whole entry, and the lines that it completes.
func (c *thunderbirdConsole) add(entry string) {
	key := c.key
	c.key, c.text = "", nil
	c.b.protocol = mailwire.POP3
	if text, ok := strings.CutPrefix(entry, "C: "); ok {
		c.b.thunderbird(c.number, key, mailwire.Client, strings.TrimSuffix(text, "\r\n"))
	} else if text, ok := strings.CutPrefix(entry, "S: "); ok {
		lines := strings.Split(c.partial[key]+text, "\r\n")
		for _, text := range lines[:len(lines)-1] {
			c.b.thunderbird(c.number, key, mailwire.Server, text)
		}
		c.partial[key] = lines[len(lines)-1]
	}
}

// octets returns what is shown with a character for each octet; the text itself, if it isn't. The
// console shows no control characters, of which those of 0x80 to 0x9f are octets of letters.
func octets(text string) string {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		switch {
		case r == utf8.RuneError:
			r = '?'
		case r > 0xff:
			return text
		}
		b = append(b, byte(r))
	}
	return string(b)
}
