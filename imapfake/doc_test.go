package imapfake_test

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// docRow is a row of a table of the package documentation.
type docRow struct{ name, text, rfc string }

// docRows returns the rows below a heading of the package documentation, each of the
// form "name: text (RFC n §m)".
func docRows(t *testing.T, heading string) []docRow {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(file.Doc.Text(), "# "+heading+"\n")
	if !found {
		t.Fatalf("doc.go has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n# ")
	var rows []docRow
	for _, item := range strings.Split(section, "\n  - ")[1:] {
		item, _, _ = strings.Cut(item, "\n\n")
		item = strings.Join(strings.Fields(item), " ")
		name, text, _ := strings.Cut(item, ": ")
		i := strings.LastIndex(text, " (RFC ")
		if i < 0 || !strings.HasSuffix(text, ")") {
			t.Fatalf("%q has no RFC", item)
		}
		rows = append(rows, docRow{name, text[:i], text[i+2 : len(text)-1]})
	}
	return rows
}
