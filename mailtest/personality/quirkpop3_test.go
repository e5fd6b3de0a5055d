package personality_test

import "strings"

// pop3QuirkTests are those of POP3.
func pop3QuirkTests() map[string]quirkTest {
	return map[string]quirkTest{
		"hides-fetched": {mail: mail(plain), maildrop: `
			C: RETR 1
			S: +OK…
			S: From…
			S: To…
			S: Subject…
			S: Message-ID…
			S: ^
			S: hello
			S: world
			S: .
			C: QUIT
			S: +OK…1 message left
			RECONNECT
			C: STAT
			S: +OK 0 0`},
		"recent-mode": {mail: mail(plain), pop3: `
			S: +OK…
			C: USER recent:alice@example.org
			S: +OK…
			C: PASS secret
			S: +OK…
			C: STAT
			S: +OK 1 …`},
		"oldest-250": {mail: strings.Split(strings.Repeat("A: b\n\n|", 250)+"A: b\n\n", "|"), maildrop: `
			C: STAT
			S: +OK 250 …`},
		"pop3-all-mail": {mail: mail(plain), base: labels, selected: `
			C: a APPEND "[Gmail]/Sent Mail" {6}
			S: + …
			C: A: b
			C: ^
			S: a OK…
			C: b APPEND [Gmail]/Trash {6}
			S: + …
			C: A: b
			C: ^
			S: b OK…`, maildrop: `
			C: STAT
			S: +OK 2 …`},
		"dele-keeps":    {mail: mail(plain), maildrop: deleted + "\nC: STAT\nS: +OK 1 …"},
		"dele-archives": {mail: mail(plain), maildrop: deleted + "\nC: STAT\nS: +OK 0 0", after: has("Archive")},
		"dele-trashes":  {mail: mail(plain), maildrop: deleted + "\nC: STAT\nS: +OK 0 0", after: has("Trash")},
		"late-capa": {base: all, pop3: `
			S: +OK…
			C: CAPA
			S: +OK…
			S: UIDL
			S: RESP-CODES
			S: AUTH-RESP-CODE
			S: EXPIRE NEVER
			S: …`},
		"early-logins": {base: all, pop3: `
			S: +OK…
			C: USER alice@example.org
			S: +OK…
			C: PASS secret
			S: +OK…
			C: CAPA
			S: +OK…
			S: TOP
			S: UIDL
			S: RESP-CODES
			S: AUTH-RESP-CODE
			S: PIPELINING
			S: EXPIRE NEVER
			S: UTF8…`},
		"early-sasl": {base: all, pop3: `
			S: +OK…
			C: USER alice@example.org
			S: +OK…
			C: PASS secret
			S: +OK…
			C: CAPA
			S: +OK…
			S: TOP
			S: UIDL
			S: RESP-CODES
			S: AUTH-RESP-CODE
			S: PIPELINING
			S: EXPIRE NEVER
			S: USER
			S: UTF8…`},
		"capa-in-capa": {pop3: `
			S: +OK…
			C: CAPA
			S: +OK…
			S: USER
			S: CAPA
			S: .`},
		"unenforced-limits": {pop3: `
			S: +OK…
			C: CAPA
			S: +OK…
			S: USER
			S: EXPIRE 0
			S: LOGIN-DELAY 300
			S: .`},
		"unenforced-delay": {pop3: `
			S: +OK…
			C: CAPA
			S: +OK…
			S: USER
			S: LOGIN-DELAY 10
			S: .`},
		"timestamp-only": {pop3: `
			S: +OK <1.1@localhost> POP3 server…
			C: APOP alice@example.org c4c9334bac560ecc979e58001b3e22fb
			S: -ERR unknown command…`},
		"two-step-xoauth2": {base: all, pop3: `
			S: +OK…
			C: AUTH XOAUTH2 dXNlcj1hbGljZQ==
			S: -ERR Protocol error. Connection is closed. 10
			S: CLOSED`},
		"empty-dele-reply": {mail: mail(plain), maildrop: `
			C: DELE 1
			S: ^
			C: STAT
			S: +OK 0 0
			C: DELE 7
			S: -ERR…`},
		"lf-sizes": {mail: mail("A: b\n\nc\n"), maildrop: `
			C: LIST
			S: +OK…
			S: 1 8
			S: .
			C: LIST 1
			S: +OK 1 8
			C: STAT
			S: +OK 1 11`},
		"other-top-header": {mail: mail("Subject: a\n b\n\nc\n d\n", "Subject: a\n b\n"), base: all, maildrop: `
			C: TOP 1 2
			S: +OK…
			S: Subject: a b
			S: ^
			S: c
			S:  d
			S: .
			C: TOP 2 2
			S: +OK…
			S: Subject: a b
			S: .
			C: NOOP
			S: +OK nothing done`},
		"ok-for-continuation": {base: all, pop3: `
			S: +OK…
			C: AUTH PLAIN
			S: +OK
			C: AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==
			S: +OK maildrop…`},
		"unannounced-uidl": {base: all, mail: mail(plain), maildrop: `
			C: CAPA
			S: +OK…
			S: TOP
			S: RESP-CODES
			S: AUTH-RESP-CODE
			S: PIPELINING
			S: EXPIRE NEVER
			S: USER
			S: SASL…
			S: UTF8 USER
			S: LANG
			S: IMPLEMENTATION mailfakes
			S: .
			C: UIDL 1
			S: +OK 1 …`},
		"login-delay": {maildrop: `
			C: QUIT
			S: +OK…
			REDIAL
			S: +OK…
			C: USER alice@example.org
			S: +OK…
			C: PASS secret
			S: -ERR [LOGIN-DELAY]…`},
		"reused-uidl": {mail: mail(plain), maildrop: `
			C: UIDL
			S: +OK…
			S: 1 1
			S: .
			C: UIDL 1
			S: +OK 1 1`},
		"truncated-top": {base: all, mail: mail("A: b\n\n" + strings.Repeat("x", 65000) + "\n" + strings.Repeat("y", 1000) + "\n"), maildrop: `
			C: TOP 1 9
			S: +OK…
			S: A: b
			S: ^
			S: x…x
			S: .
			C: NOOP
			S: +OK…`},
		"wide-uidl": {mail: mail(plain), maildrop: `
			C: UIDL
			S: +OK…
			S: 1   0000000100000001
			S: .`},
		"needs-tls": {imap: `
			S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED]…
			C: a LOGIN alice@example.org secret
			S: a NO [PRIVACYREQUIRED]…`, pop3: `
			S: +OK…
			C: USER alice@example.org
			S: -ERR USER: passwords in plain text…`},
		"no-byte-stuffing": {mail: mail("A: b\n\n.c\n"), maildrop: `
			C: RETR 1
			S: +OK 12 octets
			S: A: b
			S: ^
			S: .c
			S: .`},
		"no-number": {mail: mail("A: b\n\nc\n"), base: all, maildrop: `
			C: LIST 1
			S: +OK 11
			C: UIDL 1
			S: +OK 0000000100000001
			C: LIST
			S: +OK…
			S: 1 11
			S: .`},
		"lists-deleted": {mail: mail("A: b\n", "C: d\n", "E: f\n"), base: all, maildrop: `
			C: DELE 1
			S: +OK…
			C: DELE 3
			S: +OK…
			C: LIST
			S: +OK…
			S: 1 0
			S: 2 6
			S: 3 0
			S: .
			C: UIDL
			S: +OK…
			S: 1 0000000100000001
			S: 2 0000000200000001
			S: 3 0000000300000001
			S: .
			C: DELE 2
			S: +OK…
			C: LIST
			S: +OK…
			S: 1 0
			S: 2 0
			S: 3 0
			S: .
			C: LIST 1
			S: -ERR…`},
		"dele-flags":  {imap: `` /* see TestDELEFlags */},
		"bare-lf-end": {imap: `` /* see TestAMessageEndsInABareLF */},
		"duplicate-uidl": {mail: mail(plain, plain, plain), maildrop: `
			C: UIDL
			S: +OK…
			S: 1 0000000100000001
			S: 2 0000000100000001
			S: 3 0000000300000001
			S: .
			C: UIDL 2
			S: +OK 2 0000000100000001`},
		"lock-text": {maildrop: `
			REDIAL
			S: +OK…
			C: USER alice@example.org
			S: +OK…
			C: PASS secret
			S: -ERR maildrop lock busy`},
		"negative-stat": {mail: mail(plain), maildrop: "C: STAT\nS: +OK 1 -90"},
		"no-uidl": {base: all, maildrop: `
			C: UIDL
			S: -ERR unknown command "UIDL"`},
		"one-command-only": {imap: `` /* see TestOfPipelinedCommandsOnlyTheFirstIsAnswered */},
		"top-line-limit": {base: all, mail: mail("A: b\n\n"), maildrop: `
			C: TOP 1 99999999
			S: -ERR invalid number of lines
			C: TOP 1 99999998
			S: +OK…
			S: A: b
			S: ^
			S: .`},
		"top-marks-seen": {imap: `` /* see TestTOPMarksSeen */},
	}
}
