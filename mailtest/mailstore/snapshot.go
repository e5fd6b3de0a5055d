package mailstore

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Snapshot is all that a store held at one moment: accounts with passwords, quotas and
// refusals, mailboxes with messages, UIDs, modification sequences and expunge history,
// subscriptions, annotations, labels, rights, tokens, certificates, and the numbers that are
// given next. It never changes, shares the messages with the store, and can be restored
// any number of times.
type Snapshot struct {
	store    *Store
	state    storeState
	accounts []*AccountSnapshot
	expiries map[*Token]time.Time
}

// AccountSnapshot is what a [Snapshot] has of one account.
type AccountSnapshot struct {
	account   *Account
	state     accountState
	mailboxes map[*Mailbox]savedMailbox
}

type savedMailbox struct {
	mailboxState
	acl *acl
}

// Snapshot returns what the store holds now. It takes time in proportion to the number of
// accounts, mailboxes, subscriptions and tokens, and none for messages.
func (s *Store) Snapshot() *Snapshot {
	defer s.lockAll()()
	snap := &Snapshot{store: s, state: s.storeState.clone(), expiries: make(map[*Token]time.Time)}
	for _, a := range s.everyAccount() {
		snap.accounts = append(snap.accounts, a.snapshot())
	}
	for _, t := range s.tokens {
		snap.expiries[t], _ = t.expiry()
	}
	return snap
}

// Restore makes the store what it was when a snapshot was taken of it, in time proportional
// to the number of accounts and mailboxes, and, where there are labels, of messages that have
// changed. Feeds get one event, [Restored], and watches overflow.
//
// Numbers that were given since are given again, so that the same changes have the same
// result each time: a UID may then be that of another message. Therefore views are of no more
// use, whatever they looked at, as after [Mailbox.Renumber]; sessions with a mailbox selected
// are ended. Sessions without one stay logged in. Maildrops are unlocked, access tokens that
// were added since expire at once, and accounts that were added since are gone: a session
// that is logged in to one finds no mailboxes there.
//
// It fails with [ErrOtherStore] for a snapshot of another store.
func (s *Store) Restore(snap *Snapshot) error {
	if snap == nil || snap.store != s {
		return fail("restore", "store", ErrOtherStore)
	}
	defer s.lockAll()()
	saved := make(map[*Account]bool)
	for _, a := range snap.accounts {
		saved[a.account] = true
	}
	for _, a := range s.everyAccount() {
		if !saved[a] {
			a.restore(&AccountSnapshot{account: a, state: accountState{mailboxes: make(map[string]*Mailbox)}})
		}
	}
	s.restoreTokens(snap)
	s.storeState = snap.state.clone()
	for _, a := range snap.accounts {
		a.account.restore(a)
	}
	s.events.send([]Event{{Kind: Restored}})
	return nil
}

// restoreTokens has tokens expire when they did, so that sessions notice.
func (s *Store) restoreTokens(snap *Snapshot) {
	for key, t := range s.tokens {
		if snap.state.tokens[key] != t && !t.Expired() {
			t.setExpiry(time.Now())
		}
	}
	for t, expires := range snap.expiries {
		if now, _ := t.expiry(); !now.Equal(expires) {
			t.setExpiry(expires)
		}
	}
}

// Snapshot returns what the account holds now, but not what the store knows of it: tokens,
// certificates and annotations that all accounts share.
func (a *Account) Snapshot() *AccountSnapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.snapshot()
}

// Restore makes the account what it was when a snapshot was taken of it, as [Store.Restore]
// does. It fails with [ErrOtherStore] for a snapshot of another account.
func (a *Account) Restore(snap *AccountSnapshot) error {
	if snap == nil || snap.account != a {
		return fail("restore", a.name, ErrOtherStore)
	}
	defer a.lock()()
	a.restore(snap)
	a.feed(Event{Kind: Restored})
	return nil
}

// everyAccount returns all accounts and the shared one in the order in which they are locked;
// the store is locked.
func (s *Store) everyAccount() []*Account {
	all := append(slices.Collect(maps.Values(s.accounts)), s.shared)
	slices.SortFunc(all, func(a, b *Account) int { return cmp.Compare(a.number, b.number) })
	return all
}

