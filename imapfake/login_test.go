package imapfake_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailwire"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestLoginTakesNameAndPasswordInEveryForm(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	if _, err := f.store.AddAccount("bob", "p\u00e4ss \"word\\"); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range []string{
		"alice@example.org secret",
		`"alice@example.org" "secret"`,
		"{17+}\r\nalice@example.org {6+}\r\nsecret",
		"ALICE@example.ORG secret",
		"alice secret",
		"bob {12+}\r\np\u00e4ss \"word\\",
	} {
		f.dial().run("LOGIN "+arguments, "T OK [CAPABILITY…")
	}
}

func TestLoginFails(t *testing.T) {
	t.Parallel()
	c := newBaseFixture(t).dial()
	for _, test := range []struct{ arguments, want string }{
		{"alice@example.org SECRET", "T NO [AUTHENTICATIONFAILED] authenticate \"alice@example.org\": wrong name or password"},
		{`alice@example.org ""`, "T NO [AUTHENTICATIONFAILED]…"},
		{`"" ""`, "T NO [AUTHENTICATIONFAILED]…"},
		{"bob secret", "T NO [AUTHENTICATIONFAILED] authenticate \"bob\": wrong name or password"},
		{"alice@example.org", "T BAD LOGIN: expected a space and an argument, found end of the line (RFC 3501 9)"},
		{"alice@example.org secret now", "T BAD LOGIN: unexpected…"},
		{"alice@example.org se(ret", "T BAD LOGIN: unexpected something else after the arguments…"},
		{" alice@example.org secret", "T BAD LOGIN: expected an atom or a string, found something else…"},
		{"alice@example.org {3+}\r\na\x00b", "T BAD LOGIN: NUL octet in a literal (RFC 3501 4.3)"},
	} {
		c.run("LOGIN "+test.arguments, test.want)
	}
	c.run("LOGIN alice@example.org secret", "T OK…")
	c.run("LOGIN alice@example.org secret", "T BAD LOGIN is not allowed in the authenticated state (RFC 3501 6)")
}

func TestAuthenticateAsksForWhatIsMissing(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t)
	const done = "T OK [CAPABILITY…"
	for _, steps := range [][]string{
		{"AUTHENTICATE PLAIN", "+ ", b64("\x00alice@example.org\x00secret"), done},
		{"authenticate plain", "+ ", b64("alice@example.org\x00alice@example.org\x00secret"), done},
		{"AUTHENTICATE PLAIN " + b64("\x00alice@example.org\x00secret"), done},
		{"AUTHENTICATE PLAIN " + b64("alice\x00alice@example.org\x00secret"), done},
		{"AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6", b64("alice@example.org"), "+ UGFzc3dvcmQ6", b64("secret"), done},
		{"AUTHENTICATE LOGIN " + b64("alice@example.org"), "+ UGFzc3dvcmQ6", b64("secret"), done},

		{"AUTHENTICATE PLAIN", "+ ", "*", "T BAD authentication cancelled (RFC 3501 6.2.2)"},
		{"AUTHENTICATE PLAIN", "+ ", "!", "T BAD the response is not base64 (RFC 3501 6.2.2)"},
		{"AUTHENTICATE PLAIN", "+ ", "", "T NO [AUTHENTICATIONFAILED] SASL exchange failed…"},
		{"AUTHENTICATE PLAIN", "+ ", strings.Repeat("A", 70_000), "T BAD line over 65536 octets (RFC 7162 4)"},
		{"AUTHENTICATE PLAIN =", "T NO [AUTHENTICATIONFAILED] SASL exchange failed…"},
		{"AUTHENTICATE PLAIN !", "T BAD the response is not base64 (RFC 3501 6.2.2)"},
		{"AUTHENTICATE PLAIN ", "T BAD AUTHENTICATE: expected an initial response in base64, found end of the line (RFC 3501 9)"},
		{"AUTHENTICATE PLAIN " + b64("\x00alice@example.org\x00wrong"), "T NO [AUTHENTICATIONFAILED] authenticate…"},
		{"AUTHENTICATE PLAIN " + b64("bob\x00alice@example.org\x00secret"), "T NO [AUTHORIZATIONFAILED]…"},
		{"AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6", b64("alice@example.org"), "+ UGFzc3dvcmQ6", b64("wrong"), "T NO [AUTHENTICATIONFAILED]…"},
		{"AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6", "*", "T BAD authentication cancelled (RFC 3501 6.2.2)"},
		{"AUTHENTICATE FROB", "T NO [CANNOT] no SASL mechanism FROB here"},
		{"AUTHENTICATE", "T BAD AUTHENTICATE: expected a space…"},
	} {
		c := f.dial()
		c.send("T " + steps[0])
		for i := 1; i < len(steps); i += 2 {
			c.wants(steps[i])
			if i+1 < len(steps) {
				c.send(steps[i+1])
			}
		}
		// A failed attempt leaves the session as it was.
		if steps[len(steps)-1] != done {
			c.run("LOGIN alice@example.org secret", done)
		}
		c.ok("SELECT INBOX")
	}
}

