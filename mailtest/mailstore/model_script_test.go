package mailstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// world is a store and its model under the rule of a script.
type world struct {
	t           testing.TB
	script      []byte
	rnd         *rand.Rand // chooses what is checked
	step        string
	account     *mailstore.Account
	boxes       []*modelBox
	views       []*modelView
	frozen      []frozen
	messageID   uint64
	uidValidity uint32
}

func runScript(t testing.TB, script []byte) {
	account, err := mailstore.New().AddAccount("alice", "secret")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, script: script, rnd: rand.New(rand.NewPCG(1, 2)), account: account, uidValidity: 1}
	for i := range 3 {
		w.boxes = append(w.boxes, w.create(fmt.Sprint("box ", i)))
	}
	steps := []func(*modelBox){
		w.append, w.append, w.append, w.storeFlags, w.storeFlags, w.storeFlags, w.expunge, w.expungeDeleted,
		w.move, w.copy, w.open, w.sync, w.sync, w.sync, w.sync, w.latest, w.tell, w.receive,
	}
	rare := []func(*modelBox){w.renumber, w.replace, w.skip, w.close, w.rename}
	for n := 0; len(w.script) > 0; n++ {
		b := w.boxes[w.pick(len(w.boxes))]
		if w.pick(12) == 0 {
			rare[w.pick(len(rare))](b)
		} else {
			steps[w.pick(len(steps))](b)
		}
		w.check(n)
	}
	w.checkFrozen()
}

// pick returns a number below n, of the script's choice.
func (w *world) pick(n int) int {
	if len(w.script) == 0 {
		return 0
	}
	c := w.script[0]
	w.script = w.script[1:]
	return int(c) % n
}

func (w *world) errorf(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s: %s", w.step, fmt.Sprintf(format, args...))
}

// is fails the test unless err is what was to be expected.
func (w *world) is(err, want error) bool {
	w.t.Helper()
	if !errors.Is(err, want) || (err != nil) != (want != nil) {
		w.errorf("error %v, want %v", err, want)
	}
	return err == nil
}

