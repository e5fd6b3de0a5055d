// Package mailtest starts IMAP and POP3 servers inside a test, over one store in
// memory.
//
// [New] gives a test both servers; they end with it. Mail is delivered by methods
// ([Account.Deliver], [Account.DeliverFS], [Account.LoadMbox], [Account.LoadMaildir]), the
// code under test connects to srv.IMAP and srv.POP3, and the test compares what
// is on the server with [Account.Messages] or [Mailbox.Messages]:
//
//	func TestMarkAllRead(t *testing.T) {
//		srv := mailtest.New(t)
//		alice := srv.AddAccount("alice@example.org", "secret")
//		alice.Deliver(mailtest.Mail{From: "bob@example.org", Subject: "hello", Text: "hi"})
//
//		app := inbox.Open(srv.IMAP.Addr(), "alice@example.org", "secret") // the code under test
//		app.MarkAllRead()
//
//		want := []mailtest.Message{{
//			From: "bob@example.org", Subject: "hello", Text: "hi", Flags: []imap.Flag{imap.FlagSeen},
//		}}
//		if diff := cmp.Diff(want, alice.Messages(), mailtest.IgnoreVolatile()); diff != "" {
//			t.Error(diff)
//		}
//	}
//
// When a test fails, its log has the transcript of all sessions. What only the
// test's author can have done wrong, such as naming a mailbox that isn't there,
// fails the test at the author's line.
//
// [NewIMAPDevice] and [NewPOP3Device] simulate what people read mail on, to show what
// each protocol does to it.
//
// With [InMemory] there are no sockets, and a test can run in a [testing/synctest]
// bubble, in which hours take no time.
//
// Programs and TestMain, which have no [testing.TB], use [Start]: the store of its
// [Fakes] has the same operations with errors.
package mailtest
