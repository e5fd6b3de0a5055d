package pop3fake_test

import (
	"encoding/base64"
	"strings"
	"testing"

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
		"unknown mechanism":         "C: AUTH CRAM-MD5\nS: -ERR AUTH: no SASL mechanism \"CRAM-MD5\" here",
		"too many arguments":        "C: AUTH PLAIN A A\nS: -ERR AUTH: wrong number of arguments (3), the command is \"AUTH [mechanism [initial-response]]\"",
		"overlong response":         "C: AUTH PLAIN\nS: + \nC: " + strings.Repeat("A", 1<<17) + "\nS: -ERR AUTH: line of more than 65536 octets",
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
		S: .`)
}

func TestAMechanismCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	start(t, nil, pop3fake.WithoutCapabilities("SASL PLAIN")).connect().run(`
		C: AUTH
		S: +OK mechanisms follow
		S: LOGIN
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
