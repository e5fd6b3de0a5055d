package pop3fake

import (
	"strings"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailstore/structure"
)

// xtnd is XTND XLST, by which old clients list one header field of all messages, as
// Qpopper has it: each message's number, then its field in one line.
func (s *session) xtnd(args []string) error {
	if !strings.EqualFold(args[0], "XLST") {
		return malformed("no extension %s here, only XLST", excerpt(args[0]))
	}
	field := args[1]
	line := func(n uint32, m *mailstore.Message) {
		for _, value := range structure.Values(m.Raw(), m.Structure().Header, field) {
			s.write(number(n) + " " + field + ": " + value + "\r\n")
		}
	}
	if len(args) == 3 {
		n, m, err := s.drop.message(args[2])
		if err != nil {
			return err
		}
		s.ok("header field follows")
		line(n, m)
		s.endLines()
		return nil
	}
	s.ok("header fields follow")
	for n, m := range s.drop.remaining() {
		line(n, m)
	}
	s.endLines()
	return nil
}
