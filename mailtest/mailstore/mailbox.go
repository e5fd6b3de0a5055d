package mailstore

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Mailbox is a named sequence of messages. All methods are safe for concurrent use.
type Mailbox struct {
	account *Account
	acl     atomic.Pointer[acl] // changed with the account's lock held; nil: the owner has all rights

	// The rest is guarded by the account's lock.
	mailboxState
	generation uint64 // owner of the nodes that only messages holds
	restores   uint64 // how often it was restored, which ends its views
	views      map[*View]struct{}
	touched    bool        // the views are to be woken when the account is unlocked
	sorted     []imap.Flag // what sortedFlags returned last
}

// mailboxState is what a [Snapshot] has of a mailbox, beside its access control list.
type mailboxState struct {
	name        string
	specialUse  []imap.MailboxAttr
	id          uint64
	deleted     bool
	messages    Messages
	keywords    map[string]imap.Flag
	uidValidity uint32
	uidNext     imap.UID
	recentFrom  imap.UID // from here on no session has been told that a message is recent
	modSeq      uint64
	expunged    []Expunged
	forgotten   uint64                // the highest modification sequence that is no longer in expunged
	appendLimit *uint32               // nil: the server's
	keyResets   uint64                // of its access key
	private     map[*Account]metadata // of other accounts, below /private
}

// Expunged is an entry of a mailbox's expunge history.
type Expunged struct {
	UID    imap.UID
	ModSeq uint64
}

// Status is what a mailbox says of itself, all at one moment.
type Status struct {
	Name          string
	ID            uint64 // the same for as long as the mailbox and its UIDVALIDITY are (RFC 8474 §4)
	UIDValidity   uint32
	UIDNext       imap.UID
	HighestModSeq uint64
	Recent        uint32
	AppendLimit   *uint32     // in octets; nil: the server's (RFC 7889)
	Keywords      []imap.Flag // in order of name
	Messages      Messages
}

// Account returns the account that the mailbox belongs to.
func (b *Mailbox) Account() *Account { return b.account }

// Name returns the mailbox's name, in UTF-8.
func (b *Mailbox) Name() string {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	return b.name
}

// SpecialUse returns the mailbox's special-use attributes (RFC 6154).
func (b *Mailbox) SpecialUse() []imap.MailboxAttr {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	return slices.Clone(b.specialUse)
}

// UIDValidity returns the number whose change voids all UIDs (RFC 3501
// §2.3.1.1). It is cheaper than Status, after which the next change copies some of
// the state.
func (b *Mailbox) UIDValidity() uint32 {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	return b.uidValidity
}

// Status returns the mailbox's present state.
func (b *Mailbox) Status() Status {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	return b.status()
}

func (b *Mailbox) status() Status {
	ms := b.state()
	return Status{
		Name: b.name, ID: b.id, UIDValidity: b.uidValidity, UIDNext: b.uidNext, HighestModSeq: b.modSeq,
		Recent: ms.Len() - ms.Rank(b.recentFrom), AppendLimit: b.appendLimit, Keywords: b.keywordList(), Messages: ms,
	}
}

// Messages returns the mailbox's present messages.
func (b *Mailbox) Messages() Messages {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	return b.state()
}

// state hands out the present messages, whose nodes nobody may change from now on.
func (b *Mailbox) state() Messages {
	b.generation++
	return b.messages
}

func (b *Mailbox) keywordList() []imap.Flag {
	out := make([]imap.Flag, 0, len(b.keywords))
	for _, f := range b.keywords {
		out = append(out, f)
	}
	slices.SortFunc(out, compareFlags)
	return out
}

// ExpungedSince returns the history's entries with a modification sequence above
// modSeq, in the order in which they were expunged. complete tells whether that is all: of the
// history at least the last 100,000 entries are kept.
func (b *Mailbox) ExpungedSince(modSeq uint64) (expunged []Expunged, complete bool) {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	i := sort.Search(len(b.expunged), func(i int) bool { return b.expunged[i].ModSeq > modSeq })
	return slices.Clone(b.expunged[i:]), modSeq >= b.forgotten
}

// remember adds to the expunge history. It is cut when twice as much is in it as is to be
// kept (RFC 7162 §5.3).
func (b *Mailbox) remember(e Expunged) {
	b.expunged = append(b.expunged, e)
	if old := len(b.expunged) - maxExpunged; old >= maxExpunged {
		b.forgotten = b.expunged[old-1].ModSeq
		b.expunged = slices.Clone(b.expunged[old:])
	}
}

