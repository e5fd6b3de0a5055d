package imapfake

import (
	"strings"

	"github.com/emersion/go-imap/v2"
)

// storeCommands are STORE and UID STORE (RFC 3501 §6.4.6, §6.4.8).
func storeCommands() []command {
	return []command{
		{name: "STORE", states: selected, parse: storeParser(false), numbers: true, noExpunge: true},
		{name: "UID STORE", states: selected, parse: storeParser(true), numbers: true},
	}
}

// storeArguments is what STORE is to do to each message.
type storeArguments struct {
	op     imap.StoreFlagsOp
	silent bool
	flags  []imap.Flag
}

func storeParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		set := s.messageSet(p, byUID)
		p.space()
		args := p.storeArguments()
		return func(s *session) error { return s.store(set, byUID, args) }
	}
}

func (p *parser) storeArguments() (a storeArguments) {
	a.op = imap.StoreFlagsSet
	switch {
	case p.accept('+'):
		a.op = imap.StoreFlagsAdd
	case p.accept('-'):
		a.op = imap.StoreFlagsDel
	}
	item := p.keyword()
	item, a.silent = strings.CutSuffix(item, ".SILENT")
	if item != "FLAGS" {
		p.fail("expected FLAGS, +FLAGS or -FLAGS, found %.30q (RFC 3501 §6.4.6)", item)
	}
	p.space()
	if p.peek() == '(' {
		a.flags = p.flagList()
	} else {
		a.flags = append(a.flags, p.flag())
		for p.accept(' ') {
			a.flags = append(a.flags, p.flag())
		}
	}
	p.refuseRecent(a.flags)
	return a
}

func (p *parser) refuseRecent(flags []imap.Flag) {
	for _, f := range flags {
		if strings.EqualFold(string(f), `\Recent`) {
			p.fail(`a client can't set \Recent (RFC 3501 §2.3.2)`)
		}
	}
}

func (s *session) store(set messageSet, byUID bool, args storeArguments) error {
	if err := s.checkWritable(); err != nil {
		return err
	}
	uids := set.uids(s.view.Messages())
	changes, err := s.view.Store(uids, args.op, args.flags)
	if err != nil {
		return err
	}
	told := s.view.Messages()
	for _, c := range changes {
		seq, known := told.Find(c.New.UID)
		if args.silent {
			// A change by another session that came in between is still told.
			if known == c.Old {
				s.view.Tell(c.New)
			}
			continue
		}
		s.view.Tell(c.New)
		s.out.text("* ").number(uint64(seq)).text(" FETCH (")
		if byUID {
			s.out.text("UID ").number(uint64(c.New.UID)).byte(' ')
		}
		s.out.text("FLAGS ").flags(c.New.Flags, s.view.IsRecent(c.New.UID)).line(")")
	}
	if !byUID && len(changes) < len(uids) {
		return errExpungeIssued()
	}
	return nil
}

// errExpungeIssued answers a command on messages that another session expunged (RFC 5530 §3).
func errExpungeIssued() error {
	return no("EXPUNGEISSUED", "some of the messages were expunged by another session")
}
