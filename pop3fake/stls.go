package pop3fake

// stls is STLS (RFC 2595 §4). What the client sent ahead of the answer is answered in
// plain text: taken for part of the encrypted session, it could be an attacker's.
func (s *session) stls([]string) error {
	if s.conn.TLS() != nil {
		return refused("not permitted when TLS is active (RFC 2595 section 4)")
	}
	if s.utf8 {
		return refused("not permitted after UTF8 (RFC 6856 section 2.1)")
	}
	if s.conn.Buffered() > 0 {
		return refused("nothing may follow before its answer (RFC 2595 section 4)")
	}
	config, err := s.srv.tls()
	if err != nil {
		return &refusal{code: codeTemporary, text: "TLS is not available: " + excerpt(err.Error())}
	}
	s.ok("begin TLS negotiation")
	s.sendHeld()
	return s.conn.StartTLS(config)
}

func (s *session) mayStartTLS() bool {
	return s.state == authorization && s.conn.TLS() == nil && !s.utf8
}
