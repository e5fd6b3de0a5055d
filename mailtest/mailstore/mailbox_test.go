package mailstore_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/mailstore"
)

func message(octets int, flags ...imap.Flag) mailstore.NewMessage {
	return mailstore.NewMessage{Content: mailstore.NewContent(make([]byte, octets)), Flags: flags}
}

func TestAppendStampsTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inbox := mailbox(t, newAccount(t), "INBOX")
		given := time.Date(2001, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600))
		time.Sleep(time.Hour)
		delivered := time.Now()
		dated := message(1)
		dated.InternalDate = given
		if _, err := inbox.Append(message(1), dated); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if _, err := inbox.Copy(slices.Collect(values(inbox.Messages())), inbox); err != nil {
			t.Fatal(err)
		}
		for seq, m := range inbox.Messages().All() {
			internal, saved := []time.Time{delivered, given}[(seq+1)%2], delivered
			if seq > 2 {
				saved = delivered.Add(time.Hour)
			}
			if !m.InternalDate.Equal(internal) || !m.SaveDate.Equal(saved) {
				t.Errorf("message %d came at %v and was saved at %v", seq, m.InternalDate, m.SaveDate)
			}
		}
	})
}

func values(ms mailstore.Messages) func(func(*mailstore.Message) bool) {
	return func(yield func(*mailstore.Message) bool) {
		for _, m := range ms.All() {
			if !yield(m) {
				return
			}
		}
	}
}

func TestAppendIsAllOrNothing(t *testing.T) {
	t.Parallel()
	tooMany := make([]imap.Flag, 600)
	more := slices.Clone(tooMany)
	for i := range tooMany {
		tooMany[i], more[i] = imap.Flag(fmt.Sprint("a", i)), imap.Flag(fmt.Sprint("b", i))
	}
	for name, test := range map[string]struct {
		messages []mailstore.NewMessage
		err      error
		input    string
	}{
		"too many octets":               {[]mailstore.NewMessage{message(1), message(100)}, mailstore.ErrOverQuota, "alice"},
		"too many messages":             {slices.Repeat([]mailstore.NewMessage{message(1)}, 11), mailstore.ErrOverQuota, "alice"},
		"no such system flag":           {[]mailstore.NewMessage{message(1), message(1, `\Odd`)}, mailstore.ErrInvalidFlag, `\\Odd`},
		"no atom":                       {[]mailstore.NewMessage{message(1), message(1, "a b")}, mailstore.ErrInvalidFlag, "a b"},
		"no flag at all":                {[]mailstore.NewMessage{message(1), message(1, "")}, mailstore.ErrInvalidFlag, `append to "INBOX": invalid flag ""`},
		"too many keywords all in all":  {[]mailstore.NewMessage{message(1, tooMany...), message(1, more...)}, mailstore.ErrLimit, "1000 keywords"},
		"a keyword of too many octets":  {[]mailstore.NewMessage{message(1, imap.Flag(strings.Repeat("a", 256)))}, mailstore.ErrLimit, "255 octets"},
		"a keyword that isn't in ASCII": {[]mailstore.NewMessage{message(1, "ärger")}, mailstore.ErrInvalidFlag, "ärger"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.SetQuota(mailstore.Quota{Octets: 100, Messages: 10})
			inbox := mailbox(t, a, "INBOX")
			before := inbox.Status()
			uids, err := inbox.Append(test.messages...)
			checkError(t, err, test.err, test.input)
			after := inbox.Status()
			if octets, n := a.Usage(); octets != 0 || n != 0 || uids != nil || after.HighestModSeq != before.HighestModSeq || after.Messages.Len() != 0 {
				t.Errorf("%d octets in %d messages are there, UIDs %v", octets, n, uids)
			}
		})
	}
}

