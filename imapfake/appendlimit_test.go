package imapfake_test

import (
	"math"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
)

// announcedAppendLimit returns the APPENDLIMIT that CAPABILITY lists, "" if it doesn't.
func (c *client) announcedAppendLimit() string {
	c.t.Helper()
	for capability := range strings.FieldsSeq(c.ok("CAPABILITY")[0]) {
		if strings.HasPrefix(capability, "APPENDLIMIT") {
			return capability
		}
	}
	return ""
}

func TestTheLimitOfAllMailboxesIsInTheCapabilities(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]string{
		5: "5", 0: "0", -1: "0", math.MaxUint32: "4294967295", math.MaxInt64: "4294967295",
	} {
		f := newFixture(t, imapfake.WithAppendLimit(limit))
		c := f.dial()
		if got := c.announcedAppendLimit(); got != "" {
			t.Errorf("before it is known whose mailboxes: %s", got)
		}
		c.ok("LOGIN alice@example.org secret")
		if got := c.announcedAppendLimit(); got != "APPENDLIMIT="+want {
			t.Errorf("with %d: %s", limit, got)
		}
		c.run("STATUS INBOX (APPENDLIMIT)", "* STATUS INBOX (APPENDLIMIT "+want+")", "T OK STATUS completed")
	}
}

func TestAMailboxMayHaveAnAppendLimitOfItsOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithAppendLimit(5))
	c := f.login()
	c.ok("CREATE large")
	c.ok("CREATE closed")
	f.mustMailbox("large").SetAppendLimit(6)
	f.mustMailbox("closed").SetAppendLimit(0)
	if got := c.announcedAppendLimit(); got != "APPENDLIMIT" {
		t.Errorf("announced as %s", got)
	}
	c.run("STATUS large (APPENDLIMIT)", "* STATUS large (APPENDLIMIT 6)", "T OK STATUS completed")
	c.run("STATUS closed (APPENDLIMIT)", "* STATUS closed (APPENDLIMIT 0)", "T OK STATUS completed")
	c.run("STATUS INBOX (APPENDLIMIT)", "* STATUS INBOX (APPENDLIMIT 5)", "T OK STATUS completed")

	c.run("APPEND INBOX {5+}\r\na: bc", "T OK [APPENDUID 1 1] APPEND completed")
	c.run("APPEND INBOX {6}", "T NO [TOOBIG] a message has at most 5 octets here")
	c.run("APPEND large {6+}\r\na: bcd", "T OK [APPENDUID 2 1] APPEND completed")
	c.run("APPEND large {7+}\r\na: bcde", "T NO [TOOBIG] a message has at most 6 octets here")
	c.run("APPEND closed {1+}\r\na", "T NO [TOOBIG] a message has at most 0 octets here")
	// RFC 7889 §4 limits APPEND alone.
	c.ok("SELECT INBOX")
	c.run("COPY 1 closed", "T OK [COPYUID 3 1 1] COPY completed")

	f.mustMailbox("large").RemoveAppendLimit()
	f.mustMailbox("closed").RemoveAppendLimit()
	if got := c.announcedAppendLimit(); got != "APPENDLIMIT=5" {
		t.Errorf("announced as %s", got)
	}
}

func TestAnAppendLimitThatIsNotAnnouncedHoldsAllTheSame(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithAppendLimit(5), imapfake.WithoutCapabilities(imap.CapAppendLimit))
	c := f.login()
	if got := c.announcedAppendLimit(); got != "" {
		t.Errorf("announced as %s", got)
	}
	c.run("APPEND INBOX {6}", "T NO [TOOBIG] a message has at most 5 octets here")
}

func TestWithoutAppendLimitItIsUnknown(t *testing.T) {
	t.Parallel()
	without(t, imap.CapAppendLimit).run("STATUS INBOX (APPENDLIMIT)", "T BAD STATUS: unknown STATUS item…")
}
