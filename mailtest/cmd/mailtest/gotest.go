package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"unicode"

	"example.org/mailfakes/mailtest/maillog"
)

const gotestHelp = `usage: mailtest gotest [flags] FILE

Writes a Go test that replays a log, as mailtest replay does, and beside it testdata/NAME.transcript: the log
without its secrets. FILE may be what a failing test printed. NAME is FILE's without its extension:

	$ go test ./... 2>&1 | tee failed.log
	$ mailtest gotest -dir ./inbox failed.log
	inbox/failed_test.go
	inbox/testdata/failed.transcript

The test passes as it stands, with the client in the log; put the code under test in its place.

`

// gotestConfig is what the flags of "mailtest gotest" say.
type gotestConfig struct {
	logFlags
	dir, name, pkg string
	force          bool
}

// gotest is the command "mailtest gotest".
func gotest(args []string, stdout, stderr io.Writer) int {
	c := new(gotestConfig)
	set := flag.NewFlagSet("mailtest gotest", flag.ContinueOnError)
	set.StringVar(&c.dir, "dir", ".", "the `directory` to write to")
	set.StringVar(&c.name, "name", "", "the `name` of the test and its files (default: as FILE's)")
	set.StringVar(&c.pkg, "package", "", "the test's `package` (default: that of the Go files in the directory, with _test)")
	set.BoolVar(&c.force, "force", false, "write over files that are there")
	c.logFlags.add(set)
	err := c.parse(set, args, gotestHelp, stdout)
	if errors.Is(err, errHelp) {
		return exitOK
	}
	if err == nil {
		err = c.run(stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "mailtest gotest: %v\n", err)
		return exitUsage
	}
	return exitOK
}

// run writes both files and prints their names.
func (c *gotestConfig) run(stdout, stderr io.Writer) error {
	log, err := c.read()
	if err != nil {
		return err
	}
	for _, note := range log.Notes {
		fmt.Fprintf(stderr, "%s %s\n", c.path, note)
	}
	name := fileName(c.name)
	if name == "" {
		base := filepath.Base(c.path)
		name = fileName(strings.TrimSuffix(base, filepath.Ext(base)))
	}
	if name == "" {
		return fmt.Errorf("no name can be made of %s; give -name", c.path)
	}
	if c.pkg == "" {
		c.pkg = packageOf(c.dir)
	}
	data := filepath.Join("testdata", name+".transcript")
	source, err := testSource(c.pkg, testName(name), filepath.ToSlash(data), log)
	if err != nil {
		return err
	}
	var transcript bytes.Buffer
	if err := printLog(&transcript, log); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(c.dir, "testdata"), 0o777); err != nil {
		return err
	}
	for _, file := range []struct {
		path    string
		content []byte
	}{{filepath.Join(c.dir, name+"_test.go"), source}, {filepath.Join(c.dir, data), transcript.Bytes()}} {
		if err := c.create(file.path, file.content); err != nil {
			return err
		}
		fmt.Fprintln(stdout, file.path)
	}
	return nil
}

func (c *gotestConfig) create(path string, content []byte) error {
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if c.force {
		mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, mode, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w; -force writes over it, -name gives another", err)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// fileName returns name with nothing in it but lower-case letters, digits and hyphens: what
// follows an underscore may mean something to go build.
func fileName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if n := len(words); n > 0 && words[n-1] == "test" {
		words = words[:n-1]
	}
	return strings.Join(words, "-")
}

func testName(name string) string {
	var b strings.Builder
	b.WriteString("TestReplay")
	for word := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// packageOf returns the external test package of the Go files in a directory.
func packageOf(dir string) string {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, path := range files {
		if file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly); err == nil {
			return strings.TrimSuffix(file.Name.Name, "_test") + "_test"
		}
	}
	return "replay_test"
}

var testTemplate = template.Must(template.New("test").Parse(`package {{.Package}}

import (
	"testing"

	"example.org/mailfakes/mailtest"
)

// {{.Test}} serves what a server said, from a log of {{.Format}}.
{{- range .Notes}}
// {{.}}
{{- end}}
func {{.Test}}(t *testing.T) {
	srv := mailtest.Replay(t, {{printf "%q" .File}})

	// The client in the log. Put the code under test in its place: it connects to {{.Addrs}}.
	if err := srv.PlayClients(); err != nil {
		t.Error(err)
	}
}
`))

func testSource(pkg, test, file string, log *maillog.Log) ([]byte, error) {
	addrs := []string{}
	seen := make(map[string]bool)
	for _, s := range log.Sessions {
		addr := "srv." + strings.ToUpper(string(s.Protocol)) + ".Addr()"
		if !seen[addr] {
			addrs = append(addrs, addr)
		}
		seen[addr] = true
	}
	var notes []string
	for _, n := range log.Notes {
		notes = append(notes, "In the log, "+n.String()+".")
	}
	var b bytes.Buffer
	err := testTemplate.Execute(&b, map[string]any{
		"Package": pkg, "Test": test, "File": file, "Format": log.Format, "Notes": notes, "Addrs": strings.Join(addrs, " and "),
	})
	if err != nil {
		return nil, err
	}
	source, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", pkg, err)
	}
	return source, nil
}
