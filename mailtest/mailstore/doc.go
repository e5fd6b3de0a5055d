// Package mailstore keeps accounts, mailboxes and messages in memory.
//
// Accounts, mailboxes and messages live here and nowhere else; an IMAP or POP3
// session looks at a mailbox through a [View]. Everything rests on two kinds of
// immutable values:
//
//   - A [Message] is one state of a message in a mailbox. Changing its flags
//     puts a new Message in its place; the [Content] is shared by every copy.
//   - [Messages] is one state of a mailbox: its messages in UID order, with
//     their sequence numbers. Each change of the mailbox makes a new state that
//     shares all but the changed path with the one before.
//
// A View holds the state its client has been told of. IMAP moves the view on by
// [View.Sync], which says what to tell the client; POP3 never does, and so its
// numbers are frozen from login to QUIT.
//
// Tests mostly have it by way of package [example.org/mailfakes/mailtest], whose accounts and
// mailboxes fail the test where these return an error. By itself it is a [Store] from [New], with
// [Store.AddAccount], [Account.CreateMailbox] and [Mailbox.Append]; [Store.Subscribe] tells of every
// change, and [Store.Snapshot] keeps a state to come back to.
//
// All methods are safe for concurrent use except those of a View, which belongs
// to one session. One lock for each account is held briefly and never across I/O.
package mailstore
