package pop3fake_test

import (
	"crypto/md5"
	"fmt"
	"strings"
	"testing"

	"example.org/mailfakes/pop3fake"
)

// digest returns APOP's digest for a greeting.
func digest(t *testing.T, greeting, password string) string {
	t.Helper()
	i := strings.Index(greeting, "<")
	if i < 0 {
		t.Fatalf("no timestamp in %q", greeting)
	}
	return fmt.Sprintf("%x", md5.Sum([]byte(greeting[i:]+password)))
}

func TestAPOPTakesTheDigestOfTimestampAndPassword(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	c := f.dial()
	greeting := c.line()
	right := digest(t, greeting, "secret")
	c.run(`
		C: APOP alice ` + digest(t, greeting, "wrong") + `
		S: -ERR [AUTH] APOP: wrong name or password
		C: APOP nobody ` + right + `
		S: -ERR [AUTH] APOP: wrong name or password
		C: APOP alice ` + right + `
		S: +OK maildrop locked and ready, 0 messages
		C: STAT
		S: +OK 0 0`)
	other := f.dial()
	other.line()
	other.run(`
		C: APOP alice ` + right + `
		S: -ERR [AUTH] APOP: wrong name or password`)
}

func TestAPOPRefusesWhatIsntADigest(t *testing.T) {
	t.Parallel()
	c := start(t, nil).dial()
	right := digest(t, c.line(), "secret")
	const refused = "\nS: -ERR APOP: the digest isn't 32 lower-case hexadecimal digits (RFC 1939 section 7)\n"
	c.run(`
		C: APOP alice
		S: -ERR APOP: wrong number of arguments (1), the command is "APOP name digest"
		C: APOP alice ` + right[1:] + refused + `
		C: APOP alice ` + right + `0` + refused + `
		C: APOP alice ` + strings.Repeat("X", 32) + refused)
}

func TestAPOPIsPossibleWherePlainTextIsRefused(t *testing.T) {
	t.Parallel()
	c := start(t, nil, pop3fake.WithoutPlaintextLogin()).dial()
	right := digest(t, c.line(), "secret")
	c.run(`
		C: APOP alice ` + right + `
		S: +OK maildrop locked and ready, 0 messages`)
}

func TestWithoutAPOPTheGreetingHasNoTimestamp(t *testing.T) {
	t.Parallel()
	start(t, nil, pop3fake.WithoutCapabilities(pop3fake.APOP)).dial().run(`
		S: +OK POP3 server ready
		C: APOP alice 0123456789abcdef0123456789abcdef
		S: -ERR unknown command "APOP"`)
}
