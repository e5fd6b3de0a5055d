package imapfake_test

import (
	"math"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestQuotaTellsWhatIsLimited(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	c.run(`GETQUOTA ""`, `* QUOTA "" ()`, "T OK GETQUOTA completed")
	f.alice.SetQuota(mailstore.Quota{Octets: 3 << 10, Messages: 5, Mailboxes: -1})
	c.run(`GETQUOTA ""`, `* QUOTA "" (STORAGE 0 3 MESSAGE 0 5 MAILBOX 1 0)`, "T OK GETQUOTA completed")
	f.deliver("a: b\r\n\r\n")
	f.alice.SetQuota(mailstore.Quota{Octets: 1025})
	c.run("GETQUOTA {0+}\r\n", `* QUOTA "" (STORAGE 1 2)`, "T OK GETQUOTA completed")
	c.run(`GETQUOTAROOT INBOX`, `* QUOTAROOT INBOX ""`, `* QUOTA "" (STORAGE 1 2)`, "T OK GETQUOTAROOT completed")
	c.run(`GETQUOTAROOT "no such &AOQ-"`, `* QUOTAROOT "no such &AOQ-" ""`, `* QUOTA "" (STORAGE 1 2)`, "T OK GETQUOTAROOT completed")
	c.run("GETQUOTA alice", `T NO [NONEXISTENT] there is no such quota root; your own is ""`)
	c.run("GETQUOTA", "T BAD GETQUOTA: expected a space…")
	c.run("GETQUOTA ()", "T BAD GETQUOTA: expected an atom or a string…")
	c.run("GETQUOTAROOT a b", `T BAD GETQUOTAROOT: unexpected " b" after the arguments (RFC 9208 7)`)
}

func TestSetQuotaReplacesAllLimits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	set := func(limits, shown string, want mailstore.Quota) {
		t.Helper()
		c.run(`SETQUOTA "" (`+limits+")", `* QUOTA "" (`+shown+")", "T OK SETQUOTA completed")
		if got := f.alice.Quota(); got != want {
			t.Errorf("quota is %+v, want %+v", got, want)
		}
	}
	set("MESSAGE 10 storage 512", "STORAGE 0 512 MESSAGE 0 10", mailstore.Quota{Octets: 512 << 10, Messages: 10})
	set("MAILBOX 3", "MAILBOX 1 3", mailstore.Quota{Mailboxes: 3})
	set("STORAGE 0 MESSAGE 0 MAILBOX 0", "STORAGE 0 0 MESSAGE 0 0 MAILBOX 1 0", mailstore.Quota{Octets: -1, Messages: -1, Mailboxes: -1})
	set("STORAGE 9223372036854775807", "STORAGE 0 9007199254740991", mailstore.Quota{Octets: math.MaxInt64 >> 10 << 10})
	set("", "", mailstore.Quota{})

	f.alice.SetQuota(mailstore.Quota{Messages: 1})
	c.run(`SETQUOTA "" (STORAGE 1 FROB 2)`, "T NO [CANNOT] a resource is given that has no limit here")
	c.run(`SETQUOTA alice (STORAGE 1)`, `T NO [NONEXISTENT] there is no such quota root; your own is ""`)
	c.run(`SETQUOTA "" (STORAGE 1 storage 2)`, `T BAD SETQUOTA: resource "STORAGE" given twice (RFC 9208 7)`)
	c.run(`SETQUOTA "" (STORAGE 9223372036854775808)`, "T BAD SETQUOTA: number 9223372036854775808 is above 9223372036854775807 (RFC 9208 7)")
	c.run(`SETQUOTA "" (STORAGE -1)`, `T BAD SETQUOTA: expected a number, found "-1)" (RFC 9208 7)`)
	c.run(`SETQUOTA "" STORAGE 1`, `T BAD SETQUOTA: expected "(", found "STORAGE 1" (RFC 9208 7)`)
	c.run(`SETQUOTA "" (STORAGE)`, "T BAD SETQUOTA: expected a space…")
	if got := f.alice.Quota(); got != (mailstore.Quota{Messages: 1}) {
		t.Errorf("quota is %+v after nothing was set", got)
	}
}

