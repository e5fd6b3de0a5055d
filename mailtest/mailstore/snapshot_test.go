package mailstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.org/mailfakes/mailtest/mailstore"
)

// described is all that can be asked of a store.
type described struct {
	Accounts []describedAccount
	Tokens   map[string]time.Time
	Owners   map[string]string // of certificates
}

type describedAccount struct {
	Name, Password string
	Refusal        error
	Quota, Usage   mailstore.Quota
	Octets         int64
	Labels         bool
	Mailboxes      []mailstore.MailboxInfo
	Subscriptions  []string
	Elsewhere      []string
	Metadata       map[string]map[string]string
	Boxes          []describedBox
}

type describedBox struct {
	Status    mailstore.Status
	Messages  []describedMessage
	Counts    [3]uint32
	Expunged  []mailstore.Expunged
	AccessKey string
	ACL       []mailstore.ACLEntry
	Private   map[string]string // of the first account
}

type describedMessage struct {
	UID        imap.UID
	ID, ModSeq uint64
	Flags      []imap.Flag
	Dates      [2]time.Time
	Raw        string
	Labels     []mailstore.Label
}

var (
	sameState            = cmpopts.EquateComparable(mailstore.Messages{})
	snapshotTokens       = []string{"t0", "t1", "t2"}
	snapshotCertificates = []string{"c0", "c1"}
)

func describe(t *testing.T, s *mailstore.Store) described {
	d := described{Tokens: make(map[string]time.Time), Owners: make(map[string]string)}
	for _, a := range append(s.Accounts(), s.Shared()) {
		d.Accounts = append(d.Accounts, describeAccount(t, s, a))
	}
	for _, token := range snapshotTokens {
		if tok := s.Token(token); tok != nil {
			d.Tokens[token+" of "+tok.Account().Name()] = tok.Expiry()
		}
	}
	for _, c := range snapshotCertificates {
		if a := s.CertificateAccount(c); a != nil {
			d.Owners[c] = a.Name()
		}
	}
	return d
}

