package imapfake

// compress is COMPRESS=DEFLATE (RFC 4978).
func compress() extension {
	return extension{
		cap:   "COMPRESS=DEFLATE",
		shown: func(s *session) bool { return !s.conn.Compressed() },
		commands: []command{
			{name: "COMPRESS", grammar: "RFC 4978 §5", states: authenticatedUp, parse: parseCompress},
		},
	}
}

func parseCompress(p *parser, _ *session) action {
	p.space()
	if algorithm := p.keyword(); algorithm != "DEFLATE" {
		p.fail("unknown algorithm %.40q, only DEFLATE is known", algorithm)
	}
	return (*session).compress
}

func (s *session) compress() error {
	if s.conn.Compressed() {
		return no("COMPRESSIONACTIVE", "DEFLATE is active already")
	}
	if s.conn.Buffered() > 0 {
		return bad("nothing may follow COMPRESS before its answer (RFC 4978 3)")
	}
	s.after = func() error {
		if err := s.out.flush(); err != nil {
			return err
		}
		return s.conn.StartCompression()
	}
	return nil
}
