package imapfake_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailstore"
)

func TestLanguageIsEnglish(t *testing.T) {
	t.Parallel()
	c := newFixture(t).dial()
	const done = "T OK LANGUAGE completed"
	talk := func() {
		t.Helper()
		c.run("LANGUAGE", "* LANGUAGE (en i-default)", done)
		c.run("LANGUAGE EN", "* LANGUAGE (en)", done)
		c.run("LANGUAGE FR-CA EN-CA", "* LANGUAGE (en)", done)
		c.run(`LANGUAGE "en-Latn-GB-boont-r-extended"`, "* LANGUAGE (en)", done)
		c.run("LANGUAGE mul I-Default", "* LANGUAGE (i-default)", done)
		c.run("LANGUAGE default", "* LANGUAGE (i-default)", done)
		c.run("LANGUAGE {1+}\r\n*", "* LANGUAGE (i-default)", done)
		c.run("LANGUAGE MUL", "T NO no language here is MUL")
		c.run("LANGUAGE de i", "T NO no language here is de or i")
	}
	talk()
	c.ok("LOGIN alice@example.org secret")
	talk()
	c.ok("SELECT INBOX")
	talk()
	for _, wrong := range []string{`""`, "1", "en-", "-en", "en--us", "en_US", "en-*", "toolongabc", "en-toolongabc", `"e n"`, `"` + strings.Repeat("x", 500) + `"`} {
		c.run("LANGUAGE de "+wrong, "T BAD LANGUAGE:…")
	}
	c.run("LANGUAGE ", "T BAD LANGUAGE: expected an atom or a string, found end of the line (RFC 5255 3.5)")
	c.run("LANGUAGE (en)", "T BAD LANGUAGE: expected an atom or a string, found \"(en)\" (RFC 5255 3.5)")
}

func TestWithoutLanguageOrNamespaceItIsUnknown(t *testing.T) {
	t.Parallel()
	without(t, imap.CapLanguage).run("LANGUAGE", "T BAD unknown command LANGUAGE (RFC 3501 6)")
	// RFC 5255 §3.1: it needs NAMESPACE.
	c := without(t, imap.CapNamespace)
	c.run("LANGUAGE", "T BAD unknown command LANGUAGE (RFC 3501 6)")
	if listed := c.ok("CAPABILITY")[0]; strings.Contains(listed, "LANGUAGE") {
		t.Error(listed)
	}
	server := imapfake.New(mailstore.New(), imapfake.WithCapabilities(imap.CapLanguage), imapfake.WithoutCapabilities(imap.CapNamespace))
	defer server.Close()
	if err := server.Err(); err == nil || err.Error() != "imapfake: LANGUAGE needs NAMESPACE, which is turned off" {
		t.Errorf("error %v", err)
	}
}
