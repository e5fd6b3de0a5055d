package mailstore_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

// The model of an account with labels is a set of mailboxes and of flags for each
// message; the rules of labels are stated on these sets, and nothing else.

const (
	allMail = "[Gmail]/All Mail"
	spam    = "[Gmail]/Spam"
	starred = "[Gmail]/Starred"
	trash   = "[Gmail]/Trash"
)

type labelModel struct {
	size    int64
	flags   map[imap.Flag]bool
	in      map[string]bool
	deleted map[string]bool // where it has \Deleted
}

func alone(box string) bool { return box == trash || box == spam }

func (m *labelModel) place(box string) {
	if alone(box) {
		m.in = map[string]bool{box: true}
	} else {
		delete(m.in, trash)
		delete(m.in, spam)
		m.in[box], m.in[allMail] = true, true
		if box == starred {
			m.flags[`\flagged`] = true
		}
		m.star()
	}
	m.tidy()
}

// star makes starred agree with the flag.
func (m *labelModel) star() {
	if m.in[allMail] && m.flags[`\flagged`] {
		m.in[starred] = true
	} else {
		delete(m.in, starred)
	}
	m.tidy()
}

func (m *labelModel) tidy() {
	maps.DeleteFunc(m.deleted, func(box string, _ bool) bool { return !m.in[box] })
}

func (m *labelModel) take(box string) {
	switch {
	case box == allMail || !m.in[box]:
	case alone(box):
		m.place(allMail)
	default:
		if delete(m.in, box); box == starred {
			delete(m.flags, `\flagged`)
		}
		m.tidy()
	}
}

func (m *labelModel) expunge(box string, action mailstore.ExpungeAction) {
	if alone(box) {
		m.in = nil
		return
	}
	m.take(box)
	if len(m.in) == 1 || box == allMail {
		switch action {
		case mailstore.TrashExpunged:
			m.place(trash)
		case mailstore.DeleteExpunged:
			m.in = nil
		}
	}
}

// show returns the flags that the message has in a mailbox.
func (m *labelModel) show(box string) (flags []string) {
	for f := range m.flags {
		flags = append(flags, string(f))
	}
	if m.deleted[box] {
		flags = append(flags, `\deleted`)
	}
	slices.Sort(flags)
	return flags
}

type labelWorld struct {
	t        *testing.T
	rnd      *rand.Rand
	account  *mailstore.Account
	boxes    []string
	messages map[uint64]*labelModel
	settings mailstore.LabelSettings
	views    map[string]*mailstore.View
	step     string
}

func (w *labelWorld) box(name string) *mailstore.Mailbox {
	w.t.Helper()
	b, err := w.account.Mailbox(name)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *labelWorld) anyBox() string { return w.boxes[w.rnd.IntN(len(w.boxes))] }

// some returns up to three messages of the mailbox.
func (w *labelWorld) some(box string) (uids []imap.UID, messages []*mailstore.Message, models []*labelModel) {
	ms := w.box(box).Messages()
	if ms.Len() == 0 {
		return nil, nil, nil
	}
	for _, i := range w.rnd.Perm(int(ms.Len()))[:min(int(ms.Len()), 1+w.rnd.IntN(3))] {
		m := ms.At(uint32(i + 1))
		uids, messages, models = append(uids, m.UID), append(messages, m), append(models, w.messages[m.ID])
	}
	return uids, messages, models
}

func (w *labelWorld) someFlags() (flags []imap.Flag) {
	for _, f := range []imap.Flag{imap.FlagSeen, imap.FlagFlagged, imap.FlagDeleted, "$Label1", "$label1"} {
		if w.rnd.IntN(3) == 0 {
			flags = append(flags, f)
		}
	}
	return flags
}

func (m *labelModel) add(flags []imap.Flag, box string) {
	for _, f := range flags {
		switch f {
		case imap.FlagDeleted:
			m.deleted[box] = true
		default:
			m.flags[imap.Flag(strings.ToLower(string(f)))] = true
		}
	}
}

