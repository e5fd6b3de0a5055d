package imapfake

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// allNames returns the names of all mailboxes that the client may see, as it knows them, and
// of what is above these, in order.
func (s *session) allNames() []listed {
	own := s.account.Mailboxes()
	all := make([]listed, 0, len(own))
	for _, info := range own {
		if info.Name = s.ownName(info.Name); !s.isElsewhere(info.Name) {
			all = append(all, listed{MailboxInfo: info})
		}
	}
	others := s.otherNames()
	if s.srv.names.Personal == "" && others == nil {
		return all
	}
	l := listing{names: &s.srv.names, all: append(all, others...), at: make(map[string]int)}
	l.addAbove()
	return l.all
}

// otherNames returns the names of mailboxes that aren't the client's own.
func (s *session) otherNames() (all []listed) {
	if !s.has(imap.CapACL) {
		return nil
	}
	subscribed := make(map[mailstore.Place]bool)
	for _, p := range s.account.SubscribedElsewhere() {
		subscribed[p] = true
	}
	for _, a := range append(s.srv.store.Accounts(), s.srv.store.Shared()) {
		if a == s.account {
			continue
		}
		for _, info := range a.MailboxesFor(s.account) {
			p := mailstore.Place{Account: a, Name: info.Name}
			info.Subscribed, info.Name = subscribed[p], s.wireName(p)
			all = append(all, listed{MailboxInfo: info})
		}
	}
	return all
}

// mailboxInfo returns what there is to tell the client of a name.
func (s *session) mailboxInfo(p mailstore.Place) (info mailstore.MailboxInfo, exists bool) {
	if p.Account == s.account {
		return s.account.MailboxInfo(p.Name)
	}
	for _, info := range p.Account.MailboxesFor(s.account) {
		if info.Name == p.Name {
			info.Subscribed = slices.Contains(s.account.SubscribedElsewhere(), p)
			return info, true
		}
	}
	return mailstore.MailboxInfo{}, false
}

// listing is names that are about to be listed.
type listing struct {
	names *wireNames
	all   []listed
	at    map[string]int // by name
}

// addAbove adds what is missing above the names, as \Noselect, and puts all in order.
func (l *listing) addAbove() {
	for i, listed := range l.all {
		l.at[listed.Name] = i
	}
	for _, below := range l.all {
		for name := l.names.superior(below.Name); name != ""; name = l.names.superior(name) {
			i, ok := l.at[name]
			if !ok {
				i = len(l.all)
				l.at[name] = i
				l.all = append(l.all, listed{MailboxInfo: mailstore.MailboxInfo{Name: name, NoSelect: true}})
			}
			l.all[i].HasChildren = true
		}
	}
	l.names.sort(l.all)
}

// sort puts names in order, what is below a name right after it.
func (n *wireNames) sort(all []listed) {
	slices.SortStableFunc(all, func(a, b listed) int { return n.compare(a.Name, b.Name) })
}

// compare is mailstore.CompareNames for names on the wire, in which no character is below
// those that stand for the separator here.
func (n *wireNames) compare(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == mailstore.Inbox:
		return -1
	case b == mailstore.Inbox:
		return 1
	}
	return strings.Compare(strings.ReplaceAll(a, n.Separator, "\x00"), strings.ReplaceAll(b, n.Separator, "\x00"))
}
