package mailstore_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// Not parallel: it measures the heap, which other tests would use meanwhile.
func TestMessageTakesLittleMoreThanItsContent(t *testing.T) {
	const n, size, overhead = 10_000, 1000, 400
	for name, flags := range map[string][]imap.Flag{
		"without flags": nil,
		"with flags":    {imap.FlagSeen, imap.FlagAnswered, "$Forwarded"},
	} {
		inbox := mailbox(t, newAccount(t), "INBOX")
		before := heap()
		for i := range n {
			raw := make([]byte, size)
			copy(raw, fmt.Sprintf("Subject: %d\r\n\r\n", i))
			if _, err := inbox.Append(mailstore.NewMessage{Content: mailstore.NewContent(raw), Flags: flags}); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range inbox.Messages().All() {
			m.Structure() // as FETCH does, which may take memory only while it lasts
		}
		each := (heap() - before) / n
		t.Logf("%s: %d octets beside %d of content", name, each-size, size)
		if each > size+overhead {
			t.Errorf("%s a message of %d octets takes %d", name, size, each)
		}
		runtime.KeepAlive(inbox)
	}
}

func TestMessagesWithTheSameFlagsShareThem(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	shared := func() bool {
		a, b := inbox.Messages().At(1), inbox.Messages().At(2)
		return slices.Equal(a.Flags, b.Flags) && &a.Flags[0] == &b.Flags[0]
	}
	for range 2 {
		flags := []imap.Flag{"work", imap.FlagSeen}
		if _, err := inbox.Append(mailstore.NewMessage{Flags: flags}); err != nil {
			t.Fatal(err)
		}
		flags[0] = "changed by the caller"
	}
	if !shared() {
		t.Error("not when they come with them")
	}
	for _, op := range []imap.StoreFlagsOp{imap.StoreFlagsAdd, imap.StoreFlagsDel, imap.StoreFlagsSet} {
		if _, err := inbox.Store([]imap.UID{1, 2}, op, []imap.Flag{"WORK", imap.FlagDraft}); err != nil {
			t.Fatal(err)
		}
		if !shared() {
			t.Errorf("not after STORE, operation %v", op)
		}
	}
}

// heap returns how many octets are in use.
func heap() int64 {
	var stats runtime.MemStats
	for range 2 { // the second frees what finalizers held
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// RFC 3501 leaves SELECT's cost open; here it must not depend on the mailbox's size.
func TestOpeningALargeMailboxAllocatesNoMore(t *testing.T) {
	allocations := func(messages int) float64 {
		inbox := mailbox(t, newAccount(t), "INBOX")
		deliver(t, inbox, messages)
		return testing.AllocsPerRun(10, func() {
			v, _, err := inbox.Open(false)
			if err != nil {
				t.Fatal(err)
			}
			v.Close()
		})
	}
	if small, large := allocations(10), allocations(100_000); small != large {
		t.Errorf("%v allocations with 10 messages, %v with 100,000", small, large)
	}
}