// Append puts messages in the mailbox, all or none, and returns their UIDs. It
// fails with [ErrOverQuota], [ErrInvalidFlag], [ErrLimit] or [ErrStale].
func (b *Mailbox) Append(messages ...NewMessage) ([]imap.UID, error) {
	defer b.account.lock()()
	return b.append("append to", Quota{}, messages)
}

// append puts messages in the mailbox where others, of which freed is the sum, are
// about to leave the account.
func (b *Mailbox) append(op string, freed Quota, messages []NewMessage) ([]imap.UID, error) {
	arriving, err := b.admit(op, freed, messages)
	if err != nil {
		return nil, err
	}
	uids := make([]imap.UID, 0, len(messages))
	for _, m := range arriving {
		uids = append(uids, b.arrive(m))
	}
	return uids, nil
}

// admit returns the messages that are to come to the mailbox, if all of them may.
func (b *Mailbox) admit(op string, freed Quota, messages []NewMessage) ([]*Message, error) {
	a := b.account
	if err := b.checkRoom(op, len(messages)); err != nil {
		return nil, err
	}
	arriving := make([]*Message, 0, len(messages))
	var octets int64
	for _, n := range messages {
		m := &Message{Flags: n.Flags, InternalDate: n.InternalDate, Content: n.Content}
		if m.Content == nil {
			m.Content = NewContent(nil)
		}
		if m.InternalDate.IsZero() {
			m.InternalDate = time.Now()
		}
		octets += m.Size()
		arriving = append(arriving, m)
	}
	if err := a.checkQuota(op, Quota{Octets: octets - freed.Octets, Messages: int64(len(messages)) - freed.Messages}); err != nil {
		return nil, err
	}
	if err := b.checkFlagsOf(op, arriving); err != nil {
		return nil, err
	}
	for _, m := range arriving {
		a.messageID++
		m.ID = a.messageID
	}
	return arriving, nil
}

// checkRoom fails when the mailbox can't take that many more messages.
func (b *Mailbox) checkRoom(op string, messages int) error {
	if b.deleted {
		return fail(op, b.name, ErrStale)
	}
	// UIDNEXT must itself be a UID (RFC 3501 §9, nz-number).
	if int64(b.uidNext)+int64(messages) > math.MaxUint32 {
		return fail(op, b.name, fmt.Errorf("%w: no UID is left", ErrLimit))
	}
	return nil
}

// insert gives m, which nobody else has seen and whose flags have been checked, a
// UID and puts it in.
func (b *Mailbox) insert(m *Message) {
	b.modSeq++
	m.UID, m.ModSeq, m.SaveDate = b.uidNext, b.modSeq, time.Now()
	b.uidNext++
	m.Flags = b.sortedFlags(m.Flags)
	b.learnKeywords(m.Flags)
	if b.link(m) {
		b.account.octets += m.Size()
		b.account.messages++
	}
	b.messages = b.messages.put(m, b.generation)
	b.note(MessageAdded, m, !m.HasFlag(imap.FlagSeen))
}

// remove expunges m, which must be in the mailbox.
func (b *Mailbox) remove(m *Message) {
	b.modSeq++
	b.remember(Expunged{m.UID, b.modSeq})
	b.messages = b.messages.without(m, b.generation)
	if b.unlink(m) {
		b.account.octets -= m.Size()
		b.account.messages--
	}
	b.note(MessageExpunged, m, !m.HasFlag(imap.FlagSeen))
}

// note remembers what happened to a message until the account is unlocked; unseen: it
// changed how many are without \Seen.
func (b *Mailbox) note(kind EventKind, m *Message, unseen bool) {
	b.touch()
	b.account.feed(Event{Kind: kind, Mailbox: b.name, UID: m.UID, Flags: m.Flags})
	b.account.notify(Notice{Kind: kind, Mailbox: b.name, Box: b, Unseen: unseen})
}

// touch sees to it that the mailbox's views are woken when the account is unlocked.
func (b *Mailbox) touch() {
	if !b.touched {
		b.touched = true
		b.account.touched = append(b.account.touched, b)
	}
}

func (b *Mailbox) wakeViews() {
	b.touched = false
	for v := range b.views {
		signal(v.changed)
	}
}

// Change is what became of one message's flags.
type Change struct{ Old, New *Message }

// Store changes the flags of the messages with these UIDs and returns each one's
// state before and after, the same where nothing changed; UIDs that aren't there
// are passed over. It fails with [ErrInvalidFlag], [ErrLimit] or [ErrStale].
func (b *Mailbox) Store(uids []imap.UID, op imap.StoreFlagsOp, flags []imap.Flag) ([]Change, error) {
	defer b.account.lock()()
	return b.storeFlags(uids, op, flags, math.MaxUint64, AllRights)
}

