package imapfake

import (
	"errors"

	"github.com/emersion/go-imap/v2"
)

// startTLS is STARTTLS (RFC 3501 §6.2.1).
func startTLS() extension {
	return extension{
		cap: imap.CapStartTLS,
		shown: func(s *session) bool {
			return s.state == notAuthenticated && s.conn.TLS() == nil && !s.conn.Compressed()
		},
		commands: []command{
			{name: "STARTTLS", states: notAuthenticated, parse: func(*parser, *session) action { return (*session).startTLS }},
		},
	}
}

func (s *session) startTLS() error {
	if s.conn.TLS() != nil {
		return bad("TLS is active already (RFC 3501 6.2.1)")
	}
	if s.conn.Compressed() {
		return bad("TLS can't start under compression (RFC 4978 3)")
	}
	if s.conn.Buffered() > 0 {
		return bad("nothing may follow STARTTLS before its answer (RFC 3501 6.2.1)")
	}
	config, err := s.srv.tls()
	if err == nil && config == nil {
		err = errors.New("no configuration")
	}
	if err != nil {
		return no(imap.ResponseCodeUnavailable, "TLS is not available: "+err.Error())
	}
	s.after = func() error {
		if err := s.out.flush(); err != nil {
			return err
		}
		return s.conn.StartTLS(config)
	}
	return nil
}
