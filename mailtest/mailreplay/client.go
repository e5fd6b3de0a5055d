package mailreplay

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"example.org/mailfakes/mailtest/maillog"
	"example.org/mailfakes/mailtest/mailwire"
)

// patience is how long an answer may take.
const patience = 30 * time.Second

// PlayClients does what the log's clients did, session by session over connections that dial
// makes, and returns an error if an answer isn't as the log has it.
func (s *Server) PlayClients(dial func(mailwire.Protocol) (net.Conn, error)) error {
	at := make(map[mailwire.Protocol]int)
	for _, session := range s.log.Sessions {
		p := session.Protocol
		script := s.scripts[p][at[p]]
		at[p]++
		conn, err := dial(p)
		if err != nil {
			return fmt.Errorf("mailreplay: play %s session %d: %w", p, at[p], err)
		}
		c := &client{conn: conn, in: bufio.NewReader(conn), script: script}
		err = c.play()
		c.conn.Close()
		if err != nil {
			return fmt.Errorf("mailreplay: play %s session %d: %w", p, at[p], err)
		}
	}
	return nil
}

// client plays the client's part of a script.
type client struct {
	conn   net.Conn
	in     *bufio.Reader
	script *script
}

func (c *client) play() error {
	if err := c.expect(c.script.greeting); err != nil {
		return err
	}
	for _, g := range c.script.groups {
		if err := c.send(g); err != nil {
			return fmt.Errorf("line %d: %w", g.line, err)
		}
		if err := c.expect(g.items); err != nil {
			return err
		}
		if err := c.upgrade(g); err != nil {
			return fmt.Errorf("line %d: %w", g.line, err)
		}
	}
	if !c.script.closes {
		return nil
	}
	c.conn.SetDeadline(time.Now().Add(patience))
	if octet, err := c.in.ReadByte(); err == nil {
		return fmt.Errorf("at the end of the log came %q more", octet)
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// send sends a command, each literal when it is asked for.
func (c *client) send(g *group) error {
	text := bytes.Clone(g.text)
	switch {
	case g.unknown && g.protocol == mailwire.POP3:
		text = []byte("RSET")
	case g.unknown:
		text = []byte("CHECK")
	}
	if g.tag != "" {
		text = append([]byte(g.tag+" "), text...)
	}
	for {
		line, rest, more := bytes.Cut(text, []byte("\r\n"))
		size, nonSync, literal := mailwire.LiteralSize(line)
		if !more || !literal || c.script.protocol == mailwire.POP3 {
			return c.write(append(bytes.ReplaceAll(text, []byte(maillog.Mask), []byte("secret")), "\r\n"...))
		}
		if err := c.write(append(line, "\r\n"...)); err != nil {
			return err
		}
		if !nonSync {
			if err := c.awaitPlus(); err != nil {
				return err
			}
		}
		rest = fill(rest, size)
		if err := c.write(rest[:size]); err != nil {
			return err
		}
		text = rest[size:]
	}
}

// fill returns text, which begins with a literal of that size, with octets in place of the mask
// for what the log lacks of it.
func fill(text []byte, size int64) []byte {
	i := bytes.Index(text, []byte(maillog.Mask))
	if i >= 0 && int64(i) < size {
		rest := text[i+len(maillog.Mask):]
		missing := max(0, size-int64(i)-int64(len(rest)))
		text = append(append(text[:i:i], bytes.Repeat([]byte("x"), int(missing))...), rest...)
	}
	if missing := size - int64(len(text)); missing > 0 {
		text = append(text, bytes.Repeat([]byte("x"), int(missing))...)
	}
	return text
}

func (c *client) awaitPlus() error {
	c.conn.SetDeadline(time.Now().Add(patience))
	line, err := c.in.ReadString('\n')
	if err == nil && line[0] != '+' {
		err = fmt.Errorf("a literal was answered by %q", line)
	}
	return err
}

func (c *client) write(text []byte) error {
	c.conn.SetDeadline(time.Now().Add(patience))
	_, err := c.conn.Write(text)
	return err
}

// expect reads what the log has, and sends what its client answered in between.
func (c *client) expect(items []item) error {
	for _, it := range items {
		var err error
		if it.Dir == mailwire.Client {
			err = c.write(bytes.ReplaceAll(it.Text, []byte(maillog.Mask), []byte("c2VjcmV0")))
		} else {
			err = c.read(it)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", it.Line, err)
		}
	}
	return nil
}

func (c *client) read(it item) error {
	c.conn.SetDeadline(time.Now().Add(patience))
	from := 0
	for _, gap := range append(it.Gaps, maillog.Gap{At: len(it.Text)}) {
		want := it.Text[from:gap.At]
		got := make([]byte, len(want))
		n, err := io.ReadFull(c.in, got)
		if !bytes.Equal(got[:n], want) {
			return fmt.Errorf("got %q, the log has %q", got[:n], want)
		}
		if err == nil {
			_, err = io.CopyN(io.Discard, c.in, gap.Octets)
		}
		if err != nil {
			return err
		}
		from = gap.At
	}
	return nil
}

// upgrade starts TLS or compression, if the log has the server agree.
func (c *client) upgrade(g *group) error {
	if !g.agreed() {
		return nil
	}
	switch g.name() {
	case "STARTTLS", "STLS":
		config, err := mailwire.ClientTLS()
		if err != nil {
			return err
		}
		c.conn = tls.Client(c.conn, config)
	case "COMPRESS":
		c.conn = mailwire.Deflate(c.conn)
	default:
		return nil
	}
	c.in = bufio.NewReader(c.conn)
	return nil
}
