// Package mailrecord records what a client and a server say to each other over IMAP or
// POP3: a man in the middle whose transcript, in the text form of package mailwire, then
// shows what happened to one who was not there, and replays it.
//
//	r, err := mailrecord.New(mailrecord.Config{
//		Protocol: mailwire.IMAP, Upstream: "mail.example.org:993", Security: mailrecord.ImplicitTLS,
//		Transcript: transcript,
//	})
//	go r.Serve(listener)
//
// # What passes
//
// Octets pass as they come, at once and unchanged: pipelined commands, literals of any size,
// what the server says during IDLE, and also what breaks the protocol. A direction that
// ends, and a connection that is reset, end in the same way on the other side.
//
// STARTTLS, STLS and COMPRESS go through the recorder: it does with both sides what the
// client asked for once the server has said OK, with a certificate of its own towards the client.
//
// Only what can't work through a man in the middle is left out of the server's lists of
// capabilities, and noted in the transcript. While there is TLS on either side these are SASL
// EXTERNAL and the mechanisms whose names end in -PLUS, because a client certificate and a
// channel binding hold for one connection; and STARTTLS and STLS when the client is in TLS
// already. A client that would use channel binding may say so in SCRAM without it, and a
// server that offers channel binding then refuses the login (RFC 5802 §6): have
// such a client log in by another mechanism.
//
// # What is recorded
//
// Passwords, tokens and what clients send in SASL exchanges are "***" in the transcript, and never
// get into it: as arguments, as literals, and where the server repeats them in an error. Of the
// server's challenges the first one and prompts are shown. Literals and
// messages over 4 KiB are elided, unless [Config.Bodies] says otherwise, which replaying to a client
// that looks at them needs. A login by SCRAM can't be replayed, because the client checks
// what the server makes of its nonce: record one by LOGIN, PLAIN, USER or the like.
//
// A [Redactor] also replaces addresses, names, and the text of messages by others of the
// same length. It can't tell what is private in names of mailboxes, keywords and identifiers: these
// stay, but for addresses in them. Of literals over 64 MiB it shows nothing.
package mailrecord
