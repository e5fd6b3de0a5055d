package mailrecord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"

	"example.org/mailfakes/mailtest/mailwire"
)

// relayBuffer is how much is read at once.
const relayBuffer = 32 << 10

// relay passes a session on in both directions. One goroutine reads from the client and
// one from the server.
type relay struct {
	config *Config
	ctx    context.Context
	conn   *mailwire.Conn // with the client
	up     *upstream      // the server's goroutine changes it, while the client's waits
	edit   editor         // the server's goroutine's
	over   chan struct{}  // closed when nothing more comes from the server

	mu      sync.Mutex
	framer  framer
	upgrade *upgrade // that the client has asked for
}

// upgrade is STARTTLS, STLS or COMPRESS on its way.
type upgrade struct {
	command *command
	settled chan struct{} // closed when the server has answered
	// The server's goroutine sets these before.
	started bool
	err     error
}

func (r *Recorder) handle(conn *mailwire.Conn) {
	up, err := r.config.connect(r.ctx)
	if err != nil {
		conn.Note("upstream: " + err.Error())
		if r.config.Failed != nil && r.ctx.Err() == nil {
			r.config.Failed(fmt.Errorf("%s#%d: connect to the upstream server: %w", r.config.Protocol, conn.Session(), err))
		}
		return
	}
	defer up.raw.Close()
	defer context.AfterFunc(r.ctx, func() { up.raw.Close() })()
	tape := newTape(r.config.Transcript, conn.Session(), r.config.Protocol)
	tape.bodies, tape.redactor = r.config.Bodies, r.config.Redactor
	conn.SetTap(tape)
	s := &relay{config: &r.config, ctx: r.ctx, conn: conn, up: up, over: make(chan struct{}), framer: framer{protocol: r.config.Protocol}}
	s.edit = editor{protocol: r.config.Protocol, note: conn.Note}
	s.edit.tls(conn.TLS() != nil, up.secure)
	go s.fromServer()
	s.fromClient()
	<-s.over
}

// fromClient passes on what the client sends, until it has ended.
func (s *relay) fromClient() {
	buffer := make([]byte, relayBuffer)
	for {
		n, err := s.conn.Receive(buffer)
		if err == nil {
			err = s.passUp(buffer[:n])
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			s.up.closeWrite()
		case errors.Is(err, syscall.ECONNRESET):
			s.up.reset()
			s.conn.Close()
		default:
			s.up.raw.Close()
			s.conn.Close()
		}
		return
	}
}

// passUp gives the server octets of the client.
func (s *relay) passUp(p []byte) error {
	for len(p) > 0 {
		n, u := s.untilUpgrade(p)
		if _, err := s.up.Write(p[:n]); err != nil {
			return s.upstreamFailed(err)
		}
		p = p[n:]
		if u == nil {
			continue
		}
		select {
		case <-u.settled:
		case <-s.over:
			return io.EOF
		}
		switch {
		case u.err != nil:
			return u.err
		case !u.started || len(p) == 0:
		case u.command.name == "COMPRESS":
			return errors.New("mailrecord: the client sends more before it knows whether to compress")
		default:
			s.conn.Note(fmt.Sprintf("dropped before TLS: the client's last %d octets", len(p)))
			return nil
		}
	}
	return nil
}

// untilUpgrade returns how much of p the server gets at once, and the command at its end
// after which the client waits.
func (s *relay) untilUpgrade(p []byte) (n int, u *upgrade) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(p) {
		pc := s.framer.fromClient(p[n:])
		n += len(pc.text)
		if pc.kind != aLine || !pc.last || pc.follows || !s.upgrades(pc.cmd) {
			continue
		}
		s.upgrade = &upgrade{command: pc.cmd, settled: make(chan struct{})}
		return n, s.upgrade
	}
	return n, nil
}

// upgrades tells whether a command, when it is answered by OK, changes what lies between
// the protocol and the network.
func (s *relay) upgrades(c *command) bool {
	if s.config.Protocol == mailwire.POP3 {
		return c.name == "STLS"
	}
	return c.name == "STARTTLS" || c.name == "COMPRESS"
}

// fromServer passes on what the server sends, until it has ended.
func (s *relay) fromServer() {
	defer close(s.over)
	buffer := make([]byte, relayBuffer)
	for {
		n, err := s.up.Read(buffer)
		if n > 0 {
			if failed := s.passDown(buffer[:n]); failed != nil {
				s.conn.Close() // the transcript says why
				s.up.raw.Close()
				return
			}
		}
		if err == nil {
			continue
		}
		s.endDown(err)
		return
	}
}

// endDown has the client see how the server has ended.
func (s *relay) endDown(err error) {
	if _, failed := s.conn.Write(s.edit.rest()); failed == nil {
		_ = s.conn.Flush() // the client may be gone
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		_ = s.conn.CloseWrite()
	case errors.Is(err, syscall.ECONNRESET):
		_ = s.conn.Reset()
	default:
		s.conn.Close()
	}
}

// upstreamFailed notes that the server takes no more, and returns the error: what the
// server's goroutine reads says how the connection has ended.
func (s *relay) upstreamFailed(err error) error {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		_ = s.conn.Reset()
	}
	return fmt.Errorf("mailrecord: write to the server: %w", err)
}

// passDown gives the client octets of the server.
func (s *relay) passDown(p []byte) error {
	for len(p) > 0 {
		s.mu.Lock()
		pc := s.framer.fromServer(p)
		u := s.upgrade
		s.mu.Unlock()
		p = p[len(pc.text):]
		text := s.edit.take(pc, u != nil)
		if u != nil && pc.completes && pc.cmd == u.command {
			return s.settle(u, text, p)
		}
		if _, err := s.conn.Write(text); err != nil {
			return err
		}
	}
	return s.conn.Flush()
}

// settle gives the client the answer to STARTTLS, STLS or COMPRESS, and does what it says
// with both. rest came behind the answer.
func (s *relay) settle(u *upgrade, answer, rest []byte) (err error) {
	defer func() {
		s.mu.Lock()
		s.upgrade = nil
		s.mu.Unlock()
		u.err = err
		close(u.settled)
	}()
	ok := isOK(s.config.Protocol, answer)
	compress := u.command.name == "COMPRESS"
	switch {
	case !ok:
	case compress:
		s.up.deflate(rest)
	case len(rest) > 0:
		err = errors.New("the server sends more in the clear after it was asked for TLS")
	default:
		err = s.up.startTLS(s.ctx, s.config.UpstreamTLS)
	}
	if err != nil {
		s.conn.Note("upstream: " + err.Error())
		return err
	}
	if _, err := s.conn.Write(answer); err != nil {
		return err
	}
	switch {
	case !ok:
		if err := s.conn.Flush(); err != nil {
			return err
		}
		return s.passDown(rest)
	case compress:
		err = s.conn.StartCompression()
	default:
		s.edit.tls(true, true)
		err = s.conn.StartTLS(s.config.TLS)
	}
	u.started = err == nil
	return err
}