func describeAccount(t *testing.T, s *mailstore.Store, a *mailstore.Account) describedAccount {
	d := describedAccount{
		Name: a.Name(), Password: a.Password(), Refusal: a.LoginRefused(), Quota: a.Quota(), Usage: a.QuotaUsage(), Labels: a.HasLabels(),
		Mailboxes: a.Mailboxes(), Subscriptions: a.Subscriptions(), Metadata: make(map[string]map[string]string),
	}
	d.Octets, _ = a.Usage()
	for _, p := range a.SubscribedElsewhere() {
		d.Elsewhere = append(d.Elsewhere, p.Account.Name()+" "+p.Name)
	}
	for _, name := range []string{"", "INBOX"} {
		d.Metadata[name], _ = a.Metadata(name)
	}
	for _, info := range d.Mailboxes {
		if info.NoSelect {
			continue
		}
		b, err := a.Mailbox(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		d.Boxes = append(d.Boxes, describeBox(b, s.Accounts()[0]))
	}
	return d
}

func describeBox(b *mailstore.Mailbox, first *mailstore.Account) describedBox {
	st := b.Status()
	expunged, _ := b.ExpungedSince(0)
	d := describedBox{Status: st, Expunged: expunged, AccessKey: string(b.AccessKey()), ACL: b.ACL(), Private: first.MetadataOf(b)}
	d.Status.Messages = mailstore.Messages{}
	d.Counts = [3]uint32{st.Messages.Len(), st.Messages.Unseen(), st.Messages.Deleted()}
	for _, m := range st.Messages.All() {
		d.Messages = append(d.Messages, describedMessage{
			m.UID, m.ID, m.ModSeq, slices.Clone(m.Flags), [2]time.Time{m.InternalDate, m.SaveDate}, string(m.Raw()), m.Labels(),
		})
	}
	return d
}

// admin changes a store at random, all that there is.
type admin struct {
	*rand.Rand
	store *mailstore.Store
}

func (r admin) account() *mailstore.Account {
	all := r.store.Accounts()
	if r.IntN(8) == 0 {
		return r.store.Shared()
	}
	return all[r.IntN(len(all))]
}

func (r admin) box(a *mailstore.Account) *mailstore.Mailbox {
	var names []string
	for _, info := range a.Mailboxes() {
		if !info.NoSelect {
			names = append(names, info.Name)
		}
	}
	if len(names) == 0 {
		b, _ := a.CreateMailbox("News")
		return b
	}
	b, _ := a.Mailbox(names[r.IntN(len(names))])
	return b
}

func (r admin) uids(b *mailstore.Mailbox) (uids []imap.UID) {
	for _, m := range b.Messages().All() {
		if r.IntN(3) == 0 {
			uids = append(uids, m.UID)
		}
	}
	return uids
}

func (r admin) messages(b *mailstore.Mailbox) (messages []*mailstore.Message) {
	for _, uid := range r.uids(b) {
		_, m := b.Messages().Find(uid)
		messages = append(messages, m)
	}
	return messages
}

func pick[T any](r admin, from ...T) T { return from[r.IntN(len(from))] }

// change does one thing; its errors are no matter: what is refused is part of the state.
func (r admin) change() {
	a := r.account()
	b := r.box(a)
	name := func() string { return pick(r, "A", "B", "A/x", "B/y/z", "INBOX", "C") }
	flag := func() imap.Flag {
		return pick(r, imap.FlagSeen, imap.FlagDeleted, imap.FlagFlagged, "$K"+imap.Flag(rune('a'+r.IntN(4))))
	}
	value := fmt.Sprint(r.IntN(100))
	changes := map[string]*string{pick(r, "/private/comment", "/shared/comment"): pick(r, &value, nil)}
	switch r.IntN(26) {
	case 0, 1, 2, 3:
		raw := []byte("Subject: " + strings.Repeat("x", r.IntN(200)) + "\r\n\r\n")
		b.Append(mailstore.NewMessage{Content: mailstore.NewContent(raw), Flags: []imap.Flag{flag()}})
	case 4, 5:
		b.Store(r.uids(b), pick(r, imap.StoreFlagsAdd, imap.StoreFlagsSet, imap.StoreFlagsDel), []imap.Flag{flag()})
	case 6:
		b.Expunge(r.uids(b))
	case 7:
		b.Move(r.uids(b), r.box(a))
	case 8:
		b.Copy(r.messages(b), r.box(r.account()))
	case 9:
		a.CreateMailbox(name())
	case 10:
		a.DeleteMailbox(name())
	case 11:
		a.RenameMailbox(name(), name())
	case 12:
		pick(r, b.Renumber, b.ChangeUIDValidity)()
	case 13:
		a.Subscribe(name())
	case 14:
		a.Unsubscribe(name())
	case 15:
		pick(r, a.SubscribeTo, func(p mailstore.Place) error { a.UnsubscribeFrom(p); return nil })(mailstore.Place{Account: r.account(), Name: name()})
	case 16:
		a.SetMetadata(pick(r, "", "INBOX"), changes)
	case 17:
		r.store.Accounts()[0].SetMetadataOf(b, changes)
	case 18:
		b.SetACL(pick(r, mailstore.Anyone, "account 1"), mailstore.Rights(r.IntN(1<<11)))
	case 19:
		a.SetQuota(mailstore.Quota{Octets: int64(r.IntN(5000)), Messages: int64(r.IntN(100))})
	case 20:
		a.SetPassword(value)
	case 21:
		a.RefuseLogins(pick(r, "", mailstore.LoginExpired))
	case 22:
		b.ResetAccessKey()
		b.SetAppendLimit(uint32(r.IntN(1000)))
	case 23:
		r.token()
	case 24:
		r.store.AddAccount(fmt.Sprint("account ", r.IntN(6)), value)
	case 25:
		if v, _, err := b.Open(false); err == nil && a.HasLabels() {
			v.StoreLabels(r.uids(b), pick(r, imap.StoreFlagsAdd, imap.StoreFlagsSet, imap.StoreFlagsDel), []string{name()}, 1<<62)
		} else if err == nil && r.IntN(20) == 0 && a != r.store.Shared() {
			a.UseLabels()
		}
	}
}

func (r admin) token() {
	all := r.store.Accounts()
	a := all[r.IntN(len(all))]
	a.AddToken(pick(r, snapshotTokens...), pick(r, time.Time{}, time.Now().Add(time.Hour), time.Now()))
	a.AddCertificate(pick(r, snapshotCertificates...))
}

func TestARestoredStoreIsWhatItWasAndGoesOnAsItDid(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) { // in which the clock stands
			store := mailstore.New()
			r := admin{rand.New(rand.NewPCG(seed, 1)), store}
			for i := range 3 {
				a, _ := store.AddAccount(fmt.Sprint("account ", i), "secret")
				if i == 1 {
					a.UseLabels()
				}
			}
			type saved struct {
				snap *mailstore.Snapshot
				want described
				// then is what the same changes lead to, each time.
				then described
			}
			var all []saved
			later := func(s saved) described {
				again := admin{rand.New(rand.NewPCG(seed, uint64(len(s.want.Accounts)))), store}
				for range 40 {
					again.change()
				}
				return describe(t, store)
			}
			for range 6 {
				for range 60 {
					r.change()
				}
				s := saved{snap: store.Snapshot(), want: describe(t, store)}
				s.then = later(s)
				all = append(all, s)
			}
			for range 12 {
				s := all[r.IntN(len(all))]
				if err := store.Restore(s.snap); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(s.want, describe(t, store), sameState); diff != "" {
					t.Fatalf("seed %d: restored (-want +got):\n%s", seed, diff)
				}
				if r.IntN(2) == 0 {
					if diff := cmp.Diff(s.then, later(s), sameState); diff != "" {
						t.Fatalf("seed %d: after the same changes (-want +got):\n%s", seed, diff)
					}
				}
			}
		})
	}
}

