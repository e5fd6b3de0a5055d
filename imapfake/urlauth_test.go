package imapfake_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

// rump is the URL of the message with UID 1 in alice's INBOX, without who may use it.
const rump = "imap://alice%40example.org@mail.example.org/INBOX/;UID=1"

func newURLFixture(t *testing.T, options ...imapfake.Option) *fixture {
	t.Helper()
	f := newFixture(t, append([]imapfake.Option{imapfake.WithMoreCapabilities(imap.CapURLAuth, "URLAUTH=BINARY")}, options...)...)
	f.deliver("a: b\r\n\r\nhi\r\n")
	return f
}

// genurlauth returns a URL that the client has had authorized.
func (c *client) genurlauth(url string) string {
	c.t.Helper()
	lines := c.ok("GENURLAUTH %q INTERNAL", url)
	got := strings.TrimSuffix(strings.TrimPrefix(lines[0], `* GENURLAUTH "`), `"`)
	if len(lines) != 1 || !strings.HasPrefix(got, url+":internal:") || len(got) != len(url)+len(":internal:")+64 {
		c.t.Fatalf("GENURLAUTH answered %q", lines)
	}
	return got
}

// urlfetch wants these octets, on one line, of a URL; empty: NIL.
func (c *client) urlfetch(url, want string) {
	c.t.Helper()
	if want == "" {
		c.run(`URLFETCH "`+url+`"`, `* URLFETCH "`+url+`" NIL`, "T OK URLFETCH completed")
		return
	}
	c.run(`URLFETCH "`+url+`"`, `* URLFETCH "`+url+`" {4}`, want, "", "T OK URLFETCH completed")
}

func (f *fixture) loginAs(name string) *client {
	f.t.Helper()
	if _, err := f.store.AddAccount(name, "secret"); err != nil {
		f.t.Fatal(err)
	}
	c := f.dial()
	c.ok("LOGIN %s secret", name)
	return c
}

func TestAuthorizedURLIsFetchedByAnotherUser(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	bob := f.loginAs("bob@example.org")
	url := f.login().genurlauth(rump + "/;SECTION=TEXT;URLAUTH=authuser")
	bob.urlfetch(url, "hi")
	if f.inbox.Messages().At(1).HasFlag(imap.FlagSeen) {
		t.Error("URLFETCH has set \\Seen")
	}
	bob.run(`URLFETCH "`+url+`" "`+rump+`"`, `* URLFETCH "`+url+`" {4}`, "hi", "", `* URLFETCH "`+rump+`" NIL`, "T OK URLFETCH completed")
}

func TestSameInputMakesTheSameURL(t *testing.T) {
	t.Parallel()
	var urls []string
	for range 2 {
		urls = append(urls, newURLFixture(t).login().genurlauth(rump+";URLAUTH=anonymous"))
	}
	if urls[0] != urls[1] {
		t.Errorf("two servers with the same mail made %q", urls)
	}
}

func TestURLIsForThoseThatItNames(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t, imapfake.WithAnonymous("guest"), imapfake.WithSubmissionServers("submit"))
	alice, bob, submit := f.login(), f.loginAs("bob"), f.loginAs("submit")
	if _, err := f.store.AddAccount("guest", "secret"); err != nil {
		t.Fatal(err)
	}
	guest, guestByName := f.dial(), f.dial()
	guest.ok("AUTHENTICATE ANONYMOUS eA==")
	guestByName.ok("LOGIN guest secret")
	for access, may := range map[string][]*client{
		"anonymous":  {alice, bob, submit, guest, guestByName},
		"authuser":   {alice, bob, submit, guestByName},
		"user+bob":   {bob},
		"USER+b%6fb": {bob},
		"user+guest": {guestByName},
		"submit+bob": {submit},
	} {
		url := alice.genurlauth(rump + "/;SECTION=TEXT;URLAUTH=" + access)
		for _, c := range []*client{alice, bob, submit, guest, guestByName} {
			want := ""
			for _, m := range may {
				if m == c {
					want = "hi"
				}
			}
			c.urlfetch(url, want)
		}
	}
}

