// Package pop3fake is a POP3 server over a [mailstore.Store] for tests: all of RFC
// 1939 with CAPA and its capabilities (RFC 2449), SASL (RFC 5034), STLS (RFC 2595)
// and the response codes of RFC 3206.
//
// A table maps each command to the states that allow it, the capability that brings
// it, its arguments and its handler; a capability that is turned off takes its
// commands along, and the server answers as one that never heard of them. Most
// tests start it through package mailtest, but it works alone:
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
// a message sets no flag, and deletions take effect at QUIT and only then.
//
// # Octets
//
// A message is stored exactly as it was delivered, but POP3 transmits lines that end
// in CRLF: a bare LF is sent as CRLF, and a last line without an end gets one. STAT,
// LIST and RETR all count the octets that a client has after undoing the
// byte-stuffing, added CRs and LFs included.
package pop3fake
