package mailstore_test

import (
	"fmt"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// sizes are what a benchmark compares: what a session does must not cost more in the
// larger mailbox, but for the logarithm.
var sizes = [...]int{1_000, 1_000_000}

// eachSize runs bench with a mailbox of each size.
func eachSize(b *testing.B, bench func(*testing.B, *mailstore.Mailbox)) {
	for _, n := range sizes {
		inbox := mailbox(b, newAccount(b), "INBOX")
		deliver(b, inbox, n)
		b.Run(fmt.Sprint("messages=", n), func(b *testing.B) {
			b.ReportAllocs()
			bench(b, inbox)
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	eachSize(b, func(b *testing.B, inbox *mailstore.Mailbox) {
		for b.Loop() {
			v, st, err := inbox.Open(false)
			if err != nil || st.Messages.FirstUnseen() != 1 {
				b.Fatal(err)
			}
			v.Close()
		}
	})
}

// One message's flags change, and one session that watches is told.
func BenchmarkFlagChangeWithWatcher(b *testing.B) {
	eachSize(b, func(b *testing.B, inbox *mailstore.Mailbox) {
		v := open(b, inbox, false)
		ops := [...]imap.StoreFlagsOp{imap.StoreFlagsAdd, imap.StoreFlagsDel}
		for i := 0; b.Loop(); i++ {
			uid := imap.UID(i/2%int(v.Messages().Len()) + 1)
			if _, err := inbox.Store([]imap.UID{uid}, ops[i%2], []imap.Flag{imap.FlagSeen}); err != nil {
				b.Fatal(err)
			}
			<-v.Changed()
			if up := v.Sync(mailstore.SyncAll); len(up.Changed) != 1 {
				b.Fatalf("%+v", up)
			}
		}
	})
}

// The client is told of one message that came and one that went.
func BenchmarkSync(b *testing.B) {
	eachSize(b, func(b *testing.B, inbox *mailstore.Mailbox) {
		v := open(b, inbox, false)
		for b.Loop() {
			inbox.Expunge(deliver(b, inbox, 1))
			inbox.Expunge([]imap.UID{v.Messages().At(1).UID})
			deliver(b, inbox, 1)
			if up := v.Sync(mailstore.SyncAll); len(up.Expunged) != 1 || !up.Arrived {
				b.Fatalf("%+v", up)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	eachSize(b, func(b *testing.B, inbox *mailstore.Mailbox) {
		ms := inbox.Messages()
		for i := uint32(0); b.Loop(); i++ {
			m := ms.At(i%ms.Len() + 1)
			if seq, _ := ms.Find(m.UID); seq != i%ms.Len()+1 {
				b.Fatal(seq)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{1, 10_000} {
		b.Run(fmt.Sprint("10000 messages, at once ", batch), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				inbox := mailbox(b, newAccount(b), "INBOX")
				for range 10_000 / batch {
					deliver(b, inbox, batch)
				}
			}
		})
	}
}