func TestURLThatWasChangedIsInvalid(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	f.deliver("a: c\r\n\r\n")
	c := f.login()
	url := c.genurlauth(rump + "/;SECTION=TEXT;URLAUTH=anonymous")
	for _, changed := range []string{
		strings.Replace(url, "UID=1", "UID=2", 1),
		strings.Replace(url, "mail.", "imap.", 1),
		strings.Replace(url, ":internal:", ":xsample:", 1),
		strings.Replace(url, "anonymous", "authuser", 1),
		strings.Replace(url, "alice%40", "bob%40", 1),
		url[:len(url)-1], url + "0", "imap://localhost/", "", "imap:",
	} {
		c.urlfetch(changed, "")
	}
	c.urlfetch(strings.Replace(url, ":internal:", ":INTERNAL:", 1), "hi")
}

func TestURLOfWhatIsGoneIsInvalid(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	c := f.login()
	c.urlfetch(c.genurlauth(strings.Replace(rump, "UID=1", "UID=7", 1)+";URLAUTH=anonymous"), "")
	c.urlfetch(c.genurlauth(rump+"/;SECTION=2;URLAUTH=anonymous"), "")
	c.urlfetch(c.genurlauth(strings.Replace(rump, "INBOX", "INBOX;UIDVALIDITY=9", 1)+";URLAUTH=anonymous"), "")
	url := c.genurlauth(rump + "/;SECTION=TEXT;URLAUTH=anonymous")
	c.urlfetch(url, "hi")
	f.inbox.Expunge([]imap.UID{1})
	c.urlfetch(url, "")
}

func TestURLMayNameAPartOfASection(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	c := f.login()
	c.urlfetch(c.genurlauth(rump+"/;PARTIAL=8.4;URLAUTH=anonymous"), "hi")
	f = newURLFixture(t, imapfake.WithoutCapabilities(imap.CapURLPartial))
	f.login().run(`GENURLAUTH "`+rump+`/;PARTIAL=8.4;URLAUTH=anonymous" INTERNAL`, "T BAD GENURLAUTH: the URL has no number after UID= (RFC 4467 7)")
}

func TestURLExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newURLFixture(t)
		c := f.login()
		expires := time.Now().Add(20 * time.Minute).UTC().Format(time.RFC3339)
		url := c.genurlauth(rump + "/;SECTION=TEXT;EXPIRE=" + expires + ";URLAUTH=anonymous")
		c.urlfetch(url, "hi")
		time.Sleep(19 * time.Minute)
		c.urlfetch(url, "hi")
		c.urlfetch(strings.Replace(url, expires, time.Now().Add(2*time.Hour).UTC().Format(time.RFC3339), 1), "")
		time.Sleep(time.Minute)
		c.urlfetch(url, "")
		c.conn.Close()
		f.server.Close()
	})
}

func TestResetKeyVoidsURLs(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	c := f.login()
	c.ok("CREATE other")
	url := c.genurlauth(rump + "/;SECTION=TEXT;URLAUTH=anonymous")
	c.run("RESETKEY other", "T OK [URLMECH INTERNAL] RESETKEY completed")
	c.urlfetch(url, "hi")
	c.run("RESETKEY INBOX INTERNAL", "T OK [URLMECH INTERNAL] RESETKEY completed")
	c.urlfetch(url, "")
	again := c.genurlauth(rump + "/;SECTION=TEXT;URLAUTH=anonymous")
	if again == url {
		t.Error("a new key makes the same URL")
	}
	c.urlfetch(again, "hi")
	c.run("RESETKEY", "T OK RESETKEY completed")
	c.urlfetch(again, "")
	c.run("RESETKEY nowhere", `T NO [NONEXISTENT] open mailbox "nowhere": no such mailbox`)
	c.run("RESETKEY INBOX XSAMPLE", "T NO [CANNOT] INTERNAL is the only mechanism")
	c.run("RESETKEY (", `T BAD RESETKEY: expected an atom or a string, found "(" (RFC 4467 9)`)
}

func TestSessionsAreToldOfTheirMailboxsKey(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	c, other := f.login(), f.login()
	if lines := strings.Join(c.ok("SELECT INBOX"), "\n"); !strings.Contains(lines, "* OK [URLMECH INTERNAL] ") {
		t.Errorf("SELECT says nothing of URLMECH:\n%s", lines)
	}
	other.ok("EXAMINE INBOX")
	c.run("RESETKEY INBOX", "T OK [URLMECH INTERNAL] RESETKEY completed")
	other.run("NOOP", "* OK [URLMECH INTERNAL] authorization of URLs", "T OK NOOP completed")
	other.run("NOOP", "T OK NOOP completed")
}

