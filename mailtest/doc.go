// Package mailtest starts IMAP and POP3 servers inside a test, over one store in
// memory.
//
// [New] gives a test both servers; they end with it. Mail is delivered by methods
// ([Account.Deliver], [Account.DeliverFS], [Account.LoadMbox], [Account.LoadMaildir]), the
// code under test connects to srv.IMAP and srv.POP3, and the test compares what
// is on the server with [Account.Messages], [Mailbox.Messages] or [Account.State]:
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
// Package imap is github.com/emersion/go-imap/v2, whose types for flags and UIDs are used
// throughout, and cmp is github.com/google/go-cmp/cmp.
//
// There is an example for each thing that a newcomer tries, and the directory examples has
// whole suites, each of a small application: a poller that loses no mail, a copy that survives a new
// UIDVALIDITY, an importer that imports nothing twice, new mail that is shown at once.
//
// What only the test's author can have done wrong, such as naming a mailbox that isn't
// there, fails the test at the author's line.
//
// [NewIMAPDevice] and [NewPOP3Device] simulate what people read mail on, to show what
// each protocol does to it.
//
// # What happens to mail and servers meanwhile
//
// Every change that another client or an administrator could make is a method, and sessions
// see it at once: [Mailbox.AddFlags], [Mailbox.Expunge], [Mailbox.Move] and their kin,
// [Account.CreateMailbox], [Account.RenameMailbox], [Account.DeleteMailbox], [Account.Subscribe],
// SetQuota, AddToken, ExpireToken and RefuseLogins of [mailstore.Account], Renumber and
// ChangeUIDValidity of [mailstore.Mailbox], [Account.LockMaildrop]. Sessions are disturbed by
// [Endpoint.Push], [Endpoint.Bye], [Endpoint.Disconnect] and [Endpoint.Reset], servers go and come
// by [Endpoint.Stop], [Endpoint.Start] and [Server.Restart].
//
// [Fakes.Snapshot] and [Server.Restore] give each subtest the same store.
//
// # When a test fails
//
// Its log ends with what clients and servers said last, in the text form that package
// [mailwire] describes, with secrets masked: the last lines of the sessions that spoke last. Flags of
// go test ask for more:
//
//	-mailtest.transcript=all       all of it in the log; none: nothing
//	-artifacts                     all of it also in a file, in the test's ArtifactDir, and as
//	                               a page for a web browser, which package mailhtml describes
//	-mailtest.serve=127.0.0.1:0    the servers stay up until interrupted, for a client of your own
//
// A test that go test ends by -timeout has no log: what was said last is on standard error, two
// seconds before. What is copied from there, the log or the file can be read by
// [mailwire.ParseTranscript], and is a script as package
// [example.org/mailfakes/mailtest/mailscript] has them.
//
// Servers that stay up say on standard error where they are, which accounts there are, and
// where the certificate authority is that a client has to trust. They are at free ports, or
// at the port that is given (IMAP) and the next three (IMAP over TLS, POP3, POP3 over TLS). In memory or
// not makes no difference, but a bubble of [testing/synctest] can't stay up. To see what they
// say at once, run the tests of one package: in its directory, or with -v.
//
//	go test -run TestMarkAllRead -timeout 0 -mailtest.serve=127.0.0.1:0
//	go test -run TestMarkAllRead -timeout 0 -v ./inbox -mailtest.serve=127.0.0.1:0
//
// Packages come before these flags, which only tests that import this package know.
//
// # From a log to a test
//
// [Replay] serves a log in place of the fakes: a transcript, as a failing test prints it, or what
// go-imap, Python, curl, mbsync, fetchmail, mpop, Thunderbird, Mutt, Dovecot, JavaMail, MailKit or
// openssl logged (package [maillog]). A client gets the answers that are in the log, and the test
// fails at the first command that isn't (package [mailreplay]):
//
//	func TestBug1234(t *testing.T) {
//		srv := mailtest.Replay(t, "testdata/bug1234.log")
//		inbox.Open(srv.IMAP.Addr(), "alice@example.org", "secret").Sync() // the code under test
//	}
//
// The command "mailtest gotest bug1234.log" writes such a test.
//
// # One store, two protocols
//
// What each action does to what the other protocol sees. POP3's session is frozen from
// login to QUIT, and only QUIT deletes; IMAP's is told of every change as soon as RFC 3501
// §5.5 and §7.4.1 let it.
//
//	RETR, policy leave              | IMAP sees no change (the default; see pop3fake.WithSeen)
//	RETR, policy at once            | IMAP is told \Seen with the answer to RETR
//	RETR, policy at the end         | IMAP is told \Seen when the session ends, also without QUIT
//	DELE before QUIT                | IMAP sees no change
//	DELE and QUIT                   | IMAP is told EXPUNGE; the message is gone for good
//	RSET                            | nothing that was marked is deleted
//	connection drops after DELE     | nothing is deleted
//	IMAP expunge during POP3        | the number, size and unique-id stay; RETR answers -ERR
//	IMAP move during POP3           | the same, and DELE doesn't reach the message where it is now
//	IMAP flag during POP3           | POP3 sees no flags, \Deleted included
//	IMAP APPEND during POP3         | the message is there from the next login on
//	IMAP RENAME INBOX during POP3   | as an expunge of all; they are in the new mailbox, out of POP3's reach
//	new UIDVALIDITY during POP3     | RETR and QUIT answer -ERR, nothing is deleted; every unique-id is new
//	POP3 QUIT during IDLE           | EXPUNGE is pushed at once
//	POP3 QUIT before FETCH          | the numbers stay for FETCH; EXPUNGE comes with the next NOOP
//	POP3 QUIT with QRESYNC          | VANISHED comes in place of EXPUNGE
//	two POP3 devices                | the second finds nothing of what the first deleted; nor does IMAP
//	POP3 login during POP3          | -ERR [IN-USE] until the first session has ended
//	POP3 login during IMAP          | the lock is between POP3 sessions; IMAP goes on
//	quota freed by POP3             | QUIT frees it: what IMAP was refused before now fits
//	COPY, MOVE back, re-delivery    | each gets a new UID and unique-id; none is ever given twice
//
// For the statements that follow from it there are assertions: [Account.WantOverPOP3],
// [Account.WantOverIMAP], [Account.WantGone], [POP3Device.WantOnlyHere], and
// [Account.Octets]. [Account.OverPOP3] and [Account.OverIMAP] return what each protocol shows.
//
// # Servers as they are, and connections that fail
//
// [WithPersonality] has both servers look and behave like a well-known one, with its
// deviations from the standards; package [personality] lists them. [WithIMAP] and [WithPOP3] take the
// options of packages [imapfake] and [pop3fake]: capabilities, limits, commands of one's own, overrides of
// those that are there. [WithLoginPolicy], [WithTLSFault], [WithTLS], [WithClientCertificates] and
// [WithGmail] concern both.
//
// [Endpoint.Inject] has a server's connections misbehave by a rule of package
// [mailwire], [Endpoint.Hold] stops a session at a command
// until the test lets it go on, and [FailOnUnfired] fails a test whose rules never applied.
// [CutEverywhere] runs a client again and again, losing its connection after each octet, and
// [Interleave] runs several clients in every order of their steps.
//
// # What clients did
//
// [Endpoint.Sessions] has every session with its commands, their answers, octets and times, and how
// it ended. Rules for clients are checked in a line each; the error names the session and the
// command:
//
//	alice.WantClients(
//		mailtest.NoPasswordBeforeTLS(),
//		mailtest.SentBefore("ID", "LOGIN"),
//		mailtest.FetchedNoBodyTwice(),
//		mailtest.NeverSent(`UID STORE \Deleted`),
//	)
//
// [FailOnNotes] has a test fail when a client breaks what the RFCs advise, and [FailOnOpenSessions]
// when it leaves sessions behind.
//
// # Waiting
//
// A test never needs to sleep or poll. [Server.Wait] is woken by each change in the store and each step
// of a session, and when the test's time is nearly up it fails with what was awaited, what
// happened instead, and the last commands of the sessions:
//
//	alice.Wait(alice.UntilIdle())                    // the app is ready
//	alice.Deliver(mailtest.Mail{Subject: "hello"})
//	alice.Wait(alice.UntilFlagged("INBOX", "hello", imap.FlagSeen))
//
// Ready conditions begin with Until; others are a [Condition] of one's own. [Account.IMAPClient] is
// a client that is logged in, to be the other device.
//
// # No network and no clock
//
// With [InMemory] there are no sockets, and a test can run in a [testing/synctest]
// bubble, in which hours take no time: examples/noclock has a day of IDLE and an outage.
//
// Programs and TestMain, which have no [testing.TB], use [Start]: the store of its
// [Fakes] has the same operations with errors.
package mailtest
