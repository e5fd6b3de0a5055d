package pop3fake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/pop3fake"
)

func contains(lines []string, line string) bool { return slices.Contains(lines, line) }

func TestAServerCanHaveExactlySomeCapabilities(t *testing.T) {
	t.Parallel()
	c := start(t, nil, pop3fake.WithCapabilities(pop3fake.CAPA, pop3fake.User, pop3fake.Top)).connect()
	if caps := c.capabilities(); !slices.Equal(caps, []string{"TOP", "USER"}) {
		t.Errorf("capabilities %q", caps)
	}
	c.run(`
		C: AUTH PLAIN
		S: -ERR unknown command "AUTH"
		C: USER alice
		S: +OK send PASS
		C: PASS wrong
		S: -ERR PASS: wrong name or password
		C: USER alice
		S: +OK send PASS
		C: PASS secret
		S: +OK maildrop locked and ready, 0 messages
		C: UIDL
		S: -ERR unknown command "UIDL"`)
}

func TestCAPACanLeaveOutWhatWorks(t *testing.T) {
	t.Parallel()
	f := start(t, []string{"x\r\n"}, pop3fake.WithUnannounced(pop3fake.UIDL), pop3fake.WithAnnouncedAfterLogin(pop3fake.Top))
	if caps := f.connect().capabilities(); contains(caps, "UIDL") || contains(caps, "TOP") {
		t.Errorf("capabilities before login %q", caps)
	}
	c := f.logIn()
	if caps := c.capabilities(); contains(caps, "UIDL") || !contains(caps, "TOP") {
		t.Errorf("capabilities after login %q", caps)
	}
	c.run("C: UIDL 1\nS: +OK 1 0000000100000001")
}

func TestAContradictionNamesTheCapability(t *testing.T) {
	t.Parallel()
	s := pop3fake.New(mailstore.New(), pop3fake.WithMoreCapabilities(pop3fake.Last), pop3fake.WithoutCapabilities("last"))
	if got, want := fmt.Sprint(s.Err()), "pop3fake: capability LAST is both asked for and turned off"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func TestUsualCapabilitiesGiveWayToWhatOtherOptionsSay(t *testing.T) {
	t.Parallel()
	usual := pop3fake.WithUsualCapabilities("uidl", pop3fake.Top, pop3fake.User, pop3fake.CAPA)
	for want, option := range map[string]pop3fake.Option{
		"TOP USER":      pop3fake.WithoutCapabilities(pop3fake.UIDL),
		"TOP UIDL USER": pop3fake.WithMoreCapabilities(pop3fake.Last),
		"USER":          pop3fake.WithCapabilities(pop3fake.User, pop3fake.CAPA),
	} {
		if got := strings.Join(start(t, nil, usual, option).connect().capabilities(), " "); got != want {
			t.Errorf("capabilities %q, want %q", got, want)
		}
	}
}
