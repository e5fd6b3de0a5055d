package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestTheGreetingIsWhateverItIsSetTo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithGreeting("Gimap ready for requests"), imapfake.WithoutCapabilityCode())
	conn, err := f.listener.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := newClient(t, conn)
	c.wants("* OK Gimap ready for requests")
	c.run("LOGIN alice@example.org secret", "T OK LOGIN completed")
	c.run("NOOP", "T OK NOOP completed")
}

func TestTheGreetingListsWhatTheServerHas(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithCapabilities(imap.CapMove, imap.CapID),
		imapfake.WithAnnouncedAfterLogin(imap.CapMove), imapfake.WithGreeting("[CAPABILITY] Gimap ready"))
	conn, err := f.listener.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	newClient(t, conn).wants("* OK [CAPABILITY IMAP4rev1 ID] Gimap ready")
}

func TestCapabilitiesCanBeHiddenOrShownLate(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithCapabilities(imap.CapIdle, imap.CapMove, imap.CapID),
		imapfake.WithUnannounced(imap.CapID), imapfake.WithAnnouncedAfterLogin("idle", imap.CapMove)).dial()
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1", "T OK CAPABILITY completed")
	c.run("ID NIL", "* ID…", "T OK ID completed")
	c.run("LOGIN alice@example.org secret", "T OK [CAPABILITY IMAP4rev1 IDLE MOVE]…")
}

func TestALongCommandIsRefused(t *testing.T) {
	t.Parallel()
	c := newFixture(t, imapfake.WithMaxCommand(1000)).login()
	const head = "T NOOP"
	c.run("NOOP"+strings.Repeat(" ", 1000-len(head)), "T BAD NOOP: unexpected…")
	c.run("NOOP"+strings.Repeat(" ", 1001-len(head)), "T BAD command over 1000 octets…")
	c.run("NOOP", "T OK NOOP completed")
}

func TestTooManySessionsOfAnAccountAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, imapfake.WithMaxSessions(2))
	if _, err := f.store.AddAccount("bob", "secret"); err != nil {
		t.Fatal(err)
	}
	first, second, third := f.login(), f.login(), f.dial()
	third.run("LOGIN alice@example.org secret", "T NO [LIMIT] too many sessions")
	third.run("LOGIN bob secret", "T OK…")
	first.run("UNAUTHENTICATE", "T OK…")
	f.dial().run("LOGIN alice@example.org secret", "T OK…")
	second.run("LOGOUT", "* BYE…", "T OK…")
	second.conn.Close()
	f.dial().run("LOGIN bob secret", "T OK…")
}

func TestAppearancesThatMakeNoSenseAreErrors(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]imapfake.Option{
		`imapfake: the greeting "a\r\nb" isn't a line of text`:                imapfake.WithGreeting("a\r\nb"),
		"imapfake: commands of at most 0 octets: not between 1 and 65536":     imapfake.WithMaxCommand(0),
		"imapfake: commands of at most 65537 octets: not between 1 and 65536": imapfake.WithMaxCommand(64<<10 + 1),
		"imapfake: at most 0 sessions of an account":                          imapfake.WithMaxSessions(0),
	} {
		if err := imapfake.New(mailstore.New(), option).Err(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
