package imapfake

import (
	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// listMyRights is LIST-MYRIGHTS (RFC 8440).
func listMyRights() extension {
	return extension{
		cap: imap.CapListMyRights, needs: []imap.Cap{imap.CapListExtended, imap.CapACL},
		listReturns: []listOption{{"MYRIGHTS", func(_ *parser, _ *session, r *listRequest) {
			r.after = append(r.after, func(s *session, info mailstore.MailboxInfo) {
				if box, err := s.mailbox(info.Name, 0); err == nil {
					s.writeMyRights(info.Name, box)
				}
			})
		}}},
	}
}
