package scripttest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"example.org/mailfakes/mailtest/mailscript"
)

var record = flag.Bool("record", false, `write the fake's answers into scripts in place of \?`)

// TestFake runs all scripts, each with a server of its own. Together they must
// have at least that many commands.
func TestFake(t *testing.T, least int, start func(*testing.T, *mailscript.Script) mailscript.Server) {
	t.Helper()
	var commands atomic.Int64
	t.Run("all", func(t *testing.T) {
		for _, script := range Read(t) {
			t.Run(script.Name, func(t *testing.T) {
				t.Parallel()
				server := start(t, script)
				if *record {
					write(t, script, server)
					return
				}
				commands.Add(int64(Run(t, script, server)))
			})
		}
	})
	if n := int(commands.Load()); n < least && !t.Failed() && !*record && !filtered() {
		t.Errorf("the scripts have %d commands, which is less than %d", n, least)
	}
}

// filtered tells whether only some of the scripts are run.
func filtered() bool { return strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

// Read reads all scripts of the package.
func Read(t *testing.T) (scripts []*mailscript.Script) {
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

// Run runs a script and returns how many commands that was. Differences that aren't
// known fail the test.
func Run(t *testing.T, script *mailscript.Script, server mailscript.Server) int {
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

// Seed fills the account of scripts by IMAP.
func Seed(t *testing.T, script *mailscript.Script, server mailscript.Server) {
	t.Helper()
	if err := script.Seed(t.Context(), server); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, script *mailscript.Script, server mailscript.Server) {
	t.Helper()
	text, err := script.Record(t.Context(), server)
	if err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", "scripts", script.Name+".txt"), text, 0o666); err != nil {
		t.Error(err)
	}
}
