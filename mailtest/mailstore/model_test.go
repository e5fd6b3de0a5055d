package mailstore_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// The model is the plainest mailbox that can be written: slices, searched from end
// to end. A script of random bytes drives it and the store side by side, and after
// each step the two must not differ in anything that can be seen.

type modelMessage struct {
	uid     imap.UID
	id      uint64
	modSeq  uint64
	flags   []imap.Flag
	date    time.Time
	content *mailstore.Content
}

func (m modelMessage) has(flag imap.Flag) bool { return slices.Contains(m.flags, flag) }

func (m modelMessage) same(got *mailstore.Message) bool {
	return got != nil && m.uid == got.UID && m.id == got.ID && m.modSeq == got.ModSeq &&
		slices.Equal(m.flags, got.Flags) && m.date.Equal(got.InternalDate) && m.content == got.Content
}

type modelBox struct {
	box         *mailstore.Mailbox
	name        string
	messages    []modelMessage
	keywords    []imap.Flag
	uidNext     uint64
	uidValidity uint32
	modSeq      uint64
	expunged    []mailstore.Expunged
	claimed     map[imap.UID]bool // \Recent in a session that was opened for writing
	deleted     bool
}

func (b *modelBox) index(uid imap.UID) int {
	return slices.IndexFunc(b.messages, func(m modelMessage) bool { return m.uid == uid })
}

func (b *modelBox) find(uid imap.UID) (modelMessage, bool) {
	if i := b.index(uid); i >= 0 {
		return b.messages[i], true
	}
	return modelMessage{}, false
}

// stored returns flags as the mailbox keeps them, and learns its keywords.
func (b *modelBox) stored(flags []imap.Flag, learn bool) []imap.Flag {
	system := mailstore.SystemFlags()
	var out, keywords []imap.Flag
	for _, s := range system {
		if slices.ContainsFunc(flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(s)) }) {
			out = append(out, s)
		}
	}
	for _, f := range flags {
		if f[0] == '\\' {
			continue
		}
		same := func(k imap.Flag) bool { return strings.EqualFold(string(f), string(k)) }
		if i := slices.IndexFunc(b.keywords, same); i >= 0 {
			f = b.keywords[i]
		} else if learn {
			b.keywords = append(b.keywords, f)
		}
		if !slices.ContainsFunc(keywords, same) {
			keywords = append(keywords, f)
		}
	}
	slices.SortFunc(keywords, func(x, y imap.Flag) int {
		return cmp.Compare(strings.ToLower(string(x)), strings.ToLower(string(y)))
	})
	return append(out, keywords...)
}

func (b *modelBox) insert(m modelMessage) imap.UID {
	b.modSeq++
	m.uid, m.modSeq = imap.UID(b.uidNext), b.modSeq
	m.flags = b.stored(m.flags, true)
	b.uidNext++
	b.messages = append(b.messages, m)
	return m.uid
}

func (b *modelBox) remove(uid imap.UID) bool {
	i := b.index(uid)
	if i < 0 || b.deleted {
		return false
	}
	b.modSeq++
	b.expunged = append(b.expunged, mailstore.Expunged{UID: uid, ModSeq: b.modSeq})
	b.messages = slices.Delete(slices.Clone(b.messages), i, i+1)
	return true
}

// storeFlags returns the UIDs of the messages that are there.
func (b *modelBox) storeFlags(uids []imap.UID, op imap.StoreFlagsOp, flags []imap.Flag) (found []imap.UID) {
	flags = b.stored(flags, false)
	b.messages = slices.Clone(b.messages)
	modSeq := b.modSeq + 1
	for _, uid := range uids {
		i := b.index(uid)
		if i < 0 {
			continue
		}
		found = append(found, uid)
		m := &b.messages[i]
		now := flags
		switch op {
		case imap.StoreFlagsAdd:
			now = b.stored(append(slices.Clone(m.flags), flags...), false)
		case imap.StoreFlagsDel:
			now = slices.DeleteFunc(slices.Clone(m.flags), func(f imap.Flag) bool { return slices.Contains(flags, f) })
		}
		if !slices.Equal(now, m.flags) {
			b.stored(flags, op != imap.StoreFlagsDel)
			m.flags, m.modSeq, b.modSeq = now, modSeq, modSeq
		}
	}
	return found
}