// lockAll locks all accounts and the store. Accounts come first, as everywhere.
func (s *Store) lockAll() (unlock func()) {
	for {
		s.mu.RLock()
		accounts := s.everyAccount()
		s.mu.RUnlock()
		var unlocks []func()
		for _, a := range accounts {
			unlocks = append(unlocks, a.lock())
		}
		s.mu.Lock()
		unlock = func() {
			s.mu.Unlock()
			for _, u := range slices.Backward(unlocks) {
				u()
			}
		}
		if slices.Equal(accounts, s.everyAccount()) {
			return unlock
		}
		unlock() // one came or went in between
	}
}

func (st storeState) clone() storeState {
	st.accounts = maps.Clone(st.accounts)
	st.tokens = maps.Clone(st.tokens)
	st.certificates = maps.Clone(st.certificates)
	return st
}

func (st accountState) clone() accountState {
	st.mailboxes = maps.Clone(st.mailboxes)
	st.subscriptions = maps.Clone(st.subscriptions)
	st.subscribed = maps.Clone(st.subscribed)
	st.metadata = maps.Clone(st.metadata)
	if st.labels != nil {
		l := *st.labels
		l.keywords = maps.Clone(l.keywords)
		st.labels = &l
	}
	return st
}

func (st mailboxState) clone() mailboxState {
	st.specialUse = slices.Clip(st.specialUse)
	st.keywords = maps.Clone(st.keywords)
	st.expunged = slices.Clip(st.expunged)
	st.private = maps.Clone(st.private)
	return st
}

func (a *Account) snapshot() *AccountSnapshot {
	snap := &AccountSnapshot{account: a, state: a.accountState.clone(), mailboxes: make(map[*Mailbox]savedMailbox, len(a.mailboxes))}
	for _, b := range a.mailboxes {
		b.state() // from now on nobody changes its nodes in place
		snap.mailboxes[b] = savedMailbox{b.mailboxState.clone(), b.acl.Load()}
	}
	return snap
}

// restore makes the account, which is locked, what it was.
func (a *Account) restore(snap *AccountSnapshot) {
	if a.labels != nil || snap.state.labels != nil {
		a.relink(snap)
	}
	for _, b := range a.mailboxes {
		if _, stays := snap.mailboxes[b]; !stays {
			b.deleted = true
			b.touch()
		}
	}
	a.accountState = snap.state.clone()
	for b, saved := range snap.mailboxes {
		b.mailboxState = saved.mailboxState.clone()
		if a.labels != nil {
			b.keywords = a.labels.keywords
		}
		b.acl.Store(saved.acl)
		b.generation++
		b.restores++
		b.sorted = nil // its keywords may be spelled otherwise from now on
		b.touch()
	}
	a.drop = nil
	a.overflowWatches()
}

// relink makes the places of all labelled messages those that they are to have.
func (a *Account) relink(snap *AccountSnapshot) {
	for _, b := range a.mailboxes {
		relink(b.messages, snap.mailboxes[b].messages)
	}
	for b, saved := range snap.mailboxes {
		if a.mailboxes[b.name] != b { // deleted since
			relink(Messages{}, saved.messages)
		}
	}
}

// relink makes the places of labelled messages those of the messages that a mailbox is to
// have. What is in both states has the same place. So has what was renumbered in between, if
// under another UID: all of the one state is undone first.
func relink(is, willBe Messages) {
	difference(is, willBe, func(now, _ *Message) {
		if now != nil && now.place != nil {
			of := now.place.of
			of.places = slices.DeleteFunc(slices.Clone(of.places), func(p *place) bool { return p == now.place })
		}
	})
	difference(is, willBe, func(_, then *Message) {
		if then != nil && then.place != nil {
			of := then.place.of
			then.place.uid = then.UID
			of.places = append(slices.Clip(of.places), then.place)
			slices.SortFunc(of.places, func(p, q *place) int { return cmp.Compare(p.number, q.number) })
		}
	})
}
