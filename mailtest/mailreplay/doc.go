// Package mailreplay serves what a log says that a server said.
//
// [New] takes a log of package [maillog]. Each connection gets the log's next session of its
// protocol: its greeting, and the answer to each command, with the client's own tags. STARTTLS,
// STLS and COMPRESS are performed where the log has them succeed; connections may also use TLS from
// the first octet. What the log has without a command, such as EXISTS amid IDLE, is sent where the
// log has it, and the connection ends where the log says that the server ended it.
//
// What the client sends is compared with the log, as strictly as [Match] says; a secret
// matches anything. The first deviation ends all sessions.
//
// [Server.PlayClients] plays the client's part, which shows that a log can be replayed.
package mailreplay
