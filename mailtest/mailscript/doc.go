// Package mailscript runs conversations with mail servers that are written down as
// text: what the client sends, and what the server has to answer. The same scripts
// hold for the fakes of this module and for a real server.
//
// # Scripts
//
// A script is a transcript in the text form of package [mailwire], so that the one
// that a failing test prints is a script as it stands, also indented. The column of seconds may be
// left out, and so may the session, which then is that of the line before it, or
// imap#1:
//
//	C: a1 LOGIN alice@example.org secret
//	S: a1 OK \...
//	C: a2 SELECT INBOX
//	S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
//	S: \...
//	S: a2 OK [READ-WRITE] done
//	imap#2 C: b1 LOGIN alice@example.org secret
//
// Lines of the client that follow one another are sent at once; only a backslash
// opens one of the additions to the form, which no transcript has:
//
//   - \... stands for any octets; as a whole argument for any arguments, even none;
//     as a whole line for any further responses, up to the tagged one;
//     as a line of POP3's multi-line responses for any lines.
//   - \$name captures what it stands for; everywhere after that it is that text.
//     \$account is the account's name from the start.
//   - \<name> is a literal with the attached message of that name: its size, its
//     octets. A client waits for the server's "+" in between.
//   - \{n octets} in what the server sends stands for any n octets, as a transcript
//     leaves out parts of a long literal.
//   - \~ before a response says that it may be missing, if it isn't an EXISTS,
//     EXPUNGE or FETCH.
//   - \( and \), each alone in a line of the server, enclose responses that may come
//     in any order, also where the protocol would fix it.
//   - \?, alone in a line of the server, is an answer that isn't written yet.
//     [Script.Record] writes it.
//
// Where "***" stands in what the client sends, as transcripts have it in place of
// secrets, the password is sent, or its SASL response. The account that scripts
// log in to is alice@example.org; servers know it by any name ([Server.Accounts]).
//
// Some notes, as a transcript has them, mean something: "-- open" connects,
// "-- TLS…started" begins a TLS handshake, "-- DEFLATE started" compression, "-- closed
// by the client" closes the connection, and "-- closed" waits until the server does. Sessions that aren't
// opened are, when they are first named, and a greeting that the script doesn't
// have is skipped.
//
// # Attachments
//
// After the conversation come mailboxes and messages, each with a line of its own:
//
//	-- mailbox Work --
//	-- message first Work (\Seen) "17-Jul-1996 02:44:25 -0700" --
//	Subject: hello
//
//	hi
//	-- message second --
//	…
//	-- capability CONDSTORE --
//
// A capability is one that the script needs beyond those that a server has anyway; whoever runs it
// has to see to that, as to the attributes of RFC 6154 that may follow a mailbox. [Script.Seed]
// creates the mailboxes and appends the messages that name a mailbox, in their order. Flags and
// date may be left out. A message's lines, up to the next heading, are written as in transcripts:
// each ends in CRLF, unless a lone backslash at its end says that it doesn't.
//
// # What is compared
//
// The answers of IMAP are compared by their meaning. Not compared are text for human readers,
// UIDVALIDITY, and the order where RFC 3501 lets a server choose it: of responses,
// but for EXISTS and FETCH around EXPUNGE; of the messages that are removed
// together; of flags, capabilities, LIST attributes, the numbers of SEARCH, and
// the items of a FETCH or STATUS response; nor whether a string is quoted or a
// literal. Response codes are compared. The answers of POP3 are compared line by
// line, except the text after +OK and -ERR that isn't data.
package mailscript
