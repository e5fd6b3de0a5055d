package imapfake_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"example.org/mailfakes/imapfake"
)

const expiredBye = "* BYE [EXPIRED] the access token has expired; log in with another"

// byToken returns a client that has logged in by alice's token "ya29.x", and sent commands.
func (f *fixture) byToken(commands ...string) *client {
	f.t.Helper()
	c := f.dial()
	c.ok("AUTHENTICATE XOAUTH2 %s", b64("user=alice@example.org\x01auth=Bearer ya29.x\x01\x01"))
	for _, command := range commands {
		c.ok("%s", command)
	}
	return c
}

// closed wants the server to have closed the connection.
func (c *client) closed() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
		c.t.Errorf("the connection isn't closed: %q, %v", rest, err)
	}
}

func TestASessionEndsAtTheFirstCommandAfterItsTokenExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.alice.AddToken("ya29.x", time.Now().Add(20*time.Minute))
		c := f.byToken("SELECT INBOX")
		password := f.selected()
		time.Sleep(20*time.Minute - time.Nanosecond)
		c.ok("NOOP")
		f.deliver("a: b\r\n\r\n")
		time.Sleep(time.Nanosecond)
		c.send("a NOOP", "b LOGOUT")
		c.wants(expiredBye)
		c.closed()
		password.ok("NOOP")
	})
}

func TestIDLEEndsAtTheMomentTheTokenExpires(t *testing.T) {
	t.Parallel()
	for _, commands := range [][]string{{"SELECT INBOX"}, nil} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t)
			f.alice.AddToken("ya29.x", time.Now().Add(20*time.Minute))
			c := f.byToken(commands...)
			c.send("T IDLE")
			c.wants("+ idling")
			began := time.Now()
			c.wants(expiredBye)
			c.closed()
			if waited := time.Since(began); waited != 20*time.Minute {
				t.Errorf("after %v", waited)
			}
		})
	}
}

func TestATokensTimeCanBeChangedWhileASessionIdles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.alice.AddToken("ya29.x", time.Now().Add(10*time.Minute))
		c := f.byToken("SELECT INBOX")
		c.send("T IDLE")
		c.wants("+ idling")
		f.alice.AddToken("ya29.x", time.Time{})
		time.Sleep(15 * time.Minute)
		f.deliver("a: b\r\n\r\n")
		c.wants("* 1 EXISTS", "* 1 RECENT")
		began := time.Now()
		f.alice.ExpireToken("ya29.x")
		c.wants(expiredBye)
		c.closed()
		if waited := time.Since(began); waited != 0 {
			t.Errorf("after %v", waited)
		}
	})
}

func TestIDLEThatIsDoneBeforeTheTokenExpiresIsAsAlways(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.alice.AddToken("ya29.x", time.Now().Add(20*time.Minute))
		c := f.byToken("SELECT INBOX")
		c.send("T IDLE")
		c.wants("+ idling")
		time.Sleep(19 * time.Minute)
		c.send("DONE")
		c.wants("T OK IDLE completed")
		c.ok("NOOP")
	})
}

func TestAnotherLoginIsNotEndedByTheFormerToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.alice.AddToken("ya29.x", time.Time{})
	c := f.byToken("UNAUTHENTICATE")
	f.alice.ExpireToken("ya29.x")
	c.ok("LOGIN alice@example.org secret")
	c.ok("SELECT INBOX")
}

func TestMechanismsAreOfferedWhereTheyWork(t *testing.T) {
	t.Parallel()
	offered := func(c *client) string {
		t.Helper()
		var names []string
		for _, word := range strings.Fields(c.ok("CAPABILITY")[0]) {
			if name, ok := strings.CutPrefix(word, "AUTH="); ok {
				names = append(names, name)
			}
		}
		return strings.Join(names, " ")
	}
	for _, test := range []struct {
		options      []imapfake.Option
		plain, inTLS string
	}{
		{
			nil,
			"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER",
			"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER",
		},
		{
			[]imapfake.Option{imapfake.WithLoginDisabled()},
			"CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256",
			"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER",
		},
		{
			[]imapfake.Option{
				imapfake.WithCapabilities("STARTTLS", "AUTH=SCRAM-SHA-1-PLUS", "AUTH=EXTERNAL", "AUTH=ANONYMOUS"),
				imapfake.WithAnonymous("alice@example.org"),
			},
			"ANONYMOUS", "SCRAM-SHA-1-PLUS ANONYMOUS",
		},
	} {
		c := newFixture(t, test.options...).dial()
		if got := offered(c); got != test.plain {
			t.Errorf("in plain text: %s\nwant %s", got, test.plain)
		}
		c.startTLS()
		if got := offered(c); got != test.inTLS {
			t.Errorf("in TLS: %s\nwant %s", got, test.inTLS)
		}
	}
}

func TestGoIMAPsClientAuthenticates(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.alice.AddToken("ya29.x", time.Time{})
	f.alice.ExpireToken("old")
	bearer := func(token string) sasl.Client {
		return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: "alice@example.org", Token: token})
	}
	authenticate := func(client sasl.Client) error {
		conn, err := f.listener.DialContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c := imapclient.New(conn, nil)
		defer c.Close()
		return c.Authenticate(client)
	}
	for _, client := range []sasl.Client{
		sasl.NewPlainClient("", "alice@example.org", "secret"),
		sasl.NewLoginClient("alice@example.org", "secret"),
		bearer("ya29.x"),
	} {
		if err := authenticate(client); err != nil {
			t.Errorf("%T: %v", client, err)
		}
	}
	var status *sasl.OAuthBearerError
	if err := authenticate(bearer("old")); !errors.As(err, &status) || status.Status != "invalid_token" {
		t.Errorf("expired: %v", err)
	}
	var refused *imap.Error
	if err := authenticate(sasl.NewPlainClient("", "alice@example.org", "wrong")); !errors.As(err, &refused) ||
		refused.Code != imap.ResponseCodeAuthenticationFailed {
		t.Errorf("wrong password: %v", err)
	}
}
