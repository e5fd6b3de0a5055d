package personality_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/google/go-cmp/cmp"

	"example.org/mailfakes/mailtest/personality"
)

var write = flag.Bool("write", false, "write the table in the package's documentation anew")

// table returns the table of the documentation.
func table() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	row := func(name, on string, q personality.Quirk) {
		fmt.Fprintf(w, "%s\t| %s\t| %s\t| %s\n", name, q.Name, on, q.Reference)
	}
	listed := make(map[string]bool)
	for _, p := range personality.All() {
		for _, q := range p.Quirks {
			row(p.Name, "on", q)
			listed[q.Name] = true
		}
		for _, q := range p.Rare {
			row(p.Name, "off", q)
			listed[q.Name] = true
		}
		if len(p.Quirks)+len(p.Rare) == 0 {
			fmt.Fprintf(w, "%s\t| none\t|\t| -\n", p.Name)
		}
	}
	for _, q := range personality.Quirks() {
		if !listed[q.Name] {
			row("any other", "off", q)
		}
	}
	w.Flush()
	return "//\t" + strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", "\n//\t") + "\n"
}

func TestTheDocumentationListsEveryQuirk(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	const heading, end = "pull requests.\n//\n", "package personality\n"
	before, rest, ok := strings.Cut(string(raw), heading)
	if !ok {
		t.Fatal("no table in doc.go")
	}
	old, _, _ := strings.Cut(rest, end)
	if *write {
		if err := os.WriteFile("doc.go", []byte(before+heading+table()+end), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table(), old); diff != "" {
		t.Errorf("doc.go differs from the data; run this test with -write (-want +got):\n%s", diff)
	}
}
