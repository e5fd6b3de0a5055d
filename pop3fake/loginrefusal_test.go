package pop3fake_test

import (
	"crypto/md5"
	"fmt"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
)

func TestALoginIsRefusedWithTheCodeOfItsReason(t *testing.T) {
	t.Parallel()
	for why, code := range map[mailstore.LoginRefusal]string{
		mailstore.LoginFailed: "AUTH", mailstore.LoginNotAuthorized: "AUTH", mailstore.LoginExpired: "AUTH",
		mailstore.LoginNeedsPrivacy: "AUTH", mailstore.LoginUnavailable: "SYS/TEMP", mailstore.LoginTooManySessions: "SYS/TEMP",
		mailstore.LoginContactAdmin: "SYS/PERM",
	} {
		t.Run(string(why), func(t *testing.T) {
			t.Parallel()
			f := start(t, nil)
			f.alice.RefuseLogins(why)
			c := f.dial()
			_, timestamp, _ := strings.Cut(c.line(), "ready ")
			digest := md5.Sum([]byte(timestamp + "secret"))
			refused := func(command string) string {
				return fmt.Sprintf("S: -ERR [%s] %s: %v\n", code, command, why)
			}
			c.run("C: USER alice\nS: +OK send PASS\nC: PASS secret\n" + refused("PASS") +
				"C: AUTH PLAIN AGFsaWNlAHNlY3JldA==\n" + refused("AUTH") +
				fmt.Sprintf("C: APOP alice %x\n", digest) + refused("APOP") +
				"C: USER alice\nS: +OK send PASS\nC: PASS wrong\nS: -ERR [AUTH] PASS: wrong name or password")
			f.alice.RefuseLogins("")
			c.run("C: USER alice\nS: +OK send PASS\nC: PASS secret\nS: +OK maildrop locked and ready, 0 messages")
		})
	}
}
