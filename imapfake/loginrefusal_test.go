package imapfake_test

import (
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestALoginIsRefusedWithTheCodeOfItsReason(t *testing.T) {
	t.Parallel()
	for _, why := range []mailstore.LoginRefusal{
		mailstore.LoginFailed, mailstore.LoginNotAuthorized, mailstore.LoginExpired, mailstore.LoginNeedsPrivacy,
		mailstore.LoginUnavailable, mailstore.LoginTooManySessions, mailstore.LoginContactAdmin,
	} {
		t.Run(string(why), func(t *testing.T) {
			t.Parallel()
			f := newBaseFixture(t)
			before := f.login()
			f.alice.RefuseLogins(why)
			c := f.dial()
			refused := "T NO [" + string(why) + "] " + why.Error()
			c.run("LOGIN alice@example.org secret", refused)
			c.run("AUTHENTICATE PLAIN "+b64("\x00alice@example.org\x00secret"), refused)
			c.run("LOGIN alice@example.org wrong", "T NO [AUTHENTICATIONFAILED] authenticate…")
			before.run("NOOP", "T OK…")
			f.alice.RefuseLogins("")
			c.run("LOGIN alice@example.org secret", "T OK…")
		})
	}
}