func TestARestoredAccountIsWhatItWas(t *testing.T) {
	t.Parallel()
	store := mailstore.New()
	r := admin{rand.New(rand.NewPCG(1, 1)), store}
	for i := range 2 {
		store.AddAccount(fmt.Sprint("account ", i), "secret")
	}
	for range 200 {
		r.change()
	}
	a, other := store.Accounts()[0], store.Accounts()[1]
	snap, want := a.Snapshot(), describeAccount(t, store, a)
	for range 200 {
		r.change()
	}
	left := describeAccount(t, store, other)
	if err := a.Restore(snap); err != nil {
		t.Fatal(err)
	}
	got := describeAccount(t, store, a)
	want.Metadata[""], got.Metadata[""] = nil, nil // in part every account's
	if diff := cmp.Diff(want, got, sameState); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(left, describeAccount(t, store, other), sameState); diff != "" {
		t.Error("the other account has changed", diff)
	}
	if err := other.Restore(snap); !errors.Is(err, mailstore.ErrOtherStore) {
		t.Error("a snapshot of another account:", err)
	}
	if err := mailstore.New().Restore(store.Snapshot()); !errors.Is(err, mailstore.ErrOtherStore) {
		t.Error("a snapshot of another store:", err)
	}
}

func TestRestoringEndsViewsLocksAndTokensAndIsOneEvent(t *testing.T) {
	t.Parallel()
	store := mailstore.New()
	alice, _ := store.AddAccount("alice", "secret")
	inbox, _ := alice.Mailbox("INBOX")
	snap := store.Snapshot()

	view, _, _ := inbox.Open(false)
	if _, err := alice.LockMaildrop(); err != nil {
		t.Fatal(err)
	}
	alice.AddToken("later", time.Time{})
	later := store.Token("later")
	bob, _ := store.AddAccount("bob", "secret")
	bobs, _ := bob.Mailbox("INBOX")
	bobsView, _, _ := bobs.Open(false)
	inbox.Append(mailstore.NewMessage{})
	watch := alice.Watch(100, func(mailstore.Notice) bool { return true })
	feed := store.Subscribe()
	if err := store.Restore(snap); err != nil {
		t.Fatal(err)
	}
	feed.Close()

	var events []mailstore.Event
	for {
		e, err := feed.Next(t.Context())
		if err != nil {
			break
		}
		events = append(events, e)
	}
	if diff := cmp.Diff([]mailstore.Event{{Kind: mailstore.Restored}}, events); diff != "" {
		t.Error(diff)
	}
	if _, overflow := watch.Take(); !overflow {
		t.Error("who watches the account knows nothing")
	}
	for name, v := range map[string]*mailstore.View{"alice": view, "bob": bobsView} {
		select {
		case <-v.Changed():
		default:
			t.Error("the view of", name, "wasn't woken")
		}
		if !v.Sync(mailstore.SyncNothing).Stale {
			t.Error("the view of", name, "goes on")
		}
	}
	if _, err := alice.LockMaildrop(); err != nil {
		t.Error("the maildrop is still locked:", err)
	}
	if !later.Expired() {
		t.Error("a token that was added later is still good")
	}
	if got := bob.Mailboxes(); len(got) > 0 {
		t.Error("an account that was added later has", got)
	}
}

// What is not in a snapshot is named here, so that a new field is not forgotten.
func TestEveryFieldOfTheStoreIsInSnapshotsOrOfSessions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		of   any
		want []string
	}{
		{mailstore.Store{}, []string{"mu", "shared", "events", "storeState"}},
		{mailstore.Account{}, []string{"store", "name", "number", "mu", "accountState", "drop", "pending", "touched", "watches"}},
		{mailstore.Mailbox{}, []string{"account", "acl", "mailboxState", "generation", "restores", "views", "touched", "sorted"}},
	} {
		var got []string
		for f := range reflect.TypeOf(tt.of).Fields() {
			got = append(got, f.Name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("a field of %T must be in its state or made anew by restoring (-want +got):\n%s", tt.of, diff)
		}
	}
}

func BenchmarkRestore(b *testing.B) {
	for _, messages := range []int{100, 10_000} {
		b.Run(fmt.Sprint(messages, " messages"), func(b *testing.B) {
			store := mailstore.New()
			alice, _ := store.AddAccount("alice", "secret")
			inbox, _ := alice.Mailbox("INBOX")
			content := mailstore.NewContent([]byte("Subject: x\r\n\r\n"))
			for range messages {
				inbox.Append(mailstore.NewMessage{Content: content})
			}
			b.Run("snapshot", func(b *testing.B) {
				for b.Loop() {
					store.Snapshot()
				}
			})
			snap := store.Snapshot()
			b.Run("restore", func(b *testing.B) {
				for b.Loop() {
					store.Restore(snap)
				}
			})
			b.Run("change and restore", func(b *testing.B) {
				for b.Loop() {
					inbox.Store([]imap.UID{7}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen})
					inbox.Expunge([]imap.UID{8})
					store.Restore(snap)
				}
			})
		})
	}
}
