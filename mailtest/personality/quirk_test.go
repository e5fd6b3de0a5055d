package personality_test

import (
	"strings"
	"testing"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/personality"
)

const (
	plain   = "From: Bob <bob@example.org>\nTo: root\nSubject: one\nMessage-ID: <1@\"x\">\n\nhello\nworld\n"
	meeting = "Subject: meet\nMIME-Version: 1.0\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
	nested  = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" +
		"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Disposition: inline\n\nhi\n--b--\n"
	partless = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\nnothing\n"
)

// quirkTest shows a quirk on the wire: sessions from the greeting on, or with INBOX
// selected, or with the maildrop open. Each beginning is of the minimal personality with what
// the quirk needs.
type quirkTest struct {
	mail                           []string
	base                           func() personality.Personality
	imap, selected, pop3, maildrop string
}

func mail(m ...string) []string { return m }

// all is what every capability that changes no answer of another gives.
func all() personality.Personality {
	p := personality.Minimal()
	p.IMAP = []imapfake.Option{imapfake.WithUsualCapabilities("UIDPLUS", "MOVE", "IDLE", "ENABLE", "CONDSTORE", "NAMESPACE", "ACL", "STATUS=SIZE", "AUTH=PLAIN")}
	p.POP3 = nil
	return p
}