func TestGenURLAuthRefusesURLs(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	c := f.login()
	if _, err := f.store.AddAccount("bob", "secret"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ url, want string }{
		{rump, "the URL has no URLAUTH…"},
		{rump + ";URLAUTH=everyone", `"everyone" is no access identifier…`},
		{rump + ";URLAUTH=user+", `"user+" is no access identifier…`},
		{rump + ";URLAUTH=submit", `"submit" is no access identifier…`},
		{rump + ";URLAUTH=user+nobody", `find account "nobody": no such account…`},
		{rump + ";URLAUTH=anonymous:internal", "the URL has no mechanism and token…"},
		{rump + ";URLAUTH=anonymous:internal:" + strings.Repeat("g", 32), "the URL has no mechanism and token…"},
		{rump + ";URLAUTH=anonymous:internal:" + strings.Repeat("0", 32), "the URL is authorized already (RFC 4467 7)"},
		{rump + ";EXPIRE=tomorrow;URLAUTH=anonymous", "the URL has no date and time…"},
		{rump + ";EXPIRE=2001-02-03T04:05:06Z;URLAUTH=anonymous", "the URL has expired (RFC 4467 7)"},
		{"/INBOX/;UID=1;URLAUTH=anonymous", "the URL doesn't begin with imap:// (RFC 4467 7)"},
		{"imap://example.org/INBOX/;UID=1;URLAUTH=anonymous", "the URL has no user and host…"},
		{"imap://;AUTH=*@example.org/INBOX/;UID=1;URLAUTH=anonymous", "the URL has no user before its host…"},
		{"imap://alice@/INBOX/;UID=1;URLAUTH=anonymous", "the URL has no user and host…"},
		{"imap://bob@example.org/INBOX/;UID=1;URLAUTH=anonymous", "the URL is not of this user…"},
		{"imap://alice@example.org;URLAUTH=anonymous", "the URL names no message by its UID (RFC 4467 7)"},
		{"imap://alice@example.org/;URLAUTH=anonymous", "the URL names no message by its UID (RFC 4467 7)"},
		{"imap://alice@example.org/INBOX;URLAUTH=anonymous", "the URL names no message by its UID (RFC 4467 7)"},
		{"imap://alice@example.org/INBOX?ALL;URLAUTH=anonymous", "the URL names no message by its UID (RFC 4467 7)"},
		{"imap://alice@example.org/;UID=1;URLAUTH=anonymous", "only a URL relative…"},
		{"imap://alice@example.org/INBOX/;UID=0;URLAUTH=anonymous", "the URL has no number after UID= (RFC 4467 7)"},
		{"imap://alice@example.org/nowhere/;UID=1;URLAUTH=anonymous", `open mailbox "nowhere": no such mailbox…`},
	} {
		c.run(`GENURLAUTH "`+tt.url+`" INTERNAL`, "T BAD GENURLAUTH: "+tt.want)
	}
	c.run(`GENURLAUTH "`+rump+`;URLAUTH=anonymous" XSAMPLE`, "T BAD GENURLAUTH: INTERNAL is the only mechanism (RFC 4467 7)")
	c.run(`GENURLAUTH "`+rump+`"`, "T BAD GENURLAUTH: expected a space and an argument…")
	c.run(`GENURLAUTH x INTERNAL y`, "T BAD GENURLAUTH: expected a space and an argument…")
	c.run("URLFETCH", "T BAD URLFETCH: expected a space and an argument…")
	c.ok(`GENURLAUTH "imap://alice;AUTH=*@[::1]:143/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL "%s;URLAUTH=authuser" internal`, rump)
}

func TestURLAuthIsThereOnRequestOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.login()
	for _, command := range []string{"GENURLAUTH", "URLFETCH", "RESETKEY"} {
		c.run(command+" x", "T BAD unknown command "+command+" (RFC 3501 6)")
	}
	f = newFixture(t, imapfake.WithMoreCapabilities(imap.CapURLAuth))
	f.login().run(`URLFETCH ("x" BINARY)`, `T BAD URLFETCH: expected an atom or a string, found "(\"x\" BINARY)" (RFC 4467 9)`)
}

