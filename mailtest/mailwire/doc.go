// Package mailwire is the connection below the IMAP and POP3 servers of this
// module: an in-memory network, the framing that both protocols share, TLS,
// and the transcript of all that passed.
//
// A [Service] accepts connections, from sockets or from a [Listener] in memory, and hands each to a
// server as a [Conn], which records it in a [Transcript]. What the server understood of it, command
// by command, is in a [SessionLog]. A session writes in turns, each from the first octet of a
// response to [Conn.Flush]; whoever else has something to say to its client, by [Conn.Push], says
// it in between.
//
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
// The end of a line stands for CRLF. A lone backslash there says that none was sent: the stream
// goes on with the next line of the same session and direction. Printable characters of UTF-8 stand
// for themselves, and so does a backslash before "*" or a letter but x, as in \Seen; any other is
// written \\. Other octets are written \xHH, as is a space at the end of a line. Of a literal or
// message over 4 KiB the transcript has the first lines only, and then, alone in its line, how many
// octets are left out:
//
//	0.002101 pop3#2 S: +OK
//	0.002101 pop3#2 S: From: bob@example.org
//	0.002101 pop3#2 S: \{10240 octets}
//
// Empty lines and lines that begin with "#" are comments. Lines may be indented.
//
// # Faults
//
// A [Rule] has connections misbehave: one event, matchers, actions. [Faults.Inject] has it
// apply; it is written in Go or as a line of text, and each form gives the other, by [Rule.String],
// and by [ParseRule] and the verb %#v:
//
//	mailwire.On("UID FETCH").Nth(2).CutAfter(100)
//	on "UID FETCH" nth 2 cut-after 100
//
// A rule is about what passes on the wire inside of TLS and compression. A response is a
// line with its literals, or in POP3 a line. What it is about is "it" in these tables.
// Text is sent as it is: a line wants its "\r\n". Times are those of the runtime.
//
// The events, in text and in Go:
//
//	accept                      | OnAccept          | a connection is accepted
//	tls                         | OnTLS             | a TLS handshake is about to begin
//	greeting                    | OnGreeting        | the greeting
//	on COMMAND                  | On                | a command is received, whole
//	logout                      | OnLogout          | LOGOUT or QUIT is received
//	literal                     | OnLiteral         | a literal is received
//	step                        | OnStep            | a SASL step or DONE is received
//	response WORDS              | OnResponse        | any response that begins so
//	tagged                      | OnTagged          | a tagged response; a status line of POP3
//	untagged                    | OnUntagged        | an untagged response
//	line                        | OnLine            | a further line of a POP3 answer, or its dot
//	continuation                | OnContinuation    | a continuation request
//	state STATE                 | OnState           | an answer that brings a state
//	quiet DURATION              | OnQuiet           | nothing was said for that long
//
// The matchers. From "nth" on they count how often the event happened and the others
// agreed; "command", "tag" and the like are those in progress at a response.
//
//	protocol PROTOCOL           | Protocol          | imap or pop3
//	session N                   | Session           | the session's number
//	user TEXT                   | User              | who has logged in
//	client TEXT                 | Client            | part of what ID told
//	command COMMAND             | Command           | the command in progress
//	tag TEXT                    | Tag               | its tag
//	state STATE                 | State             | the session's state
//	mailbox TEXT                | Mailbox           | the selected mailbox
//	match REGEXP                | Match             | a regular expression
//	when FUNC                   | When              | a Go function
//	nth N                       | Nth               | that time alone
//	from N                      | From              | from that time on
//	to N                        | To                | up to that time
//	every N                     | Every             | each nth time
//	times N                     | Times             | so often at most
//	chance P N                  | Chance            | a probability, and its seed
//
// The actions, which are carried out in the order in which they stand. A response is sent
// when they are done, unless "pass" comes first. "segments", "throttle" and the "cut-"s
// apply from the event on; the former two to a response alone if the event is one.
//
//	send TEXT                   | Send              | sends octets to the client now
//	replace TEXT                | Replace           | puts octets in its place
//	substitute REGEXP TEXT      | Substitute        | replaces what an expression matches
//	before TEXT                 | Before            | inserts octets before it
//	after TEXT                  | After             | inserts octets after it
//	drop                        | Drop              | lets it vanish
//	swap                        | Swap              | sends it after the next response
//	behind-tagged               | BehindTagged      | sends it after the next tagged response
//	to-next-command             | ToNextCommand     | sends it when the next command is received
//	answer STATUS               | Answer            | answers in the server's place
//	lie STATUS                  | Lie               | runs it, then answers so
//	set NAME N                  | Set               | changes a number
//	add NAME N                  | Add               | adds to a number
//	strings-as-literals         | StringsAsLiterals | makes literals of strings
//	literals-as-strings         | LiteralsAsStrings | makes strings of literals
//	corrupt N                   | Corrupt           | inverts a bit of the octet there
//	bare-lf                     | BareLF            | takes the CR out of CRLF
//	extra-space                 | ExtraSpace        | doubles spaces
//	no-space                    | NoSpace           | takes spaces away
//	trailing-space              | TrailingSpace     | adds a space before CRLF
//	extra-crlf                  | ExtraCRLF         | adds CRLF
//	no-crlf                     | NoCRLF            | takes CRLF away
//	pass                        | Pass              | sends it now, before what follows
//	segments N                  | Segments          | sends pieces of that many octets
//	throttle N                  | Throttle          | sends that many octets a second
//	delay DURATION              | Delay             | waits
//	stall                       | Stall             | waits for ever
//	hold                        | Hold              | waits for the test's release
//	cut-after N                 | CutAfter          | cuts after octets to the client
//	cut-input-after N           | CutInputAfter     | cuts after octets from the client
//	close                       | Close             | closes the connection (FIN)
//	reset                       | Reset             | resets the connection (RST)
//	half-close                  | HalfClose         | ends the direction to the client
//	never-read                  | NeverRead         | reads nothing any more
//	do FUNC                     | Do                | calls a Go function
package mailwire