func (w *labelWorld) append() {
	box, flags := w.anyBox(), w.someFlags()
	w.step = fmt.Sprintf("append %v to %s", flags, box)
	content := mailstore.NewContent([]byte(strings.Repeat("x", 1+w.rnd.IntN(50))))
	uids, err := w.box(box).Append(mailstore.NewMessage{Content: content, Flags: flags})
	if err != nil {
		w.t.Fatal(err)
	}
	_, got := w.box(box).Messages().Find(uids[0])
	m := &labelModel{size: content.Size(), flags: map[imap.Flag]bool{}, in: map[string]bool{}, deleted: map[string]bool{}}
	w.messages[got.ID] = m
	m.add(flags, box)
	m.in[box] = true
	m.place(box)
}

func (w *labelWorld) copyOrMove() {
	from, to := w.anyBox(), w.anyBox()
	uids, messages, models := w.some(from)
	move := w.rnd.IntN(2) == 0
	w.step = fmt.Sprintf("copy (move: %t) %v from %s to %s", move, uids, from, to)
	var done mailstore.Copied
	var err error
	if move {
		done, err = w.box(from).Move(uids, w.box(to))
	} else {
		done, err = w.box(from).Copy(messages, w.box(to))
	}
	if err != nil || len(done.Dest) != len(uids) {
		w.t.Fatalf("%s: %v, error %v", w.step, done, err)
	}
	for i, m := range models {
		if m.place(to); move && from != to {
			m.take(from)
		}
		if move {
			continue // which is in the order of UIDs
		}
		if _, got := w.box(to).Messages().Find(done.Dest[i]); got == nil || w.messages[got.ID] != m {
			w.t.Fatalf("%s: UID %d isn't the message", w.step, done.Dest[i])
		}
	}
}

func (w *labelWorld) storeFlags() {
	box := w.anyBox()
	uids, _, models := w.some(box)
	flags, op := w.someFlags(), imap.StoreFlagsOp(w.rnd.IntN(3))
	w.step = fmt.Sprintf("store (op %d) %v of %v in %s", op, flags, uids, box)
	if _, err := w.box(box).Store(uids, op, flags); err != nil {
		w.t.Fatal(err)
	}
	for _, m := range models {
		had := m.deleted[box]
		switch op {
		case imap.StoreFlagsSet:
			m.flags = map[imap.Flag]bool{}
			delete(m.deleted, box)
			m.add(flags, box)
		case imap.StoreFlagsAdd:
			m.add(flags, box)
		default:
			gone := labelModel{flags: map[imap.Flag]bool{}, deleted: map[string]bool{}}
			gone.add(flags, box)
			maps.DeleteFunc(m.flags, func(f imap.Flag, _ bool) bool { return gone.flags[f] })
			maps.DeleteFunc(m.deleted, func(b string, _ bool) bool { return gone.deleted[b] })
		}
		now := m.deleted[box]
		m.star()
		if w.settings.AutoExpunge && now && !had && m.in[box] {
			m.expunge(box, w.settings.Expunged)
		}
	}
}

func (w *labelWorld) storeLabels() {
	box := w.anyBox()
	uids, _, models := w.some(box)
	op := imap.StoreFlagsOp(w.rnd.IntN(3))
	names := []string{w.anyBox(), w.anyBox()}
	w.step = fmt.Sprintf("store (op %d) labels %v of %v in %s", op, names, uids, box)
	changes, err := w.views[box].StoreLabels(uids, op, names, 1<<62)
	if err != nil || len(changes) != len(uids) {
		w.t.Fatalf("%s: %v, error %v", w.step, changes, err)
	}
	for _, m := range models {
		for _, other := range w.boxes {
			if listed := slices.Contains(names, other); other != box && op != imap.StoreFlagsAdd && (op == imap.StoreFlagsDel) == listed {
				m.take(other)
			}
		}
		if op != imap.StoreFlagsDel {
			slices.SortStableFunc(names, func(a, b string) int { return map[bool]int{true: 1}[alone(a)] - map[bool]int{true: 1}[alone(b)] })
			for _, name := range names {
				m.place(name)
			}
		}
	}
}