func quirkTests() map[string]quirkTest {
	return map[string]quirkTest{
		"connection-limit": {imap: `` /* see TestOneSessionTooMany */},
		"fifteen-sessions": {imap: ``},
		"empty-multipart": {mail: mail(partless), selected: `
			C: a FETCH 1 BODY
			S: * 1 FETCH (BODY (NIL "alternative"))
			S: a OK…`},
		"missing-domain": {mail: mail(plain), selected: `
			C: a FETCH 1 ENVELOPE
			S: * 1 FETCH (ENVELOPE (NIL "one" ((…"bob" "example.org"))… ((NIL NIL "root" "MISSING_DOMAIN")) NIL NIL NIL "<1@\"x\">"))
			S: a OK…`},
		"expunge-archives": {mail: mail(plain), base: all, selected: `
			C: a STORE 1 +FLAGS.SILENT (\Deleted)
			S: a OK…
			C: b EXPUNGE
			S: * 1 EXPUNGE
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
		"pop3-all-mail": {mail: mail(plain), base: labels, maildrop: `
			C: STAT
			S: +OK 1 …`},
		"dele-keeps":    {mail: mail(plain), maildrop: deleted + "\nC: STAT\nS: +OK 1 …"},
		"dele-archives": {mail: mail(plain), maildrop: deleted + "\nC: STAT\nS: +OK 0 0"},
		"dele-trashes":  {mail: mail(plain), maildrop: deleted + "\nC: STAT\nS: +OK 0 0"},
		"late-capa": {base: all, pop3: `
			S: +OK…
			C: CAPA
			S: +OK…
			S: UIDL
			S: RESP-CODES
			S: AUTH-RESP-CODE
			S: EXPIRE NEVER
			S: …`},
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
		"other-top-header": {mail: mail("Subject: a\n b\n\nc\n d\n"), base: all, maildrop: `
			C: TOP 1 2
			S: +OK…
			S: Subject: a b
			S: ^
			S: c
			S:  d
			S: .`},
		"ok-for-continuation": {base: all, pop3: `
			S: +OK…
			C: AUTH PLAIN
			S: +OK
			C: AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==
			S: +OK maildrop…`},
		"space-after-search": {mail: mail(plain, plain), selected: `
			C: a SEARCH ALL
			S: * SEARCH 1 2 ^
			S: a OK…`},
		"short-commands": {selected: "C: a NOOP " + strings.Repeat("x", 1000) + `
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
		"unescaped-quotes": {mail: mail(plain), selected: `
			C: a FETCH 1 ENVELOPE
			S: * 1 FETCH (ENVELOPE (… "<1@"x">"))
			S: a OK…`},
		"inbox-prefix": {base: all, selected: `
			C: a NAMESPACE
			S: * NAMESPACE (("INBOX." ".")) (("#shared." ".")) (("shared." "."))
			S: a OK…
			C: b CREATE INBOX.Work
			S: b OK…
			C: c LIST "" INBOX.%
			S: * LIST () "." INBOX.Work
			S: c OK…`},
		"16k-commands": {selected: "C: a NOOP " + strings.Repeat("x", 16384) + `
			S: a BAD…
			C: b NOOP ` + strings.Repeat("x", 16000) + `
			S: b BAD NOOP…`},
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
		"nested-envelope": {mail: mail("Subject: a\n\n"), selected: `
			C: a FETCH 1 ENVELOPE
			S: * 1 FETCH (ENVELOPE ((NIL "a" NIL NIL NIL NIL NIL NIL NIL NIL)))
			S: a OK…`},
		"bye-without-answer": {selected: strings.Repeat("C: a NOOP\nS: a OK…\n", 7) + `
			C: b NOOP
			S: * BYE Autologout; idle for too long
			S: CLOSED`},
		"no-section-value": {mail: mail(plain), selected: `
			C: a FETCH 1 (UID BODY.PEEK[])
			S: * 1 FETCH (UID 1 BODY[])
			S: a OK…`},
		"space-after-capability": {selected: `
			C: a CAPABILITY
			S: * CAPABILITY IMAP4rev1 ^
			S: a OK…`},
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
			C: a FETCH 1 RFC822.SIZE
			S: * 1 FETCH (RFC822.SIZE 9.0000e+01)
			S: a OK…`},
		"space-in-flags": {mail: mail(plain), selected: `
			C: a FETCH 1 FLAGS
			S: * 1 FETCH (FLAGS (\Recent ))
			S: a OK…`},
		"zero-uidvalidity": {selected: `
			C: a EXAMINE INBOX
			S: * FLAGS…
			S: * OK [PERMANENTFLAGS…
			S: * 0 EXISTS
			S: * 0 RECENT
			S: * OK [UIDVALIDITY 0]…`},
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

const deleted = `
	C: DELE 1
	S: +OK…
	C: QUIT
	S: +OK…
	RECONNECT`

// labels has the minimal servers with an account of labels.
func labels() personality.Personality {
	p := personality.Minimal()
	p.Labels = true
	return p
}

// unstable is a session in which the UIDVALIDITY of INBOX is n.
func unstable(n int) string {
	return `S: * OK…
		C: a LOGIN alice@example.org secret
		S: a OK…
		C: b STATUS INBOX (UIDVALIDITY)
		S: * STATUS INBOX (UIDVALIDITY ` + string(rune('0'+n)) + `)
		S: b OK…`
}

func TestEveryQuirkShowsOnTheWire(t *testing.T) {
	t.Parallel()
	tests := quirkTests()
	for _, q := range personality.Quirks() {
		tt, ok := tests[q.Name]
		if !ok {
			t.Errorf("no test of quirk %s", q.Name)
			continue
		}
		t.Run(q.Name, func(t *testing.T) {
			t.Parallel()
			base := tt.base
			if base == nil {
				base = personality.Minimal
			}
			f := start(t, base().With(q), tt.mail...)
			f.play(f.imap, f.imap, tt.imap)
			f.play(f.selected, f.imap, tt.selected)
			f.play(f.pop3, f.pop3, tt.pop3)
			f.play(f.maildrop, f.pop3, tt.maildrop)
		})
	}
	for name := range tests {
		if _, err := personality.QuirkByName(name); err != nil {
			t.Error(err)
		}
	}
}

// play runs a session, if there is one. After a line "RECONNECT" it goes on in a new one that
// begins in the same way, after "REDIAL" in one that begins with the greeting.
func (f *fixture) play(begin, dial func() *wire, script string) {
	f.t.Helper()
	if script == "" {
		return
	}
	for i, again := range strings.Split(script, "RECONNECT\n") {
		for j, part := range strings.Split(again, "REDIAL\n") {
			switch {
			case j > 0:
				dial().run(part)
			case i == 0 || part != "":
				begin().run(part)
			}
		}
	}
}
