package mailstore

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/emersion/go-imap/v2"
)

// Account is one user's mail. All methods are safe for concurrent use.
type Account struct {
	store *Store
	name  string

	number uint64 // of the account in the store, from 0 on
	mu     sync.Mutex
	accountState
	drop    *maildropLock // nil: no POP3 session has the maildrop
	pending []Event       // to be sent when the account is unlocked
	touched []*Mailbox    // whose views are to be woken then
	watches map[*Watch]struct{}
}

// accountState is what a [Snapshot] has of an account, beside what is in its mailboxes.
type accountState struct {
	password      string
	refusal       LoginRefusal        // of logins; "": none
	mailboxes     map[string]*Mailbox // by name
	subscriptions map[string]bool
	subscribed    map[Place]bool // in other accounts
	quota         Quota
	metadata      map[string]metadata // by mailbox; "": the server's
	labels        *labels             // nil: mailboxes are just that
	labelSettings LabelSettings
	octets        int64
	messages      uint32
	uidValidity   uint32 // the last one given
	mailboxID     uint64 // the last one given
	messageID     uint64 // the last one given
}

func newAccount(s *Store, name, password string, number uint64) *Account {
	a := emptyAccount(s, number)
	a.name, a.password = name, password
	a.add(Inbox, nil)
	return a
}

// sharedNumber is the number of Store.Shared: above those of more accounts than there can be.
const sharedNumber = 1 << 23

// emptyAccount returns an account without a name and without INBOX. Its number sets its ids
// apart from those of other accounts, whose mailboxes a client can see side by side
// (RFC 8474 §4, §5).
func emptyAccount(s *Store, number uint64) *Account {
	a := &Account{store: s, number: number, accountState: accountState{mailboxes: make(map[string]*Mailbox)}}
	a.numberAfter(s.uidValidity)
	return a
}

// Name returns the account's name as it was given to [Store.AddAccount].
func (a *Account) Name() string { return a.name }

// Password returns the password.
func (a *Account) Password() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.password
}

// SetPassword changes the password. Sessions that are logged in stay so.
func (a *Account) SetPassword(password string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.password = password
}

// LockMaildrop takes the exclusive access that a POP3 session has to the maildrop
// (RFC 1939 §4), or fails with [ErrInUse]. unlock may be called more than once.
func (a *Account) LockMaildrop() (unlock func(), err error) {
	defer a.lock()()
	if a.drop != nil {
		return nil, fail("lock maildrop of", a.name, ErrInUse)
	}
	held := new(maildropLock)
	a.drop = held
	a.note(Event{Kind: MaildropLocked, Mailbox: Inbox})
	return func() {
		defer a.lock()()
		if a.drop == held {
			a.drop = nil
			a.note(Event{Kind: MaildropUnlocked, Mailbox: Inbox})
		}
	}, nil
}

// maildropLock is one time that the maildrop is locked.
type maildropLock struct{ _ byte } // not empty: the addresses of two differ

// lock locks the account; the function that it returns unlocks it and then tells
// watchers and feeds what changed in between.
func (a *Account) lock() (unlock func()) {
	a.mu.Lock()
	return a.unlock
}

func (a *Account) unlock() {
	// Still under the lock, so that every feed has the events in their order.
	a.store.events.send(a.pending)
	for _, b := range a.touched {
		b.wakeViews()
	}
	clear(a.touched)
	a.pending, a.touched = nil, a.touched[:0]
	a.mu.Unlock()
}

// lockWith locks two accounts, which may be the same: those of one store in one order wherever
// it is done. Between stores there is no order, so neither is waited for with the other locked.
func (a *Account) lockWith(b *Account) (unlock func()) {
	switch {
	case a == b:
		return a.lock()
	case a.store == b.store:
		if a.number > b.number {
			a, b = b, a
		}
		a.mu.Lock()
		b.mu.Lock()
	default:
		for a.mu.Lock(); !b.mu.TryLock(); a.mu.Lock() {
			a.mu.Unlock()
			a, b = b, a
		}
	}
	return func() {
		b.unlock()
		a.unlock()
	}
}

// note remembers an event that is not about messages until the account is unlocked.
func (a *Account) note(e Event) {
	a.feed(e)
	a.notify(Notice{Kind: e.Kind, Mailbox: e.Mailbox, OldName: e.OldName})
}

func (a *Account) feed(e Event) {
	if a.store.events.watched() {
		e.Account = a.name
		a.pending = append(a.pending, e)
	}
}

// Mailbox returns the mailbox with the name; INBOX is found in any case. It fails
// with [ErrNoMailbox], or [ErrNoSelect] for a name that only has inferior names.
func (a *Account) Mailbox(name string) (*Mailbox, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.find("open mailbox", name)
}

