package pop3fake_test

import (
	"testing"
	"testing/synctest"
	"time"

	"example.org/mailfakes/pop3fake"
)

func TestALoginDelayIsAnnouncedAndEnforced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, nil, pop3fake.WithLoginDelay(90*time.Second))
		f.logIn().run("C: QUIT\nS: +OK bye, 0 messages left")
		time.Sleep(30 * time.Second)
		c := f.connect()
		if caps := c.capabilities(); !contains(caps, "LOGIN-DELAY 90") {
			t.Errorf("capabilities %q", caps)
		}
		c.run(`
			C: USER alice
			S: +OK send PASS
			C: PASS wrong
			S: -ERR [AUTH] PASS: wrong name or password
			C: USER alice
			S: +OK send PASS
			C: PASS secret
			S: -ERR [LOGIN-DELAY] PASS: log in again in 1m0s (RFC 2449 section 6.5)
			C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
			S: -ERR [LOGIN-DELAY] AUTH: log in again in 1m0s (RFC 2449 section 6.5)`)
		time.Sleep(time.Minute)
		c.run(`
			C: USER alice
			S: +OK send PASS
			C: PASS secret
			S: +OK maildrop locked and ready, 0 messages`)
	})
}

func TestALoginDelayThatIsTurnedOffIsNeitherAnnouncedNorEnforced(t *testing.T) {
	t.Parallel()
	f := start(t, nil, pop3fake.WithLoginDelay(time.Hour), pop3fake.WithoutCapabilities(pop3fake.LoginDelay))
	f.logIn().run("C: QUIT\nS: +OK bye, 0 messages left\nS: CLOSED")
	if caps := f.logIn().capabilities(); contains(caps, "LOGIN-DELAY 3600") {
		t.Errorf("capabilities %q", caps)
	}
}
