// Package maillog reads what mail programs log of their IMAP and POP3 sessions, for package
// mailreplay to serve.
//
// [Read] and [ReadFile] find out the format by the content:
//
//	transcript     this module's own, also as go test prints it, with its prefixes
//	goimap         go-imap's DebugWriter
//	imaplib        Python's imaplib with Debug = 4 or more
//	poplib         Python's poplib with set_debuglevel(2)
//	curl           curl -v, of imap:// and pop3:// URLs
//	mbsync         mbsync -Dn, or -DN for the content of messages, too
//	fetchmail      fetchmail -vv
//	mpop           mpop -d
//	thunderbird    MOZ_LOG=IMAP:5, with or without timestamps; of POP3, the error console or standard
//	               output with the preference mailnews.pop3.loglevel, and MOZ_LOG=POP3:5 up to version 91
//	mutt           Mutt's and NeoMutt's debug file, level 2 or more for what the client sends and 5 for all
//	rawlog         Dovecot's rawlog: give it either file of the pair, the other is read, too
//	javamail       mail.debug of JavaMail and Jakarta Mail
//	mailkit        MailKit's ProtocolLogger
//	openssl        a paste of openssl s_client
//	plain          lines that begin with C: and S:
//
// A log may be quoted, as in a letter, or indented. A [Log] has complete commands and responses in
// the order in which they were logged. What the log lacks of a literal or a message is a [Gap]: the
// size that was announced holds. What had to be repaired is in [Log.Notes]. Secrets are replaced by
// "***".
package maillog
