package imapfake

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
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
	// change changes something else than flags, which told tells.
	change func(*session, []imap.UID, uint64) ([]mailstore.Change, error)
	told   fetchAttribute

	unchangedSince *uint64 // leave alone what was changed after this (RFC 7162 §3.1.3)
}

func storeParser(byUID bool) func(*parser, *session) action {
	return func(p *parser, s *session) action {
		p.space()
		set := s.messageSet(p, byUID)
		p.space()
		var args storeArguments
		s.storeModifiers(p, &args)
		s.storeArguments(p, &args)
		return func(s *session) error { return s.store(set, byUID, args) }
	}
}

// storeModifier is a row of the table of STORE's modifiers (RFC 4466 §2.5).
type storeModifier struct {
	name  string
	parse func(*parser, *session, *storeArguments)
}

// storeModifiers reads the optional modifiers before the flags of STORE.
func (s *session) storeModifiers(p *parser, args *storeArguments) {
	if len(s.table.storeModifiers) == 0 || p.peek() != '(' {
		return
	}
	p.list(false, func() {
		name := p.keyword()
		modifier, ok := s.table.storeModifiers[name]
		if !ok {
			p.fail("unknown modifier %.40q", name)
			return
		}
		modifier.parse(p, s, args)
	})
	p.space()
}

// storeItem is a row of the table of what STORE changes beside flags.
type storeItem struct {
	name string
	// parse reads the value.
	parse func(*parser, *session, *storeArguments)
}

func (s *session) storeArguments(p *parser, a *storeArguments) {
	a.op = imap.StoreFlagsSet
	switch {
	case p.accept('+'):
		a.op = imap.StoreFlagsAdd
	case p.accept('-'):
		a.op = imap.StoreFlagsDel
	}
	item := p.keyword()
	item, a.silent = strings.CutSuffix(item, ".SILENT")
	if row, ok := s.table.storeItems[item]; ok {
		p.space()
		row.parse(p, s, a)
		return
	}
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
}

func (p *parser) refuseRecent(flags []imap.Flag) {
	for _, f := range flags {
		if strings.EqualFold(string(f), `\Recent`) {
			p.fail(`a client can't set \Recent (RFC 3501 §2.3.2)`)
		}
	}
}

// checkRights refuses STORE when none of the flags can be changed; if some can, only these
// are (RFC 4314 §4, STORE). To replace the flags means all of them.
func (a *storeArguments) checkRights(rights mailstore.Rights) error {
	if a.change != nil { // of labels, which are mailboxes of the owner
		return requireAll(rights)
	}
	if a.op == imap.StoreFlagsSet && rights.HasAny(flagRights) || a.op != imap.StoreFlagsSet && len(a.flags) == 0 {
		return nil
	}
	if slices.ContainsFunc(a.flags, rights.CanChange) {
		return nil
	}
	return no(imap.ResponseCodeNoPerm, "you may change none of these flags (RFC 4314 4)")
}

func (s *session) store(set messageSet, byUID bool, args storeArguments) error {
	if err := s.checkWritable(0); err != nil {
		return err
	}
	rights := s.rights()
	if err := args.checkRights(rights); err != nil {
		return err
	}
	uids := set.uids(s.view.Messages())
	unchangedSince := uint64(math.MaxUint64)
	if args.unchangedSince != nil {
		s.enableCondStore()
		unchangedSince = *args.unchangedSince
	}
	if args.change == nil {
		args.told = flagsAttribute()
		args.change = func(s *session, uids []imap.UID, unchangedSince uint64) ([]mailstore.Change, error) {
			return s.view.StoreUnchanged(uids, args.op, args.flags, unchangedSince, rights)
		}
	}
	changes, err := args.change(s, uids, unchangedSince)
	if err != nil {
		return err
	}
	// A new keyword is announced before the first FETCH that shows it.
	if s.tell(mailstore.SyncArrivals); s.ended {
		return nil
	}
	told := s.view.Messages()
	var modified []imap.UID // or sequence numbers
	for _, c := range changes {
		seq, known := told.Find(c.Old.UID)
		if c.New == nil {
			if !byUID {
				modified = append(modified, imap.UID(seq))
			} else {
				modified = append(modified, c.Old.UID)
			}
			continue
		}
		s.writeStored(c, seq, known, byUID, args)
	}
	if len(modified) > 0 {
		s.code = string(appendUIDSet([]byte("MODIFIED "), modified))
	}
	// RFC 2180 §4.2.1: with .SILENT it is enough that all others are changed.
	allOthers := args.silent && len(modified) == 0
	if !byUID && !allOthers && len(changes) < len(uids) {
		return errExpungeIssued(s.code)
	}
	return nil
}

// writeStored tells of one message what STORE did to it. known is what the client
// knew before.
func (s *session) writeStored(c mailstore.Change, seq uint32, known *mailstore.Message, byUID bool, args storeArguments) {
	// With .SILENT, a change by another session that came in between is still told, and so
	// is one of flags that follows from another.
	tellsFlags := args.told.flags && !args.silent
	if tellsFlags || known == c.Old && (args.told.flags || slices.Equal(c.Old.Flags, c.New.Flags)) {
		s.view.Tell(c.New)
	}
	var attributes []fetchAttribute
	if s.impliesUID(byUID) || s.changesWithUID() {
		attributes = append(attributes, uidAttribute())
	}
	if !args.silent {
		attributes = append(attributes, args.told)
	}
	if s.condStore && (!args.silent || c.New != c.Old) {
		attributes = append(attributes, modSeqAttribute())
	} else if args.silent {
		return
	}
	s.beginFetch(seq, c.New.UID)
	s.writeAttributes(attributes, &fetched{c.New, s.isRecent(c.New.UID)})
	s.out.line(")")
}

// errExpungeIssued answers a command on messages that another session expunged (RFC 5530
// §3), unless there is a code that the client needs more (RFC 7162 §3.1.3, MODIFIED).
func errExpungeIssued(code string) error {
	return no(imap.ResponseCode(cmp.Or(code, "EXPUNGEISSUED")), "some of the messages were expunged by another session")
}
