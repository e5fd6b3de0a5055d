package mailstore_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// Sessions, POP3 logins, deliveries and an observer, all at once; the race detector
// and the sums at the end are the judges.
func TestSessionsWorkSideBySide(t *testing.T) {
	t.Parallel()
	s := mailstore.New()
	a, err := s.AddAccount("alice", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateMailbox("other"); err != nil {
		t.Fatal(err)
	}
	feed := s.Subscribe()
	var wg sync.WaitGroup
	for i := range uint64(6) {
		wg.Go(func() {
			c := &client{t: t, account: a, rnd: rand.New(rand.NewPCG(i, i))}
			for range 200 {
				c.step()
			}
			c.close()
		})
	}
	wg.Wait()
	counts := map[string]map[imap.UID]bool{"INBOX": {}, "other": {}}
	for _, e := range drain(t, feed) {
		switch e.Kind {
		case mailstore.MessageAdded:
			counts[e.Mailbox][e.UID] = true
		case mailstore.MessageExpunged:
			delete(counts[e.Mailbox], e.UID)
		}
	}
	var octets int64
	for name, uids := range counts {
		ms := mailbox(t, a, name).Messages()
		octets += ms.Octets()
		if int(ms.Len()) != len(uids) {
			t.Errorf("%s holds %d messages, by its events %d", name, ms.Len(), len(uids))
		}
		for _, m := range ms.All() {
			if !uids[m.UID] {
				t.Errorf("%s holds UID %d, not by its events", name, m.UID)
			}
		}
	}
	if got, _ := a.Usage(); got != octets {
		t.Errorf("usage is %d octets, want %d", got, octets)
	}
}

// client is a session that does whatever comes to its mind.
type client struct {
	t       *testing.T
	account *mailstore.Account
	rnd     *rand.Rand
	view    *mailstore.View
	exists  uint32
}

func (c *client) close() {
	if c.view != nil {
		c.view.Close()
		c.view = nil
	}
}

func (c *client) step() {
	c.t.Helper()
	names := []string{"INBOX", "other"}
	inbox, err1 := c.account.Mailbox(names[c.rnd.IntN(2)])
	other, err2 := c.account.Mailbox(names[c.rnd.IntN(2)])
	if err1 != nil || err2 != nil {
		c.t.Error(err1, err2)
		return
	}
	if c.view == nil {
		c.view, _, err1 = inbox.Open(c.rnd.IntN(2) == 0)
		c.exists = c.view.Messages().Len()
	}
	uids := []imap.UID{imap.UID(c.rnd.Uint32N(100)), imap.UID(c.rnd.Uint32N(100))}
	flags := []imap.Flag{imap.FlagDeleted, imap.Flag(fmt.Sprint("k", c.rnd.IntN(5)))}
	switch c.rnd.IntN(12) {
	case 0:
		c.view.Expunge(uids)
	case 1:
		_, err1 = c.view.Move(uids, other, mailstore.AllRights)
	case 2, 3:
		_, err1 = c.view.Store(uids, imap.StoreFlagsAdd, flags)
	case 4:
		c.view.ExpungeDeleted(func(uid imap.UID) bool { return uid%2 == 0 })
	case 5:
		_, err1 = inbox.Copy([]*mailstore.Message{c.view.Latest().At(1)}, other)
	case 6:
		if unlock, err := c.account.LockMaildrop(); err == nil {
			defer unlock()
		}
		c.account.Mailboxes()
	case 7:
		c.close()
	case 8:
		c.sync()
	default:
		_, err1 = inbox.Append(message(c.rnd.IntN(100), flags...), message(1))
	}
	if err1 != nil {
		c.t.Error(err1)
	}
}

// sync counts as a client does.
func (c *client) sync() {
	up := c.view.Sync(mailstore.SyncAll)
	c.exists -= uint32(len(up.Expunged))
	if up.Arrived && up.Exists <= c.exists || !up.Arrived && up.Exists != 0 {
		c.t.Errorf("EXISTS %d, the client has %d", up.Exists, c.exists)
	}
	c.exists = max(c.exists, up.Exists)
	sum := uint32(0)
	for seq, m := range c.view.Messages().All() {
		if sum++; seq != sum || m == nil {
			c.t.Errorf("message %d comes as number %d", seq, sum)
		}
	}
	if sum != c.exists {
		c.t.Errorf("the view has %d messages, the client %d", sum, c.exists)
	}
}

// A state that one goroutine reads must not be written by another.
func TestTakenStateIsReadWhileTheMailboxChanges(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	uids := deliver(t, inbox, 2000)
	var wg sync.WaitGroup
	for range 4 {
		ms := inbox.Messages()
		wg.Go(func() {
			for range 20 {
				n := uint32(0)
				for _, m := range ms.All() {
					if !m.HasFlag(imap.FlagSeen) {
						n++
					}
				}
				if n != ms.Unseen() || ms.Len() < 1000 {
					t.Errorf("%d messages are unseen, want %d", n, ms.Unseen())
				}
			}
		})
		if _, err := inbox.Store(uids[:500], imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}); err != nil {
			t.Error(err)
		}
		inbox.Expunge(uids[:100])
		uids = uids[100:]
	}
	wg.Wait()
}

// As a migration between servers does it, in both directions at once.
func TestAccountsOfTwoStoresCopyToEachOther(t *testing.T) {
	t.Parallel()
	there, back := mailbox(t, newAccount(t), "INBOX"), mailbox(t, newAccount(t), "INBOX")
	deliver(t, there, 1)
	deliver(t, back, 1)
	const copies = 20_000
	var wg sync.WaitGroup
	for _, way := range [][2]*mailstore.Mailbox{{there, back}, {back, there}} {
		message := way[0].Messages().At(1)
		wg.Go(func() {
			for range copies {
				if _, err := way[0].Copy([]*mailstore.Message{message}, way[1]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if a, b := there.Messages().Len(), back.Messages().Len(); a != copies+1 || b != copies+1 {
		t.Errorf("%d and %d messages, want %d", a, b, copies+1)
	}
}
