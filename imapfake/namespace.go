package imapfake

import (
	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// namespace is NAMESPACE (RFC 2342).
func namespace() extension {
	return extension{cap: imap.CapNamespace, commands: []command{
		{name: "NAMESPACE", grammar: "RFC 2342 §6", states: authenticatedUp, parse: func(*parser, *session) action {
			return func(s *session) error {
				s.out.line(`* NAMESPACE (("" "` + mailstore.Separator + `")) NIL NIL`)
				return nil
			}
		}},
	}}
}
