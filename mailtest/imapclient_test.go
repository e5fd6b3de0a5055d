package mailtest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"example.org/mailfakes/mailtest"
	"example.org/mailfakes/mailtest/mailwire"
)

func TestAnIMAPClientIsLoggedInAndLogsOut(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]mailtest.ClientOption{
		"":         nil,
		"TLS":      {mailtest.OverTLS()},
		"STARTTLS": {mailtest.OverSTARTTLS()},
		"own":      {mailtest.WithClientOptions(&imapclient.Options{}), mailtest.OverTLS()},
	} {
		for _, where := range [][]mailtest.Option{nil, {mailtest.InMemory()}} {
			a := &author{TB: t}
			var srv *mailtest.Server
			a.run(func() {
				srv = mailtest.New(a, append(where, mailtest.FailOnOpenSessions())...)
				alice := srv.AddAccount("alice@example.org", "secret")
				if err := alice.IMAPClient(options...).Noop().Wait(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if s := alice.Sessions(); len(s) != 1 || (s[0].TLS != "") != (options != nil) {
					t.Errorf("%s: sessions %+v", name, s)
				}
			})
			if a.failed {
				t.Errorf("%s: failed with %s %q", name, a.fatal, a.errors)
			}
			if end := srv.Sessions()[0].End; end != mailwire.EndedByClient {
				t.Errorf("%s: ended %s", name, end)
			}
		}
	}
}

func TestAnIMAPClientThatCannotLogInFailsTheTest(t *testing.T) {
	t.Parallel()
	a := &author{TB: t}
	a.run(func() {
		srv := mailtest.New(a, mailtest.InMemory())
		alice := srv.AddAccount("alice@example.org", "secret")
		alice.RefuseLogins("UNAVAILABLE")
		alice.IMAPClient()
	})
	if !strings.Contains(a.fatal, "mailtest: log in as alice@example.org: ") {
		t.Errorf("failed with %q", a.fatal)
	}
}

func TestAnIMAPClientMayIdleWhenTheTestEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mailtest.New(t, mailtest.InMemory())
		alice := srv.AddAccount("alice@example.org", "secret")
		c := alice.IMAPClient()
		if _, err := c.Idle(); err != nil {
			t.Fatal(err)
		}
		alice.Wait(alice.UntilIdle())
		began := time.Now()
		t.Cleanup(func() {
			if took := time.Since(began); took > 0 {
				t.Errorf("took %v to end", took)
			}
		})
	})
}
