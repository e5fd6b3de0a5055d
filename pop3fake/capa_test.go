package pop3fake_test

import (
	"slices"
	"strings"
	"testing"

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

func TestACapabilityThatIsTurnedOffIsUnknown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		capability pop3fake.Capability
		script     string
	}{
		{pop3fake.Top, "C: TOP 1 0\nS: -ERR unknown command \"TOP\""},
		{pop3fake.UIDL, "C: UIDL\nS: -ERR unknown command \"UIDL\""},
		{pop3fake.User, "C: USER alice\nS: -ERR unknown command \"USER\"\nC: PASS x\nS: -ERR unknown command \"PASS\""},
		{pop3fake.SASL, "C: AUTH\nS: -ERR unknown command \"AUTH\""},
		{pop3fake.STLS, "C: STLS\nS: -ERR unknown command \"STLS\""},
		{pop3fake.RespCodes, ""},
		{pop3fake.AuthRespCode, ""},
		{pop3fake.Pipelining, ""},
		{pop3fake.Implementation, ""},
		{"uidl", "C: UIDL\nS: -ERR unknown command \"UIDL\""},
	} {
		t.Run(string(test.capability), func(t *testing.T) {
			t.Parallel()
			c := start(t, nil, pop3fake.WithoutCapabilities(test.capability)).connect()
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
