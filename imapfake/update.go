package imapfake

import (
	"example.org/mailfakes/mailtest/mailstore"
)

// tell moves the session's view on and tells the client what that changes
// (RFC 3501 §5.2, §7.3, §7.4).
func (s *session) tell(level mailstore.SyncLevel) {
	up := s.view.Sync(level)
	if up.Stale {
		s.unselect()
		s.bye("the selected mailbox was deleted or renumbered; connect again")
		return
	}
	for _, e := range up.Expunged {
		s.out.text("* ").number(uint64(e.Seq)).text(" EXPUNGE").crlf()
	}
	if up.Arrived {
		s.out.text("* ").number(uint64(up.Exists)).text(" EXISTS").crlf()
		s.out.text("* ").number(uint64(up.Recent)).text(" RECENT").crlf()
	}
	if up.NewKeywords != nil {
		s.writeFlagsDefined(up.NewKeywords)
	}
	for _, c := range up.Changed {
		// The UID goes along: the client may work by UIDs only (RFC 9051 §7.5.2).
		s.out.text("* ").number(uint64(c.Seq)).text(" FETCH (UID ").number(uint64(c.UID)).text(" FLAGS ")
		s.out.flags(c.Flags, s.view.IsRecent(c.UID)).byte(')').crlf()
	}
}
