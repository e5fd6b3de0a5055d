// Package mailwire is the connection below the IMAP and POP3 servers of this
// module: an in-memory network, the framing that both protocols share, TLS,
// and the transcript of all that passed.
//
// A [Service] accepts connections, from sockets or from a [Listener] in memory,
// and hands each to a server as a [Conn], which records it in a [Transcript].
// Time is always that of the runtime, and nothing waits other than
// on channels, conditions and timers, so all of it works in a bubble of
// testing/synctest.
//
// # The text form of a transcript
//
// A transcript is shown, saved and read back in one form, by
// [Transcript.WriteTo] and [ParseTranscript]: a line of text for each line of
// the protocol.
//
//	0.000123 imap#1 -- open tcp 127.0.0.1:53422
//	0.000301 imap#1 S: * OK [CAPABILITY IMAP4rev1] ready
//	0.000802 imap#1 C: a1 LOGIN alice@example.org ***
//	0.001302 imap#1 S: * 1 FETCH (BODY[] {12}
//	0.001302 imap#1 S: hello world\
//	0.001302 imap#1 S: )
//
// The fields are the seconds since the transcript's first record, the protocol
// and the number of the session, the direction (C: for the client, S: for the
// server, -- for a note about the connection or, after "note", about what the
// client did), and the text.
//
// The end of a line stands for CRLF. A lone backslash there says that none was
// sent: the stream goes on with the next line of the same session and
// direction. Printable characters of UTF-8 stand for themselves, and so does a
// backslash before "*" or a letter but x, as in \Seen; any other is written \\. Other
// octets are written \xHH, as is a space at the end of a line. Of a literal or message over 4 KiB the transcript
// has the first lines only, and then, alone in its line, how many octets are
// left out:
//
//	0.002101 pop3#2 S: +OK
//	0.002101 pop3#2 S: From: bob@example.org
//	0.002101 pop3#2 S: \{10240 octets}
//
// Empty lines and lines that begin with "#" are comments. Lines may be indented.
package mailwire