// storeFlags changes flags; a message changed after the modification sequence
// unchangedSince is left alone, and its New is nil. So are flags that the rights may are not
// enough for.
func (b *Mailbox) storeFlags(uids []imap.UID, op imap.StoreFlagsOp, flags []imap.Flag, unchangedSince uint64, may Rights) ([]Change, error) {
	if b.deleted {
		return nil, fail("store flags in", b.name, ErrStale)
	}
	var fresh map[string]bool
	if op != imap.StoreFlagsDel {
		fresh = make(map[string]bool)
	}
	if err := b.checkFlags("store flags in", flags, fresh); err != nil {
		return nil, err
	}
	flags = may.Changeable(b.sortedFlags(flags))
	changes := make([]Change, 0, len(uids))
	var was, now []imap.Flag
	changed, known := false, false // whether was becomes now
	modSeq := b.modSeq + 1         // one command's changes share one (RFC 7162 §3.1.3 leaves it open)
	for _, uid := range uids {
		m := b.messages.get(uid)
		if m == nil {
			continue
		}
		if m.ModSeq > unchangedSince {
			changes = append(changes, Change{Old: m})
			continue
		}
		// Messages with the same flags share what becomes of them.
		if !known || !slices.Equal(m.Flags, was) {
			was, known = m.Flags, true
			now, changed = may.applyFlags(was, op, flags)
		}
		if !changed {
			changes = append(changes, Change{m, m})
			continue
		}
		if op != imap.StoreFlagsDel {
			b.learnKeywords(flags)
		}
		c := *m
		c.Flags, c.ModSeq = now, modSeq
		b.modSeq = modSeq
		b.messages = b.messages.put(&c, b.generation)
		changes = append(changes, Change{m, &c})
		b.note(FlagsChanged, &c, m.HasFlag(imap.FlagSeen) != c.HasFlag(imap.FlagSeen))
	}
	if b.account.labels != nil {
		b.shareChanges(changes)
	}
	return changes, nil
}

// Expunge removes the messages with these UIDs for good and returns those that were
// there, whatever their flags. In an account with labels it is what [Account.UseLabels]
// says, and returns those that are gone from the mailbox.
func (b *Mailbox) Expunge(uids []imap.UID) []imap.UID {
	defer b.account.lock()()
	return b.expunge(uids)
}

func (b *Mailbox) expunge(uids []imap.UID) []imap.UID {
	var gone []imap.UID
	for _, uid := range uids {
		m := b.messages.get(uid)
		if m == nil || b.deleted {
			continue
		}
		if b.account.labels == nil {
			b.remove(m)
		} else {
			b.expungeLabelled(m)
		}
		if b.messages.get(uid) == nil {
			gone = append(gone, uid)
		}
	}
	return gone
}

// Renumber gives the mailbox a new UIDVALIDITY and its messages new UIDs from 1 on,
// as a server does that has lost its index. Sessions that have it open are told to
// reconnect; what clients have stored under its UIDs is void (RFC 3501 §2.3.1.1).
func (b *Mailbox) Renumber() {
	defer b.account.lock()()
	if b.deleted {
		return
	}
	b.revalidate()
	b.uidNext, b.recentFrom = 1, 1
	old := b.messages
	b.messages = Messages{}
	b.modSeq++
	for _, m := range old.All() {
		c := *m
		c.UID, c.ModSeq = b.uidNext, b.modSeq
		if c.place != nil {
			c.place.uid = c.UID
		}
		b.uidNext++
		b.messages = b.messages.put(&c, b.generation)
	}
}

// ChangeUIDValidity gives the mailbox a new UIDVALIDITY and lets its messages keep their UIDs,
// as a server does that was moved, or a mailbox that was restored from a backup. A client
// that looks at UIDs alone takes them for those it knows, but they are void all the same
// (RFC 3501 §2.3.1.1). Sessions that have the mailbox open are told to reconnect.
func (b *Mailbox) ChangeUIDValidity() {
	defer b.account.lock()()
	if !b.deleted {
		b.revalidate()
	}
}

// revalidate gives the mailbox a new UIDVALIDITY, under which nothing was expunged yet.
func (b *Mailbox) revalidate() {
	a := b.account
	a.uidValidity++
	a.mailboxID++
	b.id, b.uidValidity, b.expunged, b.forgotten = a.mailboxID, a.uidValidity, nil, 0
	b.touch()
	a.feed(Event{Kind: MailboxRenumbered, Mailbox: b.name})
	a.notify(Notice{Kind: MailboxRenumbered, Mailbox: b.name, Box: b})
}