const pictures = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
	"--x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n\r\n" +
	"--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAP8=\r\n" +
	"--x\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: x-blurdybloop\r\n\r\nabc\r\n--x--\r\n"

func TestExtendedURLFetchRemovesTheTransferEncoding(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	f.deliver(pictures)
	c := f.login()
	section := func(s string) string {
		return c.genurlauth("imap://alice@example.org/INBOX/;UID=2" + s + ";URLAUTH=anonymous")
	}
	text, image, odd := section("/;SECTION=1"), section("/;SECTION=2"), section("/;SECTION=3")
	c.run(`URLFETCH ("`+text+`" BODYPARTSTRUCTURE BINARY)`,
		`* URLFETCH "`+text+`" (BODYPARTSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "8BIT" 9 1 NIL NIL NIL NIL)) (BINARY {9}`,
		"Grüße", ")", "T OK URLFETCH completed")
	c.run(`URLFETCH ("`+text+`" BODY bodypartstructure) ("`+image+`" BINARY)`,
		`* URLFETCH "`+text+`" (BODY {17}`, "Gr=C3=BC=C3=9Fe", `) (BODYPARTSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "quoted-printable" 17 1 NIL NIL NIL NIL))`,
		`* URLFETCH "`+image+"\" (BINARY ~{2}", "\x00\xff)", "T OK URLFETCH completed")
	c.run(`URLFETCH ("`+image+`" BODYPARTSTRUCTURE BINARY)`,
		`* URLFETCH "`+image+`" (BODYPARTSTRUCTURE ("image" "png" NIL NIL NIL "BINARY" 2 NIL NIL NIL NIL)) (BINARY ~{2}`,
		"\x00\xff)", "T OK URLFETCH completed")
	c.run(`URLFETCH ("`+odd+`" BINARY BODYPARTSTRUCTURE)`,
		`* URLFETCH "`+odd+`" (BINARY NIL) (BODYPARTSTRUCTURE ("image" "x" NIL NIL NIL "x-blurdybloop" 3 NIL NIL NIL NIL))`, "T OK URLFETCH completed")
	c.run(`URLFETCH ("`+odd+`")`, `* URLFETCH "`+odd+`" {3}`, "abc", "T OK URLFETCH completed")
	mime := section("/;SECTION=2.MIME")
	c.run(`URLFETCH ("`+mime+`" BINARY)`, `* URLFETCH "`+mime+`" (BINARY {62}`, "Content-Type: image/png", "Content-Transfer-Encoding: base64", "", ")", "T OK URLFETCH completed")
	c.run(`URLFETCH ("x" BINARY) y`, `* URLFETCH "x" NIL`, `* URLFETCH "y" NIL`, "T OK URLFETCH completed")
}

func TestExtendedURLFetchRefusesParameters(t *testing.T) {
	t.Parallel()
	c := newURLFixture(t).login()
	for _, tt := range []struct{ params, want string }{
		{"SIZE", `unknown parameter "SIZE" (RFC 5524 3.1)`},
		{"BODY BODY", "parameter BODY given twice (RFC 5524 3.1)"},
		{"BINARY BODYPARTSTRUCTURE BODY", "BODY and BINARY exclude each other (RFC 5524 3.1)"},
		{"BODY ", `expected an atom, found ")" (RFC 4467 9)`},
	} {
		c.run("URLFETCH (x "+tt.params+")", "T BAD URLFETCH: "+tt.want)
	}
	c.run("URLFETCH (x", `T BAD URLFETCH: expected ")", found end of the line (RFC 4467 9)`)
}

func TestAccessKeyIsTheMailboxs(t *testing.T) {
	t.Parallel()
	f := newURLFixture(t)
	c := f.login()
	c.ok("CREATE a")
	box, err := f.alice.Mailbox("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := box.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte("a: b\r\n\r\nhi\r\n"))}); err != nil {
		t.Fatal(err)
	}
	url := c.genurlauth("imap://alice@example.org/a/;UID=1/;SECTION=TEXT;URLAUTH=anonymous")
	c.urlfetch(url, "hi")
	box.Renumber()
	c.urlfetch(url, "")
}
