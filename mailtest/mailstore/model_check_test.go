package mailstore_test

import (
	"fmt"
	"math"
	"slices"

	"github.com/emersion/go-imap/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

func (w *world) open(b *modelBox) {
	if len(w.views) > 8 {
		return
	}
	v := &modelView{box: b, readOnly: w.pick(3) == 0, recent: map[imap.UID]bool{}}
	w.step = fmt.Sprintf("open %s, read-only: %t", b.name, v.readOnly)
	var st mailstore.Status
	var err error
	v.view, st, err = b.box.Open(v.readOnly)
	w.is(err, nil)
	if want := w.unclaimed(b); st.Recent != want {
		w.errorf("%d recent, want %d", st.Recent, want)
	}
	v.told, v.keywords, v.uidValidity = b.messages, len(b.keywords), b.uidValidity
	v.claim()
	for _, m := range v.told {
		v.client = append(v.client, m.uid)
	}
	w.views = append(w.views, v)
}

func (w *world) unclaimed(b *modelBox) (n uint32) {
	for _, m := range b.messages {
		if !b.claimed[m.uid] {
			n++
		}
	}
	return n
}

func (w *world) anyView() *modelView {
	if len(w.views) == 0 {
		return nil
	}
	return w.views[w.pick(len(w.views))]
}

func (w *world) sync(*modelBox) {
	v := w.anyView()
	if v == nil {
		return
	}
	level := [...]mailstore.SyncLevel{mailstore.SyncArrivals, mailstore.SyncNoExpunge, mailstore.SyncAll, mailstore.SyncNoFlags, mailstore.SyncNothing}[w.pick(5)]
	w.step = fmt.Sprintf("sync %s, level %d", v.box.name, level)
	up := v.view.Sync(level)
	got := modelUpdate{Stale: up.Stale, Arrived: up.Arrived, Exists: up.Exists}
	if up.NewKeywords != nil {
		got.NewKeywords = fmt.Sprint(up.NewKeywords)
	}
	for _, e := range up.Expunged {
		got.Expunged = append(got.Expunged, numbered(int(e.Seq), e.UID, e.ModSeq))
	}
	for _, c := range up.Changed {
		got.Changed = append(got.Changed, numbered(int(c.Seq), c.UID, c.ModSeq))
	}
	if diff := gocmp.Diff(v.sync(level), got); diff != "" {
		w.errorf("update (-want +got):\n%s", diff)
	}
	w.obey(v, up)
}

// obey does with the client's numbers what a client does when it's told up.
func (w *world) obey(v *modelView, up mailstore.Update) {
	for _, e := range up.Expunged {
		if int(e.Seq) > len(v.client) || v.client[e.Seq-1] != e.UID {
			w.errorf("EXPUNGE %d isn't UID %d for the client", e.Seq, e.UID)
		}
		v.client = slices.Delete(v.client, int(e.Seq)-1, int(e.Seq))
	}
	if up.Arrived {
		if int(up.Exists) <= len(v.client) {
			w.errorf("EXISTS %d when the client has %d", up.Exists, len(v.client))
		}
		for seq := uint32(len(v.client)) + 1; seq <= up.Exists; seq++ {
			v.client = append(v.client, v.view.Messages().At(seq).UID)
		}
	}
	for _, c := range up.Changed {
		if v.client[c.Seq-1] != c.UID {
			w.errorf("FETCH %d isn't UID %d for the client", c.Seq, c.UID)
		}
	}
}

func (w *world) latest(*modelBox) {
	v := w.anyView()
	if v == nil {
		return
	}
	w.step = "latest of " + v.box.name
	want := slices.Clone(v.told)
	for i, m := range want {
		if now, live := v.box.find(m.uid); live && !v.stale() {
			want[i] = now
		}
		if _, live := v.box.find(m.uid); v.view.Live(m.uid) != (live && !v.stale()) {
			w.errorf("Live(%d) is wrong", m.uid)
		}
	}
	w.checkMessages(v.view.Latest(), want)
}

func (w *world) tell(*modelBox) {
	v := w.anyView()
	if v == nil || len(v.told) == 0 {
		return
	}
	i := w.pick(len(v.told))
	w.step = fmt.Sprintf("tell of %d in %s", i+1, v.box.name)
	v.view.Tell(v.view.Latest().At(uint32(i + 1)))
	if now, live := v.box.find(v.told[i].uid); live && !v.stale() {
		v.told = slices.Clone(v.told)
		v.told[i] = now
	}
}

// receive takes the token that a change has left.
func (w *world) receive(*modelBox) {
	if v := w.anyView(); v != nil && v.woken {
		w.step = "receive a token"
		<-v.view.Changed()
		v.woken = false
	}
}

func (w *world) renumber(b *modelBox) {
	w.step = "renumber " + b.name
	b.box.Renumber()
	w.uidValidity++
	b.renumber(w.uidValidity)
	w.changed(b)
}

// replace deletes a mailbox and makes another by its name.
func (w *world) replace(b *modelBox) {
	w.step = "delete and create " + b.name
	w.is(w.account.DeleteMailbox(b.name), nil)
	b.deleted = true
	w.changed(b)
	_, err := b.box.Append(mailstore.NewMessage{})
	w.is(err, mailstore.ErrStale)
	w.boxes[slices.Index(w.boxes, b)] = w.create(b.name)
}

// skip makes the next UID much higher.
func (w *world) skip(b *modelBox) {
	to := min(b.uidNext+1<<w.pick(33), math.MaxUint32-uint64(w.pick(8)))
	w.step = fmt.Sprintf("skip to UID %d in %s", to, b.name)
	b.box.SkipTo(imap.UID(to))
	b.uidNext = max(b.uidNext, to)
}

func (w *world) close(*modelBox) {
	if v := w.anyView(); v != nil {
		w.step = "close " + v.box.name
		v.view.Close()
		w.views = slices.DeleteFunc(w.views, func(o *modelView) bool { return o == v })
	}
}

func (w *world) rename(b *modelBox) {
	name := fmt.Sprintf("box %d", 3+w.pick(100))
	w.step = fmt.Sprintf("rename %s to %s", b.name, name)
	if slices.ContainsFunc(w.boxes, func(o *modelBox) bool { return o.name == name }) {
		w.is(w.account.RenameMailbox(b.name, name), mailstore.ErrExists)
		return
	}
	w.is(w.account.RenameMailbox(b.name, name), nil)
	b.name = name
}

// check compares everything that can be seen, one list of messages in full.
func (w *world) check(step int) {
	var octets int64
	var messages uint32
	for i, b := range w.boxes {
		st := b.box.Status()
		if st.Name != b.name || uint64(st.UIDNext) != b.uidNext || st.UIDValidity != b.uidValidity ||
			st.HighestModSeq != b.modSeq || st.Recent != w.unclaimed(b) {
			w.errorf("status %+v, want %+v", st, b)
		}
		if want := b.stored(b.keywords, false); !slices.Equal(st.Keywords, want) {
			w.errorf("keywords %v, want %v", st.Keywords, want)
		}
		w.compare(step%len(w.boxes) == i, st.Messages, b.messages)
		since := w.rnd.Uint64N(b.modSeq + 2)
		want := slices.DeleteFunc(slices.Clone(b.expunged), func(e mailstore.Expunged) bool { return e.ModSeq <= since })
		if got, complete := b.box.ExpungedSince(since); !slices.Equal(got, want) || !complete {
			w.errorf("expunged since %d: %v, want %v", since, got, want)
		}
		octets += st.Messages.Octets()
		messages += st.Messages.Len()
	}
	if o, n := w.account.Usage(); o != octets || n != messages {
		w.errorf("usage %d octets, %d messages, want %d, %d", o, n, octets, messages)
	}
	for i, v := range w.views {
		w.compare(step%len(w.views) == i, v.view.Messages(), v.told)
		w.checkView(v)
	}
}

func (w *world) checkView(v *modelView) {
	claims := map[imap.UID]int{}
	for i, m := range v.told {
		if v.client[i] != m.uid {
			w.errorf("the client has UID %d as %d, the view %d", v.client[i], i+1, m.uid)
		}
		if v.view.IsRecent(m.uid) != v.recent[m.uid] {
			w.errorf("UID %d recent: %t", m.uid, v.view.IsRecent(m.uid))
		}
		for _, o := range w.views {
			if o.box == v.box && o.uidValidity == v.uidValidity && !o.readOnly && o.view.IsRecent(m.uid) {
				claims[m.uid]++
			}
		}
		if claims[m.uid] > 1 {
			w.errorf("UID %d is recent in %d sessions", m.uid, claims[m.uid])
		}
	}
	if got := v.view.Recent(); got != v.recentCount() || len(v.client) != len(v.told) {
		w.errorf("%d recent, want %d", got, v.recentCount())
	}
	if woken := len(v.view.Changed()) == 1; woken != v.woken {
		w.errorf("a view of %s is woken: %t", v.box.name, woken)
	}
}

// frozen is a state of a mailbox and what was in it when it was taken.
type frozen struct {
	step     string
	messages mailstore.Messages
	want     []modelMessage
}

func (w *world) checkFrozen() {
	for _, f := range w.frozen {
		w.step = "at the end, the state that was taken after " + f.step
		w.checkMessages(f.messages, f.want)
	}
}

// compare keeps the state, too, to see that it never changes.
func (w *world) compare(full bool, got mailstore.Messages, want []modelMessage) {
	if full {
		w.frozen = append(w.frozen, frozen{w.step, got, want})
		w.checkMessages(got, want)
	}
	if int(got.Len()) != len(want) {
		w.errorf("%d messages, want %d", got.Len(), len(want))
	}
	for seq, m := range got.All() {
		if !want[seq-1].same(m) {
			w.errorf("message %d is %+v, want %+v", seq, m, want[seq-1])
		}
	}
}