func TestNoLoginWithoutTLSWhenLoginIsDisabled(t *testing.T) {
	t.Parallel()
	f := newBaseFixture(t, imapfake.WithLoginDisabled(), imapfake.WithCapabilities("SASL-IR", "STARTTLS", "AUTH=PLAIN"))
	c := f.dial()
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1 SASL-IR STARTTLS LOGINDISABLED", "T OK CAPABILITY completed")
	c.run("LOGIN alice@example.org secret", "T NO [PRIVACYREQUIRED] log in only after STARTTLS (RFC 3501 6.2.3)")
	c.run("AUTHENTICATE PLAIN "+b64("\x00alice@example.org\x00secret"), "T NO [PRIVACYREQUIRED]…")
	c.run("AUTHENTICATE PLAIN", "T NO [PRIVACYREQUIRED]…")
	c.startTLS()
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN", "T OK CAPABILITY completed")
	c.run("LOGIN alice@example.org secret", "T OK…")

	// Whoever asks for the capability by name means the same.
	c = newBaseFixture(t, imapfake.WithMoreCapabilities("LoginDisabled")).dial()
	c.run("LOGIN alice@example.org secret", "T NO [PRIVACYREQUIRED]…")
	c.startTLS()
	c.run("LOGIN alice@example.org secret", "T OK…")

	// A server that refuses and doesn't say so before.
	c = newBaseFixture(t, imapfake.WithLoginDisabled(), imapfake.WithoutCapabilities("LOGINDISABLED"), imapfake.WithCapabilities()).dial()
	c.run("CAPABILITY", "* CAPABILITY IMAP4rev1", "T OK CAPABILITY completed")
	c.run("LOGIN alice@example.org secret", "T NO [PRIVACYREQUIRED]…")
}

func TestTheTranscriptHidesPasswords(t *testing.T) {
	t.Parallel()
	var transcript mailwire.Transcript
	f := newBaseFixture(t, imapfake.WithTranscript(&transcript))
	c := f.dial()
	c.run("LOGIN alice@example.org Wr0ng", "T NO…")
	c.run("LOGIN alice@example.org {5+}\r\nWr0ng", "T NO…")
	c.run("LOGIN alice@example.org Wr0ng now", "T BAD…")
	coded := b64("\x00alice@example.org\x00Wr0ng")
	c.run("AUTHENTICATE PLAIN "+coded, "T NO…")
	c.send("T AUTHENTICATE PLAIN", coded)
	c.wants("+ ", "T NO…")
	f.server.Close()
	var text bytes.Buffer
	if _, err := transcript.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Wr0ng", coded} {
		if strings.Contains(text.String(), secret) {
			t.Errorf("%q is in\n%s", secret, &text)
		}
	}
}

// What is wrong with a command is that the password isn't where it should be, as often as not.
func TestThePasswordOfAMalformedLoginIsHiddenToo(t *testing.T) {
	t.Parallel()
	long := "hunter2" + strings.Repeat("x", 70_000)
	for _, lines := range [][]string{
		{`a LOGIN alice "hunter2`},
		{`a LOGIN "alice hunter2`},
		{`a LOGIN alice correct horse hunter2`},
		{`a LOGIN alice  hunter2`},
		{`a LOGIN  alice hunter2`},
		{`LOGIN alice hunter2`}, // without a tag
		{`login alice "hunter2"`},
		{`LOGIN "alice" hunter2`},
		{`a LOGIN alice "correct"horse"hunter2"`},
		{`a LOGIN alice ` + long},
		{`a LOGIN {5+}`, `alice{7}hunter2`},
		{`a LOGIN {5+}`, `alice hunter2 {3+}`, `now`},
		{`a LOGIN {5+}`, `alice {70007+}`, long},
		{`a AUTHENTICATE PLAIN  hunter2`},
		{`a AUTHENTICATE PLAIN = hunter2`},
		{`a AUTHENTICATE  PLAIN hunter2`},
		{`a AUTHENTICATE PLAIN ` + long},
		{`a AUTHENTICATE PLAIN`, long},
	} {
		transcript := mailwire.NewTranscript(0)
		c := newFixture(t, imapfake.WithTranscript(transcript)).dial()
		c.send(lines...)
		c.send("b NOOP")
		c.until("b")
		if shown := transcript.String(); strings.Contains(shown, "hunter2") || !strings.Contains(shown, "***") {
			t.Errorf("%.80q: the transcript has\n%.3000s", lines, shown)
		}
	}
}

func TestThePasswordOfALoginThatAsksForAnotherLiteralIsHidden(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	c := newFixture(t, imapfake.WithTranscript(transcript)).dial()
	c.send("a LOGIN alice hunter2 {3}")
	c.wants("+ Ready for literal data")
	c.send("now")
	c.wants("a BAD LOGIN…")
	if shown := transcript.String(); strings.Contains(shown, "hunter2") || !strings.Contains(shown, "LOGIN alice ***") {
		t.Errorf("the transcript has\n%s", shown)
	}
}

func TestThePasswordOfARefusedLoginIsHiddenToo(t *testing.T) {
	t.Parallel()
	transcript := mailwire.NewTranscript(0)
	c := newFixture(t, imapfake.WithTranscript(transcript)).login()
	c.run("LOGIN bob hunter2", "T BAD…")
	if shown := transcript.String(); strings.Contains(shown, "hunter2") || !strings.Contains(shown, "LOGIN bob ***") {
		t.Errorf("the transcript has\n%s", shown)
	}
}
