// Package imapfake is an IMAP server over a [mailstore.Store] for tests: IMAP4rev1
// (RFC 3501) with the extensions that clients use.
//
// A table maps each command to the states that allow it, its parser and its
// handler. An extension is one file with the rows that it adds; a capability that
// is turned off takes its rows along, and the server answers as one that never
// heard of it. Most tests start it through package mailtest, but it works alone:
//
//	store := mailstore.New()
//	server := imapfake.New(store)
//	go server.Serve(listener)
//	defer server.Close()
//
// # What a session sees of others
//
// A session's message numbers change only when it is told. New messages are
// announced before the results of FETCH, STORE, SEARCH, COPY, MOVE and UID EXPUNGE, whose "*"
// includes them. Flag changes and, where RFC 3501 §7.4.1 allows them, expunges follow
// the results. A message that another session expunged stays numbered, readable
// and searchable until this session is told (RFC 2180 §4.1.1); STORE and MOVE leave
// it out and answer NO [EXPUNGEISSUED] (RFC 5530). A session whose mailbox was
// deleted or renumbered by another is ended with BYE.
//
// # Octets
//
// APPEND stores exactly the octets that the client sent, and FETCH returns exactly
// those that are stored, whatever their line ends.
package imapfake
