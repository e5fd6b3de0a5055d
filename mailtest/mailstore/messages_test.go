package mailstore_test

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// checkMessages compares every method of Messages with its plainest definition.
func (w *world) checkMessages(ms mailstore.Messages, want []modelMessage) {
	w.t.Helper()
	var unseen, deleted, firstUnseen uint32
	var octets int64
	for i, m := range want {
		seq := uint32(i + 1)
		octets += m.content.Size()
		if !m.has(imap.FlagSeen) {
			if unseen++; unseen == 1 {
				firstUnseen = seq
			}
		}
		if m.has(imap.FlagDeleted) {
			deleted++
		}
		if !m.same(ms.At(seq)) {
			w.errorf("At(%d) is %+v, want %+v", seq, ms.At(seq), m)
		}
		if got, found := ms.Find(m.uid); got != seq || !m.same(found) {
			w.errorf("Find(%d) is %d, %+v, want %d", m.uid, got, found, seq)
		}
	}
	if ms.Len() != uint32(len(want)) || ms.Unseen() != unseen || ms.Deleted() != deleted ||
		ms.Octets() != octets || ms.FirstUnseen() != firstUnseen {
		w.errorf("%d messages, %d unseen from %d, %d deleted, %d octets, want %d, %d, %d, %d, %d",
			ms.Len(), ms.Unseen(), ms.FirstUnseen(), ms.Deleted(), ms.Octets(),
			len(want), unseen, firstUnseen, deleted, octets)
	}
	for _, seq := range []uint32{0, uint32(len(want)) + 1, math.MaxUint32} {
		if m := ms.At(seq); m != nil {
			w.errorf("At(%d) is %+v", seq, m)
		}
	}
	w.checkRanks(ms, want)
	w.checkIterators(ms, want)
}

func (w *world) checkRanks(ms mailstore.Messages, want []modelMessage) {
	w.t.Helper()
	uids := []imap.UID{0, 1, 31, 32, 33, 1023, 1024, math.MaxUint32, imap.UID(w.rnd.Uint32N(256))}
	for _, m := range want {
		uids = append(uids, m.uid+1)
	}
	for _, uid := range uids {
		below := slices.IndexFunc(want, func(m modelMessage) bool { return m.uid >= uid })
		if below < 0 {
			below = len(want)
		}
		if got := ms.Rank(uid); int(got) != below {
			w.errorf("Rank(%d) is %d, want %d", uid, got, below)
		}
		there := below < len(want) && want[below].uid == uid
		if seq, m := ms.Find(uid); (m != nil) != there || (seq != 0) != there {
			w.errorf("Find(%d) is %d, %+v", uid, seq, m)
		}
	}
}

func (w *world) checkIterators(ms mailstore.Messages, want []modelMessage) {
	w.t.Helper()
	n := uint32(len(want))
	first, last := w.rnd.Uint32N(n+2), w.rnd.Uint32N(n+2)
	if w.rnd.Uint32N(4) == 0 {
		last = math.MaxUint32
	}
	since := w.rnd.Uint64N(1000)
	for _, test := range []struct {
		name  string
		got   iter.Seq2[uint32, *mailstore.Message]
		match func(seq uint32, m modelMessage) bool
	}{
		{"All", ms.All(), func(uint32, modelMessage) bool { return true }},
		{"Range", ms.Range(first, last), func(seq uint32, _ modelMessage) bool { return first <= seq && seq <= last }},
		{"WithDeleted", ms.WithDeleted(), func(_ uint32, m modelMessage) bool { return m.has(imap.FlagDeleted) }},
		{"ChangedSince", ms.ChangedSince(since), func(_ uint32, m modelMessage) bool { return m.modSeq > since }},
	} {
		var seqs, wantSeqs []uint32
		for i, m := range want {
			if seq := uint32(i + 1); test.match(seq, m) {
				wantSeqs = append(wantSeqs, seq)
			}
		}
		for seq, m := range test.got {
			if seqs = append(seqs, seq); !want[seq-1].same(m) {
				w.errorf("%s yields %+v as %d, want %+v", test.name, m, seq, want[seq-1])
			}
		}
		if !slices.Equal(seqs, wantSeqs) {
			w.errorf("%s (%d to %d, since %d) yields %v, want %v", test.name, first, last, since, seqs, wantSeqs)
		}
		stopAt := w.rnd.Uint32N(8)
		for range test.got { // a loop that ends early must not be called again
			if stopAt == 0 {
				break
			}
			stopAt--
		}
	}
}

func TestZeroMessagesAreEmpty(t *testing.T) {
	t.Parallel()
	w := &world{t: t, step: "zero value", rnd: rand.New(rand.NewPCG(1, 2))}
	w.checkMessages(mailstore.Messages{}, nil)
}
