package imapfake

import (
	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// imap4rev2 is the base protocol of RFC 9051. Beside IMAP4rev1 a client turns it on by
// ENABLE IMAP4rev2 (§6.3.1); alone it is in force from the start. It is made of the
// extensions that were folded in (appendix E), of which BINARY (appendix B) lends FETCH
// items only.
func imap4rev2() extension {
	base := baseProtocol(imap.CapIMAP4rev2)
	base.enable = true
	base.onEnable = (*session).beRev2
	base.needs = []imap.Cap{
		imap.CapNamespace, imap.CapUnselect, imap.CapUIDPlus, imap.CapESearch, imap.CapSearchRes, imap.CapEnable,
		imap.CapIdle, imap.CapSASLIR, imap.CapListExtended, imap.CapListStatus, imap.CapMove, imap.CapLiteralMinus,
		imap.CapStatusSize,
	}
	base.fetchItems = append(base.fetchItems, binaryItems()...)
	base.statusItems = append(base.statusItems, statusDeleted())
	return base
}

// statusDeleted is the STATUS item DELETED (RFC 9051 §6.3.11, RFC 9208 §4.1.4).
func statusDeleted() statusItem {
	return statusNumber("DELETED", func(st mailstore.Status) uint64 { return uint64(st.Messages.Deleted()) })
}

// rev2 tells whether the session is one of IMAP4rev2.
func (s *session) rev2() bool { return s.has(imap.CapIMAP4rev2) }

// beRev2 makes the session one of IMAP4rev2: from now on names and quoted strings are in
// UTF-8 (RFC 9051 §4.3, §5.1), BODYSTRUCTURE tells parameters decoded (§7.5.2), and what
// only IMAP4rev1 has is unknown.
func (s *session) beRev2() {
	s.table = s.table.rev2
	s.out.utf8, s.out.decodedParams = true, true
}

// isRecent tells whether a message has \Recent, which IMAP4rev2 did away with
// (RFC 9051 appendix E, 12).
func (s *session) isRecent(uid imap.UID) bool { return !s.rev2() && s.view.IsRecent(uid) }

// announce tells of a mailbox that a command has named (RFC 9051 §6.3.2), and how if its
// name is another (§6.3.9.7).
func (s *session) announce(supplied string, p mailstore.Place) {
	info, exists := s.mailboxInfo(p)
	name := s.wireName(p)
	r := listRequest{subscribed: true}
	s.writeList("LIST", r.attributes(s, listed{MailboxInfo: info, nonExistent: !exists}), name)
	if supplied != name {
		s.out.text(` ("OLDNAME" (`).mailbox(supplied).text("))")
	}
	s.out.crlf()
}

// announceConverted tells a client of IMAP4rev2 of a mailbox whose name is not as it
// supplied it (RFC 9051 §6.3.9.7).
func (s *session) announceConverted(supplied string, p mailstore.Place) {
	if s.rev2() && supplied != s.wireName(p) {
		s.announce(supplied, p)
	}
}
