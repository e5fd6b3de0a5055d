package imapfake

import (
	"slices"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// tell moves the session's view on and tells the client what that changes
// (RFC 3501 §5.2, §7.3, §7.4), as far as level and NOTIFY let it.
func (s *session) tell(level mailstore.SyncLevel) {
	if s.tellRights(); s.ended {
		return
	}
	before := s.view.Messages()
	up := s.view.Sync(s.notify.level(level))
	if up.Stale {
		s.unselect()
		s.bye("the selected mailbox was deleted, renumbered or restored; connect again")
		return
	}
	if len(s.expunged) > 0 {
		// What the command itself expunged is its result, wanted or not.
		up.Expunged = append(up.Expunged, s.view.TellExpunged(s.expunged)...)
	}
	s.contexts.tellExpunged(before, up.Expunged)
	s.writeExpunged(up.Expunged)
	s.withheld = up.Withheld
	if up.Arrived {
		s.out.text("* ").number(uint64(up.Exists)).text(" EXISTS").crlf()
	}
	// RFC 3501 §7.3.2: also when the mailbox becomes smaller. What EXPUNGE tells of EXISTS
	// (§7.4.1) it doesn't tell of this.
	fewer := slices.ContainsFunc(up.Expunged, func(e mailstore.Numbered) bool { return s.isRecent(e.UID) })
	if fewer || up.Arrived && !s.rev2() {
		s.out.text("* ").number(uint64(s.view.Recent())).text(" RECENT").crlf()
	}
	s.tellKeywords(up.NewKeywords)
	for _, c := range up.Changed {
		// The UID goes along: the client may work by UIDs only (RFC 9051 §7.5.2).
		s.beginUIDFetch(c.Seq, c.UID)
		s.writeAttributes(s.flagsAttributes(), &fetched{c.Message, s.isRecent(c.UID)})
		s.out.line(")")
	}
	results := s.contexts.advance(s)
	if up.Arrived {
		s.tellArrived(before, results)
	} else {
		writeResults(results)
	}
	s.tellKeyReset()
	s.endPanicked()
}

// tellKeywords tells the keywords if there are new ones, before the first FETCH that shows them.
func (s *session) tellKeywords(keywords []imap.Flag) {
	if keywords != nil {
		s.writeFlagsDefined(keywords)
	}
}

// writeExpunged tells which messages are gone.
func (s *session) writeExpunged(expunged []mailstore.Numbered) {
	if (s.enabled[imap.CapQResync] || s.enabled[imap.CapUIDOnly]) && len(expunged) > 0 {
		uids := make([]imap.UID, len(expunged))
		for i, e := range expunged {
			uids[i] = e.UID
		}
		s.vanished = true
		s.out.text("* VANISHED ").text(string(appendUIDSet(nil, uids))).crlf()
		return
	}
	for _, e := range expunged {
		s.out.text("* ").number(uint64(e.Seq)).text(" EXPUNGE").crlf()
	}
}
