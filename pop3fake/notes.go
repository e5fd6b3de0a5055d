package pop3fake

import (
	"example.org/mailfakes/mailtest/mailsasl"
	"example.org/mailfakes/mailtest/mailwire"
)

// Note is what the server noted of a client; the package documentation lists the rules.
type Note = mailwire.ClientNote

// Notes returns what clients did against the advice of the RFCs, oldest first: the last
// thousand. A command's notes are there before its answer.
func (s *Server) Notes() []Note { return s.notes.All() }

// noteRule is a row of the table of what is carried out, but noted.
type noteRule struct {
	name, text, rfc string
	broken          func(*session, *command, []string) bool
}

// noteRules returns the table of what is noted. The package documentation repeats it.
func noteRules() []noteRule {
	return []noteRule{
		{"capa-after-stls", "no CAPA after STLS, which made void what was known", "RFC 2595 §4", skipsCapa},
		{"cleartext-password", "a password or token without TLS, which is offered", "RFC 2595 §2.3", sendsCleartext},
	}
}

// note notes the rules that a command breaks.
func (s *session) note(cmd *command, args []string) {
	for _, rule := range noteRules() {
		if rule.broken(s, cmd, args) {
			s.srv.notes.Add(s.conn, Note{Command: cmd.name, Rule: rule.name, Text: rule.text, RFC: rule.rfc})
		}
	}
	s.capaDue = cmd.name == "STLS" && s.conn.TLS() == nil
}

func skipsCapa(s *session, cmd *command, _ []string) bool {
	return s.capaDue && s.conn.TLS() != nil && cmd.name != "CAPA" && cmd.name != "QUIT"
}

func sendsCleartext(s *session, cmd *command, args []string) bool {
	if s.conn.TLS() != nil || !s.srv.offers(STLS) {
		return false
	}
	return cmd.name == "PASS" || cmd.name == "AUTH" && len(args) > 0 && mailsasl.IsCleartext(args[0])
}
