package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"
)

// uidOnly is UIDONLY (RFC 9586). Once a client has enabled it, message numbers mean
// nothing: commands name messages by UID, and responses do so too.
func uidOnly() extension {
	return extension{cap: imap.CapUIDOnly, enable: true, needs: []imap.Cap{imap.CapEnable}}
}

// errUIDRequired answers a command that works with message numbers (RFC 9586 §3).
func errUIDRequired() error {
	return &imap.Error{Type: imap.StatusResponseTypeBad, Code: "UIDREQUIRED", Text: "message numbers are not in use (RFC 9586 3)"}
}

// checkUIDs refuses a command that works with message numbers although UIDONLY is
// enabled: each that has a twin by UIDs, but for EXPUNGE, which names no message.
func (s *session) checkUIDs(name string) error {
	_, twin := s.table.commands["UID "+name]
	if !s.enabled[imap.CapUIDOnly] || !twin || strings.EqualFold(name, "EXPUNGE") {
		return nil
	}
	return errUIDRequired()
}

// refuseNumbers refuses an argument of message numbers.
func (s *session) refuseNumbers(p *parser) {
	p.numbers = true
	if s.enabled[imap.CapUIDOnly] && p.refused == nil {
		p.refused = errUIDRequired()
	}
}

// impliesUID tells whether FETCH responses to a command tell the UID, asked for or not
// (RFC 3501 §6.4.8). UIDFETCH has it anyway.
func (s *session) impliesUID(byUID bool) bool { return byUID && !s.enabled[imap.CapUIDOnly] }

// changesWithUID tells whether a change of flags is told with the UID, whatever it was
// that changed them (RFC 7162 §3.2.4).
func (s *session) changesWithUID() bool {
	return s.condStore && s.has(imap.CapQResync) && !s.enabled[imap.CapUIDOnly]
}

// beginFetch begins a FETCH response, or UIDFETCH with UIDONLY (RFC 9586 §3.3).
func (s *session) beginFetch(seq uint32, uid imap.UID) {
	if s.enabled[imap.CapUIDOnly] {
		s.out.text("* ").number(uint64(uid)).text(" UIDFETCH (")
		return
	}
	s.out.text("* ").number(uint64(seq)).text(" FETCH (")
}

// beginUIDFetch begins a response that tells the UID, which UIDFETCH has anyway.
func (s *session) beginUIDFetch(seq uint32, uid imap.UID) {
	s.beginFetch(seq, uid)
	if !s.enabled[imap.CapUIDOnly] {
		s.out.text("UID ").number(uint64(uid)).byte(' ')
	}
}
