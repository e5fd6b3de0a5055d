package imapfake

import (
	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// selectCommands are SELECT, EXAMINE (RFC 3501 §6.3.1, §6.3.2) and CLOSE (§6.4.2).
func selectCommands() []command {
	parse := func(readOnly bool) func(*parser, *session) action {
		return func(p *parser, s *session) action {
			p.space()
			name := p.mailbox()
			params := s.selectParams(p)
			return func(s *session) error { return s.selectMailbox(name, readOnly, params) }
		}
	}
	return []command{
		{name: "SELECT", states: authenticatedUp, parse: parse(false), deselects: true},
		{name: "EXAMINE", states: authenticatedUp, parse: parse(true), deselects: true},
		{name: "CLOSE", states: selected, parse: func(*parser, *session) action { return (*session).close }},
	}
}

// unselect is UNSELECT (RFC 3691).
func unselect() extension {
	return extension{cap: imap.CapUnselect, commands: []command{
		{name: "UNSELECT", grammar: "RFC 3691 §4", states: selected, parse: func(*parser, *session) action {
			return func(s *session) error {
				s.unselect()
				return nil
			}
		}},
	}}
}

// deselect closes the selected mailbox in favour of another. What comes before CLOSED
// is about the old one (RFC 7162 §3.2.11, RFC 9051 §7.1).
func (s *session) deselect() {
	if s.view != nil && (s.has(imap.CapQResync) || s.rev2()) {
		s.out.line("* OK [CLOSED] previous mailbox closed")
	}
	s.unselect()
}

// selectParam is a row of the table of SELECT's parameters (RFC 4466 §2.4).
type selectParam struct {
	name string
	// parse reads what follows the name and returns what to do, once the mailbox is
	// selected, at the end of the answer; nil: nothing.
	parse func(*parser, *session) func(*session, mailstore.Status)
}

// selectParams reads the optional parameters of SELECT and EXAMINE.
func (s *session) selectParams(p *parser) (params []func(*session, mailstore.Status)) {
	if len(s.table.selectParams) == 0 || !p.accept(' ') {
		return nil
	}
	p.list(false, func() {
		name := p.keyword()
		param, ok := s.table.selectParams[name]
		if !ok {
			p.fail("unknown parameter %.40q", name)
			return
		}
		if do := param.parse(p, s); do != nil {
			params = append(params, do)
		}
	})
	return params
}

func (s *session) selectMailbox(name string, readOnly bool, params []func(*session, mailstore.Status)) error {
	box, err := s.mailbox(name, mailstore.RightRead)
	if err != nil {
		return err
	}
	rights := s.rightsOn(box)
	view, st, err := box.Open(readOnly || !rights.HasAny(writeRights))
	if err != nil {
		return err
	}
	s.view, s.state, s.examined, s.toldRights = view, selected, readOnly, rights
	s.notify.selects(box)
	s.writeFlagsDefined(st.Keywords)
	s.out.text("* ").number(uint64(st.Messages.Len())).text(" EXISTS").crlf()
	if !s.rev2() {
		s.writeRecent(st)
	}
	s.out.text("* OK [UIDVALIDITY ").number(uint64(st.UIDValidity)).text("] UIDs valid").crlf()
	s.out.text("* OK [UIDNEXT ").number(uint64(st.UIDNext)).text("] predicted next UID").crlf()
	if s.rev2() {
		s.announce(name, mailstore.Place{Account: box.Account(), Name: st.Name})
	}
	for _, ext := range s.table.extensions {
		if ext.onSelect != nil {
			ext.onSelect(s, st)
		}
	}
	for _, do := range params {
		do(s, st)
	}
	s.code = "READ-WRITE"
	if view.ReadOnly() {
		s.code = "READ-ONLY"
	}
	return nil
}

// writeRecent tells what only IMAP4rev1 has SELECT tell (RFC 9051 appendix E, 11 and 12).
func (s *session) writeRecent(st mailstore.Status) {
	s.out.text("* ").number(uint64(s.view.Recent())).text(" RECENT").crlf()
	if seq := st.Messages.FirstUnseen(); seq != 0 && !s.enabled[imap.CapUIDOnly] {
		s.out.text("* OK [UNSEEN ").number(uint64(seq)).text("] first unseen message").crlf()
	}
}

// writeFlagsDefined tells the mailbox's flags and which of them can be changed
// (RFC 3501 §7.2.6, §7.1).
func (s *session) writeFlagsDefined(keywords []imap.Flag) {
	all := append(mailstore.SystemFlags(), keywords...)
	s.out.text("* FLAGS ").flags(all, false).crlf()
	permanent := []imap.Flag{}
	if !s.view.ReadOnly() {
		permanent = s.toldRights.Changeable(append(all, imap.FlagWildcard))
	}
	s.out.text("* OK [PERMANENTFLAGS ").flags(permanent, false).text("] flags that can be changed").crlf()
}

func (s *session) close() error {
	if !s.view.ReadOnly() && s.rights().Has(mailstore.RightExpunge) {
		s.view.ExpungeDeleted(nil)
	}
	s.unselect()
	return nil
}
