// Package personality holds how well-known mail servers look and behave: greetings,
// capabilities before and after login, names of mailboxes, limits, and the deviations from the
// standards that clients had to learn of.
//
//	srv := mailtest.New(t, mailtest.WithPersonality(personality.Gmail()))
//
// A deviation is a [Quirk], which can be had alone, so that a bug report about one becomes
// one line:
//
//	srv := mailtest.New(t, mailtest.WithPersonality(personality.Minimal().With(personality.EmptyDeleReply())))
//
// What a personality shows by itself is what every user of the server meets. What was
// reported now and then, or depends on the message or on how busy the server is, waits until it
// is switched on ("off" in the table). Capabilities are those that the server announces, as
// far as the fakes have them: nothing is announced that isn't there, such as XLIST or IMAP4, but
// for what a quirk announces. The comment of a personality names the log or the source that its
// greeting, capabilities and mailboxes follow; what it names none for is unconfirmed.
// MISSING_DOMAIN in ENVELOPE, Dovecot's word for an address that has none, is the fakes' own.
// What a service has of TLS is left to the test: none of them demands it here but strictest.
//
// # The quirks of each personality
//
// References "project#n" are that project's issues and pull requests.
//
//	dovecot      | connection-limit       | on  | node-imap#606
//	dovecot      | early-logins           | on  | Dovecot pop3-capability.h, Cyrus pop3d.c
//	dovecot      | capa-in-capa           | on  | Dovecot pop3-capability.h
//	dovecot      | empty-multipart        | off | MailKit#1393
//	gmail        | expunge-archives       | on  | larch#29
//	gmail        | fifteen-sessions       | on  | imapsync#61
//	gmail        | untagged-capability    | on  | MailKit#1841
//	gmail        | bare-highestmodseq     | on  | offlineimap
//	gmail        | hides-fetched          | on  | getmail FAQ, fetchmail FAQ I9
//	gmail        | recent-mode            | on  | getmail FAQ
//	gmail        | oldest-250             | on  | getmail FAQ
//	gmail        | pop3-all-mail          | on  | getmail FAQ
//	gmail        | dele-keeps             | on  | getmail FAQ, fetchmail FAQ I9
//	gmail        | late-capa              | on  | mpop.c
//	gmail        | early-sasl             | on  | MailKit's tests
//	gmail        | unenforced-limits      | on  | MimeKit#99
//	gmail        | odd-keywords           | off | MailKit#193, net-imap#241, himalaya#641
//	gmail        | unquoted-labels        | off | MailKit#51, MailKit#195
//	gmail        | same-boundary          | off | MailKit#205, MailKit#777, MailKit#1841
//	gmail        | bandwidth              | off | chatwoot#6082
//	gmail        | dele-archives          | off | getmail FAQ, fetchmail FAQ I9
//	gmail        | dele-trashes           | off | getmail FAQ, fetchmail FAQ I9
//	exchange     | space-after-status     | on  | go-imap#540
//	exchange     | not-connected          | off | node-imap#689, imapsync#411, getmail6#214, imapflow#314
//	exchange     | ok-without-text        | off | offlineimap PR#623
//	exchange     | empty-copyuid          | off | MailKit#555
//	exchange     | nothing-for-meetings   | off | offlineimap#62, MailKit#908
//	exchange     | nil-for-meetings       | off | MailKit#1615
//	exchange     | nil-bodystructure      | off | MailKit#1446
//	exchange     | untagged-copyuid       | off | net-imap#250
//	exchange     | namespace-hangs-up     | off | MailKit#1512
//	exchange     | bare-disposition       | off | MailKit#919, MailKit#1415
//	exchange     | negative-lines         | off | go-imap#534
//	exchange     | lf-sizes               | off | aenetmail#150
//	exchange     | other-top-header       | off | JavaMail mail.pop3.disabletop
//	exchange     | ok-for-continuation    | off | MailKit#391
//	microsoft365 | space-after-status     | on  | go-imap#540
//	microsoft365 | two-step-xoauth2       | on  | getmail6#256, mpop#11, MailKit#1948, vmime#267
//	microsoft365 | not-connected          | off | node-imap#689, imapsync#411, getmail6#214, imapflow#314
//	microsoft365 | ok-without-text        | off | offlineimap PR#623
//	microsoft365 | empty-copyuid          | off | MailKit#555
//	microsoft365 | nothing-for-meetings   | off | offlineimap#62, MailKit#908
//	microsoft365 | nil-for-meetings       | off | MailKit#1615
//	microsoft365 | nil-bodystructure      | off | MailKit#1446
//	microsoft365 | throttled              | off | imapflow
//	microsoft365 | empty-dele-reply       | off | MailKit#1634
//	yahoo        | inbox-case             | on  | MailKit#242
//	yahoo        | space-after-search     | on  | imap_tools#97
//	yahoo        | short-commands         | on  | mailcore2#1274
//	yahoo        | clientbug-modseq       | on  | imapsync#119, MailKit#221
//	yahoo        | serverbug-search       | off | node-imap#737, imapsync#119
//	yahoo        | unavailable-fetch      | off | node-imap#737, imapsync#119
//	yahoo        | no-idle                | off | mailcore2#1274
//	aol          | inbox-case             | on  | MailKit#242
//	aol          | space-after-search     | on  | imap_tools#97
//	aol          | short-commands         | on  | mailcore2#1274
//	aol          | clientbug-modseq       | on  | imapsync#119, MailKit#221
//	aol          | unannounced-uidl       | on  | neomutt#1427
//	aol          | serverbug-search       | off | node-imap#737, imapsync#119
//	aol          | unavailable-fetch      | off | node-imap#737, imapsync#119
//	aol          | no-idle                | off | mailcore2#1274
//	icloud       | no-rfc822              | on  | imapbackup#50, Beam#27
//	icloud       | silent-enable          | on  | MailKit#1871
//	icloud       | unescaped-quotes       | off | mailcore2#1967, go-imap#659
//	courier      | inbox-prefix           | on  | MailKit#428
//	courier      | 16k-commands           | on  | MailKit#428
//	courier      | idle-mode              | on  | py3status#1899
//	courier      | unenforced-delay       | on  | Courier pop3dcapa.c
//	courier      | fetch-zero             | off | MailKit#428
//	courier      | unstable-status        | off | MailKit#428
//	cyrus        | user-namespace         | on  | mail-api#16
//	cyrus        | early-logins           | on  | Dovecot pop3-capability.h, Cyrus pop3d.c
//	cyrus        | unbalanced-hangs       | off | mail-api#16
//	cyrus        | login-delay            | off | cyrus-imapd#383
//	cyrus        | reused-uidl            | off | cyrus-imapd#374
//	domino       | inbox-case             | on  | MailKit#242
//	domino       | nested-envelope        | off | MailKit#943
//	yandex       | untagged-capability    | on  | MailKit#1841
//	yandex       | bye-without-answer     | off | MailKit#938
//	yandex       | no-section-value       | off | MailKit#1708
//	qq           | space-after-capability | on  | mailcore2#1029
//	qq           | no-descending-range    | on  | mailcore2#1029
//	163          | id-required            | on  | himalaya#651, offlineimap#696
//	163          | no-initial-response    | on  | himalaya#729
//	163          | empty-status           | off | go-imap#659
//	163          | unescaped-quotes       | off | mailcore2#1967, go-imap#659
//	zoho         | untagged-capability    | on  | MailKit#1841
//	zoho         | negative-modseq        | off | MailKit's tests
//	hmailserver  | empty-descending-range | on  | MailKit#459, hMailServer IMAPCommandRangeAction.cpp
//	hmailserver  | reused-uidl            | off | cyrus-imapd#374
//	james        | timestamp-only         | on  | James CoreCmdHandlerLoader.java, MailKit#395
//	james        | late-fetch             | off | -
//	james        | partial-groups         | off | -
//	protonbridge | bad-special-use        | off | MailKit#674
//	protonbridge | unstable-uids          | off | imapsync#163
//	protonbridge | zero-size              | off | imapsync#163
//	comcast      | truncated-top          | on  | fetchmail pop3.c
//	comcast      | wide-uidl              | on  | mpop pop3.c, thunderbird-android PR#323
//	qmail-pop3d  | lf-sizes               | off | aenetmail#150
//	minimal      | none                   |     | -
//	strictest    | needs-tls              | on  | -
//	strictest    | refuses-should-nots    | on  | -
//	everything   | none                   |     | -
//	any other    | bare-lf-end            | off | node-pop3 PR#26, node-pop3 PR#27
//	any other    | bare-plus              | off | MailKit#1957
//	any other    | dele-flags             | off | GreenMail DeleCommand.java, GreenMail QuitCommand.java
//	any other    | double-spaces          | off | cpython#117152
//	any other    | duplicate-uidl         | off | getmail, neomutt#1427
//	any other    | empty-list-return      | off | MailKit#1957
//	any other    | float-numbers          | off | MailKit#1838
//	any other    | lists-deleted          | off | twisted#9094
//	any other    | lock-text              | off | yapople#19
//	any other    | long-literal           | off | MailKit#361
//	any other    | negative-stat          | off | MailKit release notes
//	any other    | nil-boundary           | off | MailKit#1840
//	any other    | no-byte-stuffing       | off | mailpit#299, mailpit#311, mailpit#312
//	any other    | no-number              | off | twisted#9104, twisted#10542
//	any other    | no-uidl                | off | getmail, neomutt#1427
//	any other    | one-command-only       | off | MailKit#174
//	any other    | short-literal          | off | MailKit#954
//	any other    | space-in-flags         | off | async-imap#123, swift-nio-imap#480
//	any other    | top-line-limit         | off | fetchmail pop3.c
//	any other    | top-marks-seen         | off | fetchmail pop3.c
//	any other    | zero-uidvalidity       | off | MailKit#150
package personality