func (a *Account) find(op, name string) (*Mailbox, error) {
	name = CanonicalName(name)
	if b, ok := a.mailboxes[name]; ok {
		return b, nil
	}
	if a.hasChildren(name) {
		return nil, fail(op, name, ErrNoSelect)
	}
	return nil, fail(op, name, ErrNoMailbox)
}

func (a *Account) hasChildren(name string) bool {
	for other := range a.mailboxes {
		if isInferior(other, name) {
			return true
		}
	}
	return false
}

// MailboxInfo is what LIST tells of a name.
type MailboxInfo struct {
	Name string
	// NoSelect is set for a name that exists only because it has inferior names.
	NoSelect    bool
	HasChildren bool
	Subscribed  bool
	SpecialUse  []imap.MailboxAttr
}

// Mailboxes returns every mailbox and the \Noselect names above them, INBOX first,
// then by name. Names that are subscribed but don't exist are in [Account.Subscriptions].
func (a *Account) Mailboxes() []MailboxInfo {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.infos(func(*Mailbox) bool { return true })
}

// infos returns what there is to tell of the mailboxes that are visible.
func (a *Account) infos(visible func(*Mailbox) bool) []MailboxInfo {
	infos := make(map[string]*MailboxInfo, len(a.mailboxes))
	for name, b := range a.mailboxes {
		if visible(b) {
			infos[name] = &MailboxInfo{Name: name, SpecialUse: slices.Clone(b.specialUse)}
		}
	}
	for name := range maps.Clone(infos) {
		for parent := range superiorNames(name) {
			if infos[parent] == nil {
				infos[parent] = &MailboxInfo{Name: parent, NoSelect: true}
			}
			infos[parent].HasChildren = true
		}
	}
	out := make([]MailboxInfo, 0, len(infos))
	for _, info := range infos {
		info.Subscribed = a.subscriptions[info.Name]
		out = append(out, *info)
	}
	slices.SortFunc(out, func(x, y MailboxInfo) int { return CompareNames(x.Name, y.Name) })
	return out
}

// MailboxInfo returns what LIST tells of one name, and whether it exists; Subscribed is
// set for one that doesn't, too.
func (a *Account) MailboxInfo(name string) (info MailboxInfo, exists bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name = CanonicalName(name)
	info = MailboxInfo{Name: name, HasChildren: a.hasChildren(name), Subscribed: a.subscriptions[name]}
	b, ok := a.mailboxes[name]
	if ok {
		info.SpecialUse = slices.Clone(b.specialUse)
	}
	info.NoSelect = !ok
	return info, ok || info.HasChildren
}

// Subscriptions returns the subscribed names in order; a name stays subscribed
// when its mailbox is deleted (RFC 3501 §6.3.6).
func (a *Account) Subscriptions() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.SortedFunc(maps.Keys(a.subscriptions), CompareNames)
}

// Subscribe adds the name of a mailbox, or a \Noselect one, to the subscriptions. It
// fails with [ErrNoMailbox] for a name that doesn't exist, or [ErrLimit].
func (a *Account) Subscribe(name string) error {
	const op = "subscribe to"
	defer a.lock()()
	name = CanonicalName(name)
	if _, err := a.find(op, name); err != nil && !errors.Is(err, ErrNoSelect) {
		return err
	}
	if a.subscriptions[name] {
		return nil
	}
	if len(a.subscriptions) >= maxSubscriptions {
		return fail(op, name, limit(maxSubscriptions, "subscriptions"))
	}
	if a.subscriptions == nil {
		a.subscriptions = make(map[string]bool)
	}
	a.subscriptions[name] = true
	a.note(Event{Kind: SubscriptionChange, Mailbox: name})
	return nil
}

// Unsubscribe removes a name from the subscriptions; one that isn't there is no error.
func (a *Account) Unsubscribe(name string) {
	defer a.lock()()
	name = CanonicalName(name)
	if a.subscriptions[name] {
		delete(a.subscriptions, name)
		a.note(Event{Kind: SubscriptionChange, Mailbox: name})
	}
}

// CompareNames is the order of mailboxes: it puts INBOX first, then names in order with a mailbox
// before its inferiors.
func CompareNames(a, b string) int {
	if a == b {
		return 0
	}
	if a == Inbox {
		return -1
	}
	if b == Inbox {
		return 1
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return cmp.Compare(sortKey(a[i]), sortKey(b[i]))
		}
	}
	return cmp.Compare(len(a), len(b))
}

// sortKey puts the separator before every other octet.
func sortKey(c byte) byte {
	if c == Separator[0] {
		return 0
	}
	return c
}
