package imapfake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailscript/scripttest"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// TestScriptsHoldForTheFake has the conversations in testdata/scripts with the fake. Package
// scripttest says how to write one.
func TestScriptsHoldForTheFake(t *testing.T) {
	t.Parallel()
	scripttest.TestFake(t, 400, scriptedFake)
}

// TestEachExtensionHasAScript, but for what a script can't do: show a certificate, bind a
// login to the TLS connection, and make a command take long.
func TestEachExtensionHasAScript(t *testing.T) {
	t.Parallel()
	covered := append(scriptCapabilities(&mailscript.Script{}), imap.CapIMAP4rev1,
		"AUTH=EXTERNAL", "AUTH=SCRAM-SHA-1-PLUS", "AUTH=SCRAM-SHA-256-PLUS", "INPROGRESS")
	for _, script := range scripttest.Read(t) {
		for _, c := range script.Capabilities {
			covered = append(covered, imap.Cap(c))
		}
	}
	for _, c := range imapfake.Capabilities() {
		if !slices.Contains(covered, c) {
			t.Errorf("no script in testdata/scripts is about %s", c)
		}
	}
}

// conversation has what a transcript shows otherwise than it was: TLS, secrets, long
// and incomplete lines, other octets, several sessions.
const conversation = `S: * OK \...
C: a1 STARTTLS
S: a1 OK done
-- TLS started
C: a2 AUTHENTICATE PLAIN
S: + \...
C: ***
S: \...
S: a2 OK \...
C: a3 APPEND INBOX (\Seen $Forwarded) \<small>
S: a3 OK \...
C: a4 SELECT INBOX
S: \...
S: a4 OK \...
C: a5 FETCH 1:* (FLAGS BODY[])
S: \...
S: a5 OK \...
C: a6 IDLE
S: + \...
imap#2 C: b1 LOGIN "alice@example.org" ***
S: \...
S: b1 OK \...
C: b2 APPEND INBOX {14+}
C:
C: back\\slash \xff
S: b2 OK \...
imap#1 S: * 3 EXISTS
S: * 3 RECENT
C: DONE
S: a6 OK \...
C: a7 NOSUCH "\\"
S: a7 BAD \...
C: a8 LOGOUT
S: \...
S: a8 OK \...
-- closed
-- message small --
hello\
`

// TestATranscriptIsAScript has a conversation, and then again what its transcript shows.
func TestATranscriptIsAScript(t *testing.T) {
	t.Parallel()
	script, err := mailscript.Parse("conversation", []byte(conversation))
	if err != nil {
		t.Fatal(err)
	}
	transcript := new(mailwire.Transcript)
	runOnce := func(script *mailscript.Script, options ...imapfake.Option) {
		store, account := scripttest.NewStore(t, script)
		inbox, err := account.Mailbox("INBOX")
		if err != nil {
			t.Fatal(err)
		}
		large := strings.Repeat("of a message this long the transcript leaves out most\r\n", 200)
		if _, err := inbox.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte(large))}); err != nil {
			t.Fatal(err)
		}
		scripttest.Run(t, script, serveScripts(t, store, options...))
	}
	runOnce(script, imapfake.WithTranscript(transcript))
	pasted, err := mailscript.Parse("transcript", []byte(transcript.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, transcript)
	}
	runOnce(pasted)
	if !strings.Contains(transcript.String(), " octets}\n") {
		t.Errorf("the transcript leaves nothing out:\n%s", transcript)
	}
}

// scriptedFake returns a fake with the account of scripts, filled.
func scriptedFake(t *testing.T, script *mailscript.Script) mailscript.Server {
	t.Helper()
	store, account := scripttest.NewStore(t, script)
	// The mechanisms of OAuth have the password as the access token.
	account.AddToken("secret", time.Time{})
	if slices.Contains(script.Capabilities, "QUOTA") {
		account.SetQuota(mailstore.Quota{Octets: 1 << 20, Messages: 100})
	}
	scripttest.Seed(t, script, serveScripts(t, store))
	return serveScripts(t, store, scriptOptions(script)...)
}

// scriptOptions make the server what a script wants of it.
func scriptOptions(script *mailscript.Script) []imapfake.Option {
	options := []imapfake.Option{imapfake.WithCapabilities(scriptCapabilities(script)...)}
	if slices.Contains(script.Capabilities, "AUTH=ANONYMOUS") {
		options = append(options, imapfake.WithAnonymous(mailscript.DefaultAccount))
	}
	return options
}

// scriptCapabilities are those that hardly a client does without, and those that the
// script asks for.
func scriptCapabilities(script *mailscript.Script) []imap.Cap {
	capabilities := []imap.Cap{
		imap.CapLiteralPlus, imap.CapSASLIR, imap.CapStartTLS, imap.AuthCap("PLAIN"), imap.AuthCap("LOGIN"), imap.CapEnable, imap.CapID,
		imap.CapIdle, imap.CapNamespace, imap.CapChildren, imap.CapSpecialUse, imap.CapUIDPlus, imap.CapUnselect, imap.CapMove,
	}
	for _, c := range script.Capabilities {
		capabilities = append(capabilities, imap.Cap(c))
	}
	if slices.Contains(capabilities, imap.CapLiteralMinus) { // RFC 7888 §5: not both
		return capabilities[1:]
	}
	return capabilities
}

// serveScripts serves the store in memory.
func serveScripts(t *testing.T, store *mailstore.Store, options ...imapfake.Option) mailscript.Server {
	t.Helper()
	return scripttest.Serve(t, map[mailwire.Protocol]scripttest.Fake{mailwire.IMAP: imapfake.New(store, options...)})
}
