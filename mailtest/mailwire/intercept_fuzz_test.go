package mailwire

import (
	"io"
	"strings"
	"testing"
	"time"
)

// FuzzFaults has a rule meet a client and a server that say anything. Nothing panics, and
// the session ends when its server does.
func FuzzFaults(f *testing.F) {
	const (
		client = "a LOGIN {5}\r\nalice {6+}\r\nsecret\r\nb IDLE\r\nDONE\r\nc AUTHENTICATE PLAIN\r\n=\r\nd NOOP\r\nQUIT\r\n"
		server = "* OK hi\r\n+ go\r\n* 1 FETCH (BODY[] {3}\r\nabc UID 7)\r\na OK {1}\r\n\r\n+ \r\nb OK \"x\"\r\n* BAD\r\n.\r\n"
	)
	for _, list := range [][]keyword{matchers, actions} {
		for _, k := range list {
			f.Add("on * "+k.name+strings.Repeat(" 1", len(k.params)), client, server, true)
			f.Add(`response "" `+k.name+strings.Repeat(" 1", len(k.params))+" drop", server, client, false)
		}
	}
	for _, k := range events {
		f.Add(k.name+" send x", client, server, true)
	}
	f.Add("untagged literals-as-strings strings-as-literals set {} 9 add UID 1 set #2 1", client, server, true)
	f.Fuzz(func(t *testing.T, text, client, server string, imap bool) {
		rule, err := ParseRule(text)
		if err != nil {
			return
		}
		protocol := POP3
		if imap {
			protocol = IMAP
		}
		var faults Faults
		if _, err := faults.Inject(rule); err != nil {
			t.Fatal(err)
		}
		said := strings.SplitAfter(server, "\n")
		s := &Service{Protocol: protocol, Transcript: new(Transcript), Faults: &faults, Handle: func(c *Conn) {
			for _, line := range said {
				c.WriteString(line)
				if c.Flush() != nil {
					return
				}
				if _, err := c.ReadLine(100); err != nil && err != ErrLineTooLong {
					return
				}
			}
		}}
		a, b := Pipe()
		s.ServeConn(b)
		go func() {
			io.WriteString(a, client)
			a.(interface{ CloseWrite() error }).CloseWrite()
		}()
		a.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		io.Copy(io.Discard, a)
		start := time.Now()
		s.Close()
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("closing took %v", d)
		}
		a.Close()
	})
}
