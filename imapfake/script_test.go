package imapfake_test

import (
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

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

// filtered tells whether only some of the scripts are run.
func filtered() bool { return strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

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

// runScript seeds an account and runs a script in it, and returns how many commands
// that was.
func runScript(t *testing.T, script *mailscript.Script, server mailscript.Server) int {
	t.Helper()
	if err := script.Seed(t.Context(), server); err != nil {
		t.Fatal(err)
	}
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

func recordScript(t *testing.T, script *mailscript.Script, server mailscript.Server) {
	t.Helper()
	if err := script.Seed(t.Context(), server); err != nil {
		t.Fatal(err)
	}
	text, err := script.Record(t.Context(), server)
	if err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", "scripts", script.Name+".txt"), text, 0o666); err != nil {
		t.Error(err)
	}
}

// scriptedFake returns a fake with the account of scripts, and the mailboxes that can't be
// made by IMAP. Beside RFC 3501 it has the extensions that hardly a client does
// without, and those that the script asks for.
func scriptedFake(t *testing.T, script *mailscript.Script) mailscript.Server {
	t.Helper()
	store := mailstore.New()
	account, err := store.AddAccount(mailscript.DefaultAccount, "secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range script.Mailboxes {
		var specialUse []imap.MailboxAttr
		for _, a := range m.Attributes {
			specialUse = append(specialUse, imap.MailboxAttr(a))
		}
		if _, err := account.CreateMailbox(m.Name, specialUse...); err != nil {
			t.Fatal(err)
		}
	}
	capabilities := []imap.Cap{
		imap.CapLiteralPlus, imap.CapSASLIR, imap.CapStartTLS, imap.AuthCap("PLAIN"), imap.AuthCap("LOGIN"), imap.CapEnable, imap.CapID,
		imap.CapIdle, imap.CapNamespace, imap.CapChildren, imap.CapSpecialUse, imap.CapUIDPlus, imap.CapUnselect, imap.CapMove,
	}
	for _, c := range script.Capabilities {
		capabilities = append(capabilities, imap.Cap(c))
	}
	listener := mailwire.NewListener("imap")
	server := imapfake.New(store, imapfake.WithCapabilities(capabilities...))
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
