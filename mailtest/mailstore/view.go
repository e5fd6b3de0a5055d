package mailstore

import (
	"math"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// View is what one client session knows of a mailbox: its own numbering of the
// messages, which moves only when the client is told. It belongs to that session:
// apart from Changed, its methods must not be called concurrently.
type View struct {
	box         *Mailbox
	uidValidity uint32
	restores    uint64 // of the mailbox, when it was opened
	readOnly    bool
	told        Messages
	keywords    int         // how many of the mailbox's keywords the client has been told
	recent      imap.UIDSet // the messages that are \Recent in this session
	modSeq      uint64      // see ModSeq
	changed     chan struct{}
}

// Open returns a view of the mailbox as it is now, with its status at this moment.
// Unless readOnly, messages that are \Recent become so in this session alone
// (RFC 3501 §2.3.2). It fails with [ErrStale] for a deleted mailbox.
func (b *Mailbox) Open(readOnly bool) (*View, Status, error) {
	defer b.account.lock()()
	if b.deleted {
		return nil, Status{}, fail("open mailbox", b.name, ErrStale)
	}
	st := b.status()
	v := &View{
		box: b, uidValidity: b.uidValidity, restores: b.restores, readOnly: readOnly,
		told: st.Messages, modSeq: st.HighestModSeq, keywords: len(b.keywords), changed: make(chan struct{}, 1),
	}
	v.claimRecent()
	if b.views == nil {
		b.views = make(map[*View]struct{})
	}
	b.views[v] = struct{}{}
	return v, st, nil
}

// Close ends the view; the mailbox no longer wakes it.
func (v *View) Close() {
	v.box.account.mu.Lock()
	defer v.box.account.mu.Unlock()
	delete(v.box.views, v)
}

// claimRecent makes the messages that no session has had as \Recent so in this one.
func (v *View) claimRecent() {
	b := v.box
	if b.recentFrom < b.uidNext {
		v.recent.AddRange(b.recentFrom, b.uidNext-1)
	}
	if !v.readOnly {
		b.recentFrom = b.uidNext
	}
}

// Mailbox returns the mailbox that is looked at.
func (v *View) Mailbox() *Mailbox { return v.box }

// ReadOnly tells whether the view was opened so.
func (v *View) ReadOnly() bool { return v.readOnly }

// Changed returns a channel that receives after a change of the mailbox. Changes
// before a Sync with [SyncAll] are forgotten, being told.
func (v *View) Changed() <-chan struct{} { return v.changed }

// ModSeq returns the mailbox's modification sequence up to which the client has
// been told everything (RFC 7162 §3.2.4).
func (v *View) ModSeq() uint64 { return v.modSeq }

// Messages returns the messages as the client knows them.
func (v *View) Messages() Messages { return v.told }

// IsRecent tells whether a message has \Recent in this session.
func (v *View) IsRecent(uid imap.UID) bool {
	return len(v.recent) > 0 && v.recent.Contains(uid)
}

// Recent returns how many messages have \Recent in this session.
func (v *View) Recent() uint32 {
	var n uint32
	for _, r := range v.recent {
		n += v.told.Rank(r.Stop+1) - v.told.Rank(r.Start)
	}
	return n
}

// stale tells whether the mailbox is no longer the one that was opened.
func (v *View) stale() bool {
	return v.box.deleted || v.box.uidValidity != v.uidValidity || v.box.restores != v.restores
}

// Stale tells whether the view is of no more use, as in [Update].
func (v *View) Stale() bool {
	v.box.account.mu.Lock()
	defer v.box.account.mu.Unlock()
	return v.stale()
}

// current returns the mailbox's present state.
func (v *View) current() Messages {
	v.box.account.mu.Lock()
	defer v.box.account.mu.Unlock()
	if v.stale() {
		return v.told
	}
	if v.box.messages == v.told {
		return v.told
	}
	return v.box.state()
}

// Latest returns the messages that the client knows, numbered as it knows them,
// each in its present state. One that was expunged since is as it was.
func (v *View) Latest() Messages {
	latest := v.told
	difference(v.told, v.current(), func(old, cur *Message) {
		if old != nil && cur != nil {
			latest = latest.put(cur, 0)
		}
	})
	return latest
}

// NewKeywords returns all keywords of the mailbox if there are more than the client was
// told, and records that it has been told them.
func (v *View) NewKeywords() []imap.Flag {
	v.box.account.mu.Lock()
	defer v.box.account.mu.Unlock()
	return v.newKeywords()
}

func (v *View) newKeywords() []imap.Flag {
	if v.stale() || v.keywords == len(v.box.keywords) {
		return nil
	}
	v.keywords = len(v.box.keywords)
	return v.box.keywordList()
}

// Live tells whether the message with the UID is still in the mailbox.
func (v *View) Live(uid imap.UID) bool {
	v.box.account.mu.Lock()
	defer v.box.account.mu.Unlock()
	return !v.stale() && v.box.messages.get(uid) != nil
}

// Tell records that the client was told this state of a message.
func (v *View) Tell(m *Message) {
	if old := v.told.get(m.UID); old != nil && old != m {
		v.told = v.told.put(m, 0)
	}
}

// TellExpunged records that the client was told that messages are gone, and returns those
// of them that it knew, numbered as in [Update].
func (v *View) TellExpunged(uids []imap.UID) []Numbered {
	var gone []Numbered
	for _, uid := range slices.Compact(slices.Sorted(slices.Values(uids))) {
		if seq, m := v.told.Find(uid); m != nil {
			gone = append(gone, Numbered{seq, m})
			v.told = v.told.without(m, 0)
		}
	}
	return gone
}

// SyncLevel says how much a client may be told.
//
// Levels are sets: what two of them have in common is a & b.
type SyncLevel uint8

const (
	// SyncArrivals tells of new messages and keywords only.
	SyncArrivals SyncLevel = 1 << iota
	syncFlags
	syncExpunges

	// SyncNothing tells nothing but that the view is of no more use.
	SyncNothing SyncLevel = 0
	// SyncNoExpunge tells of all but expunges, which would shift the numbers that a
	// FETCH, STORE or SEARCH is about to use (RFC 3501 §7.4.1).
	SyncNoExpunge = SyncArrivals | syncFlags
	// SyncNoFlags tells of all but changes of flags.
	SyncNoFlags = SyncArrivals | syncExpunges
	// SyncAll tells everything.
	SyncAll = SyncArrivals | syncFlags | syncExpunges
)

// Numbered is a message with its sequence number.
type Numbered struct {
	Seq uint32
	*Message
}

// Update is what to tell the client, in this order.
type Update struct {
	// Stale: the mailbox was deleted or restored, or has a new UIDVALIDITY; the view is of no more use.
	Stale bool
	// Expunged holds the messages that are gone, each numbered as it is when those
	// before it have been told.
	Expunged []Numbered
	// Arrived: Exists, the number of messages, has grown.
	Arrived bool
	Exists  uint32
	// NewKeywords holds all keywords of the mailbox when there are more than were told.
	NewKeywords []imap.Flag
	// Changed holds the messages whose flags changed, numbered as after all the above.
	Changed []Numbered
	// Withheld: there are expunges that the level didn't let the client be told of.
	Withheld bool
}

// Sync moves the view on to the mailbox's present state, as far as level lets it,
// and returns what the client must be told for that.
func (v *View) Sync(level SyncLevel) Update {
	a := v.box.account
	a.mu.Lock()
	if level == SyncAll {
		v.drain()
	}
	if v.stale() {
		a.mu.Unlock()
		return Update{Stale: true}
	}
	if v.box.messages == v.told && v.keywords == len(v.box.keywords) {
		v.modSeq = v.box.modSeq
		a.mu.Unlock()
		return Update{}
	}
	var up Update
	cur := v.box.state()
	if level == SyncAll {
		v.modSeq = v.box.modSeq
	}
	if level&SyncArrivals != 0 {
		up.NewKeywords = v.newKeywords()
		v.claimRecent()
	}
	a.mu.Unlock()
	v.advance(cur, level, &up)
	return up
}

// drain takes back the token of the changes so far; the caller has the account's
// lock, so that it can't be that of a later one.
func (v *View) drain() {
	select {
	case <-v.changed:
	default:
	}
}

// advance moves what was told on to cur.
func (v *View) advance(cur Messages, level SyncLevel, up *Update) {
	told, exact := v.told, true // exact: told becomes cur
	difference(told, cur, func(old, now *Message) {
		switch {
		case !level.tells(old, now):
			exact = false
			up.Withheld = up.Withheld || now == nil
		case old == nil:
			up.Arrived = true
		case now == nil:
			up.Expunged = append(up.Expunged, Numbered{told.Rank(old.UID) + 1 - uint32(len(up.Expunged)), old})
		default:
			up.Changed = append(up.Changed, Numbered{Message: now})
		}
	})
	switch {
	case exact:
		v.told = cur
	case up.Arrived || up.Expunged != nil || up.Changed != nil:
		v.told = told.with(cur, level)
	}
	for i, c := range up.Changed {
		up.Changed[i].Seq = v.told.Rank(c.UID) + 1
	}
	if up.Arrived {
		up.Exists = v.told.Len()
	}
}

// tells tells whether what became of a message is among what is told.
func (level SyncLevel) tells(old, now *Message) bool {
	switch {
	case old == nil:
		return level&SyncArrivals != 0
	case now == nil:
		return level&syncExpunges != 0
	}
	return level&syncFlags != 0
}

// with returns the messages with those of the changes up to cur that level tells.
func (ms Messages) with(cur Messages, level SyncLevel) Messages {
	next := ms
	difference(ms, cur, func(old, now *Message) {
		switch {
		case !level.tells(old, now):
		case now == nil:
			next = next.without(old, 0)
		default:
			next = next.put(now, 0)
		}
	})
	return next
}

// Store is [Mailbox.Store] for UIDs of this view.
func (v *View) Store(uids []imap.UID, op imap.StoreFlagsOp, flags []imap.Flag) ([]Change, error) {
	defer v.box.account.lock()()
	if v.stale() {
		return nil, fail("store flags in", v.box.name, ErrStale)
	}
	return v.box.storeFlags(uids, op, flags, math.MaxUint64, AllRights)
}

// StoreUnchanged is Store for messages that have not changed since modSeq; of the
// others nothing but Old is in the result (RFC 7162 §3.1.3). Flags that the rights may are
// not enough to change stay as they are.
func (v *View) StoreUnchanged(uids []imap.UID, op imap.StoreFlagsOp, flags []imap.Flag, modSeq uint64, may Rights) ([]Change, error) {
	defer v.box.account.lock()()
	if v.stale() {
		return nil, fail("store flags in", v.box.name, ErrStale)
	}
	return v.box.storeFlags(uids, op, flags, modSeq, may)
}

// Expunge is [Mailbox.Expunge] for UIDs of this view: it removes nothing once the
// mailbox has been renumbered, since the UIDs are then those of other messages.
func (v *View) Expunge(uids []imap.UID) []imap.UID {
	defer v.box.account.lock()()
	if v.stale() {
		return nil
	}
	return v.box.expunge(uids)
}

// ExpungeDeleted expunges the messages that have \Deleted now and that match, all
// if match is nil. match runs with the account locked: it must not use the store.
func (v *View) ExpungeDeleted(match func(imap.UID) bool) []imap.UID {
	defer v.box.account.lock()()
	if v.stale() {
		return nil
	}
	var uids []imap.UID
	for _, m := range v.box.state().WithDeleted() {
		if match == nil || match(m.UID) {
			uids = append(uids, m.UID)
		}
	}
	return v.box.expunge(uids)
}

// Move is [Mailbox.Move] for UIDs of this view, by one whose rights on the other mailbox
// are may: the flags that they are not enough for are lost on the way (RFC 4314 §4, COPY).
func (v *View) Move(uids []imap.UID, to *Mailbox, may Rights) (Copied, error) {
	defer v.box.account.lockWith(to.account)()
	if v.stale() {
		return Copied{}, fail("move from", v.box.name, ErrStale)
	}
	return v.box.move(uids, to, may)
}