func TestQuotaIsEnforced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	c.ok("CREATE other")
	c.ok(`SETQUOTA "" (STORAGE 1 MESSAGE 2 MAILBOX 2)`)
	c.run("APPEND INBOX {4+}\r\na: b", "T OK [APPENDUID 1 1] APPEND completed")
	c.run("CREATE third", "T NO [OVERQUOTA]…")
	c.ok("SELECT INBOX")
	c.run("COPY 1 other", "T OK [COPYUID 2 1 1] COPY completed")
	c.run("COPY 1 other", "T NO [OVERQUOTA]…")
	c.run("APPEND INBOX {4+}\r\na: b", "T NO [OVERQUOTA]…")
	c.run("MOVE 1 other", "* OK [COPYUID 2 1 2] moved", "* 1 EXPUNGE", "* 0 RECENT", "T OK MOVE completed")
	c.run(`SETQUOTA "" (STORAGE 0)`, `* QUOTA "" (STORAGE 1 0)`, "T OK SETQUOTA completed")
	c.run("APPEND INBOX {4+}\r\na: b", "T NO [OVERQUOTA]…")
	c.ok("CREATE third")
}

func TestStatusTellsWhatExpungeWouldFree(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deliver("a: 1\r\n\r\n", "a: 22\r\n\r\n", "a: 333\r\n\r\n")
	f.set(imap.StoreFlagsAdd, imap.FlagDeleted, 1, 3)
	c := f.login()
	c.run("STATUS INBOX (DELETED DELETED-STORAGE)", "* STATUS INBOX (DELETED 2 DELETED-STORAGE 18)", "T OK STATUS completed")
}

func TestAResourceThatIsTurnedOffIsNotTold(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithoutCapabilities("QUOTA=RES-STORAGE", "QUOTA=RES-MAILBOX"))
	f.alice.SetQuota(mailstore.Quota{Octets: 1, Messages: 1, Mailboxes: 1})
	c := f.login()
	c.run(`GETQUOTA ""`, `* QUOTA "" (MESSAGE 0 1)`, "T OK GETQUOTA completed")
	c.run(`SETQUOTA "" (STORAGE 1)`, "T NO [CANNOT] a resource is given that has no limit here")
	c.run("CREATE other", "T NO [OVERQUOTA]…")
	c.run("STATUS INBOX (DELETED)", "* STATUS INBOX (DELETED 0)", "T OK STATUS completed")
	c.run("STATUS INBOX (DELETED-STORAGE)", "T BAD STATUS: unknown STATUS item…")
}

func FuzzSetQuota(f *testing.F) {
	for _, seed := range []string{`"" (STORAGE 1 MESSAGE 0)`, `"" ()`, `x (MAILBOX 9223372036854775807)`, `"" (STORAGE 99999999999999999999)`, "{0} (A 1)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arguments string) {
		x := newFixture(t)
		c := x.login()
		c.fuzz("SETQUOTA " + arguments)
		c.ok(`GETQUOTA ""`)
	})
}

func TestWithoutQuotaItIsUnknown(t *testing.T) {
	t.Parallel()
	c := without(t, "QUOTASET")
	c.run(`SETQUOTA "" ()`, "T BAD unknown command SETQUOTA (RFC 3501 6)")
	c.run(`GETQUOTA ""`, `* QUOTA "" ()`, "T OK GETQUOTA completed")
	c = without(t, "QUOTA=RES-MESSAGE")
	c.run("STATUS INBOX (DELETED)", "T BAD STATUS: unknown STATUS item…")
	c = without(t, "QUOTA")
	for _, command := range []string{`GETQUOTA ""`, "GETQUOTAROOT INBOX", `SETQUOTA "" ()`} {
		name, _, _ := strings.Cut(command, " ")
		c.run(command, "T BAD unknown command "+name+" (RFC 3501 6)")
	}
	// What needs it goes with it.
	c.run("STATUS INBOX (DELETED)", "T BAD STATUS: unknown STATUS item…")
	c.run("STATUS INBOX (DELETED-STORAGE)", "T BAD STATUS: unknown STATUS item…")
	if listed := c.ok("CAPABILITY")[0]; strings.Contains(listed, "QUOTA") {
		t.Error(listed)
	}
}