func (b *modelBox) renumber(uidValidity uint32) {
	b.modSeq++
	b.uidValidity, b.uidNext, b.expunged, b.claimed = uidValidity, 1, nil, map[imap.UID]bool{}
	b.messages = slices.Clone(b.messages)
	for i := range b.messages {
		b.messages[i].uid, b.messages[i].modSeq = imap.UID(b.uidNext), b.modSeq
		b.uidNext++
	}
}

type modelView struct {
	view        *mailstore.View
	box         *modelBox
	readOnly    bool
	uidValidity uint32
	told        []modelMessage
	client      []imap.UID // what a client knows that does as Update tells it
	recent      map[imap.UID]bool
	uidNext     uint64
	keywords    int
	woken       bool
}

func (v *modelView) stale() bool { return v.box.deleted || v.box.uidValidity != v.uidValidity }

func (v *modelView) claim() {
	for _, m := range v.box.messages {
		if uint64(m.uid) >= v.uidNext && !v.box.claimed[m.uid] {
			v.recent[m.uid] = true
		}
	}
	v.uidNext = v.box.uidNext
	if !v.readOnly {
		for _, m := range v.box.messages {
			v.box.claimed[m.uid] = true
		}
	}
}

func (v *modelView) recentCount() (n uint32) {
	for _, m := range v.told {
		if v.recent[m.uid] {
			n++
		}
	}
	return n
}

// sync returns what Sync is to return, messages as "number UID modseq".
func (v *modelView) sync(level mailstore.SyncLevel) (want modelUpdate) {
	if v.woken = v.woken && level != mailstore.SyncAll; v.stale() {
		return modelUpdate{Stale: true}
	}
	arrivals := level != mailstore.SyncNothing
	expunges := level == mailstore.SyncAll || level == mailstore.SyncNoFlags
	flags := level == mailstore.SyncAll || level == mailstore.SyncNoExpunge
	if arrivals && v.keywords != len(v.box.keywords) {
		v.keywords = len(v.box.keywords)
		want.NewKeywords = fmt.Sprint(v.box.stored(v.box.keywords, false))
	}
	var told []modelMessage
	for _, m := range v.told {
		now, live := v.box.find(m.uid)
		switch {
		case !live && expunges:
			want.Expunged = append(want.Expunged, numbered(len(told)+1, m.uid, m.modSeq))
			continue
		case live && flags && now.modSeq != m.modSeq:
			m = now
			want.Changed = append(want.Changed, numbered(len(told)+1, m.uid, m.modSeq))
		}
		told = append(told, m)
	}
	for _, m := range v.box.messages {
		if arrivals && uint64(m.uid) >= v.uidNext {
			want.Arrived = true
			told = append(told, m)
		}
	}
	if arrivals {
		v.claim()
	}
	if v.told = told; want.Arrived {
		want.Exists = uint32(len(told))
	}
	return want
}

type modelUpdate struct {
	Stale, Arrived    bool
	Exists            uint32
	NewKeywords       string
	Expunged, Changed []string
}

func numbered(seq int, uid imap.UID, modSeq uint64) string {
	return fmt.Sprintf("%d: UID %d MODSEQ %d", seq, uid, modSeq)
}

func TestStoreBehavesAsItsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(24) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, seed))
			script := make([]byte, 2000)
			for i := range script {
				script[i] = byte(rnd.Uint32())
			}
			runScript(t, script)
		})
	}
}

func FuzzStoreBehavesAsItsModel(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		script := make([]byte, 40<<(seed/2))
		for i := range script {
			script[i] = byte(rnd.Uint32())
		}
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 2000 {
			t.Skip("long enough")
		}
		runScript(t, script)
	})
}

// full tells whether the mailbox can't take n more messages.
func (b *modelBox) full(n int) bool { return b.uidNext+uint64(n) > math.MaxUint32 }
