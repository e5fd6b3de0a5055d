package mailtest_test

import (
	"testing"

	"example.org/mailfakes/mailtest"
)

// Each event, matcher and action of IMAP on the wire.
var imapFaults = []faultRow{
	// Events.
	{`accept close`, `EOF`},
	{`accept delay 5s`, `S: * OK ready
		5s`},
	{`greeting replace "* BYE come back later\r\n"`, `S: * BYE come back later`},
	{`on NOOP answer "NO [UNAVAILABLE] later"`, `HELLO
		C: a NOOP
		S: a NO [UNAVAILABLE] later
		C: b CHECK
		S: b BAD CHECK is not allowed in the not authenticated state (RFC 3501 6)`},
	{`logout reset`, `HELLO
		C: a LOGOUT
		RESET`},
	{`literal replace alice`, `HELLO
		C: a LOGIN {5}
		S: + Ready for literal data
		C: bobby secret
		S: a OK LOGIN completed`},
	{`step delay 2s`, `LOGIN
		C: i IDLE
		S: + idling
		C: DONE
		S: i OK IDLE completed
		2s`},
	{`step replace "AGFsaWNlAHNlY3JldA==\r\n"`, `HELLO
		C: a AUTHENTICATE PLAIN
		S: +\x20
		C: AGFsaWNlAHdyb25n
		S: a OK AUTHENTICATE completed`},
	{`response "* * FETCH" drop`, `SELECT
		C: c FETCH 1:2 UID
		S: c OK FETCH completed`},
	{`response "" nth 2 close`, `HELLO
		C: a NOOP
		EOF`},
	{`tagged before "* OK well\r\n"`, `HELLO
		C: a NOOP
		S: * OK well
		S: a OK NOOP completed`},
	{`untagged match SEARCH replace "* SEARCH 7\r\n"`, `SELECT
		C: c SEARCH ALL
		S: * SEARCH 7
		S: c OK SEARCH completed`},
	{`continuation delay 1m0s`, `HELLO
		C: a LOGIN {5}
		S: + Ready for literal data
		1m0s
		C: alice secret
		S: a OK LOGIN completed`},
	{`state authenticated after "* 9 EXISTS\r\n"`, `LOGIN
		S: * 9 EXISTS`},
	{`state selected nth 2 drop`, `SELECT
		C: c EXAMINE INBOX
		S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
		S: * OK [PERMANENTFLAGS ()] flags that can be changed
		S: * 2 EXISTS
		S: * 0 RECENT
		S: * OK [UNSEEN 1] first unseen message
		S: * OK [UIDVALIDITY 1] UIDs valid
		S: * OK [UIDNEXT 3] predicted next UID
		C: d UNSELECT
		S: d BAD unknown command UNSELECT (RFC 3501 6)
		C: e CLOSE
		S: e OK CLOSE completed`},
	{`quiet 10s send "* BYE too slow\r\n" close`, `HELLO
		quiet 9s
		C: a NOOP
		S: a OK NOOP completed
		S: * BYE too slow
		10s
		EOF`},

	// Matchers.
	{`on NOOP protocol imap answer "OK no"`, `HELLO
		C: a NOOP
		S: a OK no`},
	{`on NOOP session 1 answer "OK one"`, `HELLO
		C: a NOOP
		S: a OK one`},
	{`on NOOP user alice answer "OK alice"`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		C: b LOGIN "alice" {6+}
		C: secret
		S: b OK LOGIN completed
		C: c NOOP
		S: c OK alice`},
	{`on NOOP user alice answer "OK alice"`, `HELLO
		C: a AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
		S: a OK AUTHENTICATE completed
		C: c NOOP
		S: c OK alice`},
	{`on NOOP client "my app" answer "OK app"`, `HELLO
		C: a ID ("name" "My App 1.0")
		S: * ID ("name" "mailfakes")
		S: a OK ID completed
		C: b NOOP
		S: b OK app`},
	{`untagged command "UID FETCH" drop`, `SELECT
		C: c UID FETCH 1 FLAGS
		S: c OK UID FETCH completed
		C: d FETCH 1 UID
		S: * 1 FETCH (UID 1)
		S: d OK FETCH completed`},
	{`on * tag b answer "NO b"`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		C: b NOOP
		S: b NO b`},
	{`on NOOP state selected answer "NO selected"`, `SELECT
		C: c NOOP
		S: c NO selected
		C: d CLOSE
		S: d OK CLOSE completed
		C: e NOOP
		S: e OK NOOP completed`},
	{`on NOOP mailbox inbox answer "NO inbox"`, `SELECT
		C: c NOOP
		S: c NO inbox`},
	{`on *FETCH nth 2 answer "NO second"`, `SELECT
		C: c FETCH 1 UID
		S: * 1 FETCH (UID 1)
		S: c OK FETCH completed
		C: d UID FETCH 1 UID
		S: d NO second
		C: e FETCH 1 UID
		S: * 1 FETCH (UID 1)
		S: e OK FETCH completed`},
	{`on NOOP from 2 to 3 answer "NO x"`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		C: b NOOP
		S: b NO x
		C: c NOOP
		S: c NO x
		C: d NOOP
		S: d OK NOOP completed`},
	{`on NOOP every 2 times 1 answer "NO x"`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		C: b NOOP
		S: b NO x
		C: c NOOP
		S: c OK NOOP completed
		C: d NOOP
		S: d OK NOOP completed`},
	{`on NOOP chance 0.5 3 answer "NO x"`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		C: b CAPABILITY
		S: * CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN ID IDLE UIDPLUS
		S: b OK CAPABILITY completed
		C: c NOOP
		S: c NO x`},

	// Actions.
	{`on NOOP send "* BYE? no\r\n"`, `HELLO
		C: a NOOP
		S: * BYE? no
		S: a OK NOOP completed`},
	{`on NOOP replace "a CAPABILITY\r\n"`, `HELLO
		C: a NOOP
		S: * CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN ID IDLE UIDPLUS
		S: a OK CAPABILITY completed`},
	{"untagged substitute `UID (\\d)` \"UID 9$1\"", `SELECT
		C: c FETCH 1 UID
		S: * 1 FETCH (UID 91)
		S: c OK FETCH completed`},
	{`on NOOP before "x LOGOUT\r\n"`, `HELLO
		C: a NOOP
		S: * BYE logging out
		S: x OK LOGOUT completed
		EOF`},
	{`on NOOP after "x NOOP\r\n"`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		S: x OK NOOP completed`},
	{`response "* 1 FETCH" swap`, `SELECT
		C: c FETCH 1:2 UID
		S: * 2 FETCH (UID 2)
		S: * 1 FETCH (UID 1)
		S: c OK FETCH completed`},
	{`response "* 1 FETCH" behind-tagged`, `SELECT
		C: c FETCH 1:2 UID
		S: * 2 FETCH (UID 2)
		S: c OK FETCH completed
		S: * 1 FETCH (UID 1)`},
	{`tagged command CHECK to-next-command`, `SELECT
		C: c CHECK
		C: d NOOP
		S: c OK CHECK completed
		S: d OK NOOP completed`},
	{`on LOGIN answer "BYE [UNAVAILABLE] go away"`, `HELLO
		C: a LOGIN {5}
		S: + Ready for literal data
		C: alice {6}
		S: + Ready for literal data
		C: secret
		S: * BYE [UNAVAILABLE] go away
		EOF`},
	{`on STORE lie "NO [OVERQUOTA] no room"`, `SELECT
		C: c STORE 1 +FLAGS.SILENT (\Seen)
		S: c NO [OVERQUOTA] no room
		C: d FETCH 1 FLAGS
		S: * 1 FETCH (FLAGS (\Seen \Recent))
		S: d OK FETCH completed`},
	{`untagged set EXISTS 99`, `LOGIN
		C: b SELECT INBOX
		S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
		S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] flags that can be changed
		S: * 99 EXISTS
		S: * 2 RECENT
		S: * OK [UNSEEN 1] first unseen message
		S: * OK [UIDVALIDITY 1] UIDs valid
		S: * OK [UIDNEXT 3] predicted next UID
		S: b OK [READ-WRITE] SELECT completed`},
	{`untagged add RFC822.SIZE -5`, `SELECT
		C: c FETCH 1 (UID RFC822.SIZE)
		S: * 1 FETCH (UID 1 RFC822.SIZE 15)
		S: c OK FETCH completed`},
	{`untagged add {} 1`, `SELECT
		C: c FETCH 1 BODY.PEEK[TEXT]
		S: * 1 FETCH (BODY[TEXT] {5}
		S: hi
		S: )
		S: c OK FETCH completed`},
	{`untagged set #2 7`, `SELECT
		C: c FETCH 1 UID
		S: * 1 FETCH (UID 7)
		S: c OK FETCH completed`},
	{`untagged strings-as-literals`, `SELECT
		C: c FETCH 1 ENVELOPE
		S: * 1 FETCH (ENVELOPE (NIL {3}
		S: one NIL NIL NIL NIL NIL NIL NIL NIL))
		S: c OK FETCH completed`},
	{`untagged literals-as-strings`, `SELECT
		C: c FETCH 1 BODY.PEEK[TEXT]
		S: * 1 FETCH (BODY[TEXT] "hi
		S: ")
		S: c OK FETCH completed`},
	{`tagged corrupt 2`, `HELLO
		C: a NOOP
		S: a \xcfK NOOP completed`},
	{`tagged corrupt -3`, `HELLO
		C: a NOOP
		S: a OK NOOP complete\xe4`},
	{`tagged bare-lf`, `HELLO
		C: a NOOP
		S: a OK NOOP completed\x0a\`},
	{`response "* 1" extra-space`, `SELECT
		C: c FETCH 1 (UID ENVELOPE)
		S: *  1  FETCH  (UID  1  ENVELOPE  (NIL  "one"  NIL  NIL  NIL  NIL  NIL  NIL  NIL  NIL))
		S: c OK FETCH completed`},
	{`response "* 1" no-space`, `SELECT
		C: c FETCH 1 UID
		S: *1FETCH(UID1)
		S: c OK FETCH completed`},
	{`tagged trailing-space`, `HELLO
		C: a NOOP
		S: a OK NOOP completed\x20`},
	{`tagged extra-crlf`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		S: `},
	{`tagged no-crlf`, `HELLO
		C: a NOOP
		S: a OK NOOP completed\
		C: b NOOP
		S: b OK NOOP completed\`},
	{`tagged pass close`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		EOF`},
	{`tagged throttle 10`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		2.1s`},
	{`accept throttle 1000`, `S: * OK ready
		12ms`},
	{`on NOOP delay 1h0m0s`, `HELLO
		C: a NOOP
		S: a OK NOOP completed
		1h0m0s`},
	{`on NOOP cut-after 5`, `HELLO
		C: a NOOP
		S: a OK \
		EOF`},
	{`response "* * FETCH" cut-after 26`, `SELECT
		C: c FETCH 1 BODY.PEEK[TEXT]
		S: * 1 FETCH (BODY[TEXT] {4}\x0d\
		EOF`},
	{`accept cut-after 0`, `EOF`},
	{`accept cut-after 4`, `S: * OK\
		EOF`},
	{`on APPEND cut-input-after 30`, `LOGIN
		C: b APPEND INBOX {3+}
		C: abc
		S: b OK [APPENDUID 1 3] APPEND completed
		C: c NOOP
		EOF`},
	{`tagged reset`, `HELLO
		C: a NOOP
		RESET`},
	{`on NOOP half-close`, `HELLO
		C: a NOOP
		EOF`},
}

func TestIMAPFaultsOnTheWire(t *testing.T) {
	runFaultRows(t, imapFaults, func(srv *mailtest.Server) *mailtest.Endpoint { return srv.IMAP })
}
