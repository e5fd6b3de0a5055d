package imapfake

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// qresync is QRESYNC (RFC 7162 §3.2).
func qresync() extension {
	return extension{
		cap: imap.CapQResync, enable: true, needs: []imap.Cap{imap.CapCondStore, imap.CapEnable},
		onEnable:       (*session).enableCondStore,
		selectParams:   []selectParam{{"QRESYNC", parseQResync}},
		fetchModifiers: []fetchModifier{{"VANISHED", parseVanished}},
	}
}

// requireQResync refuses what only a client that has enabled QRESYNC may send
// (RFC 7162 §3.2.3).
func (p *parser) requireQResync(s *session) {
	if !s.enabled[imap.CapQResync] {
		p.fail("ENABLE QRESYNC comes first (RFC 7162 §3.2.3)")
	}
}

func parseVanished(p *parser, s *session, args *fetchArguments) {
	p.requireQResync(s)
	args.vanished = true
}

// known is what a client remembers of a mailbox (RFC 7162 §3.2.5).
type known struct {
	uidValidity uint32
	modSeq      uint64
	uids        numSet // nil: all
	// seqs and samples pair some sequence numbers with their UIDs.
	seqs, samples numSet
}

func parseQResync(p *parser, s *session) func(*session, mailstore.Status) {
	p.requireQResync(s)
	var k known
	p.space()
	p.expect('(')
	k.uidValidity = p.number()
	if p.err == nil && k.uidValidity == 0 {
		p.fail("0 is no UIDVALIDITY (RFC 7162 §7, nz-number)")
	}
	k.modSeq = p.modSeq()
	if p.accept(' ') && p.peek() != '(' {
		k.uids = p.knownSet()
		if !p.accept(' ') {
			p.expect(')')
			return k.resynchronize
		}
	}
	if p.accept('(') {
		s.refuseNumbers(p)
		k.seqs = p.knownSet()
		p.space()
		k.samples = p.knownSet()
		if p.err == nil && !(k.seqs.isAscending() && k.samples.isAscending()) {
			p.fail("known messages are given in ascending order (RFC 7162 §3.2.5.2)")
		}
		if p.err == nil && k.seqs.count() != k.samples.count() {
			p.fail("%d numbers with %d UIDs (RFC 7162 §3.2.5.2)", k.seqs.count(), k.samples.count())
		}
		p.expect(')')
	}
	p.expect(')')
	return k.resynchronize
}

// knownSet reads a set of what a client knows: "*" is nothing that it could know
// (RFC 7162 §7).
func (p *parser) knownSet() numSet {
	set := p.numSet()
	if p.err == nil && slices.ContainsFunc(set, func(r numRange) bool { return r.first == 0 || r.last == 0 }) {
		p.fail("* is no known message (RFC 7162 §7)")
	}
	return set
}

// isAscending tells whether a set without "*" was written in the order of its numbers.
func (set numSet) isAscending() bool {
	last := uint32(0)
	for _, r := range set {
		if r.first <= last || r.last < r.first {
			return false
		}
		last = r.last
	}
	return true
}

// count returns how many numbers a set without "*" has.
func (set numSet) count() (n uint64) {
	for _, r := range set.resolve(0) {
		n += uint64(r.last-r.first) + 1
	}
	return n
}

// resynchronize tells what has happened to the known messages.
func (k known) resynchronize(s *session, st mailstore.Status) {
	if k.uidValidity != st.UIDValidity {
		return
	}
	if k.uids == nil {
		k.uids = numSet{{1, math.MaxUint32}}
	}
	uids := messageSet(k.uids.resolve(uint32(st.UIDNext - 1)))
	s.writeVanished(uids, k.modSeq, k.lastMatch(st.Messages))
	for seq, m := range st.Messages.ChangedSince(k.modSeq) {
		if !uids.contains(uint32(m.UID)) {
			continue
		}
		s.beginUIDFetch(seq, m.UID)
		s.writeAttributes(s.flagsAttributes(), &fetched{m, s.isRecent(m.UID)})
		s.out.line(")")
	}
}

// lastMatch returns the highest sample UID whose message still has the number that
// the client knows: of what was expunged below, it knows (RFC 7162 §3.2.5.2).
func (k known) lastMatch(ms mailstore.Messages) imap.UID {
	var last imap.UID
	next, stop := iter.Pull(k.samples.ascending())
	defer stop()
	for seq := range k.seqs.ascending() {
		uid, ok := next()
		if m := ms.At(seq); !ok || m == nil || m.UID != imap.UID(uid) {
			break
		}
		last = imap.UID(uid)
	}
	return last
}

// vanishedEarlier tells which of the named messages were expunged after modSeq.
func (s *session) vanishedEarlier(named numSet, modSeq uint64) {
	star := uint32(s.view.Mailbox().Status().UIDNext - 1)
	s.writeVanished(messageSet(named.resolve(star)), modSeq, 0)
}

// writeVanished writes VANISHED (EARLIER) of the UIDs above last (RFC 7162 §3.2.10.1).
// Messages that the client is yet to be told of as expunged are not among them.
func (s *session) writeVanished(uids messageSet, modSeq uint64, last imap.UID) {
	box := s.view.Mailbox()
	var gone messageSet
	expunged, complete := box.ExpungedSince(modSeq)
	if complete {
		for _, e := range expunged {
			if _, present := s.view.Messages().Find(e.UID); present == nil && e.UID > last && uids.contains(uint32(e.UID)) {
				gone = append(gone, numRange{uint32(e.UID), uint32(e.UID)})
			}
		}
		gone = numSet(gone).resolve(0)
	} else {
		// RFC 7162 §3.2.6: then it is as if all that ever was expunged were asked for.
		st := box.Status()
		gone = uids.absent(s.view.Messages(), last+1, st.UIDNext-1).absent(st.Messages, 1, st.UIDNext-1)
	}
	if len(gone) > 0 {
		s.out.text("* VANISHED (EARLIER) ")
		s.out.buf = gone.appendTo(s.out.buf)
		s.out.crlf()
	}
}

// highestModSeq adds the response code HIGHESTMODSEQ to the tagged OK of a command
// with which the client was told of expunged messages, as VANISHED has no modification
// sequence, or after which there are some that it could not be told of (RFC 7162
// §3.2, §3.2.7, §6).
func (s *session) highestModSeq() {
	if s.enabled[imap.CapQResync] && s.view != nil && s.code == "" && (len(s.expunged) > 0 || s.vanished || s.withheld) {
		s.code = fmt.Sprintf("HIGHESTMODSEQ %d", s.view.ModSeq())
	}
	s.expunged, s.vanished = nil, false
}