func TestQuotaIsFilledToTheBrim(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "other")
	a.SetQuota(mailstore.Quota{Octets: 20, Messages: 3})
	if q := a.Quota(); q.Octets != 20 || q.Messages != 3 {
		t.Errorf("quota is %+v", q)
	}
	inbox, other := mailbox(t, a, "INBOX"), mailbox(t, a, "other")
	uids := deliver(t, inbox, 2)
	_, err := inbox.Append(message(1))
	checkError(t, err, mailstore.ErrOverQuota, "alice")
	_, err = inbox.Copy([]*mailstore.Message{inbox.Messages().At(1)}, other)
	checkError(t, err, mailstore.ErrOverQuota, "alice")
	if _, err := inbox.Append(message(0)); err != nil {
		t.Error(err)
	}
	inbox.Expunge(uids[:1])
	if octets, n := a.Usage(); octets != 10 || n != 2 {
		t.Errorf("usage is %d octets, %d messages", octets, n)
	}
	deliver(t, other, 1)
}

// RFC 6851 §4.1: a move may succeed where a copy would exceed the quota.
func TestMoveNeedsNoQuota(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "other")
	inbox, other := mailbox(t, a, "INBOX"), mailbox(t, a, "other")
	uids := deliver(t, inbox, 5)
	a.SetQuota(mailstore.Quota{Octets: 1, Messages: 1})
	for _, to := range []*mailstore.Mailbox{inbox, other} {
		done, err := inbox.Move(uids, to)
		if err != nil {
			t.Fatal(err)
		}
		if octets, n := a.Usage(); octets != 50 || n != 5 || len(done.Dest) != 5 {
			t.Errorf("usage is %d octets, %d messages after a move of %v", octets, n, done)
		}
		uids = done.Dest
	}
	if inbox.Messages().Len() != 0 || other.Messages().Len() != 5 {
		t.Error("the messages aren't where they should be")
	}
}

func TestMoveTakesEachMessageOnce(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "other")
	inbox, other := mailbox(t, a, "INBOX"), mailbox(t, a, "other")
	deliver(t, inbox, 3)
	done, err := inbox.Move([]imap.UID{3, 1, 3, 9, 1}, other)
	if err != nil {
		t.Fatal(err)
	}
	want := mailstore.Copied{UIDValidity: other.Status().UIDValidity, Source: []imap.UID{1, 3}, Dest: []imap.UID{1, 2}}
	if diff := gocmp.Diff(want, done); diff != "" {
		t.Error(diff)
	}
	if octets, n := a.Usage(); octets != 30 || n != 3 {
		t.Errorf("usage is %d octets, %d messages", octets, n)
	}
}

func TestCopyBringsItsKeywords(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "other")
	inbox, other := mailbox(t, a, "INBOX"), mailbox(t, a, "other")
	deliver(t, other, 1, "WORK")
	deliver(t, inbox, 1, "work", "home", imap.FlagSeen)
	if _, err := inbox.Copy([]*mailstore.Message{nil, inbox.Messages().At(1)}, other); err != nil {
		t.Fatal(err)
	}
	copied, original := other.Messages().At(2), inbox.Messages().At(1)
	if diff := gocmp.Diff([]imap.Flag{imap.FlagSeen, "home", "WORK"}, copied.Flags); diff != "" {
		t.Error(diff)
	}
	if copied.Content != original.Content || copied.ID != original.ID {
		t.Error("the copy doesn't share its content, or has another ID")
	}
	if diff := gocmp.Diff([]imap.Flag{"home", "WORK"}, other.Status().Keywords); diff != "" {
		t.Error(diff)
	}
}

