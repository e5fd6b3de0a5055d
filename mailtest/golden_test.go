package mailtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/emersion/go-imap/v2"

	"example.org/mailfakes/mailtest"
)

func TestAnAccountIsComparedWithAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alice.txtar")
	if err := os.WriteFile(path, []byte(archived), 0o666); err != nil {
		t.Fatal(err)
	}
	tb := &author{TB: t}
	tb.run(func() {
		alice := mailtest.New(tb, mailtest.InMemory()).AddAccount("alice@example.org", "secret")
		alice.LoadFile(fstest.MapFS{"alice.txtar": {Data: []byte(archived)}}, "alice.txtar")
		alice.WantFile(path)
		alice.Mailbox("INBOX").AddFlags(3, imap.FlagFlagged)
		alice.WantFile(path)
		alice.WantFile(path + ".other")
	})
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "the account of alice@example.org isn't as in ") || !strings.Contains(tb.errors[0], "Flagged") {
		t.Errorf("errors %q", tb.errors)
	}
	if !strings.Contains(tb.fatal, "write it by go test -mailtest.update") {
		t.Errorf("fatal error %q", tb.fatal)
	}
}
