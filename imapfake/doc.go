// Package imapfake is an IMAP server over a [mailstore.Store] for tests: IMAP4rev1
// (RFC 3501) and IMAP4rev2 (RFC 9051) with the extensions that clients use.
//
// A table maps each command to the states that allow it, its parser and its
// handler. An extension is one file with the rows that it adds; a capability that
// is turned off takes its rows along, and the server answers as one that never
// heard of it. Most tests start it through package
// [example.org/mailfakes/mailtest], but it works alone:
//
//	store := mailstore.New()
//	server := imapfake.New(store)
//	go server.Serve(listener)
//	defer server.Close()
//
// # Two revisions of the protocol
//
// Both are offered, and sessions begin with IMAP4rev1. A client that sends ENABLE IMAP4rev2
// turns its session to the other (RFC 9051 appendix E): SEARCH is answered by ESEARCH,
// SELECT by LIST too and not by RECENT or UNSEEN, names and quoted strings are in UTF-8,
// BODYSTRUCTURE tells parameters decoded, there is no \Recent, STATUS has DELETED and
// FETCH has BINARY, and what is gone is unknown: CHECK, LSUB, RFC822, RFC822.HEADER and
// RFC822.TEXT, the search keys NEW, OLD and RECENT. A mailbox that a client names otherwise
// than it is called, or renames, is told by LIST with OLDNAME; names are in normalization
// form C. A server without IMAP4rev1 (WithoutCapabilities("IMAP4rev1")) has only such sessions;
// with WithCapabilities() beside it, IMAP4rev2 is all that it lists.
//
// Where IMAP4rev2 is offered, strings may be in UTF-8 before it is enabled too (§4.3.1).
//
// # Sessions side by side
//
// A session's message numbers change only when it is told. Where RFC 2180 leaves a choice,
// or RFC 3501 a server's freedom, this is what several sessions with one mailbox see:
//
//   - close: CLOSE tells its own session of no EXPUNGE, but the others (RFC 3501 §6.4.2)
//   - delete: when the mailbox is deleted, the other sessions that have it selected end with BYE (RFC 2180 §3.3)
//   - delete-own: the session that deletes its selected mailbox goes on without one (RFC 3501 §6.3.4)
//   - exists: EXISTS and RECENT come before the results of a command on messages, whose "*" includes the new ones, and else at its end (RFC 3501 §7.3.1)
//   - expunge: EXPUNGE comes at the end of any command but FETCH, STORE, SEARCH, SORT and THREAD; their UID forms may bring it (RFC 3501 §7.4.1)
//   - expunged-copy: COPY and UID COPY copy a message that another session expunged as it was, until its EXPUNGE is told (RFC 2180 §4.4)
//   - expunged-fetch: FETCH and UID FETCH return it as it was (RFC 2180 §4.1.1)
//   - expunged-move: MOVE moves the other messages and answers NO [EXPUNGEISSUED] (RFC 5530 §3)
//   - expunged-search: SEARCH and UID SEARCH find it as it was (RFC 2180 §4.3)
//   - expunged-store: STORE changes the other messages and answers NO [EXPUNGEISSUED] (RFC 2180 §4.2.3)
//   - expunged-store-silent: with .SILENT it answers OK (RFC 2180 §4.2.1)
//   - expunged-uid: UID STORE, UID MOVE and UID EXPUNGE pass over it and answer OK (RFC 3501 §6.4.8)
//   - flags: the present flags of a message are told once, however often they changed (RFC 3501 §7.4.2)
//   - flags-own: the session that changed them is told by its STORE, with .SILENT not at all (RFC 3501 §6.4.6)
//   - idle: during IDLE all this comes at once (RFC 2177 §3)
//   - keywords: FLAGS and PERMANENTFLAGS come again before the first FETCH with a new keyword (RFC 3501 §7.2.6)
//   - recent: a message is \Recent in the first session that is told of it; EXAMINE takes that from none (RFC 3501 §2.3.2); RECENT comes with EXISTS, and after EXPUNGE when it leaves fewer (RFC 3501 §7.3.2)
//   - rename: a mailbox that is renamed stays selected (RFC 2180 §3.4)
//   - rename-inbox: INBOX is left empty, as if its messages were expunged (RFC 3501 §6.3.5)
//   - spelling: a keyword keeps the spelling in which it came first (RFC 3501 §9)
//   - uidvalidity: with a new UIDVALIDITY all sessions that have the mailbox selected end with BYE (RFC 3501 §2.3.1.1)
//   - vanished: VANISHED comes in place of EXPUNGE to a session that enabled QRESYNC (RFC 7162 §3.2.10)
//
// With IDLE and NOTIFY (RFC 5465) a client is told as soon as something happens: the store
// wakes the session, nothing is polled. What NOTIFY tells of other mailboxes is merged while
// a command is in progress, and bounded by [WithNotifyLimit].
//
// # Commands of your own
//
// [WithCommand] adds a command that a test's author has written, [WithFetchItem], [WithSearchKey] and
// [WithStatusItem] what else a proprietary extension has. They go by the same table as the
// server's own, and with their capability. [OverrideCommand], [OverrideFetchItem] and the like
// take the place of what is there, for a server that is to behave otherwise: an override sees
// the arguments as they came, can refuse the command, carry it out, change or keep back what
// it answers, and end the connection. Through package mailtest these options are given to
// mailtest.WithIMAP.
//
// # Gmail's labels
//
// With [WithMoreCapabilities]("X-GM-EXT-1") mailboxes are labels, as Gmail's are: a
// message can be in several, and [mailstore.Account.UseLabels] says what COPY, MOVE and
// EXPUNGE do then. Every account that logs in is made one with labels. X-GM-MSGID,
// X-GM-THRID and X-GM-LABELS can be fetched and searched, and labels stored, by the names of
// their mailboxes, which STORE makes if need be, or as \Inbox, \Draft, \Important, \Sent,
// \Spam, \Starred and \Trash. As at Gmail, X-GM-LABELS leaves out the selected mailbox, and
// SEARCH takes names as they are, not in modified UTF-7. A change of labels is one of the
// message's modification sequence in all of its mailboxes.
//
// The search key X-GM-RAW takes words, which are matched whole, phrases in quotes, "-", OR,
// AND, parentheses and braces, and the operators from:, to:, cc:, bcc:, subject:, filename:
// and rfc822msgid:, label: and in:, is: with read, unread, starred or important, has: with
// attachment, userlabels or nouserlabels, before:, older:, after: and newer: with a date,
// older_than: and newer_than: with an age such as 2d, 3m or 1y, larger:, size: and
// smaller:. It looks in the selected mailbox only, and answers NO to any other operator.
//
// Two things differ from Gmail. An X-GM-THRID follows from the messages' own headers; at
// Gmail it is the X-GM-MSGID of the thread's first message. And \Deleted stays where an
// EXPUNGE leaves the message, in all mail.
//
// # Mailboxes of others
//
// A mailbox can be shared with other accounts ([mailstore.Mailbox.SetACL], or SETACL of RFC 4314),
// which find it below "Other Users" and the owner's name; mailboxes of [mailstore.Store.Shared]
// are below "Shared Folders" ([WithNamespaces] changes the names, and the separator). Every
// command asks for the rights of RFC 4314 §4, each time, so that what is given and taken has
// its effect at once: PERMANENTFLAGS is told again, and a session that may not read its mailbox any
// more is ended with BYE. One that was opened READ-ONLY for want of rights stays so. A
// mailbox that a client may not see is answered as one that isn't there. A user's own rights
// are those given to it and to "anyone" together, without those of entries with "-"; an owner always
// keeps "l" and "a". All flags, \Seen too, are one for all users; subscriptions, special
// uses and annotations below /private are each user's own, and quota is that of the mailbox's owner. NOTIFY
// tells of a client's own mailboxes, and of the selected one.
//
// # Octets
//
// APPEND stores exactly the octets that the client sent, and FETCH returns exactly
// those that are stored, whatever their line ends.
//
// # What is refused
//
// A command that breaks the grammar or a MUST is answered BAD, with the reason and the
// section of the RFC, and has no effect. The rules that every command is held to; those
// of an extension's arguments cite their RFC in the same way:
//
//   - arguments: missing, superfluous or malformed arguments, two spaces for one (RFC 3501 §9)
//   - base64: a response in AUTHENTICATE that is not base64 (RFC 3501 §6.2.2)
//   - command: a command that is unknown, or whose capability is off (RFC 3501 §6)
//   - compress-pipelined: anything sent behind COMPRESS before its answer (RFC 4978 §3)
//   - date: a date that is none, such as one without a year (RFC 3501 §9)
//   - eight-bit: an 8-bit octet in a quoted string, unless UTF-8 is enabled or IMAP4rev2 offered (RFC 3501 §4.3)
//   - escape: a backslash in a quoted string before anything but a quote or backslash (RFC 3501 §9)
//   - idle: anything but DONE during IDLE (RFC 2177 §3)
//   - line-length: a line, or a command beside its literals, over 64 KiB (RFC 7162 §4)
//   - literal-early: a literal sent before the server asked for it (RFC 3501 §4.3)
//   - literal-minus: a literal over 4096 octets sent unasked, where only LITERAL- is offered (RFC 7888 §5)
//   - literal-place: the size of a literal that is not the last thing in its line (RFC 3501 §4.3)
//   - message-number: the number of no message (RFC 3501 §9, seq-number)
//   - message-zero: 0 as a message number or UID (RFC 3501 §9, nz-number)
//   - nul: a NUL octet in a string (RFC 3501 §4.3)
//   - partial-zero: a partial fetch of no octets (RFC 3501 §9)
//   - recent: setting or removing \Recent (RFC 3501 §2.3.2)
//   - state: a command that the session's state does not allow (RFC 3501 §6)
//   - tag: a line that does not begin with a tag and a space (RFC 3501 §2.2.1)
//   - tls-pipelined: anything sent behind STARTTLS before its answer (RFC 3501 §6.2.1)
//   - tls-twice: STARTTLS where TLS is active (RFC 3501 §6.2.1)
//
// A literal that came early is read past, and what was sent behind STARTTLS or COMPRESS
// is answered as it came, in plain text: nothing of it is taken for part of the secure
// session. That a client did not wait can be told only if what it sent is there when the
// server would answer.
//
// Commands may be sent without waiting for answers. They are carried out one after the
// other, each to its end, as RFC 3501 §5.5 wants it where one may affect another; message
// numbers that the client could not be sure of are noted.
//
// # What is recorded
//
// [Server.Sessions] tells what each client did: its commands with their arguments, secrets left
// out, their answers, octets and times, the state of the session, and how it ended. Package
// mailtest has checks of it.
//
// # What is noted
//
// What breaks a SHOULD, or a MUST that the RFC has the server put up with, is carried
// out and noted: [Server.Notes] returns it to a test, and the transcript shows it in its
// place, in a line that begins with "-- note". The rules:
//
//   - append-line-ends: a message with a CR or LF that is not part of a CRLF (RFC 3501 §6.3.11)
//   - capability-after-tls: no CAPABILITY after STARTTLS, which made void what was known (RFC 3501 §6.2.1)
//   - check: CHECK, which IMAP4rev2 dropped, in place of NOOP (RFC 9051 Appendix E)
//   - cleartext-password: a password or token without TLS, which is offered (RFC 3501 §6.2.3)
//   - delete-selected: DELETE of the selected mailbox (RFC 2683 §3.4.12)
//   - enable-selected: ENABLE after a mailbox was selected (RFC 5161 §3.1)
//   - enable-useless: ENABLE of what needs no enabling (RFC 5161 §3.1)
//   - fetch-rfc822: FETCH of RFC822, RFC822.HEADER or RFC822.TEXT, which IMAP4rev2 deprecates, in place of BODY[] (RFC 9051 Appendix E)
//   - idle-long: IDLE for more than 29 minutes (RFC 2177 §3)
//   - list-everything: LIST "" "*", which lists all of a hierarchy that may have no end (RFC 2683 §3.2.1.1)
//   - list-option-twice: a selection option of LIST more than once (RFC 5258 §3)
//   - list-reference: a reference that does not end in the hierarchy delimiter (RFC 3501 §6.3.8)
//   - long-line: a command of more than 8192 octets beside its literals (RFC 7162 §4)
//   - no-logout: the connection closed without LOGOUT (RFC 3501 §3.4)
//   - notify-seen: NOTIFY for new messages with what sets \Seen (RFC 5465 §5.2)
//   - pipelined-numbers: message numbers sent before the answer to a command that can change them (RFC 3501 §5.5)
//   - status-many: ten STATUS commands in a row (RFC 3501 §6.3.10)
//   - status-selected: STATUS of the selected mailbox (RFC 3501 §6.3.10)
//   - tag-reused: the tag of the command before (RFC 9051 §2.2.1)
package imapfake
