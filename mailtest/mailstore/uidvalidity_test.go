package mailstore_test

import (
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestStoresOfDifferentRunsGiveNothingTheSameNumber(t *testing.T) {
	t.Parallel()
	boxes, messages := make(map[uint64]bool), make(map[uint64]bool)
	for _, run := range []uint32{0, 1_700_000_000, 1_700_000_100} {
		s := mailstore.New()
		s.SetUIDValidity(run)
		for _, name := range []string{"alice", "bob"} {
			a, err := s.AddAccount(name, "secret")
			if err != nil {
				t.Fatal(err)
			}
			box, err := a.CreateMailbox("Archive")
			if err != nil {
				t.Fatal(err)
			}
			m := put(t, box, "Subject: hi\r\n\r\n")
			st := box.Status()
			if st.UIDValidity <= run {
				t.Errorf("after %d, %s has the UIDVALIDITY %d", run, name, st.UIDValidity)
			}
			if boxes[st.ID] || messages[m.ID] {
				t.Errorf("after %d, %s has a mailbox %d and a message %d, as there were before", run, name, st.ID, m.ID)
			}
			boxes[st.ID], messages[m.ID] = true, true
		}
		shared, err := s.Shared().CreateMailbox("Team")
		if err != nil {
			t.Fatal(err)
		}
		if st := shared.Status(); st.UIDValidity <= run || boxes[st.ID] {
			t.Errorf("after %d, a shared mailbox has %+v", run, st)
		}
		boxes[shared.Status().ID] = true
	}
}
