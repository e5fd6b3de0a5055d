package mailtest_test

import (
	"testing"

	"example.org/mailfakes/mailtest"
)

// Each event, matcher and action of POP3 on the wire, where it isn't the same thing as in
// IMAP.
var pop3Faults = []faultRow{
	// Events.
	{`accept reset`, `RESET`},
	{`greeting replace "-ERR [SYS/TEMP] come back later\r\n"`, `S: -ERR [SYS/TEMP] come back later`},
	{`on PASS answer "-ERR [IN-USE] locked"`, `POP3
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: -ERR [IN-USE] locked`},
	{`logout close`, `PASS
		C: DELE 1
		S: +OK message 1 marked as deleted
		C: QUIT
		EOF`},
	{`step replace "AGFsaWNlAHNlY3JldA==\r\n"`, `POP3
		C: AUTH PLAIN
		S: +\x20
		C: AGFsaWNlAHdyb25n
		S: +OK maildrop locked and ready, 2 messages`},
	{`response -ERR replace "-ERR [SYS/PERM] broken\r\n"`, `PASS
		C: DELE 9
		S: -ERR [SYS/PERM] broken`},
	{`tagged command LIST replace "+OK 3 messages\r\n"`, `PASS
		C: LIST
		S: +OK 3 messages
		S: 1 20
		S: 2 25
		S: .`},
	{`line match ^2 drop`, `PASS
		C: LIST
		S: +OK 2 messages (45 octets)
		S: 1 20
		S: .`},
	{`line match ^\.\r drop`, `PASS
		C: UIDL
		S: +OK unique-id listing follows
		S: 1 0000000100000001
		S: 2 0000000200000001
		C: NOOP
		S: +OK nothing done`},
	{`continuation delay 1m0s`, `POP3
		C: AUTH PLAIN
		S: +\x20
		1m0s
		C: AGFsaWNlAHNlY3JldA==
		S: +OK maildrop locked and ready, 2 messages`},
	{`state transaction replace "-ERR [AUTH] wrong\r\n"`, `POP3
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: -ERR [AUTH] wrong
		C: STAT
		S: +OK 2 45`},
	{`state update drop`, `PASS
		C: QUIT
		EOF`},
	{`quiet 5m0s close`, `POP3
		quiet 4m
		C: NOOP
		S: -ERR NOOP: only valid in the TRANSACTION state
		quiet 5m
		EOF`},

	// Matchers.
	{`on STAT protocol pop3 session 1 user alice state transaction answer "-ERR all"`, `PASS
		C: STAT
		S: -ERR all`},
	{`on RETR match 2 answer "-ERR [SYS/TEMP] try again"`, `PASS
		C: RETR 1
		S: +OK 20 octets
		S: Subject: one
		S:
		S: hi
		S: .
		C: RETR 2
		S: -ERR [SYS/TEMP] try again`},
	{`line command TOP nth 2 replace "X: y\r\n"`, `PASS
		C: TOP 1 0
		S: +OK top of message follows
		S: Subject: one
		S: X: y
		S: .`},

	// Actions.
	{`on STAT answer "-ERR no"`, `PASS
		C: NOOP\x0d\x0aSTAT\x0d\x0aLIST 1\x0d\x0aSTAT
		S: +OK nothing done
		S: -ERR no
		S: +OK 1 20
		S: -ERR no`},
	{`on STAT send "+OK 9 9\r\n"`, `PASS
		C: STAT
		S: +OK 9 9
		S: +OK 2 45`},
	{`on STAT replace "LIST 1\r\n"`, `PASS
		C: STAT
		S: +OK 1 20`},
	{`line command LIST before "7 7\r\n" nth 1 after "8 8\r\n"`, `PASS
		C: LIST
		S: +OK 2 messages (45 octets)
		S: 7 7
		S: 1 20
		S: 8 8
		S: 2 25
		S: .`},
	{`line match "^1 " swap`, `PASS
		C: LIST
		S: +OK 2 messages (45 octets)
		S: 2 25
		S: 1 20
		S: .`},
	{`line match "^1 " behind-tagged`, `PASS
		C: LIST
		S: +OK 2 messages (45 octets)
		S: 2 25
		S: .
		C: NOOP
		S: +OK nothing done
		S: 1 20`},
	{`tagged command NOOP to-next-command`, `PASS
		C: NOOP
		C: STAT
		S: +OK nothing done
		S: +OK 2 45`},
	{`on RETR lie "-ERR gone"`, `PASS
		C: RETR 1
		S: -ERR gone
		C: NOOP
		S: +OK nothing done`},
	{`tagged command STAT set #1 5 add #2 100`, `PASS
		C: STAT
		S: +OK 5 145`},
	{`tagged command STAT extra-space`, `PASS
		C: STAT
		S: +OK  2  45`},
	{`line command RETR bare-lf`, `PASS
		C: RETR 1
		S: +OK 20 octets
		S: Subject: one\x0a\x0ahi\x0a.\x0a\`},
	{`line match ^\.\. substitute ^\.\. .`, `PASS
		C: RETR 2
		S: +OK 25 octets
		S: Subject: two
		S:
		S: .zwölf
		S: .`},
	{`line match zw cut-after 5`, `PASS
		C: RETR 2
		S: +OK 25 octets
		S: Subject: two
		S:
		S: ..zw\xc3\
		EOF`},
	{`line match ^\.\r cut-after 2`, `PASS
		C: RETR 1
		S: +OK 20 octets
		S: Subject: one
		S:
		S: hi
		S: .\x0d\
		EOF`},
	{`on RETR cut-after 17`, `PASS
		C: RETR 1
		S: +OK 20 octets
		S: Su\
		EOF`},
	{`on RETR throttle 10`, `PASS
		C: RETR 1
		S: +OK 20 octets
		1.5s
		S: Subject: one
		1.4s
		S:
		S: hi
		S: .`},
	{`on QUIT cut-input-after 3`, `PASS
		C: QUIT
		EOF`},
	{`tagged command QUIT pass reset`, `PASS
		C: QUIT
		RESET`},
	{`on NOOP half-close`, `PASS
		C: NOOP
		EOF`},
}

func TestPOP3FaultsOnTheWire(t *testing.T) {
	runFaultRows(t, pop3Faults, func(srv *mailtest.Server) *mailtest.Endpoint { return srv.POP3 })
}