func TestUIDsEndBelowTheirLimit(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	inbox := mailbox(t, a, "INBOX")
	deliver(t, inbox, 1)
	inbox.SkipTo(math.MaxUint32 - 2)
	v, _, err := inbox.Open(false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = inbox.Append(message(1), message(1), message(1))
	checkError(t, err, mailstore.ErrLimit, "INBOX")
	if uids := deliver(t, inbox, 2); !slices.Equal(uids, []imap.UID{math.MaxUint32 - 2, math.MaxUint32 - 1}) {
		t.Errorf("UIDs %v", uids)
	}
	_, err = inbox.Move([]imap.UID{1}, inbox)
	checkError(t, err, mailstore.ErrLimit, "INBOX")
	if st := inbox.Status(); st.UIDNext != math.MaxUint32 || st.Messages.Len() != 3 || st.Messages.Rank(st.UIDNext) != 3 {
		t.Errorf("status is %+v", st)
	}
	if up := v.Sync(mailstore.SyncAll); up.Exists != 3 || v.Recent() != 3 {
		t.Errorf("update is %+v", up)
	}
	inbox.Renumber()
	if st := inbox.Status(); st.UIDNext != 4 || st.Messages.At(3).UID != 3 {
		t.Errorf("status is %+v", st)
	}
}

func TestFlagsAreStoredInOneOrderAndSpelling(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	deliver(t, inbox, 1, "b", `\dRAFT`, "A", "a", `\recent`, `\Seen`, `\SEEN`, "B")
	want := []imap.Flag{imap.FlagSeen, imap.FlagDraft, "A", "b"}
	if diff := gocmp.Diff(want, inbox.Messages().At(1).Flags); diff != "" {
		t.Error(diff)
	}
	if m := inbox.Messages().At(1); !m.HasFlag(`\seen`) || !m.HasFlag("B") || m.HasFlag(`\Recent`) {
		t.Error("flags are compared with case")
	}
	if diff := gocmp.Diff([]imap.Flag{`\Answered`, `\Flagged`, `\Deleted`, `\Seen`, `\Draft`}, mailstore.SystemFlags()); diff != "" {
		t.Error(diff)
	}
}

func TestCallersKeepTheirSlices(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	flags := make([]imap.Flag, 2, 8)
	copy(flags, []imap.Flag{"b", "a"})
	deliver(t, inbox, 1, flags...)
	stored := inbox.Messages()
	if _, err := inbox.Store([]imap.UID{1}, imap.StoreFlagsSet, flags); err != nil {
		t.Fatal(err)
	}
	if flags[0] != "b" || flags[:3][2] != "" {
		t.Errorf("the caller's slice became %v", flags)
	}
	flags[0] = "c"
	inbox.Status().Keywords[0] = "changed"
	mailstore.SystemFlags()[0] = "changed"
	if _, err := inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}); err != nil {
		t.Fatal(err)
	}
	inbox.Expunge([]imap.UID{1})
	since, _ := inbox.ExpungedSince(0)
	since[0].UID = 99
	if diff := gocmp.Diff([]imap.Flag{"a", "b"}, stored.At(1).Flags); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]imap.Flag{"a", "b"}, inbox.Status().Keywords); diff != "" {
		t.Error(diff)
	}
	if again, _ := inbox.ExpungedSince(0); again[0].UID != 1 || mailstore.SystemFlags()[0] == "changed" {
		t.Error("the store handed out what it keeps")
	}
}

