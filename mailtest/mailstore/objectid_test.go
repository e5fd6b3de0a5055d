package mailstore_test

import "testing"

// RFC 8474 §4.
func TestAMailboxKeepsItsIDForAsLongAsItsUIDsAreValid(t *testing.T) {
	t.Parallel()
	a := newAccount(t, "a", "b")
	first, second := mailbox(t, a, "a"), mailbox(t, a, "b")
	id := first.Status().ID
	if id == second.Status().ID || id == mailbox(t, a, "INBOX").Status().ID {
		t.Error("two mailboxes have one id")
	}
	if err := a.RenameMailbox("a", "c"); err != nil {
		t.Fatal(err)
	}
	if got := mailbox(t, a, "c").Status().ID; got != id {
		t.Errorf("id %d after a rename, want %d", got, id)
	}
	first.Renumber()
	if got := first.Status().ID; got == id || got == second.Status().ID {
		t.Errorf("id %d after the mailbox was renumbered", got)
	}
	if err := a.DeleteMailbox("b"); err != nil {
		t.Fatal(err)
	}
	old := second.Status().ID
	if b, _ := a.CreateMailbox("b"); b.Status().ID == old {
		t.Error("a new mailbox has the id of one that was deleted")
	}
}
