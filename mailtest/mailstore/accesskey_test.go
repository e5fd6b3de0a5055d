package mailstore_test

import (
	"bytes"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestAccessKeyFollowsFromWhatWasDone(t *testing.T) {
	t.Parallel()
	var keys [2][][]byte
	for i := range keys {
		account, err := mailstore.New().AddAccount("alice@example.org", "secret")
		if err != nil {
			t.Fatal(err)
		}
		other, err := account.CreateMailbox("other")
		if err != nil {
			t.Fatal(err)
		}
		inbox, err := account.Mailbox("INBOX")
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = append(keys[i], inbox.AccessKey(), other.AccessKey())
		inbox.ResetAccessKey()
		keys[i] = append(keys[i], inbox.AccessKey())
		account.ResetAccessKeys()
		keys[i] = append(keys[i], inbox.AccessKey(), other.AccessKey())
		if n := inbox.AccessKeyResets(); n != 2 {
			t.Errorf("AccessKeyResets() = %d, want 2", n)
		}
		if err := account.RenameMailbox("other", "renamed"); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(other.AccessKey(), keys[i][4]) {
			t.Error("renaming the mailbox has changed its key")
		}
	}
	for i, key := range keys[0] {
		if !bytes.Equal(key, keys[1][i]) {
			t.Errorf("key %d is another in another store", i)
		}
		for j := range i {
			if bytes.Equal(key, keys[0][j]) {
				t.Errorf("keys %d and %d are the same", j, i)
			}
		}
	}
}
