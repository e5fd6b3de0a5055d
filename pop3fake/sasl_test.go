package pop3fake_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/pop3fake"
)

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestSASLExchangesThatLogIn(t *testing.T) {
	t.Parallel()
	const done = "\nS: +OK maildrop locked and ready, 0 messages\nC: STAT\nS: +OK 0 0\n"
	for name, script := range map[string]string{
		"PLAIN with an initial response":    `C: AUTH PLAIN ` + b64("\x00alice\x00secret"),
		"PLAIN without an initial response": "C: AUTH PLAIN\nS: + \nC: " + b64("\x00alice\x00secret"),
		"PLAIN in lower case":               `C: auth plain ` + b64("\x00alice\x00secret"),
		"PLAIN as oneself":                  `C: AUTH PLAIN ` + b64("alice@example.org\x00alice\x00secret"),
		"LOGIN with an initial response":    "C: AUTH LOGIN " + b64("alice") + "\nS: + " + b64("Password:") + "\nC: " + b64("secret"),
		"LOGIN without an initial response": "C: AUTH LOGIN\nS: + " + b64("Username:") + "\nC: " + b64("alice") +
			"\nS: + " + b64("Password:") + "\nC: " + b64("secret"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start(t, nil).connect().run(script + done)
		})
	}
}

