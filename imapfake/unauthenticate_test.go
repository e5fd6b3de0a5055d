package imapfake_test

import (
	"testing"

	"github.com/emersion/go-imap/v2"
)

func TestUnauthenticateMakesAnotherLoginPossible(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if _, err := f.store.AddAccount("bob@example.org", "secret"); err != nil {
		t.Fatal(err)
	}
	c := f.dial()
	c.run("UNAUTHENTICATE", "T BAD UNAUTHENTICATE is not allowed in the not authenticated state (RFC 3501 6)")
	before := c.ok("CAPABILITY")[0]
	c.ok("LOGIN alice@example.org secret")
	c.run("UNAUTHENTICATE now", `T BAD UNAUTHENTICATE: unexpected " now" after the arguments (RFC 8437 6)`)
	c.run("UNAUTHENTICATE", "T OK UNAUTHENTICATE completed")
	c.run("CAPABILITY", before, "T OK CAPABILITY completed")
	c.run("LIST \"\" *", "T BAD LIST is not allowed in the not authenticated state (RFC 3501 6)")
	// RFC 8437 §3: the next login may follow at once.
	c.send("T LOGIN alice@example.org secret", "T UNAUTHENTICATE", "T AUTHENTICATE PLAIN AGJvYkBleGFtcGxlLm9yZwBzZWNyZXQ=", "U CREATE mine")
	c.want("", c.until("U"), []string{"T OK…", "T OK UNAUTHENTICATE completed", "T OK…", "U OK…"})
	if _, err := f.alice.Mailbox("mine"); err == nil {
		t.Error("the session is still alice's")
	}
}

func TestUnauthenticateLeavesTheMailboxWithoutExpunging(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: b\r\n\r\n")
	c := f.selected()
	c.ok(`STORE 1 +FLAGS (\Deleted)`)
	f.set(imap.StoreFlagsAdd, "x", 1)
	c.run("UNAUTHENTICATE", "T OK UNAUTHENTICATE completed")
	c.run("FETCH 1 FLAGS", "T BAD FETCH is not allowed in the not authenticated state (RFC 3501 6)")
	c.ok("LOGIN alice@example.org secret")
	c.run("CLOSE", "T BAD CLOSE is not allowed in the authenticated state (RFC 3501 6)")
	if n := f.inbox.Messages().Len(); n != 1 {
		t.Errorf("%d messages are left", n)
	}
}

func TestUnauthenticateForgetsWhatWasEnabled(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	c.run("ENABLE CONDSTORE", "* ENABLED CONDSTORE", "T OK ENABLE completed")
	c.ok("UNAUTHENTICATE")
	c.ok("LOGIN alice@example.org secret")
	c.run("ENABLE CONDSTORE", "* ENABLED CONDSTORE", "T OK ENABLE completed")
}

func TestUnauthenticateKeepsTLS(t *testing.T) {
	t.Parallel()
	c := newFixture(t).dial()
	c.startTLS()
	c.ok("LOGIN alice@example.org secret")
	c.ok("UNAUTHENTICATE")
	c.run("STARTTLS", "T BAD TLS is active already (RFC 3501 6.2.1)")
}

func TestWithoutUnauthenticateItIsUnknown(t *testing.T) {
	t.Parallel()
	without(t, imap.CapUnauthenticate).run("UNAUTHENTICATE", "T BAD unknown command UNAUTHENTICATE (RFC 3501 6)")
}
