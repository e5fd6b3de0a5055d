package imapfake

import (
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// tellArrived tells what the client wants to know of new messages in the selected
// mailbox that it didn't put there itself, and how they change the results of searches. What
// NOTIFY asks for comes after these (RFC 5465 §5.2), unless a search asks for items of the
// same message, which come before them (§7); a message's items are told together.
func (s *session) tellArrived(before mailstore.Messages, results []resultChange) {
	var wanted fetchArguments
	if s.notify != nil {
		wanted = s.notify.fetch
	}
	told := s.tellFound(wanted, results)
	writeResults(results)
	if len(wanted.attributes) == 0 {
		return
	}
	now := s.view.Messages()
	for was, m := range mailstore.Changes(before, now) {
		if was == nil && !told[m.UID] && !slices.Contains(s.brought, m.UID) {
			s.tellOfArrived(now.Rank(m.UID)+1, wanted)
		}
	}
}

// tellFound tells what searches and NOTIFY want to know of new messages that were found, and
// returns of which it did.
func (s *session) tellFound(wanted fetchArguments, results []resultChange) map[imap.UID]bool {
	found := make(map[imap.UID]*fetchArguments)
	for _, r := range results {
		for _, uid := range r.arrived {
			if len(r.returns.fetch.attributes) == 0 || slices.Contains(s.brought, uid) {
				continue
			}
			if found[uid] == nil {
				found[uid] = new(fetchArguments)
				found[uid].addAll(wanted)
			}
			found[uid].addAll(r.returns.fetch)
		}
	}
	told := make(map[imap.UID]bool, len(found))
	now := s.view.Messages()
	for _, uid := range slices.Sorted(maps.Keys(found)) {
		s.tellOfArrived(now.Rank(uid)+1, *found[uid])
		told[uid] = true
	}
	return told
}

// tellOfArrived tells items of one new message, and the modification sequence to a client
// that is aware of these (RFC 7162 §3.1: in every untagged FETCH that it didn't ask for).
func (s *session) tellOfArrived(seq uint32, items fetchArguments) {
	if s.condStore && !items.modSeq {
		items.attributes = slices.Clone(items.attributes)
		items.add(modSeqAttribute())
	}
	s.fetch(messageSet{{seq, seq}}, items)
}

func writeResults(results []resultChange) {
	for i := range results {
		results[i].write()
	}
}

func (a *fetchArguments) addAll(b fetchArguments) {
	for _, attr := range b.attributes {
		a.add(attr)
	}
}

// arrivalAttributes reads the items that are to be told of new messages; such an
// unsolicited FETCH has the UID, too (RFC 9051 §7.5.2).
func (s *session) arrivalAttributes(p *parser) (args fetchArguments) {
	p.space()
	p.list(false, func() { args.add(s.fetchAttribute(p, fetchItemName(p))) })
	if s.impliesUID(true) && !args.uid {
		args.prependUID()
	}
	return args
}
