package pop3fake

// stls is STLS (RFC 2595 §4). What the client sent ahead of the answer is answered in
// plain text: taken for part of the encrypted session, it could be an attacker's.
func (s *session) stls([]string) error {
	if s.conn.TLS() != nil {
		return refused("not permitted when TLS is active (RFC 2595 section 4)")
	}
	if s.conn.Buffered() > 0 {
		return refused("nothing may follow before its answer (RFC 2595 section 4)")
	}
	config, err := s.srv.tls()
	if err != nil {
		return refused("TLS is not available: %s", excerpt(err.Error()))
	}
	s.ok("begin TLS negotiation")
	return s.conn.StartTLS(config)
}
