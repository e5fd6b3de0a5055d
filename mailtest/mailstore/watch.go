package mailstore

// Watch collects what happens in an account for one client, merged and bounded: things
// that happen to the messages of a mailbox are one [Notice] for each kind, until they are
// taken. Close it when done. Its methods are safe for concurrent use.
type Watch struct {
	account *Account
	wants   func(Notice) bool
	limit   int
	changed chan struct{}

	// The rest is guarded by the account's lock.
	queue    []*Notice
	merged   map[noticeKey]*Notice
	overflow bool
}

// Notice is something that happened, and maybe more than once.
type Notice struct {
	Kind    EventKind
	Mailbox string // its name at that time; empty: the server, whose annotations changed
	OldName string // before a rename
	// Box is the mailbox whose messages or UIDVALIDITY changed; nil: it is about a name.
	Box     *Mailbox
	Unseen  bool     // how many messages are without \Seen changed
	Entries []string // annotations that changed, in order

	times int
}

type noticeKey struct {
	kind EventKind
	box  *Mailbox
}

// ownNotices is how many notices more than its limit a watch can hold until they are
// taken: those that its own client causes are yet to be forgotten.
const ownNotices = 8

// Watch returns a watch of what happens from now on and wants returns true for. At most
// limit notices wait. wants runs with the account locked: it must not use the store.
func (a *Account) Watch(limit int, wants func(Notice) bool) *Watch {
	w := &Watch{account: a, wants: wants, limit: limit, changed: make(chan struct{}, 1)}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.watches == nil {
		a.watches = make(map[*Watch]struct{})
	}
	a.watches[w] = struct{}{}
	return w
}

// Close ends the watch; a nil one has ended.
func (w *Watch) Close() {
	if w == nil {
		return
	}
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	delete(w.account.watches, w)
}

// Changed returns a channel that receives when there is something to take; nil, which
// never does, for a nil watch.
func (w *Watch) Changed() <-chan struct{} {
	if w == nil {
		return nil
	}
	return w.changed
}

// Take returns what has happened since it was called last, in order. overflow tells
// that there was more than the limit, which is lost.
func (w *Watch) Take() (notices []Notice, overflow bool) {
	if w == nil {
		return nil, false
	}
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	overflow = w.overflow || len(w.queue) > w.limit
	for _, n := range w.queue {
		notices = append(notices, *n)
	}
	w.queue, w.merged, w.overflow = nil, nil, false
	if overflow {
		return nil, true
	}
	return notices, false
}

// Forget takes back as many notices as given of a kind about a mailbox's messages, or
// one about a name: what the watching client itself has just caused.
func (w *Watch) Forget(kind EventKind, box *Mailbox, name string, times int) {
	if w == nil {
		return
	}
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	for i := len(w.queue) - 1; i >= 0; i-- {
		n := w.queue[i]
		if n.Kind != kind || n.Box != box || box == nil && n.Mailbox != name {
			continue
		}
		if n.times -= times; n.times <= 0 {
			w.queue = append(w.queue[:i], w.queue[i+1:]...)
			delete(w.merged, noticeKey{kind, n.Box})
		}
		return
	}
}

// notify gives a notice to those who watch the account, which is locked.
func (a *Account) notify(n Notice) {
	for w := range a.watches {
		w.add(n)
	}
}

// overflowWatches has those who watch the account, which is locked, start anew: nothing that
// they know of it need be so any more.
func (a *Account) overflowWatches() {
	for w := range a.watches {
		w.queue, w.merged, w.overflow = nil, nil, true
		signal(w.changed)
	}
}

func (w *Watch) add(n Notice) {
	if w.overflow || !w.wants(n) {
		return
	}
	key := noticeKey{n.Kind, n.Box}
	if known := w.merged[key]; known != nil {
		known.times++
		known.Unseen = known.Unseen || n.Unseen
		return
	}
	signal(w.changed)
	if len(w.queue) >= w.limit+ownNotices {
		w.queue, w.merged, w.overflow = nil, nil, true
		return
	}
	n.times = 1
	w.queue = append(w.queue, &n)
	if n.Box != nil {
		if w.merged == nil {
			w.merged = make(map[noticeKey]*Notice)
		}
		w.merged[key] = &n
	}
}