func (w *world) create(name string) *modelBox {
	box, err := w.account.CreateMailbox(name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.uidValidity++
	return &modelBox{box: box, name: name, uidNext: 1, uidValidity: w.uidValidity, modSeq: 1, claimed: map[imap.UID]bool{}}
}

// changed notes that the views of b must have been woken.
func (w *world) changed(b *modelBox) {
	for _, v := range w.views {
		v.woken = v.woken || v.box == b
	}
}

// during runs f, and notes that b changed if it did.
func (w *world) during(b *modelBox, f func()) {
	modSeq, keywords := b.modSeq, len(b.keywords)
	if f(); b.modSeq != modSeq || len(b.keywords) != keywords {
		w.changed(b)
	}
}

var someFlags = []imap.Flag{`\Seen`, `\Deleted`, `\seen`, `\Recent`, `\Flagged`, "work", "Work", "$Junk", "a", "B"}

func (w *world) flags() (out []imap.Flag) {
	for range w.pick(4) {
		out = append(out, someFlags[w.pick(len(someFlags))])
	}
	return out
}

// uids chooses some of b's messages, in any order, perhaps twice, perhaps gone.
func (w *world) uids(b *modelBox) (out []imap.UID) {
	for range w.pick(9) {
		if n := len(b.messages); n > 0 && w.pick(8) > 0 {
			out = append(out, b.messages[w.pick(n)].uid)
		} else {
			out = append(out, imap.UID(w.pick(256)))
		}
	}
	return out
}

// viewOf returns a view of b, if the script has one and wants it.
func (w *world) viewOf(b *modelBox) *modelView {
	for _, v := range w.views {
		if v.box == b && w.pick(2) == 0 {
			return v
		}
	}
	return nil
}

func (w *world) append(b *modelBox) {
	n := w.pick(5)
	if w.pick(8) == 0 && len(b.messages) < 300 {
		n = 50
	}
	w.step = fmt.Sprintf("append %d to %s", n, b.name)
	var messages []mailstore.NewMessage
	for range n {
		content := mailstore.NewContent(make([]byte, w.pick(100)))
		date := time.Unix(int64(w.pick(256)), 0)
		messages = append(messages, mailstore.NewMessage{Content: content, Flags: w.flags(), InternalDate: date})
	}
	uids, err := b.box.Append(messages...)
	if b.full(n) {
		w.is(err, mailstore.ErrLimit)
		return
	}
	w.is(err, nil)
	w.during(b, func() {
		for i, m := range messages {
			w.messageID++
			uid := b.insert(modelMessage{id: w.messageID, flags: m.Flags, date: m.InternalDate, content: m.Content})
			if uids[i] != uid {
				w.errorf("UIDs %v, want %d as number %d", uids, uid, i)
			}
		}
	})
}

func (w *world) storeFlags(b *modelBox) {
	ops := []imap.StoreFlagsOp{imap.StoreFlagsAdd, imap.StoreFlagsDel, imap.StoreFlagsSet}
	uids, op, flags := w.uids(b), ops[w.pick(3)], w.flags()
	w.step = fmt.Sprintf("store %v of %v (%v) in %s", flags, uids, op, b.name)
	before := b.messages
	var changes []mailstore.Change
	var err error
	if v := w.viewOf(b); v != nil {
		changes, err = v.view.Store(uids, op, flags)
		if v.stale() {
			w.is(err, mailstore.ErrStale)
			return
		}
	} else {
		changes, err = b.box.Store(uids, op, flags)
	}
	w.is(err, nil)
	var found []imap.UID
	w.during(b, func() { found = b.storeFlags(uids, op, flags) })
	if len(changes) != len(found) {
		w.errorf("%d changes, want %d", len(changes), len(found))
	}
	for i, c := range changes {
		now, _ := b.find(found[i])
		j := slices.IndexFunc(before, func(m modelMessage) bool { return m.uid == now.uid })
		twice := slices.Contains(found[:i], now.uid)
		if !now.same(c.New) || !twice && !before[j].same(c.Old) || twice && c.Old != c.New {
			w.errorf("change %d from %v to %v", i, c.Old, c.New)
		}
	}
}

func (w *world) expunge(b *modelBox) {
	uids := w.uids(b)
	w.step = fmt.Sprintf("expunge %v from %s", uids, b.name)
	var got []imap.UID
	if v := w.viewOf(b); v == nil {
		got = b.box.Expunge(uids)
	} else if got = v.view.Expunge(uids); v.stale() {
		uids = nil
	}
	w.expunged(b, got, uids)
}

func (w *world) expungeDeleted(b *modelBox) {
	v := w.viewOf(b)
	if v == nil {
		return
	}
	w.step = fmt.Sprintf("expunge deleted from %s", b.name)
	odd := w.pick(2) == 1
	var match func(imap.UID) bool
	if odd {
		match = func(uid imap.UID) bool { return uid%2 == 1 }
	}
	var want []imap.UID
	for _, m := range b.messages {
		if m.has(imap.FlagDeleted) && !v.stale() && (!odd || m.uid%2 == 1) {
			want = append(want, m.uid)
		}
	}
	w.expunged(b, v.view.ExpungeDeleted(match), want)
}

func (w *world) expunged(b *modelBox, got, uids []imap.UID) {
	var want []imap.UID
	w.during(b, func() {
		for _, uid := range uids {
			if b.remove(uid) {
				want = append(want, uid)
			}
		}
	})
	if !slices.Equal(got, want) {
		w.errorf("expunged %v, want %v", got, want)
	}
}

func (w *world) move(b *modelBox) {
	uids, to := w.uids(b), w.boxes[w.pick(len(w.boxes))]
	w.step = fmt.Sprintf("move %v from %s to %s", uids, b.name, to.name)
	var messages []modelMessage
	for _, m := range b.messages {
		if slices.Contains(uids, m.uid) {
			messages = append(messages, m)
		}
	}
	var done mailstore.Copied
	var err error
	if v := w.viewOf(b); v == nil {
		done, err = b.box.Move(uids, to.box)
	} else if done, err = v.view.Move(uids, to.box, mailstore.AllRights); v.stale() {
		w.is(err, mailstore.ErrStale)
		return
	}
	if w.copied(done, err, messages, to) {
		w.during(b, func() {
			for _, m := range messages {
				b.remove(m.uid)
			}
		})
	}
}

func (w *world) copy(b *modelBox) {
	v, to := w.viewOf(b), w.boxes[w.pick(len(w.boxes))]
	if v == nil {
		return
	}
	w.step = fmt.Sprintf("copy from %s to %s", b.name, to.name)
	var messages []*mailstore.Message
	var want []modelMessage
	latest := v.view.Latest()
	for range w.pick(5) {
		m := latest.At(uint32(w.pick(256)))
		messages = append(messages, m) // a nil, too
		if m != nil {
			want = append(want, modelMessage{uid: m.UID, id: m.ID, flags: m.Flags, date: m.InternalDate, content: m.Content})
		}
	}
	done, err := b.box.Copy(messages, to.box)
	w.copied(done, err, want, to)
}

// copied does to the model what Copy did, and tells whether it succeeded.
func (w *world) copied(done mailstore.Copied, err error, messages []modelMessage, to *modelBox) bool {
	if to.full(len(messages)) {
		return w.is(err, mailstore.ErrLimit)
	}
	w.is(err, nil)
	var want mailstore.Copied
	w.during(to, func() {
		for _, m := range messages {
			want.Source = append(want.Source, m.uid)
			want.Dest = append(want.Dest, to.insert(m))
		}
	})
	if done.UIDValidity != to.uidValidity || !slices.Equal(done.Source, want.Source) || !slices.Equal(done.Dest, want.Dest) {
		w.errorf("copied %v, want %v", done, want)
	}
	return true
}
