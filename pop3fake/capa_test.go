package pop3fake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mailfakes/pop3fake"
)

// capabilities returns the answer to CAPA.
func (c *client) capabilities() []string {
	c.t.Helper()
	c.run(`
		C: CAPA
		S: +OK capability list follows`)
	return c.lines()
}

func TestCAPADiffersBeforeAndAfterLoginBySTLSAlone(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	before := f.connect().capabilities()
	want := []string{
		"TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER", "STLS", "USER", "SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER", "UTF8 USER", "LANG", "IMPLEMENTATION mailfakes",
	}
	if !slices.Equal(before, want) {
		t.Errorf("before login:\n got %q\nwant %q", before, want)
	}
	after := f.logIn().capabilities()
	want = slices.DeleteFunc(want, func(c string) bool { return c == "STLS" })
	if !slices.Equal(after, want) {
		t.Errorf("after login:\n got %q\nwant %q", after, want)
	}
}

func TestCAPAOverTLSListsNoSTLSAndIsTheSameAfterLogin(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	plain := f.connect().capabilities()
	c := f.connect()
	c.run("C: STLS\nS: +OK begin TLS negotiation")
	c.startTLS()
	before := c.capabilities()
	c.run("C: USER alice\nS: +OK send PASS\nC: PASS secret\nS: +OK maildrop locked and ready, 0 messages")
	after := c.capabilities()
	if !slices.Equal(before, after) { // RFC 2449 §5
		t.Errorf("before login:\n%q\nafter login:\n%q", before, after)
	}
	for _, line := range plain {
		want := line != "STLS"
		line = strings.Replace(line, "SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS", 1)
		if contains(before, line) != want {
			t.Errorf("%q over TLS: %t, want %t, in %q", line, !want, want, before)
		}
	}
}

// unknown is an attempt at a command that a server doesn't know.
func unknown(command string) string {
	name, _, _ := strings.Cut(command, " ")
	return fmt.Sprintf("C: %s\nS: -ERR unknown command %q\n", command, name)
}

func TestACapabilityThatIsTurnedOffIsUnknown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		capability pop3fake.Capability
		script     string
	}{
		{pop3fake.Top, unknown("TOP 1 0")},
		{pop3fake.UIDL, unknown("UIDL")},
		{pop3fake.User, unknown("USER alice") + unknown("PASS x")},
		{pop3fake.SASL, unknown("AUTH") + unknown("AUTH PLAIN")},
		{pop3fake.STLS, unknown("STLS")},
		{pop3fake.UTF8, unknown("UTF8")},
		{pop3fake.Lang, unknown("LANG")},
		{pop3fake.APOP, unknown("APOP alice x")},
		{pop3fake.Expire, ""},
		{pop3fake.LoginDelay, ""},
		{pop3fake.RespCodes, ""},
		{pop3fake.AuthRespCode, ""},
		{pop3fake.Pipelining, ""},
		{pop3fake.Implementation, ""},
		{"uidl", unknown("UIDL")},
	} {
		t.Run(string(test.capability), func(t *testing.T) {
			t.Parallel()
			c := start(t, nil, pop3fake.WithoutCapabilities(test.capability), pop3fake.WithLoginDelay(time.Hour)).connect()
			c.run(test.script)
			for _, line := range c.capabilities() {
				if name, _, _ := strings.Cut(line, " "); strings.EqualFold(name, string(test.capability)) {
					t.Errorf("CAPA announces %q", line)
				}
			}
		})
	}
}

func TestWithoutResponseCodesThereIsNoAuthResponseCode(t *testing.T) {
	t.Parallel()
	caps := start(t, nil, pop3fake.WithoutCapabilities(pop3fake.RespCodes)).connect().capabilities()
	if slices.Contains(caps, "AUTH-RESP-CODE") {
		t.Errorf("capabilities %q", caps)
	}
}

func TestAServerCanBeOlderThanCAPA(t *testing.T) {
	t.Parallel()
	start(t, nil, pop3fake.WithoutCapabilities(pop3fake.Capabilities()...)).dial().run(`
		S: +OK POP3 server ready
		C: CAPA
		S: -ERR unknown command "CAPA"`)
}
