package mailstore_test

import "testing"

func TestAMailboxCanHaveAnAppendLimitOfItsOwn(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "other")
	box := mailbox(t, a, "other")
	if a.HasAppendLimits() || box.Status().AppendLimit != nil {
		t.Error("there is a limit from the start")
	}
	box.SetAppendLimit(5)
	if limit := box.Status().AppendLimit; !a.HasAppendLimits() || limit == nil || *limit != 5 {
		t.Errorf("limit is %v", limit)
	}
	if _, err := box.Append(message(10)); err != nil {
		t.Error(err) // it is for clients
	}
	box.RemoveAppendLimit()
	if a.HasAppendLimits() || box.Status().AppendLimit != nil {
		t.Error("the limit is still there")
	}
}