func (w *labelWorld) expunge() {
	box := w.anyBox()
	uids, _, models := w.some(box)
	w.step = fmt.Sprintf("expunge %v from %s, %+v", uids, box, w.settings)
	w.box(box).Expunge(uids)
	for _, m := range models {
		m.expunge(box, w.settings.Expunged)
	}
}

func (w *labelWorld) rest() {
	switch w.rnd.IntN(4) {
	case 0:
		w.settings = mailstore.LabelSettings{Expunged: mailstore.ExpungeAction(w.rnd.IntN(3)), AutoExpunge: w.rnd.IntN(3) == 0}
		w.account.SetLabelSettings(w.settings)
	case 1:
		box := w.anyBox()
		w.step = "renumber " + box
		w.box(box).Renumber()
		w.open(box)
	case 2:
		w.step = "delete and make Work"
		if err := w.account.DeleteMailbox("Work"); err != nil {
			w.t.Fatal(err)
		}
		for _, m := range w.messages {
			delete(m.in, "Work")
			m.tidy()
		}
		if _, err := w.account.CreateMailbox("Work"); err != nil {
			w.t.Fatal(err)
		}
		w.open("Work")
	case 3:
		w.step = "labels again"
		w.account.UseLabels()
	}
}

func (w *labelWorld) open(box string) {
	var err error
	if w.views[box], _, err = w.box(box).Open(true); err != nil {
		w.t.Fatal(err)
	}
}

// check compares every mailbox, and what follows from the places that a message is in.
func (w *labelWorld) check() {
	want, got := map[string][]string{}, map[string][]string{}
	var octets int64
	var count uint32
	for id, m := range w.messages {
		for box := range m.in {
			want[box] = append(want[box], fmt.Sprint(id, m.show(box)))
		}
		if len(m.in) > 0 {
			octets += m.size
			count++
		}
	}
	for _, box := range w.boxes {
		slices.Sort(want[box])
		for _, m := range w.box(box).Messages().All() {
			var flags, labels []string
			for _, f := range m.Flags {
				flags = append(flags, strings.ToLower(string(f)))
			}
			slices.Sort(flags)
			got[box] = append(got[box], fmt.Sprint(m.ID, flags))
			for _, l := range m.Labels() {
				if labels = append(labels, l.Mailbox); l.Own != (l.Mailbox == box) {
					w.t.Errorf("after %s: a message of %s calls %+v its own", w.step, box, l)
				}
			}
			if model := w.messages[m.ID]; model != nil {
				if all := slices.SortedFunc(maps.Keys(model.in), mailstore.CompareNames); !slices.Equal(all, labels) {
					w.t.Errorf("after %s: a message of %s has labels %q, not %q", w.step, box, labels, all)
				}
			}
		}
		slices.Sort(got[box])
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		w.t.Fatalf("after %s (-want +got):\n%s", w.step, diff)
	}
	if o, n := w.account.Usage(); o != octets || n != count {
		w.t.Fatalf("after %s: usage %d octets, %d messages, want %d, %d", w.step, o, n, octets, count)
	}
}

func TestLabelsBehaveAsTheirModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			account, err := mailstore.New().AddAccount("alice@example.org", "")
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"Home", "Work"} {
				if _, err := account.CreateMailbox(name); err != nil {
					t.Fatal(err)
				}
			}
			account.UseLabels()
			w := &labelWorld{
				t: t, rnd: rand.New(rand.NewPCG(seed, seed)), account: account,
				boxes:    []string{"INBOX", "Home", "Work", "[Gmail]/Important", allMail, starred, spam, trash},
				messages: map[uint64]*labelModel{}, views: map[string]*mailstore.View{},
			}
			for _, box := range w.boxes {
				w.open(box)
			}
			steps := []func(){w.append, w.append, w.copyOrMove, w.copyOrMove, w.storeFlags, w.storeFlags, w.storeLabels, w.expunge, w.rest}
			for range 300 {
				steps[w.rnd.IntN(len(steps))]()
				w.check()
			}
		})
	}
}
