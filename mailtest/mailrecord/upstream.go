package mailrecord

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"example.org/mailfakes/mailtest/mailwire"
)

// patience bounds what the recorder does with the upstream server on its own.
const patience = 30 * time.Second

// upstream is a connection with the server that is recorded.
type upstream struct {
	net.Conn // with all that lies over raw
	raw      net.Conn
	secure   bool // TLS is on
}

// connect returns a connection whose next octet is the first of the greeting.
func (c *Config) connect(ctx context.Context) (*upstream, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	raw, err := c.Dial(ctx)
	if err != nil {
		return nil, err
	}
	u := &upstream{Conn: raw, raw: raw}
	switch c.Security {
	case ImplicitTLS:
		err = u.startTLS(ctx, c.UpstreamTLS)
	case StartTLS:
		defer context.AfterFunc(ctx, func() { raw.Close() })()
		err = u.askForTLS(ctx, c)
	}
	if err != nil {
		raw.Close()
		return nil, err
	}
	return u, nil
}

func (u *upstream) startTLS(ctx context.Context, config *tls.Config) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn := tls.Client(u.raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("start TLS: %w", err)
	}
	u.Conn, u.secure = conn, true
	return nil
}

// askForTLS sends STARTTLS or STLS. The greeting comes again, as the first that is read;
// capabilities in it are left out, as they were those of a connection in the clear (RFC
// 9051 §6.2.1).
func (u *upstream) askForTLS(ctx context.Context, c *Config) error {
	in := bufio.NewReaderSize(u.raw, gatheredLine)
	greeting, err := in.ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("read the greeting: %w", err)
	}
	greeting = bytes.Clone(greeting)
	request, tag := "r0 STARTTLS\r\n", "r0 OK"
	if c.Protocol == mailwire.POP3 {
		request, tag = "STLS\r\n", "+OK"
	}
	if _, err := io.WriteString(u.raw, request); err != nil {
		return fmt.Errorf("send %s: %w", strings.TrimSpace(request), err)
	}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("read the answer to %s: %w", strings.TrimSpace(request), err)
		}
		if bytes.HasPrefix(line, []byte("* ")) {
			continue
		}
		if len(line) < len(tag) || !bytes.EqualFold(line[:len(tag)], []byte(tag)) {
			return fmt.Errorf("%s is answered by %q", strings.TrimSpace(request), line)
		}
		break
	}
	if in.Buffered() > 0 {
		return errors.New("the server sends more in the clear after it was asked for TLS")
	}
	if err := u.startTLS(ctx, c.UpstreamTLS); err != nil {
		return err
	}
	u.Conn = &preceded{Conn: u.Conn, before: withoutCapabilityCode(greeting)}
	return nil
}

// deflate goes on with DEFLATE; before came already.
func (u *upstream) deflate(before []byte) {
	u.Conn = mailwire.Deflate(&preceded{Conn: u.Conn, before: bytes.Clone(before)})
}

// preceded is a connection of which some octets were read before.
type preceded struct {
	net.Conn
	before []byte
}

func (p *preceded) Read(b []byte) (int, error) {
	if len(p.before) > 0 {
		n := copy(b, p.before)
		p.before = p.before[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}

// closeWrite ends the direction to the server: in TLS, and below it.
func (u *upstream) closeWrite() {
	conn := u.Conn
	if p, ok := conn.(*preceded); ok {
		conn = p.Conn
	}
	for _, c := range []net.Conn{conn, u.raw} {
		if half, ok := c.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite() // a connection that has ended has no halves
		}
	}
}

// reset ends the connection as a host does that has no memory of it.
func (u *upstream) reset() {
	if c, ok := u.raw.(*net.TCPConn); ok {
		_ = c.SetLinger(0) // it fails only on a closed one
	}
	u.raw.Close()
}

// Guess connects to the upstream server and returns what it speaks: by the port, and if
// that says nothing by the greeting.
func Guess(ctx context.Context, c Config) (mailwire.Protocol, error) {
	switch _, port, _ := net.SplitHostPort(c.Upstream); port {
	case "143", "993":
		return mailwire.IMAP, nil
	case "110", "995":
		return mailwire.POP3, nil
	}
	if c.Security == StartTLS {
		c.Security = NoTLS // both greet before TLS
	}
	if err := c.complete(); err != nil {
		return "", fmt.Errorf("mailrecord: %w", err)
	}
	u, err := c.connect(ctx)
	if err != nil {
		return "", fmt.Errorf("mailrecord: connect to %s: %w", c.Upstream, err)
	}
	defer u.Close()
	defer context.AfterFunc(ctx, func() { u.raw.Close() })()
	_ = u.SetReadDeadline(time.Now().Add(patience)) // it fails only on a closed one
	var first [1]byte
	if _, err := io.ReadFull(u, first[:]); err != nil {
		return "", fmt.Errorf("mailrecord: read the greeting of %s: %w", c.Upstream, err)
	}
	switch first[0] {
	case '*':
		return mailwire.IMAP, nil
	case '+', '-':
		return mailwire.POP3, nil
	}
	return "", fmt.Errorf("mailrecord: the greeting of %s begins with %q, as neither IMAP's nor POP3's does", c.Upstream, first)
}
