package mailstore_test

import (
	"context"
	"fmt"
	"log"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest/mailstore"
)

// newInbox returns the INBOX of alice, in a store of its own, with messages that have these subjects.
func newInbox(subjects ...string) (*mailstore.Store, *mailstore.Mailbox) {
	store := mailstore.New()
	alice, err := store.AddAccount("alice@example.org", "secret")
	if err != nil {
		log.Fatal(err)
	}
	inbox, err := alice.Mailbox(mailstore.Inbox)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range subjects {
		content := mailstore.NormalizedContent([]byte("Subject: " + s + "\n\nhi\n"))
		if _, err := inbox.Append(mailstore.NewMessage{Content: content}); err != nil {
			log.Fatal(err)
		}
	}
	return store, inbox
}

// Two sessions look at one mailbox. IMAP's view is moved on whenever the client may be told;
// POP3's stays as it was at login.
func Example() {
	_, inbox := newInbox("first", "second", "third")
	overIMAP, _, err := inbox.Open(false)
	if err != nil {
		log.Fatal(err)
	}
	defer overIMAP.Close()
	overPOP3, _, err := inbox.Open(true)
	if err != nil {
		log.Fatal(err)
	}
	defer overPOP3.Close()

	inbox.Expunge([]imap.UID{2}) // as another client would
	told := overIMAP.Sync(mailstore.SyncNoExpunge)
	fmt.Println("during FETCH:", len(told.Expunged), "told,", overIMAP.Messages().Len(), "numbers")
	told = overIMAP.Sync(mailstore.SyncAll)
	fmt.Println("at NOOP:", told.Expunged[0].Seq, "told,", overIMAP.Messages().Len(), "numbers")
	fmt.Println("POP3:", overPOP3.Messages().Len(), "numbers, and message 2 is there:", overPOP3.Live(2))
	// Output:
	// during FETCH: 0 told, 3 numbers
	// at NOOP: 2 told, 2 numbers
	// POP3: 3 numbers, and message 2 is there: false
}

// Every change is an event, which can be waited for.
func ExampleStore_Subscribe() {
	store, inbox := newInbox("first")
	feed := store.Subscribe()
	defer feed.Close()

	if _, err := inbox.Store([]imap.UID{1}, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen}); err != nil {
		log.Fatal(err)
	}
	event, err := feed.Next(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(event.Kind, event.Account, event.Mailbox, event.UID, event.Flags)
	// Output:
	// flags changed alice@example.org INBOX 1 [\Seen]
}
