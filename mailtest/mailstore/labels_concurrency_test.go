package mailstore_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// Several clients change labels and flags of the same messages at once; the race
// detector and the rules of labels are the judges.
func TestClientsChangeLabelsSideBySide(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "Home", "Work")
	a.UseLabels()
	names := []string{"INBOX", "Home", "Work", allMail, starred, spam, trash}
	for range 40 {
		put(t, mailbox(t, a, "INBOX"), "text")
	}
	var wg sync.WaitGroup
	for i := range uint64(4) {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(i, i))
			for range 300 {
				box, other := mailbox(t, a, names[rnd.IntN(len(names))]), mailbox(t, a, names[rnd.IntN(len(names))])
				view, st, err := box.Open(false)
				if err != nil {
					t.Error(err)
					return
				}
				if m := st.Messages.At(1 + rnd.Uint32N(st.Messages.Len()+1)); m != nil {
					changeLabels(t, rnd.IntN(4), view, m, other)
				}
				view.Sync(mailstore.SyncAll)
				view.Close()
			}
		})
	}
	wg.Wait()
	found := make(map[uint64]int)
	for _, name := range []string{allMail, spam, trash} {
		for _, m := range mailbox(t, a, name).Messages().All() {
			found[m.ID]++
		}
	}
	if _, n := a.Usage(); int(n) != len(found) {
		t.Errorf("usage counts %d messages, all mail, spam and trash have %d", n, len(found))
	}
	for id, times := range found {
		if times != 1 {
			t.Errorf("message %d is %d times in all mail, spam and trash", id, times)
		}
	}
}

func changeLabels(t *testing.T, what int, view *mailstore.View, m *mailstore.Message, other *mailstore.Mailbox) {
	t.Helper()
	var err error
	switch what {
	case 0:
		_, err = view.Mailbox().Copy([]*mailstore.Message{m}, other)
	case 1:
		_, err = view.Move([]imap.UID{m.UID}, other, mailstore.AllRights)
	case 2:
		_, err = view.Store([]imap.UID{m.UID}, imap.StoreFlagsSet, []imap.Flag{imap.FlagFlagged})
	case 3:
		_, err = view.StoreLabels([]imap.UID{m.UID}, imap.StoreFlagsSet, []string{other.Name()}, 1<<62)
	}
	if err != nil {
		t.Error(err)
	}
	m.Labels()
}
