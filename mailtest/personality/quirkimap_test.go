package personality_test

import "strings"

// imapQuirkTests are those of IMAP, and of both protocols.
func imapQuirkTests() map[string]quirkTest {
	return map[string]quirkTest{
		"connection-limit": {imap: `` /* see TestOneSessionTooMany */},
		"fifteen-sessions": {imap: ``},
		"empty-multipart": {mail: mail(partless), selected: `
			C: a FETCH 1 BODY
			S: * 1 FETCH (BODY (NIL "alternative"))
			S: a OK…`},
		"expunge-archives": {mail: mail(plain), base: all, selected: `
			C: a STORE 1 +FLAGS.SILENT (\Deleted)
			S: a OK…
			C: b EXPUNGE
			S: * 1 EXPUNGE
			S: * 0 RECENT
			S: b OK…
			C: c SELECT "[Gmail]/All Mail"
			S: * FLAGS…
			S: * OK [PERMANENTFLAGS…
			S: * 1 EXISTS
			S: * 1 RECENT
			S: …
			S: …
			S: …
			S: …
			S: c OK…
			C: d STORE 1 +FLAGS.SILENT (\Deleted)
			S: d OK…
			C: e EXPUNGE
			S: e OK…`},
		"untagged-capability": {imap: `
			S: * OK…
			C: a LOGIN alice@example.org secret
			S: * CAPABILITY IMAP4rev1
			S: a OK LOGIN completed`},
		"bare-highestmodseq": {base: all, selected: `
			C: a SELECT INBOX
			S: * FLAGS…
			S: * OK [PERMANENTFLAGS…
			S: * 0 EXISTS
			S: * 0 RECENT
			S: * OK [UIDVALIDITY…
			S: * OK [UIDNEXT…
			S: * OK [HIGHESTMODSEQ 1]
			S: a OK…`},
		"odd-keywords": {selected: `
			C: a SELECT INBOX
			S: * FLAGS…
			S: * OK [PERMANENTFLAGS (To Do [Work] \Answered…
			S: * 0 EXISTS
			S: * 0 RECENT
			S: * OK [UIDVALIDITY…
			S: * OK [UIDNEXT…
			S: a OK…`},
		"unquoted-labels": {mail: mail(plain), selected: `
			C: a STORE 1 +X-GM-LABELS.SILENT ("[Imap]/Drafts" "a+b" "two words")
			S: a OK…
			C: b FETCH 1 X-GM-LABELS
			S: * 1 FETCH (X-GM-LABELS ([Imap]/Drafts a+b "two words"))
			S: b OK…`},
		"same-boundary": {mail: mail(nested), selected: `
			C: a FETCH 1 BODY
			S: * 1 FETCH (BODY (("alternative") "mixed"))
			S: a OK…`},
		"bandwidth": {imap: `
			S: * OK…
			C: a LOGIN alice@example.org secret
			S: a NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)`},
		"space-after-status": {selected: `
			C: a STATUS Nowhere (MESSAGES)
			S: a NO…
			C: b STATUS INBOX (MESSAGES)
			S: * STATUS INBOX (MESSAGES 0) ^
			S: b OK…`},
		"not-connected": {imap: `
			S: * OK…
			C: a LOGIN alice@example.org secret
			S: a OK…
			C: b SELECT INBOX
			S: b BAD User is authenticated but not connected.
			C: c NOOP
			S: c BAD User is authenticated but not connected.
			C: d LOGOUT
			S: * BYE…
			S: d OK…`},
		"throttled": {selected: strings.Repeat("C: a NOOP\nS: a OK…\n", 7) + `
			C: b NOOP
			S: b BAD Request is throttled. Suggested Backoff Time: 1000 milliseconds
			C: c NOOP
			S: c OK…`},
		"ok-without-text": {selected: `
			C: a NOOP
			S: a OK ^
			C: b SELECT Nowhere
			S: b NO…`},
		"empty-copyuid": {mail: mail(plain), base: all, selected: `
			C: a CREATE Sub
			S: a OK…
			C: b COPY 1 Sub
			S: b OK [COPYUID …  ] COPY completed`},
		"untagged-copyuid": {mail: mail(plain), base: all, selected: `
			C: a CREATE Sub
			S: a OK…
			C: b COPY 1 Sub
			S: * OK [COPYUID … 1 1] ^
			S: b OK COPY completed`},
		"nothing-for-meetings": {mail: mail(meeting, plain), selected: `
			C: a FETCH 1 (UID BODY.PEEK[])
			S: * 1 FETCH (UID 1)
			S: a OK…
			C: b FETCH 2 BODY.PEEK[TEXT]<0.2>
			S: * 2 FETCH (BODY[TEXT]<0> {2}
			S: he)
			S: b OK…`},
		"nil-for-meetings": {mail: mail(meeting), selected: `
			C: a FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]
			S: * 1 FETCH (BODY[HEADER.FIELDS (Subject)] NIL)
			S: a OK…`},
		"namespace-hangs-up": {selected: `
			C: a NAMESPACE
			S: CLOSED`},
		"nil-bodystructure": {mail: mail(nested), selected: `
			C: a FETCH 1 BODYSTRUCTURE
			S: * 1 FETCH (BODYSTRUCTURE (NIL NIL NIL NIL NIL NIL NIL))
			S: a OK…`},
		"bare-disposition": {mail: mail("MIME-Version: 1.0\nContent-Type: text/plain\nContent-Disposition: inline\n\nhi\n"), selected: `
			C: a FETCH 1 BODYSTRUCTURE
			S: * 1 FETCH (BODYSTRUCTURE ("text" "plain" … 1 NIL "inline" NIL NIL))
			S: a OK…`},
		"negative-lines": {mail: mail(plain), selected: `
			C: a FETCH 1 BODYSTRUCTURE
			S: * 1 FETCH (BODYSTRUCTURE ("text" "plain" … 14 -1 NIL NIL NIL NIL))
			S: a OK…`},
		"space-after-search": {mail: mail(plain, plain), selected: `
			C: a SEARCH ALL
			S: * SEARCH 1 2 ^
			S: a OK…`},
		"short-commands": {selected: "C: a SEARCH SUBJECT " + strings.Repeat("x", 1000) + `
			S: a BAD…
			C: b NOOP
			S: b OK…`},
		"clientbug-modseq": {base: all, selected: `
			C: a FETCH 1 (MODSEQ)
			S: a BAD [CLIENTBUG] FETCH Command arguments invalid`},
		"serverbug-search": {selected: `
			C: a UID SEARCH ALL
			S: a NO [SERVERBUG] UID SEARCH Server error - Please try again later
			C: b UID SEARCH ALL
			S: * SEARCH
			S: b OK…`},
		"unavailable-fetch": {selected: `
			C: a UID FETCH 1 FLAGS
			S: a NO [UNAVAILABLE] UID FETCH Server error - Please try again later
			C: b UID FETCH 1 FLAGS
			S: b OK…`},
		"no-idle": {base: all, selected: `
			C: a IDLE
			S: a BAD unknown command IDLE…`},
		"no-rfc822": {mail: mail(plain), selected: `
			C: a FETCH 1 (UID RFC822)
			S: * 1 FETCH (FLAGS (\Seen \Recent) UID 1)
			S: a OK…`},
		"silent-enable": {base: all, imap: `
			S: * OK…
			C: a LOGIN alice@example.org secret
			S: a OK…
			C: b ENABLE CONDSTORE
			S: b OK ENABLE completed`},
		"unescaped-quotes": {mail: mail(plain, "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Description: a \"b\" c\n\n"), selected: `
			C: a FETCH 1 ENVELOPE
			S: * 1 FETCH (ENVELOPE (… "<1@"x">"))
			S: a OK…
			C: b FETCH 2 BODY
			S: * 2 FETCH (BODY ("text" "plain" ("charset" "us-ascii") NIL "a "b" c" "7bit" 0 0))
			S: b OK…`},
		"inbox-prefix": {base: all, selected: `
			C: a NAMESPACE
			S: * NAMESPACE (("INBOX." ".")) (("#shared." ".")) (("shared." "."))
			S: a OK…
			C: b CREATE INBOX.Work
			S: b OK…
			C: c LIST "" INBOX.%
			S: * LIST () "." INBOX.Work
			S: c OK…`},
		"16k-commands": {selected: "C: a SEARCH SUBJECT " + strings.Repeat("x", 16384) + `
			S: a BAD…
			C: b SEARCH SUBJECT ` + strings.Repeat("x", 16000) + `
			S: * SEARCH
			S: b OK…`},
		"idle-mode": {base: all, selected: `
			C: a IDLE
			S: + entering idle mode
			C: DONE
			S: a OK…`},
		"fetch-zero": {mail: mail(plain), selected: `
			C: a UID FETCH 1 UID
			S: * 0 FETCH (UID 1)
			S: a OK…`},
		"unstable-status": {selected: `
			C: a STATUS INBOX (UIDVALIDITY)
			S: * STATUS INBOX (UIDVALIDITY 1073741825)
			S: a OK…`},
		"user-namespace": {base: all, selected: `
			C: a NAMESPACE
			S: * NAMESPACE (("INBOX." ".")) (("user." ".")) (("Shared Folders." "."))
			S: a OK…`},
		"unbalanced-hangs": {imap: `` /* see TestAnUnbalancedCommandIsNeverAnswered */},
		"nested-envelope": {mail: mail("Subject: a\n\n"), selected: `
			C: a FETCH 1 ENVELOPE
			S: * 1 FETCH ((ENVELOPE (NIL "a" NIL NIL NIL NIL NIL NIL NIL NIL)))
			S: a OK…`},
		"bye-without-answer": {selected: strings.Repeat("C: a NOOP\nS: a OK…\n", 7) + `
			C: b NOOP
			S: * BYE Autologout; idle for too long
			S: CLOSED`},
		"no-section-value": {mail: mail(plain), selected: `
			C: a FETCH 1 (UID BODY.PEEK[])
			S: * 1 FETCH (UID 1 BODY[] )
			S: a OK…`},
		"space-after-capability": {selected: `
			C: a CAPABILITY
			S: * CAPABILITY IMAP4rev1 ^
			S: a OK…`},
		"empty-descending-range": {mail: mail(plain, plain), selected: `
			C: a FETCH 2:1 UID
			S: a OK…
			C: b UID FETCH 3:* UID
			S: b OK…
			C: c UID FETCH 2:* UID
			S: * 2 FETCH (UID 2)
			S: c OK…`},
		"no-initial-response": {imap: `
			S: * OK…
			C: a AUTHENTICATE PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==
			S: a BAD Request not ending with <CR><LF>
			C: b AUTHENTICATE PLAIN
			S: + ^
			C: AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==
			S: b OK…`},
		"inbox-case": {selected: `
			C: a LIST "" *
			S: * LIST () "/" "Inbox"
			S: a OK…
			C: b SUBSCRIBE INBOX
			S: b OK…
			C: c LSUB "" *
			S: * LSUB () "/" "Inbox"
			S: c OK…`},
		"no-descending-range": {mail: mail(plain, plain), selected: `
			C: a FETCH 2:1 UID
			S: a BAD FETCH invalid sequence set
			C: b FETCH 1:2 UID
			S: * 1 FETCH (UID 1)
			S: * 2 FETCH (UID 2)
			S: b OK…`},
		"id-required": {imap: `
			S: * OK…
			C: a LOGIN alice@example.org secret
			S: a OK…
			C: b SELECT INBOX
			S: b NO SELECT Unsafe Login. Please contact kefu@188.com for help
			C: c ID ("name" "mutt")
			S: * ID…
			S: c OK…
			C: d SELECT INBOX
			S: * FLAGS…`},
		"empty-status": {selected: `
			C: a STATUS INBOX (MESSAGES)
			S: * STATUS INBOX ()
			S: a OK…`},
		"negative-modseq": {mail: mail(plain), selected: `
			C: a FETCH 1 MODSEQ
			S: * OK [HIGHESTMODSEQ…
			S: * 1 FETCH (MODSEQ (-1))
			S: a OK…`},
		"late-fetch": {mail: mail(plain, plain), selected: `
			C: a FETCH 1:2 UID
			S: a OK…
			S: * 1 FETCH (UID 1)
			S: * 2 FETCH (UID 2)`},
		"partial-groups": {mail: mail(plain), selected: `
			C: a UID FETCH 1 (FLAGS RFC822.SIZE)
			S: * 1 FETCH (UID 1 FLAGS (\Recent))
			S: * 1 FETCH (UID 1 RFC822.SIZE …)
			S: a OK…`},
		"bad-special-use": {selected: `
			C: a LIST (SPECIAL-USE) "" *
			S: a BAD expected ASTRING
			C: b LIST "" INBOX
			S: * LIST…
			S: b OK…`},
		"unstable-uids": {mail: mail(plain), imap: unstable(2) + "\nREDIAL\n" + unstable(3)},
		"zero-size": {mail: mail(plain), selected: `
			C: a FETCH 1 RFC822.SIZE
			S: * 1 FETCH (RFC822.SIZE 0)
			S: a OK…`},
		"refuses-should-nots": {base: all, selected: `
			C: a STATUS Inbox (MESSAGES)
			S: a NO [CANNOT]…
			C: b LIST "" *
			S: b NO [CANNOT]…
			C: c ENABLE CONDSTORE
			S: c BAD…
			C: d CREATE Sub
			S: d OK…
			C: e STATUS Sub (MESSAGES)
			S: * STATUS Sub…
			S: e OK…
			C: f LIST "" %
			S: * LIST…
			S: * LIST…
			S: f OK…
			C: g DELETE Sub
			S: g OK…`},
		"bare-plus": {imap: `
			S: * OK…
			C: a AUTHENTICATE PLAIN
			S: +
			C: AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==
			S: a OK…`},
		"double-spaces": {selected: `
			C: a LIST "" INBOX
			S: * LIST ()  "/" INBOX
			S: a OK…`},
		"float-numbers": {mail: mail(plain), selected: `
			C: a FETCH 1 BODYSTRUCTURE
			S: * 1 FETCH (BODYSTRUCTURE ("text" "plain" … "7bit" 1.4000e+01 2 NIL NIL NIL NIL))
			S: a OK…`},
		"space-in-flags": {mail: mail(plain), selected: `
			C: a FETCH 1 FLAGS
			S: * 1 FETCH (FLAGS (\Recent ))
			S: a OK…
			C: b EXAMINE INBOX
			S: * FLAGS (…\Draft )
			S: * OK [PERMANENTFLAGS ( )]…`},
		"zero-uidvalidity": {selected: `
			C: a EXAMINE INBOX
			S: * FLAGS…
			S: * OK [PERMANENTFLAGS…
			S: * 0 EXISTS
			S: * 0 RECENT
			S: * OK [UIDVALIDITY 0]…`},
		"nil-boundary": {mail: mail(nested), selected: `
			C: a FETCH 1 BODYSTRUCTURE
			S: * 1 FETCH (BODYSTRUCTURE (… "mixed" ("boundary" NIL) NIL NIL NIL))
			S: a OK…`},
		"short-literal": {mail: mail("A: b\n\nc\n"), selected: `
			C: a FETCH 1 BODY.PEEK[TEXT]
			S: * 1 FETCH (BODY[TEXT] {2}
			S: c
			S: )
			S: a OK…`},
		"long-literal": {mail: mail("A: b\n\nc\n"), selected: `
			C: a FETCH 1 BODY.PEEK[TEXT]
			S: * 1 FETCH (BODY[TEXT] {1003}
			S: c
			S: )
			S: a OK…`},
		"empty-list-return": {base: all, selected: `
			C: a LIST "" INBOX RETURN (CHILDREN)
			S: a OK…
			C: b LIST "" INBOX
			S: * LIST…
			S: b OK…`},
	}
}
