//go:build linux

package pop3fake_test

import (
	"testing"

	"example.org/mailfakes/mailtest/mailscript/scripttest"
	"example.org/mailfakes/mailtest/mailwire"
)

// TestScriptsHoldForDovecot has the same conversations with a real server. Where it
// answers differently, testdata/dovecot.txt gives the reason.
func TestScriptsHoldForDovecot(t *testing.T) {
	t.Parallel()
	scripttest.TestDovecot(t, scripttest.StartDovecot(t, "", mailwire.IMAP, mailwire.POP3), mailwire.POP3)
}
