package pop3fake_test

import (
	"fmt"
	"testing"

	"example.org/mailfakes/mailtest/mailwire"
	"example.org/mailfakes/pop3fake"
)

func TestLoginByUserAndPass(t *testing.T) {
	t.Parallel()
	start(t, []string{"Subject: x\r\n\r\n"}).connect().run(`
		C: USER alice@example.org
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 1 message
		C: STAT
		S: +OK 1 14
		C: QUIT
		S: +OK bye, 1 message left
		S: CLOSED`)
}

func TestAWrongPasswordAndAnUnknownNameCantBeToldApart(t *testing.T) {
	t.Parallel()
	start(t, nil).connect().run(`
		C: USER alice
		S: +OK send PASS
		C: PASS wrong
		S: -ERR [AUTH] PASS: wrong name or password
		C: USER nobody
		S: +OK send PASS
		C: PASS secret
		S: -ERR [AUTH] PASS: wrong name or password
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages`)
}

func TestPassIsOnlyValidRightAfterUser(t *testing.T) {
	t.Parallel()
	const refused = "\nS: -ERR PASS: only valid right after a successful USER (RFC 1939 section 7)\n"
	start(t, nil).connect().run(`
		C: PASS secret` + refused + `
		C: USER alice
		S: +OK send PASS
		C: NOOP
		S: -ERR NOOP: only valid in the TRANSACTION state
		C: PASS secret` + refused + `
		C: USER alice
		S: +OK send PASS
		C: PASS
		S: -ERR PASS: wrong number of arguments (0), the command is "PASS string"
		C: PASS secret` + refused + `
		C: USER alice
		S: +OK send PASS
		C: PASS wrong
		S: -ERR [AUTH] PASS: wrong name or password
		C: PASS secret` + refused + `
		C: USER alice
		S: +OK send PASS
		C: USER a b
		S: -ERR USER: wrong number of arguments (2), the command is "USER name"
		C: PASS secret` + refused + `
		C: USER nobody
		S: +OK send PASS
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages`)
}

func TestSpacesArePartOfThePassword(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.alice.SetPassword(" two words ")
	f.connect().run(`
		C: USER alice
		S: +OK send PASS
		C: PASS two words
		S: -ERR [AUTH] PASS: wrong name or password
		C: USER alice
		S: +OK send PASS
		C: PASS  two words ` + `
		S: +OK maildrop locked and ready, 0 messages`)
}

func TestTheMaildropIsForOneSessionAtATime(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	first, second := f.logIn(), f.connect()
	const inUse = "the maildrop is locked by another session (RFC 1939 section 4)"
	second.run(`
		C: USER alice
		S: +OK send PASS
		C: PASS wrong
		S: -ERR [AUTH] PASS: wrong name or password
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: -ERR [IN-USE] PASS: ` + inUse + `
		C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
		S: -ERR [IN-USE] AUTH: ` + inUse)
	first.run(`
		C: QUIT
		S: +OK bye, 0 messages left`)
	second.run(`
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages`)
}

func TestADroppedConnectionFreesTheMaildrop(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	events := f.store.Subscribe()
	defer events.Close()
	f.logIn().conn.Close()
	for _, want := range []string{"maildrop locked", "maildrop unlocked"} {
		if e, err := events.Next(t.Context()); err != nil || string(e.Kind) != want {
			t.Fatalf("event %v, %v; want %s", e.Kind, err, want)
		}
	}
	f.logIn()
}

func TestQuitBeforeLoginJustCloses(t *testing.T) {
	t.Parallel()
	f := start(t, []string{"Subject: x\r\n\r\n"})
	f.connect().run(`
		C: USER alice
		S: +OK send PASS
		C: QUIT
		S: +OK bye
		S: CLOSED`)
	if f.left() != 1 {
		t.Errorf("%d messages left, want 1", f.left())
	}
}

func TestPlainTextLoginCanBeRefusedUntilTLS(t *testing.T) {
	t.Parallel()
	const refused = "passwords in plain text are only accepted after STLS (RFC 2595 section 2.3)"
	c := start(t, nil, pop3fake.WithoutPlaintextLogin()).connect()
	c.run(`
		C: USER alice
		S: -ERR USER: ` + refused + `
		C: PASS secret
		S: -ERR PASS: only valid right after a successful USER (RFC 1939 section 7)
		C: AUTH
		S: +OK mechanisms follow
		S: CRAM-MD5
		S: SCRAM-SHA-1
		S: SCRAM-SHA-256
		S: .
		C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
		S: -ERR AUTH: ` + refused + `
		C: AUTH LOGIN
		S: -ERR AUTH: ` + refused + `
		C: AUTH XOAUTH2 =
		S: -ERR AUTH: ` + refused + `
		C: AUTH OAUTHBEARER
		S: -ERR AUTH: ` + refused + `
		C: CAPA
		S: +OK capability list follows
		S: TOP
		S: UIDL
		S: RESP-CODES
		S: AUTH-RESP-CODE
		S: PIPELINING
		S: EXPIRE NEVER
		S: STLS
		S: SASL CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
		S: UTF8 USER
		S: LANG
		S: IMPLEMENTATION mailfakes
		S: .
		C: STLS
		S: +OK begin TLS negotiation`)
	c.startTLS()
	c.run(`
		C: CAPA
		S: +OK capability list follows
		S: TOP
		S: UIDL
		S: RESP-CODES
		S: AUTH-RESP-CODE
		S: PIPELINING
		S: EXPIRE NEVER
		S: USER
		S: SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER
		S: UTF8 USER
		S: LANG
		S: IMPLEMENTATION mailfakes
		S: .
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages`)
}

func TestResponseCodesAreOnlySentIfAnnounced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		without     pop3fake.Capability
		auth, inUse string
	}{
		{pop3fake.RespCodes, "", ""},
		{pop3fake.AuthRespCode, "", "[IN-USE] "},
	} {
		t.Run(string(test.without), func(t *testing.T) {
			t.Parallel()
			f := start(t, nil, pop3fake.WithoutCapabilities(test.without))
			f.logIn()
			f.connect().run(fmt.Sprintf(`
				C: USER alice
				S: +OK send PASS
				C: PASS wrong
				S: -ERR %sPASS: wrong name or password
				C: USER alice
				S: +OK send PASS
				C: PASS secret
				S: -ERR %sPASS: the maildrop is locked by another session (RFC 1939 section 4)`, test.auth, test.inUse))
		})
	}
}

func TestAPipelinedQuitIsDoneWhenItIsAnswered(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	f := start(t, []string{"a: b\r\n\r\n", "c: d\r\n\r\n"}, pop3fake.WithTranscript(transcript))
	c := f.logIn()
	c.send("DELE 2\r\nQUIT\r\n")
	c.run(`
		S: +OK message 2 marked as deleted
		S: +OK bye, 1 message left`)
	if f.left() != 1 {
		t.Errorf("%d messages left, want 1", f.left())
	}
	unlock, err := f.alice.LockMaildrop()
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
