package mailstore

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/emersion/go-imap/v2"
)

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	MessageAdded       EventKind = "message added"
	MessageExpunged    EventKind = "message expunged"
	FlagsChanged       EventKind = "flags changed"
	LabelsChanged      EventKind = "labels changed"
	MailboxCreated     EventKind = "mailbox created"
	MailboxDeleted     EventKind = "mailbox deleted"
	MailboxRenamed     EventKind = "mailbox renamed"
	MailboxRenumbered  EventKind = "mailbox renumbered"
	SubscriptionChange EventKind = "subscription changed"
	MetadataChanged    EventKind = "metadata changed"
	ACLChanged         EventKind = "rights changed"
	MaildropLocked     EventKind = "maildrop locked"
	MaildropUnlocked   EventKind = "maildrop unlocked"
	// Restored is the one event of [Store.Restore], without an account, or [Account.Restore].
	Restored EventKind = "restored"
)

// Event is one change in the store.
type Event struct {
	Kind    EventKind
	Account string
	Mailbox string
	OldName string // the name before, of a rename
	Owner   string // of a subscription: whose mailbox it is, if another account's
	UID     imap.UID
	Flags   []imap.Flag // the message's flags after the change; must not be changed
}

// broadcast gives each event to every feed.
type broadcast struct {
	mu    sync.Mutex
	feeds map[*Feed]struct{}
}

// Feed is a queue of the events since [Store.Subscribe]. Close it when done: an
// open feed keeps every event until it is read.
type Feed struct {
	from   *broadcast
	ready  chan struct{} // holds a token while there may be something for Next
	mu     sync.Mutex
	queue  []Event
	closed bool
}

// Subscribe returns a feed of every event from now on. What is seen in the store
// after Subscribe returned, or is in the feed later: nothing is between.
func (s *Store) Subscribe() *Feed {
	f := &Feed{from: &s.events, ready: make(chan struct{}, 1)}
	s.events.mu.Lock()
	defer s.events.mu.Unlock()
	if s.events.feeds == nil {
		s.events.feeds = make(map[*Feed]struct{})
	}
	s.events.feeds[f] = struct{}{}
	return f
}

// Next returns the next event, waiting for it until ctx is done. After [Feed.Close]
// it returns what is left in the feed, then [io.EOF].
func (f *Feed) Next(ctx context.Context) (Event, error) {
	for {
		if e, err, ok := f.take(); ok {
			return e, err
		}
		select {
		case <-f.ready:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("mailstore: wait for an event: %w", context.Cause(ctx))
		}
	}
}

// take returns what Next is to return now, if anything.
func (f *Feed) take() (e Event, err error, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		e, err, ok = Event{}, io.EOF, f.closed
	} else {
		e, f.queue, ok = f.queue[0], f.queue[1:], true
	}
	if len(f.queue) > 0 || f.closed {
		signal(f.ready) // another call of Next may be waiting
	}
	return e, err, ok
}

// Close ends the feed's subscription; it may be called more than once.
func (f *Feed) Close() {
	f.from.mu.Lock()
	defer f.from.mu.Unlock()
	delete(f.from.feeds, f)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	signal(f.ready)
}

// watched tells whether anybody would get an event.
func (b *broadcast) watched() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.feeds) > 0
}

func (b *broadcast) send(events []Event) {
	if len(events) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for f := range b.feeds {
		f.mu.Lock()
		f.queue = append(f.queue, events...)
		f.mu.Unlock()
		signal(f.ready)
	}
}

// signal leaves a token in c unless it holds one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
