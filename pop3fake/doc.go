// Package pop3fake is a POP3 server over a [mailstore.Store] for tests: all of RFC
// 1939 with CAPA and its capabilities (RFC 2449), SASL (RFC 5034), STLS (RFC 2595), the
// response codes of RFC 3206, UTF8 and LANG (RFC 6856), and on request the LAST of RFC
// 1460 and XTND XLST.
//
// A table maps each command to the states that allow it, the capability that brings
// it, its arguments and its handler; a capability that is turned off takes its
// commands along, and the server answers as one that never heard of them. Most
// tests start it through package [example.org/mailfakes/mailtest], but it works alone:
//
//	store := mailstore.New()
//	server := pop3fake.New(store)
//	go server.Serve(listener)
//	defer server.Close()
//
// # What a session sees of others
//
// The maildrop is the account's INBOX, locked from login to the end of the session:
// a second session is refused with [IN-USE]. IMAP sessions take no notice of the
// lock. What they do, and mail that arrives, changes no message-number, count,
// size or unique-id of the running POP3 session; RETR and TOP of a message that is
// gone by then answer -ERR. The other way round nothing is seen either: retrieving
// a message sets no flag unless [WithSeen] says so, and deletions take effect at QUIT
// and only then.
//
// Servers that have it otherwise are imitated by options: [WithAllMail], [WithFetchedHidden],
// [WithOldestOnly] and [WithRecentMode] say what a login finds, [WithDeletion] what becomes
// of messages that were marked by DELE.
//
// # Octets
//
// A message is stored exactly as it was delivered, but POP3 transmits lines that end
// in CRLF: a bare LF is sent as CRLF, and a last line without an end gets one. STAT,
// LIST and RETR all count the octets that a client has after undoing the
// byte-stuffing, added CRs and LFs included.
//
// A command has at most 255 octets with its CRLF, also an AUTH with its initial response
// (RFC 2449 §4, RFC 5034 §4); a longer one is refused. A message whose header is in
// UTF-8 is refused with [UTF8] unless the client has sent UTF8 before it logged in
// (RFC 6856 §2.1).
//
// # What is recorded
//
// [Server.Sessions] tells what each client did: its commands with their arguments, secrets left
// out, their answers, octets and times, the state of the session, and how it ended. Package
// mailtest has checks of it.
//
// # What is noted
//
// What breaks a SHOULD is carried out and noted: [Server.Notes] returns it to a test, and
// the transcript shows it in its place, in a line that begins with "-- note". The rules:
//
//   - capa-after-stls: no CAPA after STLS, which made void what was known (RFC 2595 §4)
//   - cleartext-password: a password or token without TLS, which is offered (RFC 2595 §2.3)
package pop3fake
