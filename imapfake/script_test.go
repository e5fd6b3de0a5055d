package imapfake_test

import (
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/imapfake"
	"example.org/mailfakes/mailtest/mailscript"
	"example.org/mailfakes/mailtest/mailstore"
	"example.org/mailfakes/mailtest/mailwire"
)

// To write a script, put what the client sends in testdata/scripts/NAME.txt, with
// a line "S: \?" for each answer, run
//
//	go test ./imapfake -run Fake/all/NAME -record
//
// and hold what the file then has as answers against the RFC. Package
// mailscript describes the form.
var record = flag.Bool("record", false, `write the fake's answers into scripts in place of \?`)

// TestScriptsHoldForTheFake has the conversations in testdata/scripts with the fake.
func TestScriptsHoldForTheFake(t *testing.T) {
	t.Parallel()
	var commands atomic.Int64
	t.Run("all", func(t *testing.T) {
		for _, script := range scripts(t) {
			t.Run(script.Name, func(t *testing.T) {
				t.Parallel()
				server := scriptedFake(t, script)
				if *record {
					recordScript(t, script, server)
					return
				}
				commands.Add(int64(runScript(t, script, server)))
			})
		}
	})
	if n := commands.Load(); n < 400 && !t.Failed() && !*record && !filtered() {
		t.Errorf("the scripts have %d commands, which is less than 400", n)
	}
}

// TestEachExtensionHasAScript, but for what a script can't do: show a certificate, bind a
// login to the TLS connection, and make a command take long.
func TestEachExtensionHasAScript(t *testing.T) {
	t.Parallel()
	covered := append(scriptCapabilities(&mailscript.Script{}), imap.CapIMAP4rev1,
		"AUTH=EXTERNAL", "AUTH=SCRAM-SHA-1-PLUS", "AUTH=SCRAM-SHA-256-PLUS", "INPROGRESS")
	for _, script := range scripts(t) {
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

// filtered tells whether only some of the scripts are run.
func filtered() bool { return strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

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
		store, account := scriptStore(t)
		inbox, err := account.Mailbox("INBOX")
		if err != nil {
			t.Fatal(err)
		}
		large := strings.Repeat("of a message this long the transcript leaves out most\r\n", 200)
		if _, err := inbox.Append(mailstore.NewMessage{Content: mailstore.NewContent([]byte(large))}); err != nil {
			t.Fatal(err)
		}
		runScript(t, script, serveScripts(t, store, options...))
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

// scripts reads all scripts.
func scripts(t *testing.T) (scripts []*mailscript.Script) {
	t.Helper()
	files, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, error %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script, err := mailscript.Parse(strings.TrimSuffix(filepath.Base(file), ".txt"), text)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, script)
	}
	return scripts
}

// runScript runs a script and returns how many commands that was.
func runScript(t *testing.T, script *mailscript.Script, server mailscript.Server) int {
	t.Helper()
	result, err := script.Run(t.Context(), server)
	for _, d := range result.Differences {
		if d.Known == "" {
			t.Error(d)
		}
	}
	if err != nil {
		t.Error(err)
	}
	return result.Commands
}

// seed fills the account of scripts.
func seed(t *testing.T, script *mailscript.Script, server mailscript.Server) {
	t.Helper()
	if err := script.Seed(t.Context(), server); err != nil {
		t.Fatal(err)
	}
}

func recordScript(t *testing.T, script *mailscript.Script, server mailscript.Server) {
	t.Helper()
	text, err := script.Record(t.Context(), server)
	if err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", "scripts", script.Name+".txt"), text, 0o666); err != nil {
		t.Error(err)
	}
}

// scriptedFake returns a fake with the account of scripts, filled, and with the
// mailboxes that can't be made by IMAP.
func scriptedFake(t *testing.T, script *mailscript.Script) mailscript.Server {
	t.Helper()
	store, account := scriptStore(t)
	for _, m := range script.Mailboxes {
		var specialUse []imap.MailboxAttr
		for _, a := range m.Attributes {
			specialUse = append(specialUse, imap.MailboxAttr(a))
		}
		if _, err := account.CreateMailbox(m.Name, specialUse...); err != nil {
			t.Fatal(err)
		}
	}
	// The mechanisms of OAuth have the password as the access token.
	account.AddToken("secret", time.Time{})
	if slices.Contains(script.Capabilities, "QUOTA") {
		account.SetQuota(mailstore.Quota{Octets: 1 << 20, Messages: 100})
	}
	seed(t, script, serveScripts(t, store))
	return serveScripts(t, store, scriptOptions(script)...)
}

// scriptOptions make the server what a script wants of it.
func scriptOptions(script *mailscript.Script) []imapfake.Option {
	options := []imapfake.Option{imapfake.WithCapabilities(scriptCapabilities(script)...)}
	if slices.Contains(script.Capabilities, "LOGINDISABLED") {
		options = append(options, imapfake.WithLoginDisabled())
	}
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

func scriptStore(t *testing.T) (*mailstore.Store, *mailstore.Account) {
	t.Helper()
	store := mailstore.New()
	account, err := store.AddAccount(mailscript.DefaultAccount, "secret")
	if err != nil {
		t.Fatal(err)
	}
	return store, account
}

// serveScripts serves the store in memory.
func serveScripts(t *testing.T, store *mailstore.Store, options ...imapfake.Option) mailscript.Server {
	t.Helper()
	listener := mailwire.NewListener("imap")
	server := imapfake.New(store, options...)
	if err := server.Err(); err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	tls, err := mailwire.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	return mailscript.Server{
		Dial:     func(ctx context.Context, _ mailwire.Protocol) (net.Conn, error) { return listener.DialContext(ctx) },
		TLS:      tls,
		Password: "secret",
	}
}