func TestEarlierStatesKeepTheirFlags(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	deliver(t, inbox, 1)
	var states []mailstore.Messages
	var want [][]imap.Flag
	for i := range 20 { // each sorts before those that are there
		states = append(states, inbox.Messages())
		want = append(want, slices.Clone(inbox.Messages().At(1).Flags))
		flag := imap.Flag(rune('z' - i))
		if _, err := inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{flag}); err != nil {
			t.Fatal(err)
		}
	}
	for i, ms := range states {
		if diff := gocmp.Diff(want[i], ms.At(1).Flags); diff != "" || len(want[i]) != i {
			t.Errorf("state %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestStoreRefusesWhatCannotBeAFlag(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	uids := deliver(t, inbox, 1)
	for _, f := range []imap.Flag{`\Odd`, `\*`, "a b", "(", "a]", "{1}", "a\r\n"} {
		_, err := inbox.Store(uids, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen, f})
		checkError(t, err, mailstore.ErrInvalidFlag, fmt.Sprintf("store flags in \"INBOX\": invalid flag %q", f))
	}
	keywords := make([]imap.Flag, 1000)
	for i := range keywords {
		keywords[i] = imap.Flag(fmt.Sprint("k", i))
	}
	if _, err := inbox.Store(uids, imap.StoreFlagsSet, append(keywords, "K1", "k2")); err != nil {
		t.Fatal(err)
	}
	_, err := inbox.Store(uids, imap.StoreFlagsAdd, []imap.Flag{"new"})
	checkError(t, err, mailstore.ErrLimit, "INBOX")
	if _, err := inbox.Store(uids, imap.StoreFlagsDel, []imap.Flag{"new", "k7"}); err != nil {
		t.Errorf("a keyword that isn't there can't be taken away: %v", err)
	}
	if n := len(inbox.Messages().At(1).Flags); n != 999 {
		t.Errorf("the message has %d flags", n)
	}
}

func TestExpungeHistoryIsCutAtAnyModSeq(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	inbox.Expunge(deliver(t, inbox, 3))
	highest := inbox.Status().HighestModSeq
	for since, want := range map[uint64]int{0: 3, highest - 3: 3, highest - 1: 1, highest: 0, math.MaxInt64: 0, 1 << 63: 0, math.MaxUint64: 0} {
		if got, complete := inbox.ExpungedSince(since); len(got) != want || !complete {
			t.Errorf("since %d: %v, complete: %v, want all %d entries", since, got, complete, want)
		}
	}
}

func TestExpungeHistoryForgetsTheOldest(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	const most = 200_000
	before := inbox.Status().HighestModSeq
	for range most {
		inbox.Expunge(deliver(t, inbox, 1))
	}
	if got, complete := inbox.ExpungedSince(before); complete || len(got) < most/2 || len(got) == most {
		t.Errorf("%d entries of %d, complete: %v", len(got), most, complete)
	}
	got, _ := inbox.ExpungedSince(before)
	if since, complete := inbox.ExpungedSince(got[0].ModSeq); !complete || len(since) != len(got)-1 {
		t.Errorf("since the first of %d: %d entries, complete: %v", len(got), len(since), complete)
	}
	inbox.Renumber()
	if got, complete := inbox.ExpungedSince(before); !complete || len(got) != 0 {
		t.Errorf("with a new UIDVALIDITY: %d entries, complete: %v", len(got), complete)
	}
}

func TestDeletedMailboxTakesNothing(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "gone")
	gone, inbox := mailbox(t, a, "gone"), mailbox(t, a, "INBOX")
	uids := deliver(t, gone, 1)
	v, st, err := gone.Open(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.DeleteMailbox("gone"); err != nil {
		t.Fatal(err)
	}
	gone.Renumber()
	_, appendErr := gone.Append(message(1))
	_, storeErr := gone.Store(uids, imap.StoreFlagsAdd, nil)
	_, copyErr := inbox.Copy([]*mailstore.Message{st.Messages.At(1)}, gone)
	_, moveErr := gone.Move(uids, inbox)
	_, viewMoveErr := v.Move(uids, inbox, mailstore.AllRights)
	_, _, openErr := gone.Open(true)
	for _, err := range []error{appendErr, storeErr, copyErr, moveErr, viewMoveErr, openErr} {
		checkError(t, err, mailstore.ErrStale, "gone")
	}
	if got := gone.Expunge(uids); got != nil || v.Expunge(uids) != nil || v.ExpungeDeleted(nil) != nil || v.Live(uids[0]) {
		t.Errorf("expunged %v", got)
	}
	if octets, n := a.Usage(); octets != 0 || n != 0 {
		t.Errorf("usage is %d octets, %d messages", octets, n)
	}
}

func TestAppendedNothingIsAnEmptyMessage(t *testing.T) {
	t.Parallel()
	inbox := mailbox(t, newAccount(t), "INBOX")
	if _, err := inbox.Append(mailstore.NewMessage{}); err != nil {
		t.Fatal(err)
	}
	if m := inbox.Messages().At(1); m.Size() != 0 || len(m.Raw()) != 0 || m.Structure() == nil {
		t.Errorf("%+v", m)
	}
}