func TestSASLExchangesThatFailLeaveTheSessionAsItWas(t *testing.T) {
	t.Parallel()
	const (
		wrong     = "\nS: -ERR [AUTH] AUTH: wrong name or password\n"
		notBase64 = "\nS: -ERR AUTH: the response isn't base64 (RFC 5034 section 4)\n"
		notPlain  = "\nS: -ERR AUTH: the response isn't one of PLAIN\n"
		cancelled = "\nS: -ERR AUTH: cancelled by the client\n"
	)
	for name, script := range map[string]string{
		"wrong password":            `C: AUTH PLAIN ` + b64("\x00alice\x00wrong") + wrong,
		"unknown name":              `C: AUTH PLAIN ` + b64("\x00nobody\x00secret") + wrong,
		"another's identity":        `C: AUTH PLAIN ` + b64("bob\x00alice\x00secret") + "\nS: -ERR [AUTH] AUTH: one user can't act as another (RFC 4616 section 2)",
		"empty initial response":    "C: AUTH PLAIN =" + notPlain,
		"empty response":            "C: AUTH PLAIN\nS: + \nC: " + notPlain,
		"two fields only":           "C: AUTH PLAIN " + b64("alice\x00secret") + notPlain,
		"no base64":                 "C: AUTH PLAIN\nS: + \nC: !!!" + notBase64,
		"padding inside":            "C: AUTH PLAIN AAA=BBB=" + notBase64,
		"padding missing":           "C: AUTH PLAIN AA" + notBase64,
		"padding at the start":      "C: AUTH PLAIN =AAA" + notBase64,
		"CR inside":                 "C: AUTH PLAIN\nS: + \nC: " + b64("\x00alice")[:4] + "\r" + b64("\x00alice")[4:] + notBase64,
		"equals sign as a response": "C: AUTH PLAIN\nS: + \nC: =" + notBase64,
		"cancelled at once":         "C: AUTH PLAIN\nS: + \nC: *" + cancelled,
		"cancelled in the middle":   "C: AUTH LOGIN " + b64("alice") + "\nS: + " + b64("Password:") + "\nC: *" + cancelled,
		"LOGIN with wrong password": "C: AUTH LOGIN " + b64("alice") + "\nS: + " + b64("Password:") + "\nC: " + b64("wrong") + wrong,
		"unknown mechanism":         "C: AUTH FROB\nS: -ERR AUTH: no SASL mechanism \"FROB\" here",
		"too many arguments":        "C: AUTH PLAIN A A\nS: -ERR AUTH: wrong number of arguments (3), the command is \"AUTH [mechanism [initial-response]]\"",
		"overlong response":         "C: AUTH PLAIN\nS: + \nC: " + strings.Repeat("A", 1<<17) + "\nS: -ERR AUTH: line of more than 65538 octets (RFC 2449 section 4, RFC 5034 section 4)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start(t, nil).connect().run(script + `
				C: STAT
				S: -ERR STAT: only valid in the TRANSACTION state
				C: USER alice
				S: +OK send PASS
				C: PASS secret
				S: +OK maildrop locked and ready, 0 messages`)
		})
	}
}

func TestAuthAloneListsTheMechanisms(t *testing.T) {
	t.Parallel()
	start(t, nil).connect().run(`
		C: AUTH
		S: +OK mechanisms follow
		S: PLAIN
		S: LOGIN
		S: CRAM-MD5
		S: SCRAM-SHA-1
		S: SCRAM-SHA-256
		S: XOAUTH2
		S: OAUTHBEARER
		S: .`)
}

func TestAMechanismCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	start(t, nil, pop3fake.WithoutCapabilities("SASL PLAIN")).connect().run(`
		C: AUTH
		S: +OK mechanisms follow
		S: LOGIN
		S: CRAM-MD5
		S: SCRAM-SHA-1
		S: SCRAM-SHA-256
		S: XOAUTH2
		S: OAUTHBEARER
		S: .
		C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
		S: -ERR AUTH: no SASL mechanism "PLAIN" here`)
}

func TestALongPasswordGoesThroughSASL(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	password := strings.Repeat("pässword", 1000)
	f.alice.SetPassword(password)
	f.connect().run("C: AUTH PLAIN\nS: + \nC: " + b64("\x00alice\x00"+password) + `
		S: +OK maildrop locked and ready, 0 messages`)
}

func TestASessionEndsAtTheFirstCommandAfterItsTokenExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, []string{"a: b\r\n\r\n"})
		f.alice.AddToken("ya29.x", time.Now().Add(5*time.Minute))
		const login = "user=alice\x01auth=Bearer ya29.x\x01\x01"
		c := f.connect()
		c.run("C: AUTH XOAUTH2 " + b64(login) + `
			S: +OK maildrop locked and ready, 1 message
			C: DELE 1
			S: +OK message 1 marked as deleted`)
		time.Sleep(5*time.Minute - time.Nanosecond)
		c.run("C: NOOP\nS: +OK nothing done")
		time.Sleep(time.Nanosecond)
		c.run(`
			C: QUIT
			S: -ERR [AUTH] the access token has expired
			S: CLOSED`)
		if f.left() != 1 {
			t.Errorf("%d messages left, want 1", f.left())
		}
		c = f.connect()
		c.run("C: AUTH XOAUTH2 " + b64(login) + `
			S: + ` + b64(`{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}`) + `
			C: AQ==
			S: -ERR [AUTH] AUTH: the access token has expired`)
		f.alice.AddToken("ya29.x", time.Time{})
		c.run("C: AUTH XOAUTH2 " + b64(login) + "\nS: +OK maildrop locked and ready, 1 message")
		f.alice.ExpireToken("ya29.x")
		c.run("C: STAT\nS: -ERR [AUTH] the access token has expired\nS: CLOSED")
	})
}

func TestATokenWithoutAMaildropDoesntEndTheSession(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.alice.AddToken("ya29.x", time.Time{})
	other := f.logIn()
	c := f.connect()
	c.run("C: AUTH XOAUTH2 " + b64("user=alice\x01auth=Bearer ya29.x\x01\x01") + `
		S: -ERR [IN-USE] AUTH: the maildrop is locked by another session (RFC 1939 section 4)`)
	other.run("C: QUIT\nS: +OK bye, 0 messages left")
	f.alice.ExpireToken("ya29.x")
	c.run("C: APOP x\nS: -ERR APOP: wrong number of arguments (1), the command is \"APOP name digest\"")
}

func TestAnonymousClientsGetTheAccountThatIsForThem(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.WithAnonymous("alice@example.org"))
	f.connect().run("C: AUTH ANONYMOUS " + b64("sirhc") + "\nS: +OK maildrop locked and ready, 0 messages")
	start(t, nil).connect().run("C: AUTH ANONYMOUS " + b64("sirhc") + "\nS: -ERR AUTH: no SASL mechanism \"ANONYMOUS\" here")
}
