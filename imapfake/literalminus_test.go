package imapfake_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/mailfakes/imapfake"
)

func TestLiteralMinusTakesShortLiteralsOnly(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithoutCapabilities("LITERAL+")).login()
	if caps := c.ok("CAPABILITY")[0]; !strings.Contains(caps, " LITERAL- ") || strings.Contains(caps, "LITERAL+") {
		t.Error(caps)
	}
	message := func(n int) string { return fmt.Sprintf("{%d+}\r\n%s", n, strings.Repeat("x", n)) }
	c.run("APPEND INBOX "+message(4096), "T OK [APPENDUID 1 1] APPEND completed")
	c.run("APPEND INBOX "+message(4097), "T BAD [TOOBIG] a literal over 4096 octets has to be asked for (RFC 7888 5)")
	c.run("CREATE "+message(4097), "T BAD a literal over 4096 octets…")
	c.run("NOOP", "T OK NOOP completed")
}

func TestLiteralMinusIsNotOfferedBesideLiteralPlus(t *testing.T) {
	t.Parallel()
	c := newFixture(t).login()
	if caps := c.ok("CAPABILITY")[0]; strings.Contains(caps, "LITERAL-") {
		t.Error(caps)
	}
	c.run("APPEND INBOX {5000+}\r\n"+strings.Repeat("x", 5000), "T OK…")
}
